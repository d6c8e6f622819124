"""Captures of what was fetched: their columns, what a revisit may refer to, and fetches that brought nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.db import captures, runs
from archive.db.captures import Identity, Recorded
from archive.db.rows import storable
from archive.errors import ArchiveError
from archive.model import Exchange, Location, Purpose, Wire
from archive.reasons import Reason
from archive.warc import Answer, Original, Record, Wired, locate, read_at

_SAME_PAYLOAD = """
SELECT id FROM captures WHERE payload_digest = ? AND url = ? AND status = ? AND revisit_of IS NULL
  AND warc_file IS NOT NULL AND purpose IS NOT NULL AND truncated IS NULL ORDER BY id LIMIT 1
"""
_NEWEST = """
SELECT coalesce(revisit_of, id) FROM captures WHERE url = ? AND status = 200
  AND warc_file IS NOT NULL AND purpose IS NOT NULL AND truncated IS NULL ORDER BY captured_at DESC LIMIT 1
"""
_REFERRED = """
SELECT warc_file, warc_offset, warc_length FROM captures WHERE payload_digest = ? AND url = ? AND captured_at = ?
  AND revisit_of IS NULL AND warc_file IS NOT NULL ORDER BY id LIMIT 1
"""
_FAILED = """
INSERT OR IGNORE INTO captures (source, url, captured_at, reason, error, run_id, dated_by, source_name, purpose, ip,
                                milliseconds, protocol, tls, truncated, rebuilt, via, hops)
VALUES (?, ?, ?, ?, ?, ?, 'fetch', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_WIRE = ("purpose", "ip", "milliseconds", "protocol", "tls", "truncated", "rebuilt", "via", "hops")


def wire_of(exchange: Exchange, purpose: Purpose) -> Wire:
    """What the row of an exchange tells of how it went."""
    return Wire(purpose, **{name: getattr(exchange, name) for name in _WIRE if name != "purpose"})


def columns_of(wired: Wired) -> tuple[Any, ...]:
    """The columns of a capture from `purpose` on."""
    key = (wired.payload_digest, storable(wired.url), wired.refers_to)
    return (*wire_columns(wired.wire), *(key if wired.refers_to is not None else (None, None, None)))


def wire_columns(wire: Wire) -> tuple[Any, ...]:
    """The columns from `purpose` to `hops`."""
    values = (getattr(wire, name) for name in _WIRE)
    return tuple(storable(value) if isinstance(value, str) else value for value in values)


def identity_of(wired: Wired) -> Identity:
    """What makes it the same capture; see `captures.identity_of`."""
    return wired.payload_digest, storable(wired.source), storable(wired.url), wired.captured_at


def recorded(wired: Wired, at: Location, run_id: int) -> Recorded:
    """The row of an exchange that is no page to be cleaned."""
    columns = (
        storable(wired.source),
        storable(wired.url),
        wired.captured_at,
        wired.status,
        str(wired.reason),
        storable(wired.error) if wired.error else None,
        run_id,
        at.file,
        at.offset,
        at.length,
        wired.payload_digest,
        "fetch",
        wired.media_type,
        storable(wired.source_name) if wired.source_name else None,
        None,
        *columns_of(wired),
    )
    return Recorded(identity_of(wired), columns, storable(wired.url), at.file, at.offset, run_id, None, ())


def original(db: Database, folder: Path, url: str, answer: Answer) -> Original | None:
    """The record on the disk that holds what came back already; None where there is none that can be read."""
    if answer.status == 304:
        found = db.conn.execute(_NEWEST, (storable(url),)).fetchone()
    elif answer.payload and answer.frame.complete and answer.reason is not Reason.NOARCHIVE:
        found = db.conn.execute(_SAME_PAYLOAD, (answer.digest, storable(url), answer.status)).fetchone()
    else:
        return None
    capture = captures.row_of(db, found[0]) if found else None
    if capture is None or capture.location is None:
        return None
    at = capture.location
    try:
        referred = Original.of(read_at(locate(folder, at.file), at.offset, at.length))
    except ArchiveError:
        return None  # what is damaged is written again
    return referred if referred.payload_digest == capture.payload_digest else None


def referred(db: Database, folder: Path, wired: Wired) -> Record | None:
    """The record whose payload a revisit stands for; None where it has no row, or cannot be read."""
    found = db.conn.execute(_REFERRED, (wired.payload_digest, storable(wired.url), wired.refers_to)).fetchone()
    if found is None:
        return None
    at = Location(*found)
    try:
        return read_at(locate(folder, at.file), at.offset, at.length)
    except ArchiveError:
        return None


def failed_note(
    exchange: Exchange, source_name: str | None, purpose: Purpose, reason: Reason, run_key: str
) -> dict[str, Any]:
    """The data of an `unanswered` note: a fetch that brought nothing."""
    wire = dict(zip(_WIRE, wire_columns(wire_of(exchange, purpose)), strict=True))
    return {
        "run": run_key,
        "url": storable(exchange.url),
        "captured_at": exchange.started,
        "reason": str(reason),
        "error": storable(exchange.error) if exchange.error else None,
        "source_name": source_name and storable(source_name),
        **wire,
    }


def apply_unanswered(db: Database, data: Mapping[str, Any], _at: str) -> None:
    """An `unanswered` note: a capture without a record."""
    wire = [data[name] for name in _WIRE]
    told = (data["url"], data["url"], data["captured_at"], data["reason"], data["error"])
    db.conn.execute(_FAILED, (*told, runs.id_of(db, data["run"]), data["source_name"], *wire))
