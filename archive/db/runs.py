"""Rows of `runs` and `warc_files`: what was done, when, and into which files.

A WARC file names the run that wrote it in its warcinfo (`hemeroteca-run`), by a random key: its id is a matter of one
database. How the run ended is a note.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

from archive.db.rows import RunRow, storable
from archive.db.settlement import Effects
from archive.reasons import FAILURES, Reason
from archive.warc import ClosedFile, Record, fields_of

_READ = """
SELECT id, command, started, finished, outcome, pages, new, duplicates, unchanged, failed, rejected, worse, superseded
FROM runs
"""
_COUNTED = ("pages", "new", "duplicates", "unchanged", "failed", "rejected", "worse", "superseded")
_ENDED = f"SELECT key, id, command, started, finished, outcome, {', '.join(_COUNTED)} FROM runs WHERE id = ?"  # noqa: S608
_NAMED = "hemeroteca-run"

#: The outcome of a run whose row was made from its WARC files, until all of them were read.
REBUILDING = "rebuilding"

# Of what was fetched only pages count: no lists, no rules of hosts, no redirects on the way to a page.
_COUNTS = """
SELECT count(*), count(article_id), count(*) FILTER (WHERE reason IN (SELECT value FROM json_each(:failures))),
       count(*) FILTER (WHERE reason = :worse), count(*) FILTER (WHERE reason = 'not-modified')
FROM captures WHERE run_id = :run AND (purpose IS NULL OR purpose = 'page' AND reason IS NOT 'redirect')
"""
_NEW = """
SELECT count(*) FROM (SELECT DISTINCT article_id AS id FROM captures WHERE run_id = :run AND article_id IS NOT NULL) a
WHERE NOT EXISTS (SELECT 1 FROM captures WHERE article_id = a.id AND run_id <> :run)
"""


@dataclass(slots=True)
class Tally:
    """What a run did beside its rows: pages that were here already, captures cleaned again, articles that fell."""

    unchanged: int = 0
    restated: int = 0
    fallen: set[int] = field(default_factory=set)
    risen: set[int] = field(default_factory=set)

    def add(self, effects: Effects) -> None:
        """Note what settling a batch did; an article that fell and rose again is as it was."""
        self.risen |= effects.risen - self.fallen
        self.fallen -= effects.risen
        self.fallen |= effects.fallen - self.risen
        self.risen -= effects.fallen
        self.fallen -= effects.gone
        self.risen -= effects.gone


@dataclass(frozen=True, slots=True)
class Named:
    """A run as its WARC files name it; `run_id` is the one it had where it ran."""

    key: str
    run_id: int
    command: str
    started: str


def start(db: Database, command: str, started: str, newest: int) -> int:
    """A new run, under way; its id is above all there are, and above `newest`."""
    query = """
    INSERT INTO runs (id, command, started, key)
    SELECT max(coalesce(max(id), 0), ?) + 1, ?, ?, ? FROM runs RETURNING id
    """
    return int(db.conn.execute(query, (newest, storable(command), started, secrets.token_hex(8))).fetchone()[0])


def mark_killed(db: Database) -> None:
    """Runs that never ended were killed: whoever holds the lock is alone."""
    db.conn.execute("UPDATE runs SET outcome = 'killed' WHERE outcome IS NULL")


def killed_unnoted(db: Database) -> list[int]:
    """Runs that were killed, and of which no note tells."""
    rows = db.conn.execute("SELECT id FROM runs WHERE outcome = 'killed' AND noted = 0 AND key IS NOT NULL ORDER BY id")
    return [run_id for (run_id,) in rows]


def info(db: Database, run_id: int) -> dict[str, str]:
    """What the warcinfo of its files says of a run."""
    row = db.conn.execute("SELECT key, id, command, started FROM runs WHERE id = ?", (run_id,)).fetchone()
    return {_NAMED: json.dumps(dict(zip(("key", "id", "command", "started"), row, strict=True)))}


def named(warcinfo: Record) -> Named:
    """The run that wrote a file. Files of before 2026-12 name none: its date, when the run began, stands in for it."""
    try:
        said = json.loads(fields_of(warcinfo)[_NAMED])
        return Named(str(said["key"]), int(said["id"]), str(said["command"]), str(said["started"]))
    except (KeyError, TypeError, ValueError):
        return Named(f"began {warcinfo.date}", 1, "not noted", warcinfo.date)


def restore(db: Database, run: Named) -> tuple[int, bool]:
    """The id of a run that a file names, and whether its row is of this rebuild; it is made where there is none."""
    row = db.conn.execute("SELECT id, outcome FROM runs WHERE key = ?", (run.key,)).fetchone()
    if row is not None:
        return row[0], row[1] == REBUILDING
    taken = db.conn.execute("SELECT 1 FROM runs WHERE id = ?", (run.run_id,)).fetchone() is not None
    query = "INSERT INTO runs (id, command, started, outcome, key) VALUES (?, ?, ?, ?, ?) RETURNING id"
    values = (None if taken else run.run_id, run.command, run.started, REBUILDING, run.key)
    return db.conn.execute(query, values).fetchone()[0], True


def id_of(db: Database, key: str) -> int:
    """The id of the run of a key. Raises KeyError."""
    row = db.conn.execute("SELECT id FROM runs WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise KeyError(key)
    return int(row[0])


def key_of(db: Database, run_id: int) -> str:
    """The key of a run."""
    return str(db.conn.execute("SELECT key FROM runs WHERE id = ?", (run_id,)).fetchone()[0])


def ended(db: Database, run_id: int) -> dict[str, Any]:
    """The data of a `run` note: its row."""
    cursor = db.conn.execute(_ENDED, (run_id,))
    names = [column[0] for column in cursor.description]
    return dict(zip(names, cursor.fetchone(), strict=True))


def apply(db: Database, data: Mapping[str, Any], _at: str) -> None:
    """A `run` note: how a run ended, and its counts."""
    run_id, _ = restore(db, Named(data["key"], data["id"], data["command"], data["started"]))
    db.table("runs").update(run_id, {name: data[name] for name in ("finished", "outcome", *_COUNTED)} | {"noted": 1})


def end_rebuilding(db: Database) -> None:
    """Runs whose end no file tells were killed."""
    db.conn.execute("UPDATE runs SET outcome = 'killed' WHERE outcome = ?", (REBUILDING,))


def count(db: Database, run_id: int, tally: Tally) -> None:
    """Bring a run's counts in step with its rows; they do not depend on the order in which pages came."""
    values = {"run": run_id, "failures": _json_list(FAILURES), "worse": Reason.WORSE.value}
    rows, carried, failed, worse, same = db.conn.execute(_COUNTS, values).fetchone()
    new = db.conn.execute(_NEW, values).fetchone()[0]
    db.table("runs").update(
        run_id,
        {
            "pages": rows + tally.unchanged + tally.restated,
            "new": new,
            "duplicates": carried - new,
            "unchanged": tally.unchanged + same,
            "failed": failed,
            "rejected": rows - carried - failed - worse - same,
            "worse": worse,
            "superseded": len(tally.fallen),
        },
    )


def finish(db: Database, run_id: int, finished: str, outcome: str) -> RunRow:
    """End a run."""
    db.table("runs").update(run_id, {"finished": finished, "outcome": outcome})
    return next(runs(db, run_id))


def runs(db: Database, run_id: int | None = None) -> Iterator[RunRow]:
    """Runs, the newest first; or the one of an id."""
    query = f"{_READ} WHERE ? IS NULL OR id = ? ORDER BY id DESC"
    return (RunRow(*row) for row in db.conn.execute(query, (run_id, run_id)))


def note_open(db: Database, name: str) -> None:
    """A WARC file that rows point to, and that is still written."""
    db.conn.execute("INSERT OR IGNORE INTO warc_files (name) VALUES (?)", (name,))


def note_closed(db: Database, file: ClosedFile, *, settled: bool) -> None:
    """A finished WARC file; `settled` says that every page and note in it has its row."""
    db.table("warc_files").upsert(
        {"name": file.name, "size": file.size, "sha256": file.sha256, "records": file.records, "closed": int(settled)},
        pk="name",
    )


def settled_files(db: Database) -> set[str]:
    """Finished WARC files whose pages and notes all have their rows."""
    return {name for (name,) in db.conn.execute("SELECT name FROM warc_files WHERE closed = 1")}


def rows_in(db: Database, name: str) -> int:
    """How many captures and notes of a WARC file have a row."""
    query = """
    SELECT (SELECT count(*) FROM captures WHERE warc_file = ?1) + (SELECT count(*) FROM notes WHERE warc_file = ?1)
    """
    return int(db.conn.execute(query, (name,)).fetchone()[0])


def _json_list(reasons: frozenset[Reason]) -> str:
    return "[" + ",".join(f'"{reason.value}"' for reason in sorted(reasons)) + "]"
