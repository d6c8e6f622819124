"""Notes: what a run knew beyond its pages, kept in the WARC files and applied to the database.

A note is applied when the run that made it commits, and again when a database is built anew: in the order of time,
after the pages have their rows. `notes` has a row for each that was applied, so that none is applied twice; an
applier gives the same however often it is called, for a database that is put together from parts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlite_utils import Database

from archive.db import captures, crawlnotes, fetches, forgotten, health, runs, upkeep
from archive.model import Location
from archive.settle import instant
from archive.tombstones import Tombstones, pruned
from archive.warc import Note

#: Brings a database in step with the data of a note that was made `at` that time. What it needs and does not find
#: (a key, a row) it tells by KeyError, TypeError, ValueError or sqlite3.IntegrityError: the note is passed over.
Applier = Callable[[Database, Mapping[str, Any], str], None]

#: The kinds of notes and what each does, all of them.
APPLIERS: Mapping[str, Applier] = MappingProxyType(
    {
        "adopted": captures.apply_adopted,
        "alarm": health.apply_judged,
        "crawl": crawlnotes.apply_crawl,
        "forget": forgotten.apply,
        "health": health.apply_health,
        "judgement": upkeep.apply_judgement,
        "run": runs.apply,
        "unanswered": fetches.apply_unanswered,
        "unread": captures.apply_unread,
    }
)


@dataclass(frozen=True, slots=True)
class Noted:
    """A note and where its record lies."""

    note: Note
    location: Location


def put(db: Database, noted: Iterable[Noted]) -> int:
    """Apply notes that were not applied before, in the order given; runs inside a transaction. Returns how many.

    One whose kind is not known here, or that does not fit, is left without a row: `verify` tells it.
    """
    applied = 0
    for one in _applied_ones(db, (one for one in noted if not known(db, one.location))):
        take(db, one.location, one.note.kind, one.note.at)
        applied += 1
    return applied


def replay(db: Database, noted: Iterable[Noted]) -> None:
    """Apply notes in the order of their time, those too that were applied before: others came in between."""
    in_order = sorted(noted, key=lambda one: (instant(one.note.at), one.location.file, one.location.offset))
    for one in _applied_ones(db, in_order):
        take(db, one.location, one.note.kind, one.note.at)


def take(db: Database, at: Location, kind: str, moment: str) -> None:
    """Note that what a note says is in the database already."""
    runs.note_open(db, at.file)
    row = (at.file, at.offset, kind, moment)
    db.conn.execute("INSERT OR IGNORE INTO notes (warc_file, warc_offset, kind, at) VALUES (?, ?, ?, ?)", row)


def known(db: Database, at: Location) -> bool:
    """Whether the note at this place was applied."""
    query = "SELECT 1 FROM notes WHERE warc_file = ? AND warc_offset = ?"
    return db.conn.execute(query, (at.file, at.offset)).fetchone() is not None


def _applied_ones(db: Database, noted: Iterable[Noted]) -> Iterator[Noted]:
    """Apply notes in turn, without what was forgotten, and yield those that could be."""
    stones = forgotten.load(db)
    for one in noted:
        if _applied(db, one.note, stones):
            yield one
        if one.note.kind == "forget":
            stones = forgotten.load(db)


def _applied(db: Database, note: Note, stones: Tombstones) -> bool:
    """Apply a note whole or not at all; of one that is all about what was forgotten, nothing."""
    apply = APPLIERS.get(note.kind)
    if apply is None:
        return False
    db.conn.execute("SAVEPOINT note")
    try:
        data = pruned(note.data, stones, ("drop", "erase")) if stones else note.data
        if data is not None:
            apply(db, data, note.at)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, sqlite3.IntegrityError):
        db.conn.execute("ROLLBACK TO note")
        return False
    finally:
        db.conn.execute("RELEASE note")
    return True
