"""Which captures a site is learned from, and the table that shows what was learned."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlite_utils import Database

from archive.db.captures import row_of
from archive.db.rows import CaptureRow
from archive.learned import rule_of, site_key

#: Addresses that are looked at of each site, year and media type.
SAMPLE = 60

_CAPTURES = """
SELECT id, url, source_name, substr(captured_at, 1, 4), media_type FROM captures
WHERE payload_digest IS NOT NULL AND article_id IS NOT NULL
ORDER BY captured_at, source, payload_digest
"""


@dataclass(slots=True)
class _Shelf:
    """The addresses with the smallest digests so far: the same sample for the same set, whatever the order."""

    largest: list[tuple[int, str, int]] = field(default_factory=list)  # a heap of (-digest, address, capture)
    held: set[str] = field(default_factory=set)

    def add(self, address: str, capture: int) -> None:
        if address in self.held:
            return
        item = (-int.from_bytes(hashlib.sha256(address.encode()).digest()[:8], "big"), address, capture)
        if len(self.largest) < SAMPLE:
            heapq.heappush(self.largest, item)
        elif item > self.largest[0]:
            self.held.discard(heapq.heappushpop(self.largest, item)[1])
        else:
            return
        self.held.add(address)


def sample(db: Database, site: str | None) -> Iterator[CaptureRow]:
    """The captures that all sites, or one, are learned from: the first of each of a bounded number of addresses.

    Bottom-k sampling (Cohen, Kaplan 2007): those whose address has the smallest digest, of each site, year and media
    type. Only captures that gave an article count.
    """
    shelves: dict[tuple[str, str, str], _Shelf] = {}
    for capture, url, source_name, year, media_type in db.conn.execute(_CAPTURES):
        key = site_key(url, source_name)
        if site is None or key == site:
            shelves.setdefault((key, year, media_type), _Shelf()).add(url, capture)
    ids = sorted(capture for shelf in shelves.values() for _, _, capture in shelf.largest)
    yield from (row for capture in ids if (row := row_of(db, capture)) is not None)


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A row of `learned`. `verdict` is `learned`, or a person's word; the counts are None where only a person spoke."""

    site: str
    mark: str
    text: str
    verdict: str
    articles: int | None = None
    of: int | None = None
    days: int | None = None

    @property
    def rule(self) -> str:
        """The name by which `removals` shows it."""
        return rule_of(self.mark)


def put(db: Database, lines: Iterable[ShownLine]) -> None:
    """Show these lines and no others."""
    db.conn.execute("DELETE FROM learned")
    rows = [(x.site, x.mark, x.rule, x.text, x.verdict, x.articles, x.of, x.days) for x in lines]
    db.conn.executemany("INSERT OR REPLACE INTO learned VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
