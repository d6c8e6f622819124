"""From an article to the capture that leads it, and to that capture's WARC record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import ArchiveError
from archive.store import WARCS
from archive.warc import Record, locate, read_at

if TYPE_CHECKING:
    from archive.db.reader import Reader
    from archive.db.rows import ArticleRow, CaptureRow

_LEAD = "SELECT lead_capture_id FROM articles WHERE id = ?"


def lead_of(reader: Reader, article: ArticleRow) -> CaptureRow:
    """The capture whose text the article is. Raises ArchiveError where the database is damaged."""
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
