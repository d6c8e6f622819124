"""The notes of one run: written to its WARC file at once, applied to the database with the batch they belong to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from archive.db import captures, notes
from archive.db.captures import Recorded
from archive.db.notes import Noted
from archive.model import Unread
from archive.warc import Note, WarcWriter

_UNREAD_A_NOTE = 5_000


class Notes:
    """Writes what no page says, and keeps it until it is stored; `now` reads the time."""

    def __init__(self, db: Database, writer: WarcWriter, now: Callable[[], str]) -> None:
        self._db = db
        self._writer = writer
        self._now = now
        self._waiting: list[Noted] = []

    @property
    def wait(self) -> bool:
        """Whether there are notes that are not stored."""
        return bool(self._waiting)

    def write(self, kind: str, data: Mapping[str, Any]) -> None:
        """Write a note of one of the kinds of `archive.db.notes.APPLIERS`. Raises ValueError for another."""
        if kind not in notes.APPLIERS:
            raise ValueError(f"no kind of note is called {kind!r}")
        note = Note(kind, data, self._now())
        self.add(Noted(note, self._writer.note(note)))

    def write_unread(self, unread: Sequence[Unread], started: str, run_key: str) -> None:
        """Write down the inputs that never became a page, in the run that `started` then."""
        for at in range(0, len(unread), _UNREAD_A_NOTE):
            self.write("unread", captures.unread_note(unread[at : at + _UNREAD_A_NOTE], started, run_key))

    def write_adopted(self, adopted: Sequence[Recorded], run_key: str) -> None:
        """Write down the captures of this run whose records lie in files of others."""
        self.write("adopted", captures.adopted_note(adopted, run_key))

    def add(self, noted: Noted) -> None:
        """Keep a note that is written already."""
        self._waiting.append(noted)

    def apply(self) -> None:
        """Apply what waits; runs inside a transaction. It waits on: the transaction may fail."""
        notes.put(self._db, self._waiting)

    def stored(self) -> None:
        """Let go of what waited: its transaction has ended well."""
        self._waiting = []
