"""From articles to the captures that carry them, and to their WARC records."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Self

from archive.db.connect import DATABASE, translated
from archive.errors import ArchiveError
from archive.store import WARCS
from archive.warc import Record, locate, read_at

if TYPE_CHECKING:
    from archive.db.reader import Reader
    from archive.db.rows import ArticleRow, CaptureRow
    from archive.export.chosen import Chosen

_LEAD = "SELECT lead_capture_id FROM articles WHERE id = ?"
#: With those that hold the payload of a revisit among them, whatever became of these.
_CAPTURES = """
SELECT id FROM captures WHERE warc_file IS NOT NULL
  AND (article_id = ?1 OR id IN (SELECT revisit_of FROM captures WHERE article_id = ?1)) ORDER BY captured_at, id
"""


class Captures:
    """Captures that have records, read one by one. Their ids are of one moment; memory: 8 bytes a capture."""

    def __init__(self, reader: Reader, ids: Iterable[int]) -> None:
        self._reader = reader
        self._ids = array("q", ids)

    @classmethod
    def of(cls, chosen: Chosen) -> Self:
        """All captures of chosen articles, those of an article together."""
        execute = chosen.reader.db.conn.execute
        with translated(chosen.reader.folder / DATABASE):
            return cls(chosen.reader, (row[0] for a in chosen.ids for row in execute(_CAPTURES, (a,))))

    def __iter__(self) -> Iterator[CaptureRow]:
        for capture_id in self._ids:
            capture = self._reader.capture(capture_id)
            if capture is None:
                raise ArchiveError(f"capture {capture_id} went away meanwhile; export again")
            yield capture

    def record(self, capture: CaptureRow) -> Record:
        """The record of a capture. Raises ArchiveError where it cannot be read."""
        return warc_record(self._reader, capture)

    def member(self, capture: CaptureRow) -> bytes:
        """The gzip member of a capture as it lies in its file, after it was found sound."""
        at = capture.location
        self.record(capture)
        assert at is not None  # else there were no record
        with locate(self._reader.folder / WARCS, at.file).open("rb") as file:
            file.seek(at.offset)
            return file.read(at.length)


def lead_of(reader: Reader, article: ArticleRow) -> CaptureRow:
    """The capture whose text the article is. Raises ArchiveError where the database is damaged."""
    with translated(reader.folder / DATABASE):
        row = reader.db.conn.execute(_LEAD, (article.id,)).fetchone()
        capture = reader.capture(row[0]) if row else None
    if capture is None:
        raise ArchiveError(f"article {article.id} has no capture; `hemeroteca verify` tells more")
    return capture


def warc_record(reader: Reader, capture: CaptureRow) -> Record:
    """The record a capture's row points to. Raises ArchiveError where it is not there, or damaged."""
    at = capture.location
    if at is None:
        raise ArchiveError(f"capture {capture.id} has no record; `hemeroteca verify` tells more")
    return read_at(locate(reader.folder / WARCS, at.file), at.offset, at.length)
