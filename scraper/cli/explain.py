"""`hemeroteca explain`: a page line by line, kept or removed, and by which rule."""

from __future__ import annotations

import json
from collections.abc import Iterable
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
    from archive.db.rows import CaptureRow
    from archive.model import Outcome, Page, Unread
    from archive.store import Reader


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
    `revision` says what it is to its address: an edit, a correction, a wall. Signs: + kept, = taken as a field,
    - removed.

    \b
    Examples:
      hemeroteca explain seeds/wire-story.txt
      hemeroteca explain https://example.org/2025/07/12/story | less -R
      hemeroteca explain https://example.org/2025/07/12/story@2026-05
    """
    from scraper.cli.compose import cleaner, source_options
    from scraper.pipeline import extract_pages
    from scraper.sources import pages

    items: Iterable[Page | Unread]
    if is_address(target):
        capture, story = found(common.folder, target)
        items = [capture]
    else:
        items, story = pages((target,), source_options(given)), None
    failed = 0
    for item, outcome in extract_pages(items, cleaner(common, effort)):
        show(item, outcome, story, as_json=as_json)
        failed += outcome.failed
    return 1 if failed else 0


def is_address(target: str) -> bool:
    """Whether an argument is an address to be looked up, not a file; a file that is there always wins."""
    return not Path(target).exists() and (target.startswith(("urn:", "www.", "web.archive.org/")) or "://" in target)


def found(folder: Path, typed: str) -> tuple[Page, str]:
    """The capture of an address that is meant, the newest where no time is said, and what it is to its address."""
    from archive.browse import addresses
    from archive.errors import UsageError
    from archive.store import Archive

    pasted = addresses.read(typed)
    with Archive.read(folder) as archive:
        there = [capture for capture in addresses.captures(archive.db.conn, pasted.address) if capture["recorded"]]
        if not there:
            raise UsageError(f"nothing archived at {pasted.address} in {folder}")
        capture = archive.capture(addresses.at(there, pasted.moment)["id"] if pasted.moment else there[0]["id"])
        assert capture is not None  # it was found a moment ago, and captures stay
        return archive.page(capture), told(archive, capture)


def told(archive: Reader, capture: CaptureRow) -> str:
    """What a capture is to its address, in a line: the class of its revision and why."""
    from archive.db import relations

    conn = archive.db.conn
    revision = relations.revision_of_capture(conn, capture.id)
    if revision is None:
        return f"{capture.reason}: {capture.error}" if capture.error else str(capture.reason)
    return f"{revision.number} of {len(relations.revisions_of(conn, revision.url))}: {revision}"


def show(item: Page | Unread, outcome: Outcome, story: str | None, *, as_json: bool) -> None:
    """Print one page, as JSON or for reading; `story`: what it is to its address, where it is in the archive."""
    from scraper.report import explained

    if as_json:
        click.echo(json.dumps({**explained(item, outcome), "revision": story}, ensure_ascii=False))
        return
    from scraper.cli.lines_view import render

    render(item, outcome, story)
