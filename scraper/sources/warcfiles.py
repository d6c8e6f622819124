"""WARC and ARC files, ours or anybody's: the pages among their records.

The source of a page is `FILE#OFFSET`. Its address and its date are its record's. Images, scripts and the like are
no pages, and are counted; a page that came with another status than 200 is an `Unread`, and so is each damaged
stretch, after which reading goes on. A revisit is the page it refers to, seen again, where that is in the same file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from archive.errors import WarcError
from archive.identity import is_dump_urn
from archive.model import Page, Unread
from archive.reasons import Reason
from archive.warc import Found, NoPage, Part, Record, foreign, is_page, page_of
from scraper.sources.given import SourceOptions
from scraper.sources.gz import opened

_PUBLISHED = frozenset({"http", "https", "ftp", "file"})  # kinds of addresses that something is published at
_CUT = ("ends in the middle", "ends before its end")  # of a WarcError


def pages_of_warc(
    path: Path, source: str, options: SourceOptions, count: Callable[[str], None], part: Part | None = None
) -> Iterator[Page | Unread]:
    """The pages of a WARC file, or of the one that is a part of a file; `count` is told of each record left out.

    Raises `Refused` where the file cannot be read at all.
    """
    with opened(path):  # a pipe or device is not waited for
        pass
    originals = _Originals(path, part, options.max_bytes)
    for found in foreign(path, options.max_bytes, part):
        if isinstance(found, WarcError):
            yield _damage(found, source)
            continue
        record = originals.of(found) if found.record.type == "revisit" else found.record
        if record is None:
            count("revisits of what is not in the file")
        elif _is_extract(record):
            count("texts, pictures and logs that a crawler made")
        elif is_page(record):
            originals.note(found)
            yield _page(record, f"{source}#{found.location.offset}", options)
        elif record.type in {"response", "resource"}:
            head = record.http
            count((head.get("Content-Type") if head else record.get("Content-Type")) or "unknown type")


def _is_extract(record: Record) -> bool:
    """Whether a record was made by a crawler, and is nobody's page: Browsertrix keeps texts and pictures as
    `urn:text:ADDRESS`, wget its log and what was typed as `metadata://gnu.org/software/wget/warc/wget.log`."""
    scheme, colon, _ = (record.target_uri or "").partition(":")
    made = bool(colon) and scheme.lower() not in _PUBLISHED and not is_dump_urn(record.target_uri)
    return record.type == "resource" and made


@dataclass
class _Originals:
    """Where the pages of a file lie that revisits may refer to: by payload digest, and by address and date."""

    path: Path
    part: Part | None
    limit: int
    places: dict[int, Part] = field(default_factory=dict)

    def note(self, found: Found) -> None:
        """Remember a page."""
        record = found.record
        start = self.part.offset if self.part else 0
        place = Part(start + found.location.offset, found.location.length)
        for key in (record.get("WARC-Payload-Digest"), (record.target_uri, record.date)):
            if key is not None and record.type != "revisit":
                self.places.setdefault(hash(key), place)

    def of(self, found: Found) -> Record | None:
        """The page that a revisit refers to, at the revisit's address and date; None where it is not known."""
        record = found.record
        digest = record.get("WARC-Payload-Digest")
        said = (record.get("WARC-Refers-To-Target-URI"), record.get("WARC-Refers-To-Date"))
        place = self.places.get(hash(digest)) or self.places.get(hash(said))
        original = next(foreign(self.path, self.limit, place), None) if place else None
        if not isinstance(original, Found) or digest not in {None, original.record.get("WARC-Payload-Digest")}:
            return None
        own = {"WARC-Target-URI": record.target_uri or "", "WARC-Date": record.date}
        headers = tuple((name, own.get(name, value)) for name, value in original.record.headers)
        return replace(original.record, headers=headers)


def _page(record: Record, name: str, options: SourceOptions) -> Page | Unread:
    url = record.target_uri
    try:
        page = page_of(record, source=name, limit=options.max_bytes)
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
