"""The exchanges of one run: each becomes records in its WARC file, then a row, or a page that is cleaned first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.db import captures, fetches
from archive.db.captures import Recorded
from archive.db.notes import Noted
from archive.model import Exchange, Location, Purpose
from archive.warc import Answer, Note, Record, WarcWriter, Wired, records_of, unanswered, wired_of


class Exchanges:
    """Writes what was fetched, and remembers the fetch of each page until its row is made."""

    def __init__(self, db: Database, warcs: Path, writer: WarcWriter) -> None:
        self._db = db
        self._warcs = warcs
        self._writer = writer
        self._of_pages: dict[Location, Wired] = {}

    def write(
        self, exchange: Exchange, answer: Answer, source_name: str | None, purpose: Purpose
    ) -> tuple[Wired, Location]:
        """Write an exchange of which something came back, and tell of it as its main record does, and where that lies.

        What is on the disk already, from the same address, becomes a revisit. Raises ArchiveError on a full disk.
        """
        original = fetches.original(self._db, self._warcs, exchange.url, answer)
        made: list[Record] = []

        def records(warcinfo_id: str) -> Sequence[Record]:
            made.extend(records_of(exchange, answer, source_name, purpose, original, warcinfo_id))
            return made

        location = self._writer.group(records)
        return wired_of(made[0]), location

    def write_unanswered(self, note: Note, exchange: Exchange) -> Noted:
        """Write an exchange of which nothing came back: a note that says so, and what was sent."""
        return Noted(note, self._writer.group(partial(unanswered, note, exchange)))

    def row_of(self, wired: Wired, location: Location, run: int) -> Recorded | None:
        """The row of what is no page; None of a page, whose fetch is remembered until it is cleaned."""
        if wired.reason is None:
            self._of_pages[location] = wired
            return None
        return fetches.recorded(wired, location, run)

    def columns_of(self, location: Location) -> tuple[Any, ...]:
        """What the row of a page tells of its fetch, once: its columns from `purpose` on."""
        wired = self._of_pages.pop(location, None)
        return fetches.columns_of(wired) if wired else captures.NOT_FETCHED
