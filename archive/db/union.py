"""The rows of another archive, put beside our own: what two archives say together does not depend on who asks.

Copied are the facts: runs, WARC files, captures with their cleanings, inputs that could not be read. What follows
from them is settled as always. A capture that both have is one row: of two, the one that sorts first stands, whole,
with its record and its cleaning: the earlier, and of equal ones the one whose cleaning gave more words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlite_utils import Database

from archive.db import forgotten
from archive.db.rows import Cleaning, fields_of
from archive.db.settlement import Batch
from archive.settle import instant
from archive.tombstones import Depth, Tombstones
from archive.warc.adopt import Adopted

#: Captures taken over in one transaction.
BATCH = 500

# what a revisit refers to is there when the revisit comes
_THEIRS = "SELECT * FROM captures WHERE payload_digest IS NOT NULL ORDER BY revisit_of IS NOT NULL, id"
_UNREAD = "SELECT * FROM captures WHERE payload_digest IS NULL ORDER BY id"
_SAME = """
SELECT * FROM captures WHERE payload_digest = :payload_digest AND source = :source AND url IS :url
  AND (CASE dated_by WHEN 'clock' THEN '' ELSE captured_at END)
    = (CASE :dated_by WHEN 'clock' THEN '' ELSE :captured_at END)
"""
_CLEANED = """
SELECT cleanings.*, coalesce(
  (SELECT text FROM articles WHERE articles.text_digest = cleanings.text_digest),
  (SELECT text FROM texts WHERE texts.text_digest = cleanings.text_digest)) AS text
FROM cleanings WHERE capture_id = ?
"""
_PLACE = ("warc_file", "warc_offset", "warc_length", "revisit_of")
#: What a capture's row says of its place in a database, or of what the archive makes of it.
_OURS = frozenset(
    {"id", "article_id", "reason", "error", "run_id", "claimed", "disbelieved", "address", "name", *_PLACE}
)


@dataclass(slots=True)
class United:
    """What a merge brought: WARC files, runs and captures that were not here, captures whose row is another now.

    `unread` are inputs that could not be read there; `forgotten` are captures left out because they were forgotten.
    """

    files: int = 0
    runs: int = 0
    captures: int = 0
    changed: int = 0
    unread: int = 0
    forgotten: int = 0


@dataclass(slots=True)
class Union:
    """Takes the rows of `theirs` into `ours`; each method runs inside a transaction on `ours`.

    `files` are their WARC files by name, as they are known here.
    """

    ours: Database
    theirs: Database
    files: Mapping[str, Adopted]
    stones: Tombstones
    now: str
    done: United = field(default_factory=United)
    _run_ids: dict[int, int] = field(default_factory=dict)

    def runs(self) -> None:
        """Their runs, each once: known by its key, or where it has none by what was typed when."""
        names = _columns(self.ours, "runs", {"id"})
        query = """
        SELECT id FROM runs WHERE key IS :key AND (:key IS NOT NULL OR (command = :command AND started = :started))
        """
        for row in self.theirs.query("SELECT * FROM runs ORDER BY id"):
            found = self.ours.conn.execute(query, row).fetchone()
            self._run_ids[row["id"]] = found[0] if found else _insert(self.ours, "runs", names, row)
            self.done.runs += found is None

    @property
    def fresh(self) -> frozenset[str]:
        """Their files, by their names, that have no rows here yet, or not all of them: of a merge that was stopped."""
        settled = {name for (name,) in self.ours.conn.execute("SELECT name FROM warc_files WHERE closed = 1")}
        return frozenset(name for name, one in self.files.items() if not one.moved and one.name not in settled)

    def warc_files(self, fresh: frozenset[str]) -> None:
        """Rows for their files, which are not called settled yet."""
        names = _columns(self.ours, "warc_files", set())
        for row in self.theirs.query("SELECT * FROM warc_files"):
            if row["name"] in fresh:
                self.ours.table("warc_files").upsert(
                    {name: row[name] for name in names} | {"name": self.files[row["name"]].name, "closed": 0}, pk="name"
                )
                self.done.files += 1

    def close_files(self, fresh: frozenset[str]) -> None:
        """Call their files settled: all that is in them has its rows."""
        for name in fresh:
            self.ours.conn.execute("UPDATE warc_files SET closed = 1 WHERE name = ?", (self.files[name].name,))

    def unread(self) -> None:
        """Inputs that could not be read: of an input that both name, the first time and the last word."""
        names = _columns(self.ours, "captures", {"id", "article_id"})
        find = """
        SELECT * FROM captures WHERE payload_digest IS NULL AND source = :source
          AND iif(:purpose IS NULL, purpose IS NULL AND reason = :reason, captured_at = :captured_at)
        """
        for row in self.theirs.query(_UNREAD):
            ours = next(self.ours.query(find, dict(row)), None)
            theirs = self._here(row)
            if self.stones.depth((row["url"],)) in {"drop", "erase"}:
                continue
            if ours is None:
                _insert(self.ours, "captures", names, theirs)
                self.done.unread += 1
                continue
            last = max(ours, theirs, key=lambda one: (self._started(one["run_id"]), str(one["error"]), str(one["url"])))
            first = min(ours["captured_at"], theirs["captured_at"], key=instant)
            _update(self.ours, "captures", ours["id"], {**last, "id": ours["id"], "captured_at": first}, names)

    def _started(self, run_id: int) -> tuple[str, str]:
        row = self.ours.conn.execute("SELECT started, command FROM runs WHERE id = ?", (run_id,)).fetchone()
        return row[0], row[1]

    def captures(self) -> Iterator[Sequence[Mapping[str, Any]]]:
        """Their archived captures, so many at a time."""
        rows = iter(self.theirs.query(_THEIRS))
        while part := list(islice(rows, BATCH)):
            yield part

    def put(self, rows: Sequence[Mapping[str, Any]], batch: Batch) -> None:
        """Take captures over, and note in the batch what that touches."""
        for row in rows:
            depth = self.stones.depth((row["url"], row["address"]), row["payload_digest"], self._text_of(row["id"]))
            if depth is not None and depth != "hide":
                self._leave_out(row, depth)
                continue
            ours = next(self.ours.query(_SAME, dict(row)), None)
            if ours is None:
                self._add(row, batch)
            else:
                self._choose(row, ours, batch)
            if depth == "hide" and (here := next(self.ours.query(_SAME, dict(row)), None)):
                forgotten.hide(self.ours, here["id"], batch)

    def _leave_out(self, row: Mapping[str, Any], depth: Depth) -> None:
        self.done.forgotten += 1
        stone = self.stones.by_bytes((row["url"],), row["payload_digest"], depth)
        if stone is not None:
            forgotten.put(self.ours, (stone,), self.now)

    def _text_of(self, capture_id: int) -> str | None:
        row = self.theirs.conn.execute("SELECT content_hash FROM cleanings WHERE capture_id = ?", (capture_id,))
        found = row.fetchone()
        return found[0] if found else None

    def _add(self, row: Mapping[str, Any], batch: Batch) -> None:
        if self.files[row["warc_file"]].moved:
            return  # erased here, or to be found in the file by the next run
        names = _columns(self.ours, "captures", {"id", "article_id"})
        capture_id = _insert(self.ours, "captures", names, self._here(row))
        self._put_cleaning(row["id"], capture_id, batch)
        self.done.captures += 1

    def _choose(self, theirs: Mapping[str, Any], ours: Mapping[str, Any], batch: Batch) -> None:
        if _standing(self.theirs, theirs) >= _standing(self.ours, ours):
            return
        here = self._here(theirs)
        if _said(theirs) == _said(ours) or self.files[theirs["warc_file"]].moved:
            here |= {name: ours[name] for name in _PLACE}
        batch.addresses.add(ours["address"])
        before = self.ours.conn.execute(
            "SELECT text_digest FROM cleanings WHERE capture_id = ?", (ours["id"],)
        ).fetchone()
        if before is not None and before[0] is not None:
            batch.digests.add(before[0])
        names = _columns(self.ours, "captures", {"id", "article_id", "reason"})
        _update(self.ours, "captures", ours["id"], here, names)
        self.ours.conn.execute("DELETE FROM removals WHERE capture_id = ?", (ours["id"],))
        self._put_cleaning(theirs["id"], ours["id"], batch)
        batch.restated.add(ours["id"])
        self.done.changed += 1

    def _here(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A capture of theirs as a row of ours: its run and its file are called otherwise here."""
        file = row["warc_file"]
        name = self.files[file].name if file is not None else None
        return {**row, "run_id": self._run_ids[row["run_id"]], "warc_file": name, "revisit_of": self._original(row)}

    def _original(self, row: Mapping[str, Any]) -> int | None:
        """What a revisit refers to, as it is called here."""
        if row["revisit_of"] is None:
            return None
        original = next(self.theirs.query("SELECT * FROM captures WHERE id = ?", (row["revisit_of"],)))
        ours = next(self.ours.query(_SAME, original), None)
        return int(ours["id"]) if ours else None

    def _put_cleaning(self, theirs: int, ours: int, batch: Batch) -> None:
        row = next(self.theirs.query(_CLEANED, (theirs,)), None)
        address, url = self.ours.conn.execute("SELECT address, url FROM captures WHERE id = ?", (ours,)).fetchone()
        if row is None:
            return
        names = _columns(self.ours, "cleanings", set())
        self.ours.conn.execute("DELETE FROM cleanings WHERE capture_id = ?", (ours,))
        _insert(self.ours, "cleanings", names, {**row, "capture_id": ours})
        removals = self.theirs.query("SELECT * FROM removals WHERE capture_id = ?", (theirs,))
        lines = _columns(self.ours, "removals", set())
        for line in removals:
            _insert(self.ours, "removals", lines, {**line, "capture_id": ours})
        cleaning = Cleaning(
            row["recipe"],
            row["content_hash"],
            row["text_digest"],
            row["words"],
            fields_of(row["fields"]),
            row["reason"],
            row["error"],
            address if address != url else None,
            row["text"],
        )
        batch.add(address, cleaning)


def _standing(db: Database, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What two rows of one capture are sorted by: time, what is said of it, then what its cleaning gave."""
    cleaning = next(db.query("SELECT * FROM cleanings WHERE capture_id = ?", (row["id"],)), None) or {}
    words = cleaning.get("words")
    lines = db.conn.execute(
        "SELECT line, text, rule, fate FROM removals WHERE capture_id = ? ORDER BY nth", (row["id"],)
    ).fetchall()
    given = [(name, cleaning[name]) for name in sorted(cleaning) if name != "capture_id"]
    return instant(row["captured_at"]), _said(row), words is None, -(words or 0), repr(given), repr(lines)


def _said(row: Mapping[str, Any]) -> str:
    """What the record of a capture says of it."""
    return repr([(name, row[name]) for name in sorted(row) if name not in _OURS])


def _columns(db: Database, table: str, without: set[str]) -> tuple[str, ...]:
    """The columns of a table that hold values of their own."""
    rows = db.conn.execute(f"PRAGMA table_xinfo({table})").fetchall()
    return tuple(row[1] for row in rows if row[6] == 0 and row[1] not in without)


def _insert(db: Database, table: str, names: Sequence[str], row: Mapping[str, Any]) -> int:
    places = ", ".join(f":{name}" for name in names)
    query = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"  # noqa: S608
    return int(db.conn.execute(query, {name: row.get(name) for name in names}).lastrowid or 0)


def _update(db: Database, table: str, row_id: int, row: Mapping[str, Any], names: Sequence[str]) -> None:
    places = ", ".join(f"{name} = :{name}" for name in names)
    query = f"UPDATE {table} SET {places} WHERE id = :id"  # noqa: S608
    db.conn.execute(query, {name: row[name] for name in names} | {"id": row_id})
