"""`hemeroteca extract`: cleaning with nothing stored, a JSON object a line."""

from __future__ import annotations

import json

import click

from scraper.cli.options import Common, Effort, Given, common_options, effort_options, given_options


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@given_options
@effort_options
@common_options
def extract(paths: tuple[str, ...], given: Given, effort: Effort, common: Common) -> int:
    """Clean pages and print them as JSON lines; nothing is stored.

    Takes what `clean` takes, and prints one object a page, in the order of the input: source, url, site, title,
    authors, published, modified, language, section, tags, description, image, kind (`live` for a live blog, null for
    an article), text, content_hash, removed (each line that was dropped, with its rule) and error.

    The archive lends its own rules (its folder rules/) if it is there; it is not opened otherwise.

    \b
    Examples:
      hemeroteca extract seeds > articles.jsonl
      curl -s https://example.org/story | hemeroteca extract - | jq -r .text
    """
    from scraper.cli.compose import cleaner, source_options
    from scraper.pipeline import extract_pages
    from scraper.report import extracted
    from scraper.sources import pages

    failed = 0
    for item, outcome in extract_pages(pages(paths, source_options(given)), cleaner(common, effort)):
        row = extracted(item, outcome)
        click.echo(json.dumps(row, ensure_ascii=False))
        if outcome.failed:
            failed += 1
            click.echo(f"{row['source']}: {row['error']}", err=True)
    return 1 if failed else 0
