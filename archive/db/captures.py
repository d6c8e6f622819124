"""Rows of `captures`, `cleanings`, `removals` and `texts`: what was seen, and what its cleaning gave."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from typing import Any

from sqlite_utils import Database

from archive.db import runs
from archive.db.rows import CaptureRow, Cleaning, Kept, address_of, dump_json, fields_json, fields_of, storable
from archive.identity import site_of
from archive.model import Line, Location, Outcome, Page, Unread
from archive.reasons import Reason

#: What makes two pages the same capture: payload digest, source, address, and its date where somebody gave one.
Identity = tuple[str, str, str, str]

#: The columns from `purpose` on of what nobody fetched; the last three find the capture a revisit refers to.
NOT_FETCHED = (None, None, None, None, None, None, 0, None, None, None, None, None)

_CAPTURE = """
INSERT INTO captures (id, source, url, captured_at, status, reason, error, run_id, warc_file, warc_offset, warc_length,
                      payload_digest, dated_by, media_type, source_name, claimed,
                      purpose, ip, milliseconds, protocol, tls, truncated, rebuilt, via, hops, revisit_of)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
        (SELECT o.id FROM captures o WHERE o.payload_digest = ? AND o.url = ? AND o.captured_at = ?
           AND o.revisit_of IS NULL AND o.warc_file IS NOT NULL ORDER BY o.id LIMIT 1))
"""
_CLEANING = """
INSERT OR REPLACE INTO cleanings (capture_id, recipe, content_hash, text_digest, words, fields, reason, error, refused)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_REMOVAL = "INSERT INTO removals (capture_id, nth, line, text, rule, fate) VALUES (?, ?, ?, ?, ?, ?)"
_UNREAD = """
INSERT INTO captures (source, url, captured_at, reason, error, run_id) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (source, reason) WHERE payload_digest IS NULL AND purpose IS NULL
DO UPDATE SET run_id = excluded.run_id, error = excluded.error, url = coalesce(excluded.url, url)
"""
_ROW = """
SELECT id, article_id, source, url, captured_at, reason, error, run_id, payload_digest, status,
       purpose, revisit_of, warc_file, warc_offset, warc_length FROM captures
"""
# The lead of each article comes first, so that an article whose captures all move takes its id along.
_ORDER = """
SELECT captures.id FROM captures JOIN cleanings ON capture_id = captures.id
LEFT JOIN articles ON articles.id = captures.article_id
WHERE payload_digest IS NOT NULL AND captures.reason IS NOT 'hidden'
  AND (:site IS NULL OR articles.site = :site OR captures.article_id IS NULL)
ORDER BY captures.article_id IS NULL, captures.article_id, captures.id <> lead_capture_id, captures.id
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A capture with its cleaning, light enough to wait for the commit: the page's bytes are let go.

    `columns` are those of `captures` after its id, `address` what the page speaks for; it lies in `file` at `offset`.
    What was fetched and is no page has no cleaning.
    """

    identity: Identity
    columns: tuple[Any, ...]
    address: str
    file: str
    offset: int
    run_id: int
    cleaning: Cleaning | None
    removals: tuple[Line, ...]


def identity_of(page: Page) -> Identity:
    """What `has` asks for; the clock's word on the date does not count."""
    date = "" if page.dated_by == "clock" else page.captured_at
    return page.payload_digest, storable(page.source), address_of(page), date


def known(db: Database, identity: Identity) -> bool:
    """Whether this very capture has a row."""
    query = """
    SELECT 1 FROM captures WHERE payload_digest = ? AND source = ? AND url = ?
      AND (CASE dated_by WHEN 'clock' THEN '' ELSE captured_at END) = ?
    """
    return db.conn.execute(query, identity).fetchone() is not None


def recorded(kept: Kept, outcome: Outcome, run_id: int, fetched: tuple[Any, ...] = NOT_FETCHED) -> Recorded:
    """The row of a kept page and of what its cleaning gave; `fetched` are its columns from `purpose` on."""
    page, at, cleaning, url = kept.page, kept.location, Cleaning.of(outcome), address_of(kept.page)
    columns = (
        storable(page.source),
        url,
        page.captured_at,
        page.status,
        cleaning.reason,
        cleaning.error,
        run_id,
        at.file,
        at.offset,
        at.length,
        page.payload_digest,
        page.dated_by,
        page.media_type,
        storable(page.source_name) if page.source_name else None,
        cleaning.claimed if cleaning.claimed != url else None,
        *fetched,
    )
    address = cleaning.claimed or url
    return Recorded(identity_of(page), columns, address, at.file, at.offset, run_id, cleaning, outcome.removals)


def hidden(row: Recorded) -> Recorded:
    """The same capture without anything its cleaning gave: it was forgotten, as deep as to hide it."""
    if row.cleaning is None:
        return row
    reason = Reason.HIDDEN.value
    columns = (*row.columns[:4], reason, None, *row.columns[6:])
    bare = Cleaning(row.cleaning.recipe, None, None, None, {}, reason, None, row.cleaning.claimed)
    return replace_fields(row, columns=columns, cleaning=bare, removals=())


def insert(db: Database, rows: Sequence[Recorded]) -> None:
    """Store new captures with their cleanings, in their order; what they mean is settled afterwards."""
    first = db.conn.execute("SELECT coalesce(max(id), 0) + 1 FROM captures").fetchone()[0]
    db.conn.executemany(_CAPTURE, [(capture_id, *row.columns) for capture_id, row in enumerate(rows, first)])
    cleaned = ((capture_id, row.cleaning, row.removals) for capture_id, row in enumerate(rows, first))
    put_cleanings(db, ((capture_id, done, removals) for capture_id, done, removals in cleaned if done))


def stored(db: Database, rows: Sequence[Recorded]) -> bool:
    """Whether this batch was committed already: Ctrl-C may fall just after that, and the batch is still in hand."""
    query = "SELECT 1 FROM captures WHERE warc_file = ? AND warc_offset = ?"
    return bool(rows) and db.conn.execute(query, (rows[0].file, rows[0].offset)).fetchone() is not None


def put_cleanings(db: Database, rows: Iterable[tuple[int, Cleaning, Sequence[Line]]]) -> None:
    """Store cleanings and removals of captures that have none."""
    for capture_id, done, removals in rows:
        stored = (done.recipe, done.content_hash, done.text_digest, done.words, fields_json(done.fields))
        db.conn.execute(_CLEANING, (capture_id, *stored, done.reason, done.error, done.refused))
        db.conn.executemany(
            _REMOVAL,
            [
                (capture_id, nth, line.number, storable(line.text), storable(line.rule), line.fate)
                for nth, line in enumerate(removals, 1)
            ],
        )


def replace(db: Database, capture_id: int, cleaning: Cleaning, removals: Sequence[Line]) -> None:
    """Store a new cleaning of an old capture in place of the one it had."""
    db.conn.execute("DELETE FROM removals WHERE capture_id = ?", (capture_id,))
    put_cleanings(db, [(capture_id, cleaning, removals)])
    db.conn.execute(
        "UPDATE captures SET claimed = nullif(?, url), disbelieved = NULL, error = ? WHERE id = ?",
        (cleaning.claimed, cleaning.error, capture_id),
    )


def unread_note(unread: Iterable[Unread], captured_at: str, run_key: str) -> dict[str, Any]:
    """The data of an `unread` note: inputs of a run that could not be read."""
    items = [[storable(it.source), it.url and storable(it.url), str(it.reason), storable(it.error)] for it in unread]
    return {"run": run_key, "captured_at": captured_at, "unread": items}


def apply_unread(db: Database, data: Mapping[str, Any], _at: str) -> None:
    """An `unread` note: a row an input; one that failed before in the same way keeps its row."""
    run_id, captured_at = runs.id_of(db, data["run"]), data["captured_at"]
    for source, url, reason, error in data["unread"]:
        db.conn.execute(_UNREAD, (source, url, captured_at, reason, error, run_id))


def adopted_note(rows: Iterable[Recorded], run_key: str) -> dict[str, Any]:
    """The data of an `adopted` note: captures in files of other runs, by file their offsets."""
    by_file: dict[str, list[int]] = {}
    for row in rows:
        by_file.setdefault(row.file, []).append(row.offset)
    return {"run": run_key, "captures": by_file}


def apply_adopted(db: Database, data: Mapping[str, Any], _at: str) -> None:
    """An `adopted` note: pages that one run archived and another one recorded."""
    run_id = runs.id_of(db, data["run"])
    query = """
    UPDATE captures SET run_id = ? WHERE warc_file = ? AND warc_offset IN (SELECT value FROM json_each(?))
    """
    for file, offsets in data["captures"].items():
        db.conn.execute(query, (run_id, file, dump_json(offsets)))


def cleaning_of(db: Database, capture_id: int) -> Cleaning | None:
    """The stored cleaning of a capture, without its text; None where there is none."""
    query = """
    SELECT recipe, content_hash, text_digest, words, fields, cleanings.reason, cleanings.error,
           coalesce(claimed, disbelieved), refused
    FROM cleanings JOIN captures ON captures.id = capture_id WHERE capture_id = ?
    """
    row = db.conn.execute(query, (capture_id,)).fetchone()
    if row is None:
        return None
    recipe, content, digest, words, fields, reason, error, claimed, refused = row
    return Cleaning(recipe, content, digest, words, fields_of(fields), reason, error, claimed, refused=refused)


def speaks_for(db: Database, capture_id: int) -> str:
    """The address a capture speaks for: the one its page claims, else its own."""
    return str(db.conn.execute("SELECT address FROM captures WHERE id = ?", (capture_id,)).fetchone()[0])


def removals_of(db: Database, capture_id: int) -> list[tuple[int, str, str, str]]:
    """Line, text, rule and fate of a capture's removals, in page order."""
    query = "SELECT line, text, rule, fate FROM removals WHERE capture_id = ? ORDER BY nth"
    return [tuple(row) for row in db.conn.execute(query, (capture_id,))]


def row_of(db: Database, capture_id: int) -> CaptureRow | None:
    """One capture; None where there is none of this id."""
    row = db.conn.execute(f"{_ROW} WHERE id = ?", (capture_id,)).fetchone()
    return capture_row(row) if row else None


def rows_where(db: Database, where: str, values: Sequence[Any]) -> Iterator[CaptureRow]:
    """Captures that meet a condition of ours."""
    return map(capture_row, db.conn.execute(f"{_ROW} WHERE {where}", values))


def in_article_order(db: Database, site: str | None) -> Iterator[CaptureRow]:
    """Every archived capture, those of one article together and its lead first.

    With `site`, those of its articles, and those of its addresses that gave none. The ids are read at once (8 bytes
    each), the rows one by one, so that what is cleaned again meanwhile does not disturb the walk.
    """
    ids = array("q", (row[0] for row in db.conn.execute(_ORDER, {"site": site})))
    for capture_id in ids:
        row = row_of(db, capture_id)
        if row and (site is None or row.article_id is not None or site_of(row.url) == site):
            yield row


def capture_row(row: tuple[Any, ...]) -> CaptureRow:
    """A row of `_ROW`'s columns as a record."""
    file, offset, length = row[-3:]
    return CaptureRow(*(*row[:-3], None if file is None else Location(file, offset, length)))
