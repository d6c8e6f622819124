"""`hemeroteca clean`: the main job, from dumps to an archive."""

from __future__ import annotations

import click

from scraper.cli.options import (
    Common,
    Effort,
    Given,
    common_options,
    dry_run_option,
    effort_options,
    given_options,
    json_option,
)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@given_options
@effort_options
@dry_run_option
@json_option
@common_options
def clean(paths: tuple[str, ...], given: Given, effort: Effort, dry_run: bool, as_json: bool, common: Common) -> int:
    """Clean raw pages into an archive of articles.

    PATH is a file or a folder of them; - reads one page from stdin. Read are text dumps (.txt), HTML (.html, .htm,
    .xhtml), gzip of these, pages saved by a browser (SingleFile, .mhtml), web archives (.warc, .warc.gz, .wacz, .arc),
    and tables (.jsonl, .csv, and gzip of these) with the page in a column.

    Every page is archived before it is cleaned. The same capture is never stored twice: running a command again
    adds nothing, and finishes what was interrupted.

    A dump seldom says where and when it was taken. A manifest does (--manifest), or a file x.json beside x.txt with
    the same names in it: url, captured_at, title, source. Otherwise captured_at is the time of this run.

    \b
    Examples:
      hemeroteca clean seeds
      hemeroteca clean dumps/ --manifest dumps.csv --archive press-2025
      hemeroteca clean pages.jsonl --html-column html
    """
    from scraper.cli.compose import at_least_one, cleaner, source_options
    from scraper.cli.run import dry, recorded
    from scraper.pipeline import clean_into
    from scraper.sources import pages

    items = at_least_one(pages(paths, source_options(given)), paths)
    work = cleaner(common, effort)
    if dry_run:
        return dry(items, work, common, as_json=as_json)
    return recorded(
        common,
        work,
        lambda archive, pace, watch: clean_into(archive, items, work, pace, watch),
        as_json=as_json,
    )
