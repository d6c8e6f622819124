"""Taking in another archive: its WARC files, then its rows, so that whatever stops it the next run ends it.

1. The files are copied and get their places (`archive.warc.adopt`).
2. One transaction: its runs, its files (not yet called settled) and what it forgot.
3. Its captures, a batch a transaction.
4. One transaction: its other notes, in the order of their time with ours, and its files are settled.

Stopped after 1, the files hold pages without rows, and the next run finds and cleans them, as after any run that was
killed; the same merge again gives what it would have given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from archive.db import erasure, forgotten, notes
from archive.db.connect import transaction
from archive.db.guest import Guest
from archive.db.notes import Noted
from archive.db.settlement import Batch, settle_batch
from archive.db.union import Union, United
from archive.model import Location
from archive.warc import adopt, found_at, locate, note_of
from archive.warc.adopt import Adopted

#: Notes whose facts are rows that are taken over.
_ROWS = frozenset({"adopted", "run", "unanswered", "unread"})
_NOTES = "SELECT warc_file, warc_offset, kind, at FROM notes"


class _Note(NamedTuple):
    """A row of `notes`."""

    file: str
    offset: int
    kind: str
    at: str


def take_in(db: Database, folder: Path, guest: Guest, now: str, watch: Callable[[int], None]) -> United:
    """Take another archive in; `folder` is that of our WARC files, `watch` is told of the bytes copied.

    Raises ArchiveError, with nothing changed, where one of its files is not what it was, or the disk refuses.
    """
    theirs = guest.reader.db
    plans = adopt.plan(folder, guest.files)
    adopt.adopt(folder, guest.files, plans, watch)
    files = {one.theirs: one for one in plans}
    union = Union(db, theirs, files, forgotten.load(db), now)
    fresh = union.fresh
    new = [_Note(*row) for row in theirs.conn.execute(_NOTES) if row[0] in fresh]
    told = list(_read(db, folder, files, new))
    with transaction(db):
        union.runs()
        union.warc_files(fresh)
        for note in new:
            if note.kind in _ROWS:
                notes.take(db, Location(files[note.file].name, note.offset, 0), note.kind, note.at)
        notes.replay(db, (noted for noted in told if noted.note.kind == "forget"))
        _forget(db, union)
    for rows in union.captures():
        batch = Batch()
        with transaction(db):
            union.put(rows, batch)
            settle_batch(db, batch)
    with transaction(db):
        union.unread()
        notes.replay(db, (noted for noted in told if noted.note.kind not in _ROWS))
        union.close_files(fresh)
    return union.done


def _forget(db: Database, union: Union) -> None:
    """What the other archive forgot is forgotten here; what was erased here may be in its files."""
    stones = forgotten.load(db)
    if stones != union.stones:
        batch = Batch()
        forgotten.enforce(db, stones, batch, union.now)
        settle_batch(db, batch)
        union.stones = stones
    if union.done.files:
        erasure.again(db)


def _read(db: Database, folder: Path, files: Mapping[str, Adopted], new: Sequence[_Note]) -> Iterator[Noted]:
    """All notes of both archives but those whose facts are rows; where the other has none of its own, none."""
    wanted = [(files[note.file].name, note.offset) for note in new if note.kind not in _ROWS]
    if wanted:
        ours = (_Note(*row) for row in db.conn.execute(_NOTES).fetchall())
        wanted += [(note.file, note.offset) for note in ours if note.kind not in _ROWS]
    for file, offset in wanted:
        found = found_at(locate(folder, file), offset)
        yield Noted(note_of(found.record), found.location)
