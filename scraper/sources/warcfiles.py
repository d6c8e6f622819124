"""WARC files, ours or anybody's: the pages among their records.

The source of a page is `FILE#OFFSET`. Its address and its date are its record's. Images, scripts and the like are
no pages, and are counted; a page that came with another status than 200 is an `Unread`, and so is each damaged
stretch, after which reading goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from archive.errors import WarcError
from archive.model import Page, Unread
from archive.reasons import Reason
from archive.warc import Found, NoPage, foreign, is_page, page_of
from scraper.sources.given import SourceOptions
from scraper.sources.gz import opened

_CUT = ("ends in the middle", "ends before its end")  # of a WarcError


def pages_of_warc(
    path: Path, source: str, options: SourceOptions, count: Callable[[str], None]
) -> Iterator[Page | Unread]:
    """The pages of a WARC file; `count` is told of each response that is none, by its media type.

    Raises `Refused` where the file cannot be read at all.
    """
    with opened(path):  # a pipe or device is not waited for
        pass
    for found in foreign(path, options.max_bytes):
        if isinstance(found, WarcError):
            yield _damage(found, source)
        elif is_page(found.record):
            yield _page(found, source, options)
        elif found.record.type in {"response", "resource"}:
            head = found.record.http
            count((head.get("Content-Type") if head else found.record.get("Content-Type")) or "unknown type")


def _page(found: Found, source: str, options: SourceOptions) -> Page | Unread:
    name = f"{source}#{found.location.offset}"
    url = found.record.target_uri
    try:
        page = page_of(found.record, source=name, limit=options.max_bytes)
    except NoPage as error:
        return Unread(name, error.reason, str(error), url)
    if page.status not in {None, 200}:
        return Unread(name, Reason.NOT_A_PAGE, f"the server answered with status {page.status}", url)
    if not page.body:
        return Unread(name, Reason.EMPTY, "the record has no body", url)
    return page


def _damage(error: WarcError, source: str) -> Unread:
    cut = any(phrase in error.what for phrase in _CUT)
    if isinstance(error.__cause__, FileNotFoundError):
        return Unread(source, Reason.MISSING, "the file is not there")
    if isinstance(error.__cause__, OSError):
        return Unread(source, Reason.UNREADABLE, error.what)
    if "more than" in error.what or "over the limit" in error.what:
        return Unread(f"{source}#{error.offset}", Reason.TOO_LARGE, error.what)
    return Unread(f"{source}#{error.offset}", Reason.TRUNCATED if cut else Reason.DAMAGED, error.what)
