"""`hemeroteca explain`: a page line by line, kept or removed, and by which rule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.options import (
    Common,
    Effort,
    Given,
    common_options,
    effort_options,
    given_options,
    json_option,
)

if TYPE_CHECKING:
    from archive.model import Outcome, Page, Unread


@click.command()
@click.argument("target", metavar="PATH_OR_URL")
@given_options
@effort_options
@json_option
@common_options
def explain(target: str, given: Given, effort: Effort, as_json: bool, common: Common) -> int:
    """Show a page line by line: what was kept, what was removed, and by which rule.

    PATH_OR_URL is a file (- for stdin), or an address whose newest capture is in the archive; the archived bytes
    are then cleaned with the rules of today. URL@2026-05 takes the capture that was the newest at the end of that
    month, or of that day or year; an address may be pasted with its tracking tail, as AMP, or of a web archive.
    Signs: + kept, = taken as a field, - removed.

    \b
    Examples:
      hemeroteca explain seeds/wire-story.txt
      hemeroteca explain https://example.org/2025/07/12/story | less -R
      hemeroteca explain https://example.org/2025/07/12/story@2026-05
    """
    from scraper.cli.compose import cleaner, source_options
    from scraper.pipeline import extract_pages
    from scraper.sources import pages

    items: Iterator[Page | Unread]
    items = archived(common.folder, target) if is_address(target) else pages((target,), source_options(given))
    failed = 0
    for item, outcome in extract_pages(items, cleaner(common, effort)):
        show(item, outcome, as_json=as_json)
        failed += outcome.failed
    return 1 if failed else 0


def is_address(target: str) -> bool:
    """Whether an argument is an address to be looked up, not a file; a file that is there always wins."""
    return not Path(target).exists() and (target.startswith(("urn:", "www.", "web.archive.org/")) or "://" in target)


def archived(folder: Path, typed: str) -> Iterator[Page | Unread]:
    """The capture of an address that is meant, the newest where no time is said, read from its WARC record."""
    from archive.browse import addresses
    from archive.errors import UsageError
    from archive.store import Archive

    pasted = addresses.read(typed)
    with Archive.read(folder) as archive:
        found = [capture for capture in addresses.captures(archive.db.conn, pasted.address) if capture["recorded"]]
        if not found:
            raise UsageError(f"nothing archived at {pasted.address} in {folder}")
        capture = archive.capture(addresses.at(found, pasted.moment)["id"] if pasted.moment else found[0]["id"])
        assert capture is not None  # it was found a moment ago, and captures stay
        yield archive.page(capture)


def show(item: Page | Unread, outcome: Outcome, *, as_json: bool) -> None:
    """Print one page, as JSON or for reading."""
    from scraper.report import explained

    if as_json:
        click.echo(json.dumps(explained(item, outcome), ensure_ascii=False))
        return
    from scraper.cli.lines_view import render

    render(item, outcome)
