"""What a crawl knows from one run to the next. Changes wait in memory and are seen at once.

`Archive.commit` flushes them in the transaction that stores the captures, so that what is known of an address and
what was captured of it never contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any, Generic, TypeVar

from sqlite_utils import Database

from archive.db.crawlrows import (
    AddressRow,
    CapturedRow,
    HostRow,
    ListRow,
    PatternRow,
    RobotsRow,
    ShapeRow,
    SourceCounts,
    SourceRow,
    Table,
)
from archive.moments import iso, seconds_of

Row = TypeVar("Row")

_DUE = "WHERE source = ? AND next_visit <= ? ORDER BY next_visit, key LIMIT ?"
_UNVISITED = """
WHERE source = ? AND visits = 0 AND ending = ? ORDER BY published DESC LIMIT ?
"""
_LEFT_OUT = """
WHERE ending = 'filtered' AND (shape = ? OR ident = ?)
"""
_CAPTURED = """
SELECT captured_at, status, coalesce(cleanings.reason, captures.reason), content_hash, coalesce(words, 0)
FROM captures JOIN cleanings ON capture_id = captures.id
WHERE url = ? AND captured_at > ? ORDER BY captured_at DESC LIMIT 1
"""
_UNVISITED_SINCE = """
WHERE source = ? AND visits = 0 AND ending = ? AND published >= ? ORDER BY published DESC LIMIT ?
"""
_GAP = """
SELECT min(published), max(published), count(*)
FROM (SELECT published FROM crawl_addresses WHERE source = ? AND fetched IS NOT NULL AND published IS NOT NULL
      ORDER BY fetched DESC LIMIT ?)
"""


class _Buffered(Generic[Row]):
    """A table with the rows that wait to be stored."""

    def __init__(self, db: Database, table: Table[Row]) -> None:
        self._db = db
        self.table = table
        self.waiting: dict[tuple[Any, ...], Row] = {}

    def put(self, row: Row) -> None:
        self.waiting[self.table.key_of(row)] = row

    def get(self, where: str, *key: Any) -> Row | None:
        if key in self.waiting:
            return self.waiting[key]
        row = self._db.conn.execute(f"{self.table.select} WHERE {where}", key).fetchone()
        return None if row is None else self.table.record(row)

    def find(self, where: str, *values: Any) -> Iterator[Row]:
        """Stored rows; those that wait are left out, since they were changed in this run."""
        for row in self._db.conn.execute(f"{self.table.select} {where}", values).fetchall():
            record = self.table.record(row)
            if self.table.key_of(record) not in self.waiting:
                yield record

    def flush(self) -> None:
        self._db.conn.executemany(self.table.put, map(self.table.values, self.waiting.values()))


class CrawlState:
    """The crawl's tables, for the one writer of an archive."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._addresses = _Buffered(db, Table("crawl_addresses", AddressRow))
        self._lists = _Buffered(db, _LISTS)
        self._hosts = _Buffered(db, Table("crawl_hosts", HostRow))
        self._robots = _Buffered(db, Table("crawl_robots", RobotsRow))
        self._sources = _Buffered(db, Table("crawl_sources", SourceRow))
        self._patterns = _Buffered(db, _PATTERNS)
        self._shapes = _Buffered(db, Table("crawl_shapes", ShapeRow))

    @property
    def _tables(self) -> tuple[_Buffered[Any], ...]:
        return (
            self._addresses,
            self._lists,
            self._hosts,
            self._robots,
            self._sources,
            self._patterns,
            self._shapes,
        )

    @property
    def waits(self) -> bool:
        """Whether anything is to be stored."""
        return any(table.waiting for table in self._tables)

    def flush(self) -> None:
        """Store what waits; runs inside a transaction. Once that is committed, call `stored`."""
        for table in self._tables:
            table.flush()

    def stored(self) -> None:
        """Let go of what was flushed and committed."""
        for table in self._tables:
            table.waiting = {}

    def address(self, key: str) -> AddressRow | None:
        """What is known of an address."""
        return self._addresses.get("key = ?", key)

    def put_address(self, row: AddressRow) -> None:
        """Note what is known of an address now."""
        self._addresses.put(row)

    def due(self, source: str, until: str, limit: int) -> Iterator[AddressRow]:
        """Addresses whose next visit is due until a moment, the longest overdue first."""
        stored, latest = self._addresses.find(_DUE, source, until, limit), seconds_of(until) or 0.0
        return self._and_waiting(stored, limit, lambda row: row.source == source and _is_due(row, latest))

    def unvisited(self, source: str, ending: str, limit: int) -> Iterator[AddressRow]:
        """Addresses that were never fetched and ended so, the newest first, those without a date last."""
        stored = self._addresses.find(_UNVISITED, source, ending, limit)
        return self._and_waiting(stored, limit, lambda row: _is_unvisited(row, source, ending))

    def unvisited_since(self, source: str, ending: str, since: str, limit: int) -> Iterator[AddressRow]:
        """Those of them that were published since a moment."""
        stored, first = self._addresses.find(_UNVISITED_SINCE, source, ending, since, limit), seconds_of(since) or 0.0
        return self._and_waiting(
            stored, limit, lambda row: _is_unvisited(row, source, ending) and (row.published or 0.0) >= first
        )

    def _and_waiting(
        self, stored: Iterator[AddressRow], limit: int, fits: Callable[[AddressRow], bool]
    ) -> Iterator[AddressRow]:
        """Stored rows, and then those that wait to be stored: of what a release lets go nothing is stored yet."""
        return islice(chain(stored, filter(fits, list(self._addresses.waiting.values()))), limit)

    def same_text(self, content_hash: str, host: str) -> list[AddressRow]:
        """The addresses of a host that carry a text, those of this run too; at most fifty."""
        stored = self._addresses.find("WHERE content_hash = ? AND host = ? LIMIT 50", content_hash, host)
        waiting = (
            row for row in self._addresses.waiting.values() if row.content_hash == content_hash and row.host == host
        )
        return [*stored, *waiting]

    def gap(self, source: str, sample: int = 50) -> float | None:
        """The usual time between two articles of a source, of its last so many; None where too few are known."""
        first, last, n = self._db.conn.execute(_GAP, (source, sample)).fetchone()
        begin, end = seconds_of(first), seconds_of(last)
        return None if n < 5 or begin is None or end is None else (end - begin) / (n - 1)

    def list_(self, source: str, url: str) -> ListRow | None:
        """What is known of a list."""
        key = (url, source)
        if key in self._lists.waiting:
            return self._lists.waiting[key]
        return next(self._lists.find("WHERE url = ? AND source = ?", url, source), None)

    def put_list(self, row: ListRow) -> None:
        """Note what is known of a list now."""
        self._lists.put(row)

    def lists_of(self, source: str, named_by: str) -> list[ListRow]:
        """The lists that a list of a source names, as far as they are known."""
        return list(self._lists.find("WHERE source = ? AND named_by = ?", source, named_by))

    def list_with(self, source: str, digest: str, other_than: str) -> str | None:
        """Another list of a source that held the same bytes."""
        found = self._lists.find("WHERE source = ? AND digest = ? AND url <> ? LIMIT 1", source, digest, other_than)
        return next((row.url for row in found), None)

    def host(self, host: str) -> HostRow:
        """The manners of a host; those of a stranger where it was never asked."""
        return self._hosts.get("host = ?", host) or HostRow(host)

    def put_host(self, row: HostRow) -> None:
        """Note the manners of a host."""
        self._hosts.put(row)

    def robots(self, authority: str) -> RobotsRow | None:
        """What an authority said that it allows."""
        return self._robots.get("authority = ?", authority)

    def put_robots(self, row: RobotsRow) -> None:
        """Note what an authority allows."""
        self._robots.put(row)

    def source(self, source: str) -> SourceRow | None:
        """When a source was first and last crawled."""
        return self._sources.get("source = ?", source)

    def put_source(self, row: SourceRow) -> None:
        """Note when a source was crawled."""
        self._sources.put(row)

    def stopped(self) -> list[PatternRow]:
        """The patterns that are stopped."""
        stored = {row.pattern: row for row in self._patterns.find("WHERE released IS NULL ORDER BY pattern")}
        stored |= {row.pattern: row for row in self._patterns.waiting.values()}
        return [row for row in stored.values() if row.released is None]

    def pattern(self, pattern: str) -> PatternRow | None:
        """A pattern that was stopped once."""
        return self._patterns.get("pattern = ?", pattern)

    def put_pattern(self, row: PatternRow) -> None:
        """Stop a pattern."""
        self._patterns.put(row)

    def release(self, pattern: str, at: float) -> PatternRow:
        """Let a stopped pattern go; the addresses that were left out under it wait for a visit again.

        Raises KeyError where it was never stopped.
        """
        row = self.pattern(pattern)
        if row is None:
            raise KeyError(pattern)
        self.put_pattern(replace(row, released=at))
        for address in self._addresses.find(_LEFT_OUT, pattern, pattern):
            again = {"next_visit": at} if address.visits else {"ending": "waiting"}
            self.put_address(replace(address, **again))
        return replace(row, released=at)

    def shape(self, shape: str) -> ShapeRow:
        """What was counted of a shape."""
        return self._shapes.get("shape = ?", shape) or ShapeRow(shape)

    def put_shape(self, row: ShapeRow) -> None:
        """Note the counts of a shape."""
        self._shapes.put(row)

    def captured(self, url: str, since: float) -> CapturedRow | None:
        """The newest capture of an address whose page was cleaned, where it is younger than `since`."""
        row = self._db.conn.execute(_CAPTURED, (url, iso(since))).fetchone()
        return None if row is None else CapturedRow(seconds_of(row[0]) or 0.0, *row[1:])

    def has_text(self, content_hash: str) -> bool:
        """Whether a text is an article of the archive."""
        query = "SELECT 1 FROM articles WHERE content_hash = ?"
        return self._db.conn.execute(query, (content_hash,)).fetchone() is not None


def _is_due(row: AddressRow, until: float) -> bool:
    return row.next_visit is not None and row.next_visit <= until


def _is_unvisited(row: AddressRow, source: str, ending: str) -> bool:
    return row.source == source and not row.visits and row.ending == ending


_LISTS = Table("crawl_lists", ListRow, keys=2)
_PATTERNS = Table("crawl_patterns", PatternRow)


def put_counts(db: Database, run_id: int, counts: SourceCounts) -> None:
    """Store what a run did for a source, in place of what was noted before."""
    db.conn.execute("DELETE FROM crawl_counts WHERE run_id = ? AND source = ?", (run_id, counts.source))
    numbers = (counts.seen, counts.lists, counts.failed_lists, counts.requests, counts.bytes, counts.seconds)
    db.conn.execute(
        "INSERT OR REPLACE INTO crawl_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (run_id, counts.source, *numbers, counts.remark),
    )
    db.conn.executemany(
        "INSERT INTO crawl_counts VALUES (?, ?, ?, ?, ?)",
        [(run_id, counts.source, ending, pattern, n) for (ending, pattern), n in counts.counts.items() if n],
    )


def counts_of(db: Database, run_id: int) -> list[SourceCounts]:
    """What a run did, source by source."""
    query = """
    SELECT source, seen, lists, failed_lists, requests, bytes, seconds, remark
    FROM crawl_runs WHERE run_id = ? ORDER BY source
    """
    inner = "SELECT ending, pattern, n FROM crawl_counts WHERE run_id = ? AND source = ? ORDER BY ending, pattern"
    found = []
    for source, seen, lists, failed, requests, size, seconds, remark in db.conn.execute(query, (run_id,)).fetchall():
        counts = {(ending, pattern): n for ending, pattern, n in db.conn.execute(inner, (run_id, source))}
        found.append(SourceCounts(source, seen, lists, failed, requests, size, seconds, remark, counts))
    return found


def stopped_patterns(db: Database) -> list[PatternRow]:
    """The patterns that are stopped."""
    query = f"{_PATTERNS.select} WHERE released IS NULL ORDER BY pattern"
    return [_PATTERNS.record(row) for row in db.conn.execute(query).fetchall()]


def last_crawl(db: Database) -> list[SourceCounts]:
    """What the newest run that crawled did, source by source; empty where none did."""
    run_id = db.conn.execute("SELECT max(run_id) FROM crawl_runs").fetchone()[0]
    return [] if run_id is None else counts_of(db, run_id)
