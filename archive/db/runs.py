"""Rows of `runs` and `warc_files`: what was done, when, and into which files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlite_utils import Database

from archive.db.rows import RunRow
from archive.db.settlement import Effects
from archive.reasons import FAILURES, Reason
from archive.warc import ClosedFile

_READ = """
SELECT id, command, started, finished, outcome, pages, new, duplicates, unchanged, failed, rejected, worse, superseded
FROM runs
"""
_COUNTS = """
SELECT count(*), count(article_id), count(*) FILTER (WHERE reason IN (SELECT value FROM json_each(:failures))),
       count(*) FILTER (WHERE reason = :worse)
FROM captures WHERE run_id = :run
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


def start(db: Database, command: str, started: str) -> int:
    """A new run, under way."""
    query = "INSERT INTO runs (command, started) VALUES (?, ?) RETURNING id"
    return int(db.conn.execute(query, (command, started)).fetchone()[0])


def mark_killed(db: Database) -> None:
    """Runs that never ended were killed: whoever holds the lock is alone."""
    db.conn.execute("UPDATE runs SET outcome = 'killed' WHERE outcome IS NULL")


def count(db: Database, run_id: int, tally: Tally) -> None:
    """Bring a run's counts in step with its rows; they do not depend on the order in which pages came."""
    values = {"run": run_id, "failures": _json_list(FAILURES), "worse": Reason.WORSE.value}
    rows, carried, failed, worse = db.conn.execute(_COUNTS, values).fetchone()
    new = db.conn.execute(_NEW, values).fetchone()[0]
    db.table("runs").update(
        run_id,
        {
            "pages": rows + tally.unchanged + tally.restated,
            "new": new,
            "duplicates": carried - new,
            "unchanged": tally.unchanged,
            "failed": failed,
            "rejected": rows - carried - failed - worse,
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
    """A finished WARC file; `settled` says that every page in it has its row."""
    db.table("warc_files").upsert(
        {"name": file.name, "size": file.size, "sha256": file.sha256, "records": file.records, "closed": int(settled)},
        pk="name",
    )


def settled_files(db: Database) -> set[str]:
    """Finished WARC files whose pages all have their rows."""
    return {name for (name,) in db.conn.execute("SELECT name FROM warc_files WHERE closed = 1")}


def pages_in(db: Database, name: str) -> int:
    """How many captures lie in a WARC file."""
    return int(db.conn.execute("SELECT count(*) FROM captures WHERE warc_file = ?", (name,)).fetchone()[0])


def _json_list(reasons: frozenset[Reason]) -> str:
    return "[" + ",".join(f'"{reason.value}"' for reason in sorted(reasons)) + "]"
