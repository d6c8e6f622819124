"""A WACZ: the archived pages, their index and their texts in one zip that ReplayWeb.page opens.

WACZ 1.1.1 (https://specs.webrecorder.net/wacz/1.1.1/): WARC files and their index are stored as they are, so that a
reader can fetch a single record out of the file; the list of pages holds the articles' texts for full-text search.
"""

from __future__ import annotations

import json
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from archive.export.captured import Captures, lead_of, warc_record
from archive.export.cdxj import entry, in_order, lines_of
from archive.export.output import new_file
from archive.export.package import Package
from archive.export.zipnum import ZipNum
from archive.model import Location
from archive.warc.record import Record, encode, sha256_of

if TYPE_CHECKING:
    from archive.db.reader import Reader
    from archive.db.rows import ArticleRow, CaptureRow
    from archive.export.chosen import Chosen

VERSION = "1.1.1"
_PIECE = 1024 * 1024
_PAGES = {"format": "json-pages-1.0", "id": "pages", "title": "Articles", "hasText": True}


@dataclass(frozen=True, slots=True)
class Making:
    """Who makes the file, and when: UTC as in `Page.captured_at`."""

    software: str
    now: str


class Holding(Protocol):
    """A WARC file that goes into the zip, and the index lines of its records."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def size(self) -> int: ...  # noqa: D102
    def pieces(self) -> Iterator[bytes]: ...  # noqa: D102
    def lines(self) -> Iterator[bytes]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class WholeFile:
    """A finished WARC file of the archive, byte for byte."""

    path: Path

    @property
    def name(self) -> str:
        """As in the archive."""
        return self.path.name

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    def pieces(self) -> Iterator[bytes]:
        """The file."""
        with self.path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    def lines(self) -> Iterator[bytes]:
        """The index lines of its records. Raises WarcError at the first damage."""
        return lines_of(self.path)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A WARC file made of the records of some captures, each byte for byte, with a warcinfo of its own."""

    captures: Captures
    making: Making
    name: str = "hemeroteca-excerpt.warc.gz"

    @property
    def size(self) -> int:
        """Bytes, without the warcinfo."""
        return sum(capture.location.length for capture in self.captures if capture.location)

    def pieces(self) -> Iterator[bytes]:
        """The gzip members. Raises ArchiveError where one cannot be read."""
        yield self._warcinfo
        yield from (self.captures.member(capture) for capture in self.captures)

    def lines(self) -> Iterator[bytes]:
        """The index lines, with the places the records have here."""
        offset = len(self._warcinfo)
        for capture in self.captures:
            length = capture.location.length if capture.location else 0
            line = entry(self.captures.record(capture), Location(self.name, offset, length))
            offset += length
            if line:
                yield line

    @property
    def _warcinfo(self) -> bytes:
        said = f"software: {self.making.software}\r\nformat: WARC File Format 1.1\r\nisPartOf: hemeroteca export\r\n"
        block = said.encode()
        headers = (
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, self.making.now)}>"),
            ("WARC-Date", self.making.now),
            ("WARC-Filename", self.name),
            ("Content-Type", "application/warc-fields"),
            ("WARC-Block-Digest", sha256_of(block)),
        )
        return encode(Record("WARC/1.1", headers, block))


def write_wacz(holdings: Sequence[Holding], listed: Iterable[bytes], target: Path, making: Making) -> int:
    """Write the holdings, their index and the list of pages (see `pages`) to a new file; return its size in bytes.

    Raises UsageError where the file is there, ArchiveError where it cannot be written or a record not be read.
    """
    with new_file(target) as unfinished:
        with zipfile.ZipFile(unfinished, "w") as file:
            package = Package(file, making.now)
            for holding in holdings:
                package.store(f"archive/{holding.name}", holding.pieces(), holding.size)
            index = ZipNum("index.cdx.gz")
            lines = in_order(line for holding in holdings for line in holding.lines())
            package.store("indexes/index.cdx.gz", index.blocks(lines))
            package.store("indexes/index.idx", index.index())
            package.deflate("pages/pages.jsonl", listed)
            package.close(_about(making))
        return unfinished.stat().st_size


def pages(chosen: Chosen) -> Iterator[bytes]:
    """The list of pages: a head, then a line an article, at the address and time of the capture that leads it."""
    yield _line(_PAGES)
    for article in chosen:
        yield _page(f"article-{article.id}", warc_record(chosen.reader, lead_of(chosen.reader, article)), article)


def one_page(reader: Reader, capture: CaptureRow) -> Iterator[bytes]:
    """The list of a single page: a capture, with the text of its article where it has one."""
    article = None if capture.article_id is None else reader.article(capture.article_id)
    yield _line(_PAGES)
    yield _page(f"capture-{capture.id}", warc_record(reader, capture), article)


def _page(name: str, record: Record, article: ArticleRow | None) -> bytes:
    url = record.target_uri or ""
    said = {"id": name, "url": url, "ts": f"{record.date[:19]}Z", "title": (article and article.title) or url}
    return _line({**said, "text": "" if article is None else article.text})


def _line(values: dict[str, object]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode() + b"\n"


def _about(making: Making) -> dict[str, str]:
    created = f"{making.now[:19]}Z"
    return {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": "Hemeroteca",
        "software": making.software,
        "created": created,
    }
