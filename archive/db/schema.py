"""The schema's versions: numbered SQL files, each applied once, whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from sqlite_utils import Database

from archive.db.connect import APPLICATION_ID, transaction
from archive.errors import ArchiveError

_RECORD = """
CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied TEXT NOT NULL) STRICT
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from schema `version - 1` to `version`. `work` runs after `sql`, where SQL alone cannot do it."""

    version: int
    name: str
    sql: str
    work: Callable[[Database], None] | None = None


def shipped() -> tuple[Migration, ...]:
    """The migrations of this version, oldest first: `migrations/NNNN_name.sql`."""
    found = []
    for file in sorted((files(__package__) / "migrations").iterdir(), key=lambda f: f.name):
        number, _, name = file.name.removesuffix(".sql").partition("_")
        found.append(Migration(int(number), name, file.read_text(encoding="utf-8")))
    return tuple(found)


def version_of(db: Database) -> int:
    """The schema of an open database: 0 for an empty file. Raises ArchiveError where it is none of ours."""
    mark = db.conn.execute("PRAGMA application_id").fetchone()[0]
    version = int(db.conn.execute("PRAGMA user_version").fetchone()[0])
    if mark != APPLICATION_ID and (version or db.table_names()):
        raise ArchiveError("news.db is a database, but not one of hemeroteca's; choose another folder")
    return version


def check_version(db: Database, newest: int) -> int:
    """The schema's version, at most `newest`. Raises ArchiveError where the archive is from a newer hemeroteca."""
    version = version_of(db)
    if version > newest:
        raise ArchiveError(
            f"this archive was written by a newer hemeroteca (schema {version}, this one knows {newest}): upgrade it"
        )
    return version


def migrate(db: Database, now: str, migrations: Sequence[Migration]) -> list[Migration]:
    """Bring a database to the newest schema, and return what was applied; each step is one transaction.

    Raises ArchiveError for a newer schema or a foreign file; sqlite3.Error, with the step undone, where one fails.
    """
    check_version(db, migrations[-1].version)
    applied = []
    for migration in migrations:
        if migration.version > version_of(db):
            with transaction(db):
                if migration.version > version_of(db):
                    _apply(db, migration, now)
                    applied.append(migration)
    return applied


def _apply(db: Database, migration: Migration, now: str) -> None:
    db.conn.execute(_RECORD)
    for statement in statements(migration.sql):
        db.conn.execute(statement)
    if migration.work is not None:
        migration.work(db)
    broken = db.conn.execute("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        raise sqlite3.IntegrityError(f"migration {migration.version} leaves a row of {broken[0]} without its parent")
    db.table("migrations").insert({"version": migration.version, "name": migration.name, "applied": now})
    db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.conn.execute(f"PRAGMA user_version = {migration.version}")


def statements(script: str) -> Iterator[str]:
    """The statements of an SQL script, triggers whole: `executescript` would commit half-way."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if line.rstrip().endswith(";") and sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if "".join(line.partition("--")[0] for line in pending.splitlines()).strip():
        raise ValueError("an SQL script ends inside a statement")


def newest_version() -> int:
    """The schema this hemeroteca writes."""
    return shipped()[-1].version
