"""Erasing from WARC files what the tombstones say, so that it is done or not begun whenever it is stopped.

1. Every file is read, and the new form of those that hold something to erase is made beside them.
2. One transaction: rows say where records lie in the new forms, and `rewrites` names them. From here on it is done.
3. The new forms take the place of the old ones. `resume` does that too, when an archive is opened.
4. What SQLite keeps of deleted rows is overwritten.

Stopped before 2 nothing has happened but copies that `resume` removes; as long as a tombstone is not noted as erased,
every run does all this at its end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlite_utils import Database

from archive.db import forgotten
from archive.db.connect import transaction
from archive.errors import ArchiveError
from archive.model import Location
from archive.tombstones import Depth, Tombstones, pruned
from archive.warc import Found, NoPage, Note, Record, is_note, note_of, salvage, warc_files
from archive.warc.erase import (
    Rewritten,
    clear_stage,
    is_tombstone,
    rewrite,
    take_place,
    tombstone,
)
from archive.warc.files import OPEN
from archive.warc.notes import note_record
from archive.warc.pages import url_of
from archive.warc.record import sha256_of

_DUE = "SELECT min(erased) FROM tombstones WHERE depth = 'erase' AND erased < 2"
_ERASED: tuple[Depth, ...] = ("erase",)
_HELD = {"response", "resource", "revisit", "request", "metadata", "conversion", "continuation"}


def due(db: Database) -> bool:
    """Whether something that is to be erased may be in the WARC files, or in what SQLite keeps of deleted rows."""
    return db.conn.execute(_DUE).fetchone()[0] is not None


def again(db: Database) -> None:
    """Erase once more what was erased: files came that may hold it."""
    db.conn.execute("UPDATE tombstones SET erased = 0 WHERE depth = 'erase'")


def resume(db: Database, folder: Path) -> None:
    """Finish the change of files that was begun, or clear away what was not; `folder` is that of the WARC files."""
    names = [name for (name,) in db.conn.execute("SELECT name FROM rewrites")]
    for name in names:
        take_place(folder, name)
    clear_stage(folder)
    if names:
        db.conn.execute("DELETE FROM rewrites")


@dataclass(slots=True)
class _Plan:
    """What is to be done to the files: by name, the records that are replaced, and by what."""

    changes: defaultdict[str, dict[Location, Record]] = field(default_factory=lambda: defaultdict(dict))
    erased: dict[str, Location] = field(default_factory=dict)  #: by record id
    placing: list[tuple[Location, Record, Note]] = field(default_factory=list)  #: notes that name places of records
    damaged: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did: records gone, files written anew, stretches of files that could not be read.

    `scrubbed` is false where another program held the database, and it may still hold what was erased.
    """

    records: int
    files: int
    damaged: tuple[str, ...]
    scrubbed: bool


def erase(db: Database, folder: Path, now: str, watch: Callable[[int], None] = lambda _: None) -> Erased:
    """Erase all that is due from the WARC files in `folder`; `watch` is told of the bytes read. Raises ArchiveError."""
    plan, done = _Plan(), 0
    if db.conn.execute(_DUE).fetchone()[0] == 0:
        _look_through(db, folder, plan, now, watch)
        done = _change(db, folder, plan)
        db.conn.execute("UPDATE tombstones SET erased = 1 WHERE depth = 'erase' AND erased = 0")
    scrubbed = scrub(db)
    if scrubbed:
        db.conn.execute("UPDATE tombstones SET erased = 2 WHERE depth = 'erase'")
    return Erased(len(plan.erased), done, tuple(plan.damaged), scrubbed)


def _change(db: Database, folder: Path, plan: _Plan) -> int:
    """Write the new files and let them take the place of the old ones; returns how many they are."""
    new: dict[str, Rewritten] = {}
    for name in sorted({*plan.changes, *(at.file for at, _, _ in plan.placing)}):
        changes = {**_replaced(name, plan, new), **plan.changes.get(name, {})}
        if changes:
            plan.changes[name] = changes
            new[name] = rewrite(folder / name, changes)
    db.conn.execute("PRAGMA synchronous = full")  # a power cut must not undo what the files then are
    with transaction(db):
        for name, file in new.items():
            _move_rows(db, file, plan.changes[name])
    db.conn.execute("PRAGMA synchronous = normal")
    resume(db, folder)
    return len(new)


def _replaced(name: str, plan: _Plan, new: Mapping[str, Rewritten]) -> dict[Location, Record]:
    """The notes of a file that name places in files written anew; such a file is always an older one."""
    changes = {}
    for at, record, note in plan.placing:
        places = note.data["captures"]
        if at.file == name and not places.keys().isdisjoint(new):
            moved = {
                file: [new[file].moved(o) if file in new else o for o in offsets] for file, offsets in places.items()
            }
            told = Note(note.kind, {**note.data, "captures": moved}, note.at)
            changes[at] = note_record(told, record.record_id, record.get("WARC-Warcinfo-ID"))
    return changes


def _look_through(db: Database, folder: Path, plan: _Plan, now: str, watch: Callable[[int], None]) -> None:
    stones = forgotten.load(db)
    for path in warc_files(folder):
        if not path.name.endswith(OPEN):
            _look(path, stones, plan, now, watch)


def _look(path: Path, stones: Tombstones, plan: _Plan, now: str, watch: Callable[[int], None]) -> None:
    """Find what is to be erased from one file: also what was said at the side of an erased record."""
    beside: list[tuple[Found, frozenset[str]]] = []
    gone: set[str] = set()
    for found in salvage(path):
        if not isinstance(found, Found):
            plan.damaged.append(f"{path.name}, byte {found.offset}")
            continue
        watch(found.location.length)
        record = found.record
        if is_note(record):
            _prune(found, stones, plan, now)
        elif _is_forgotten(record, stones):
            gone.add(record.record_id)
            _replace(found, plan, now)
        elif ids := _beside(record):
            beside.append((Found(found.location, replace(record, block=b"")), ids))
    for found, ids in beside:
        if ids & gone:
            _replace(found, plan, now)


def _is_forgotten(record: Record, stones: Tombstones) -> bool:
    if record.type not in _HELD or is_tombstone(record):
        return False
    payload = record.get("WARC-Payload-Digest")
    if payload is None and record.type in {"response", "resource"}:
        payload = sha256_of(record.payload)
    return stones.depth((record.target_uri, _own_address(record)), payload) == "erase"


def _own_address(record: Record) -> str | None:
    with suppress(NoPage):
        return url_of(record)
    return None


def _beside(record: Record) -> frozenset[str]:
    """The records that a request, or what is said of a capture, belongs to."""
    if record.type not in {"request", "metadata"}:
        return frozenset()
    names = {"warc-concurrent-to", "warc-refers-to"}
    return frozenset(value for name, value in record.headers if name.lower() in names)


def _replace(found: Found, plan: _Plan, now: str) -> None:
    plan.changes[found.location.file][found.location] = tombstone(found.record, now)
    plan.erased[found.record.record_id] = found.location


def _prune(found: Found, stones: Tombstones, plan: _Plan, now: str) -> None:
    """Take what was forgotten out of a note; one that is about it as a whole goes."""
    try:
        note = note_of(found.record)
        data = note.data if note.kind == "forget" else pruned(note.data, stones, _ERASED)
    except (ArchiveError, RecursionError):
        return
    if data is None:
        _replace(found, plan, now)
    elif data != note.data:
        told = Note(note.kind, data, note.at)
        record = note_record(told, found.record.record_id, found.record.get("WARC-Warcinfo-ID"))
        plan.changes[found.location.file][found.location] = record
    elif note.kind == "adopted":
        plan.placing.append((found.location, found.record, note))


def _move_rows(db: Database, file: Rewritten, changes: Mapping[Location, Record]) -> None:
    """Let all rows that point into a file point into its new form."""
    for table in ("captures", "notes"):
        query = f"SELECT warc_offset FROM {table} WHERE warc_file = ? ORDER BY 1"  # noqa: S608
        offsets = [row[0] for row in db.conn.execute(query, (file.name,))]
        moves = [(-1 - file.moved(offset), file.name, offset) for offset in offsets if file.moved(offset) != offset]
        # by way of negative numbers: no two rows may share a place meanwhile
        db.conn.executemany(
            f"UPDATE {table} SET warc_offset = ? WHERE warc_file = ? AND warc_offset = ?",  # noqa: S608
            moves,
        )
        db.conn.execute(
            f"UPDATE {table} SET warc_offset = -1 - warc_offset WHERE warc_file = ? AND warc_offset < 0",  # noqa: S608
            (file.name,),
        )
    for at, record in changes.items():
        place = (file.name, file.moved(at.offset))
        length = file.lengths[at.offset]
        db.conn.execute("UPDATE captures SET warc_length = ? WHERE warc_file = ? AND warc_offset = ?", (length, *place))
        if not is_note(record):
            db.conn.execute("DELETE FROM notes WHERE warc_file = ? AND warc_offset = ?", place)
    query = "UPDATE warc_files SET size = ?, sha256 = ? WHERE name = ?"
    db.conn.execute(query, (file.size, file.sha256, file.name))
    db.conn.execute("INSERT OR IGNORE INTO rewrites (name) VALUES (?)", (file.name,))


def scrub(db: Database) -> bool:
    """Overwrite what SQLite keeps of rows that were deleted: in the search index, in free pages, in its log.

    False where another program reads the database meanwhile, and so holds the log.
    """
    db.conn.execute("INSERT INTO articles_fts (articles_fts) VALUES ('optimize')")
    db.conn.execute("PRAGMA temp_store = file")  # a copy of the whole database
    db.conn.execute("VACUUM")
    db.conn.execute("PRAGMA temp_store = memory")
    db.conn.execute("ANALYZE")  # its samples may hold values that are gone
    return not db.conn.execute("PRAGMA wal_checkpoint(truncate)").fetchone()[0]
