"""Whether an archive is what it says: article -> capture -> WARC record -> digest, for everything.

Every byte of the WARC files is under a digest that is held here against the file's own, and every article's text
under two. What a cleaning removed and how a run counted is taken at its word: only cleaning again could tell.
"""

from __future__ import annotations

import heapq
import multiprocessing
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.db import audit, audit_copies, captures, fetches
from archive.db.audit import Finding
from archive.db.connect import DATABASE, copy_pages, open_writer
from archive.db.lock import Lock
from archive.db.reader import Reader
from archive.db.rows import address_of, storable
from archive.errors import ArchiveError, ArchiveLocked, WarcError
from archive.model import Location, Page
from archive.store import WARCS
from archive.warc import (
    Found,
    NoPage,
    Record,
    Wired,
    check,
    file_sha256,
    is_exchange,
    is_note,
    note_of,
    page_of,
    read_at,
    salvage,
    warc_files,
    wired_of,
)

__all__ = ["Finding", "Progress", "verify"]

_COLUMNS = (
    *("source", "url", "captured_at", "payload_digest", "status", "dated_by", "media_type", "source_name"),
    *("purpose", "ip", "milliseconds", "protocol", "tls", "truncated", "rebuilt", "via", "hops"),
    "warc_length",
)
#: Bytes of WARC files from which the rows are checked beside them, in a process of its own.
APART = 16 * 1024 * 1024
_WIRED = 9  # of these columns, those of a fetch
_ROWS = f"""
SELECT warc_offset, warc_file, id, reason, revisit_of, {", ".join(_COLUMNS)}
FROM captures WHERE warc_file = ? ORDER BY 1
"""  # noqa: S608
_NOTES = "SELECT warc_offset, warc_file, kind, at FROM notes WHERE warc_file = ? ORDER BY 1"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: bytes of WARC files read, of how many, and records seen so far."""

    done: int
    size: int
    records: int


Watch = Callable[[Progress], None]


def verify(folder: Path, watch: Watch = lambda _: None) -> Iterator[Finding]:
    """Look at everything and tell what is wrong; nothing is changed, and nothing found means all is well.

    Holds the archive's lock while it looks. Beside a run, what that run has not committed is left out. Memory: one
    record, the captures of one address and of one article. Raises ArchiveError where there is no archive.
    """
    with Reader.open(folder) as archive:
        lock = _lock(folder)
        try:
            with _rows_beside(archive) as about_rows:
                yield from _files(archive, watch, live=lock is None)
                yield from about_rows()
            yield from audit.told(_index(archive, held=lock is not None))
        finally:
            if lock is not None:
                lock.release()


@contextmanager
def _rows_beside(archive: Reader) -> Iterator[Callable[[], Iterable[Finding]]]:
    """What the database alone tells, worked out in a process of its own while the files are read, where there is much
    of them. It begins as the block is entered and is asked for at its end."""
    if sum(path.stat().st_size for path in warc_files(archive.folder / WARCS)) < APART:
        yield lambda: _about_rows(archive)
        return
    context = multiprocessing.get_context("spawn")
    receives, sends = context.Pipe(duplex=False)
    process = context.Process(target=_send_rows, args=(archive.folder, sends), daemon=True)
    process.start()
    sends.close()
    try:
        yield lambda: _received(receives)
    finally:
        process.kill()
        process.join()
        receives.close()


def _send_rows(folder: Path, sends: Connection) -> None:
    """The work of that process."""
    with Reader.open(folder) as archive:
        sends.send(list(_about_rows(archive)))


def _received(receives: Connection) -> list[Finding]:
    try:
        found: list[Finding] = receives.recv()
    except EOFError:
        raise ArchiveError("the process that checks the database was killed; verify again") from None
    return found


def _about_rows(archive: Reader) -> Iterator[Finding]:
    """Whether the rows agree with one another, and with what they were computed from."""
    archive.db.conn.execute("BEGIN")  # one moment of the database, also beside a run
    yield from audit.told(audit.structure(archive.db))
    yield from audit.told(audit.contents(archive.db))
    yield from audit.told(audit_copies.copies(archive.db))
    with suppress(sqlite3.DatabaseError):  # a damaged file was told of already
        archive.db.conn.execute("COMMIT")


def _lock(folder: Path) -> Lock | None:
    """The archive's lock, or None where a run has it. On a read-only disk nobody can, and nobody writes."""
    try:
        return Lock(folder, "verifying")
    except ArchiveLocked:
        return None
    except ArchiveError:
        return None


def _index(archive: Reader, *, held: bool) -> Iterator[Finding]:
    """Check the search index, which SQLite does only in a database that may be written: in place, or in a copy."""
    with tempfile.TemporaryDirectory(prefix="hemeroteca-") as scratch:
        path = archive.folder / DATABASE
        if not held:
            path = Path(scratch) / DATABASE
            copy_pages(archive.db, path)
        db = open_writer(path)
        try:
            yield from audit.index(db)
        finally:
            db.conn.close()


def _files(archive: Reader, watch: Watch, *, live: bool) -> Iterator[Finding]:
    """Every WARC file and every row that names one."""
    folder = archive.folder / WARCS
    paths = warc_files(folder)
    size = sum(path.stat().st_size for path in paths)
    noted = {row["name"]: row for row in archive.db.query("SELECT * FROM warc_files")}
    progress = Progress(0, size, 0)
    for path in paths:
        closed = noted.pop(path.name.removesuffix(".open"), None)
        if live and path.name.endswith(".open"):
            yield from _open_file(archive, path)
            continue
        yield from _closed_file(path, closed)
        rows = heapq.merge(_rows(archive.db, path), _notes(archive.db, path), key=lambda row: int(row["warc_offset"]))
        for found in _beside(salvage(path), rows):
            if isinstance(found, Finding):
                yield found
                continue
            record, row = found
            yield from _note(record, row) if is_note(record.record) else _record(archive, record, row)
            progress = Progress(progress.done + record.location.length, size, progress.records + 1)
            watch(progress)
    for name in noted:
        yield Finding("file", name, "the file is not there")


def _closed_file(path: Path, row: Any) -> Iterator[Finding]:
    """A finished file against the row that was written when it was closed."""
    if path.name.endswith(".open"):
        yield Finding("file", path.name, "was left by a run that was killed; the next run closes it")
    elif row is None or not row["closed"]:
        yield Finding("file", path.name, "has pages the database does not know; the next run adds them")
    elif path.stat().st_size != row["size"] or file_sha256(path) != row["sha256"]:
        yield Finding("file", path.name, "is not the file that was closed: its size or SHA-256 is another")


def _open_file(archive: Reader, path: Path) -> Iterator[Finding]:
    """A file that a run is writing: only what it has committed."""
    for row in _rows(archive.db, path):
        at = Location(row["warc_file"], row["warc_offset"], row["warc_length"])
        try:
            record = read_at(path, at.offset, at.length)
        except WarcError as error:
            yield Finding("capture", f"capture {row['id']}", str(error))
        else:
            yield from _record(archive, Found(at, record), row)


def _rows(db: Database, path: Path) -> Iterator[dict[str, Any]]:
    """The captures that lie in a file, by offset."""
    return iter(db.query(_ROWS, (path.name.removesuffix(".open"),)))


def _notes(db: Database, path: Path) -> Iterator[dict[str, Any]]:
    """The notes of a file that were applied, by offset."""
    return iter(db.query(_NOTES, (path.name.removesuffix(".open"),)))


def _beside(
    records: Iterator[Found | WarcError], rows: Iterator[dict[str, Any]]
) -> Iterator[Finding | tuple[Found, dict[str, Any] | None]]:
    """Each record with the row that points to it, both by offset; damage and rows without a record as findings."""
    row = next(rows, None)
    for found in records:
        if isinstance(found, WarcError):
            yield Finding("warc", f"{found.path.name}, byte {found.offset}", found.what)
            continue
        at = found.location.offset
        while row is not None and row["warc_offset"] < at:
            yield _lost(row)
            row = next(rows, None)
        matches = row is not None and row["warc_offset"] == at
        yield found, row if matches else None
        row = next(rows, None) if matches else row
    while row is not None:
        yield _lost(row)
        row = next(rows, None)


def _lost(row: dict[str, Any]) -> Finding:
    part, where = ("capture", f"capture {row['id']}") if "id" in row else ("record", f"a note, {row['kind']}")
    return Finding(part, where, f"no record starts at {row['warc_file']}, byte {row['warc_offset']}")  # type: ignore[arg-type]  # parts of the list


def _note(found: Found, row: dict[str, Any] | None) -> Iterator[Finding]:
    """A note: its digest, and whether the database took it in."""
    where = f"{found.location.file}, byte {found.location.offset}"
    for problem in check(found.record):
        yield Finding("warc", where, problem)
    try:
        note = note_of(found.record)
    except ArchiveError as error:
        yield Finding("record", where, str(error))
        return
    if row is None:
        yield Finding("record", where, f"a note ({note.kind}) that the database did not take in; --repair does")
    elif (row["kind"], row["at"]) != (note.kind, note.at):
        yield Finding("record", where, "a note of another kind or time than its row says")


def _record(archive: Reader, found: Found, row: dict[str, Any] | None) -> Iterator[Finding]:
    """One record: its digests, and the row it should have."""
    at = found.location
    where = f"{at.file}, byte {at.offset}"
    for problem in check(found.record):
        yield Finding("warc", where, problem)
    try:
        held = wired_of(found.record) if is_exchange(found.record) else page_of(found.record)
    except NoPage as error:
        if row is not None:
            yield Finding("capture", f"capture {row['id']}", f"its record holds no page: {error}")
        return
    if row is None:
        identity = captures.identity_of(held) if isinstance(held, Page) else fetches.identity_of(held)
        if not archive.knows(identity):
            yield Finding("record", where, "a page without a row; the next run adds it")
        return
    told = dict(zip(_COLUMNS, (*_told(held), at.length), strict=True))
    wrong = [name for name, value in told.items() if row[name] != value]
    if wrong:
        yield Finding("capture", f"capture {row['id']}", f"{', '.join(wrong)}: not what its record says ({where})")
    if isinstance(held, Wired):
        yield from _fetched(archive.db, held, found.record, row)


def _told(held: Page | Wired) -> tuple[Any, ...]:
    """What the row of a page or a fetch holds, in the order of `_COLUMNS`."""
    name = storable(held.source_name) if held.source_name else None
    plain = (held.captured_at, held.payload_digest, held.status)
    if isinstance(held, Page):
        page = (*plain, held.dated_by, held.media_type, name)
        return (storable(held.source), address_of(held), *page, *captures.NOT_FETCHED[:_WIRED])
    fetch = (*plain, "fetch", held.media_type, name)
    return (storable(held.source), storable(held.url), *fetch, *fetches.wire_columns(held.wire))


def _fetched(db: Database, wired: Wired, record: Record, row: dict[str, Any]) -> Iterator[Finding]:
    """What else a fetch's row must say: why it is no page, and what its revisit refers to."""
    where = f"capture {row['id']}"
    cleaned = captures.cleaning_of(db, row["id"]) is not None
    if cleaned != (wired.reason is None):
        yield Finding("capture", where, "was cleaned, and is no page" if cleaned else "has no cleaning")
    elif not cleaned and row["reason"] != wired.reason:
        yield Finding("capture", where, "its reason is not the one its record says")
    if (record.type == "revisit") != (row["revisit_of"] is not None):
        yield Finding("capture", where, "revisit_of: not what its record says")
