"""Connections to `news.db`: one writer, many readers, and what SQLite must be able to do."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlite_utils import Database

from archive.errors import ArchiveError

DATABASE = "news.db"
MIN_SQLITE = (3, 37, 0)  # STRICT tables

#: Written into the file's header (`PRAGMA application_id`): "heme". https://sqlite.org/pragma.html#pragma_application_id
APPLICATION_ID = 0x68656D65

_ABILITIES = """
CREATE TABLE temp.ability (a TEXT PRIMARY KEY, b TEXT GENERATED ALWAYS AS (a || a) VIRTUAL) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE temp.ability_fts USING fts5(a, content="ability", tokenize="unicode61 remove_diacritics 2");
INSERT INTO temp.ability(a) SELECT value FROM json_each('["a"]') RETURNING a;
DROP TABLE temp.ability_fts;
DROP TABLE temp.ability;
"""

_WRITER = {
    "journal_mode": "wal",  # readers never wait for the writer
    "synchronous": "normal",  # a power cut may undo the last commits, whose records are then cleaned again
    "busy_timeout": 30_000,  # milliseconds
    "foreign_keys": "on",
    "cache_size": -65_536,  # KiB
    "wal_autocheckpoint": 8_192,  # pages: index pages that change in every batch are written back less often
    "temp_store": "memory",
    "journal_size_limit": 67_108_864,
}
_READER = {"busy_timeout": 10_000, "cache_size": -16_384}


def check_sqlite() -> None:
    """Raise ArchiveError, before anything is written, where this SQLite cannot hold an archive."""
    if sqlite3.sqlite_version_info < MIN_SQLITE:
        needed = ".".join(map(str, MIN_SQLITE))
        raise ArchiveError(
            f"SQLite {sqlite3.sqlite_version} is too old: an archive needs {needed} or newer; use a newer Python"
        )
    trial = sqlite3.connect(":memory:")
    try:
        trial.executescript(_ABILITIES)
    except sqlite3.Error as error:
        raise ArchiveError(
            f"this SQLite ({sqlite3.sqlite_version}) was built without what an archive needs "
            f"(FTS5 with remove_diacritics 2, JSON, STRICT tables): {error}; use another Python"
        ) from error
    finally:
        trial.close()


def open_writer(path: Path) -> Database:
    """The one connection that writes; the file is made where it is missing. Raises ArchiveError.

    Transactions are explicit: statements outside `transaction` commit by themselves.
    """
    with translated(path):
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            for name, value in _WRITER.items():
                connection.execute(f"PRAGMA {name} = {value}")
            return Database(connection)
        except BaseException:
            connection.close()
            raise


def open_reader(path: Path) -> Database:
    """A connection that cannot write: works beside a run, and on a read-only disk after a clean end.

    Raises ArchiveError where there is no database, or a run that is on (or was killed) left a log beside it
    that only its owner can read.
    """
    if not path.is_file():
        raise ArchiveError(f"no archive at {path.parent}: {path.name} is not there; `hemeroteca clean PATH` makes one")
    with translated(path):
        connection = _connect_readonly(path)
        for name, value in _READER.items():
            connection.execute(f"PRAGMA {name} = {value}")
        return Database(connection)


def needs_immutable(path: Path) -> bool:
    """Whether a reader must take the file as it lies, because the log files of a live database cannot be made here."""
    try:
        _probe(f"file:{quote(str(path))}?mode=ro").close()
    except sqlite3.OperationalError:
        return True
    return False


def _connect_readonly(path: Path) -> sqlite3.Connection:
    if not needs_immutable(path):
        return _probe(f"file:{quote(str(path))}?mode=ro")
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        raise ArchiveError(
            f"{path} has a log of unfinished work beside it and cannot be read from here: "
            "open it once as its owner, or copy it with `hemeroteca export sqlite`"
        )
    return _probe(f"file:{quote(str(path))}?mode=ro&immutable=1")


def _probe(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's errors as ArchiveError: one line that names the file and says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise ArchiveError(f"{path}: {_advice(error)}") from error


def _advice(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorname", "") or ""
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return f"the database is damaged ({error}); move it away, and the next run rebuilds it from warcs/"
    if code.startswith(("SQLITE_FULL", "SQLITE_IOERR_WRITE")):
        return f"the disk is full ({error}); make room and run again: nothing that was archived is lost"
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return f"the database cannot be written or opened here ({error}); check its folder's owner and permissions"
    if code.startswith("SQLITE_BUSY"):
        return f"another program holds the database ({error}); close it and run again"
    return f"the database failed ({error}); `hemeroteca verify` tells more"


def copy_pages(db: Database, target: Path) -> None:
    """Copy an open database page by page: one moment of it, whatever is written meanwhile."""
    copy = sqlite3.connect(target)
    try:
        db.conn.backup(copy)
    finally:
        copy.close()


def copy_compact(path: Path, target: Path) -> None:
    """Copy a database without its free pages (https://sqlite.org/lang_vacuum.html#vacuuminto): one moment of it.

    SQLite 3.40 cannot do this over a read-only connection where a table has generated columns, so a database that
    may not be written is copied page by page. Raises ArchiveError where neither can be.
    """
    with translated(target):
        if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
            connection = sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, isolation_level=None)
            try:
                connection.execute("VACUUM INTO ?", (str(target),))
            finally:
                connection.close()
        else:
            reader = open_reader(path)
            try:
                copy_pages(reader, target)
            finally:
                reader.conn.close()


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """All or nothing; takes the write lock at once, so that it cannot fail half-way for a lock."""
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.conn.execute("COMMIT")
    except BaseException:
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK")
        raise
