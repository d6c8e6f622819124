"""What of a crawl no capture says and a rebuild needs: one note at the end of each run.

Its counts, when each source began and how far back it goes, the patterns that were stopped or let go, and the
addresses that were found and not fetched yet, which their lists may have dropped by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlite_utils import Database

from archive.db import runs
from archive.db.crawl import put_counts
from archive.db.crawlrows import AddressRow, PatternRow, SourceCounts, SourceRow, Table

_COUNTED = ("source", "seen", "lists", "failed_lists", "requests", "bytes", "seconds", "remark")
_SOURCES = Table("crawl_sources", SourceRow)
_PATTERNS = Table("crawl_patterns", PatternRow)
_ADDRESSES = Table("crawl_addresses", AddressRow)


def crawl_note(
    run_key: str,
    counts: Iterable[SourceCounts],
    sources: Iterable[SourceRow],
    patterns: Iterable[PatternRow],
    waiting: Iterable[AddressRow],
) -> dict[str, Any]:
    """The data of a `crawl` note."""
    return {
        "run": run_key,
        "counts": [
            [*(getattr(each, name) for name in _COUNTED), [[*key, n] for key, n in each.counts.items()]]
            for each in counts
        ],
        "sources": [_SOURCES.values(row) for row in sources],
        "patterns": [_PATTERNS.values(row) for row in patterns],
        "waiting": [_ADDRESSES.values(row) for row in waiting],
    }


def apply_crawl(db: Database, data: Mapping[str, Any], _at: str) -> None:
    """A `crawl` note: its rows; of an address that was visited meanwhile nothing is changed."""
    run_id = runs.id_of(db, data["run"])
    for *numbers, counts in data["counts"]:
        by_ending = {(ending, pattern): n for ending, pattern, n in counts}
        put_counts(db, run_id, SourceCounts(**dict(zip(_COUNTED, numbers, strict=True)), counts=by_ending))
    db.conn.executemany(_SOURCES.put, map(tuple, data["sources"]))
    db.conn.executemany(_PATTERNS.put, map(tuple, data["patterns"]))
    db.conn.executemany(_ADDRESSES.put.replace("OR REPLACE", "OR IGNORE", 1), map(tuple, data["waiting"]))
