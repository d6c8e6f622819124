"""Reading lists: feeds, sitemaps, front pages. What they name is judged, noted, and put in line."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from archive.db.crawlrows import AddressRow, ListRow
from archive.moments import seconds_of
from scraper.crawl import lists
from scraper.crawl.authorities import Authorities
from scraper.crawl.desks import answer_of
from scraper.crawl.endings import Ending
from scraper.crawl.judge import Named, judge
from scraper.crawl.lists import Known, ListKind, Read
from scraper.crawl.moments import day_in, latest
from scraper.crawl.net import Net
from scraper.crawl.results import past_of, stranger
from scraper.crawl.running import Running
from scraper.crawl.shared import Shared
from scraper.crawl.visits import DAY, Why
from scraper.crawl.work import PageTask, PlaceTask, Work
from scraper.discover.feed import feed
from scraper.discover.front import front
from scraper.discover.sitemap import sitemap
from scraper.fetch.client import Request
from scraper.fetch.politeness import host_of
from scraper.rules.addresses import key

if TYPE_CHECKING:
    from archive.db.crawl import CrawlState
    from scraper.discover.found import Found, Further, Link
    from scraper.fetch.client import Fetched
    from scraper.rules.discovery import Habits

LIMIT = 64 * 1024 * 1024  #: bytes of a list: a sitemap may have 50 MB (sitemaps.org)
BREATH = 500  #: addresses that are judged at a stretch: a sitemap has up to 50,000
OLDER_PAGES = 10  #: pages of a feed (RFC 5005) that the first crawl goes back

_READERS: dict[str, Callable[[bytes, str, Habits], Found]] = {"feed": feed, "sitemap": sitemap, "front": front}


@dataclass
class Places:
    """The lists of a run."""

    state: CrawlState
    net: Net
    authorities: Authorities
    work: Work
    shared: Shared = field(default_factory=Shared)

    def begin(self, running: Running, *, forced: bool) -> None:
        """Put the lists that the settings name in line: those that are due, or all of them."""
        source, now = running.source, self.net.ports.clock.now()
        named: list[tuple[str, ListKind]] = [(url, "feed") for url in source.feeds]
        named += [(url, "sitemap") for url in source.sitemaps]
        named += [(url, "front") for url in source.fronts]
        for url, kind in dict.fromkeys(named):
            row = self.state.list_(running.name, url)
            row = ListRow(url, running.name, kind) if row is None else replace(row, kind=kind, named_by=None)
            if forced or lists.is_due(known_of(row), now):
                self.put(running, row)

    def put(self, running: Running, row: ListRow) -> None:
        """Put a list in line, once a run."""
        if running.takes(row.url):
            self.shared.want(running, row.url)
            self.work.put(host_of(row.url), PlaceTask(running, row))

    async def read(self, task: PlaceTask) -> None:
        """Read a list. What cannot be asked in this run stays due."""
        running, row = task.running, task.row
        authority = await self.authorities.of(running, row.url)
        if authority is None:
            running.read("left")
            return
        if not authority.robots.allows(row.url):
            unknown = authority.robots.access == "none"
            said = "robots.txt could not be had" if unknown else "robots.txt forbids it"
            self._failed(running, row, said, unserved=unknown)
            return
        request = Request(
            url=row.url,
            etag=row.etag,
            last_modified=row.last_modified,
            limit_bytes=LIMIT,
            allow_private=running.source.allow_private,
            hops="L",
        )
        fetched = await self.shared.get(
            running, row, lambda: self.net.follow(running, request, cast("ListKind", row.kind))
        )
        if fetched is None:
            running.read("left")
        else:
            await self._came(running, row, fetched)

    async def _came(self, running: Running, row: ListRow, fetched: Fetched) -> None:
        if fetched.status == 304:
            self._unchanged(running, row)
        elif fetched.status != 200 or fetched.body is None or fetched.failure not in (None, "length"):
            error = fetched.error or f"the answer was {fetched.status}"
            self._failed(running, row, error, unserved=answer_of(fetched).in_vain)
        else:
            digest = hashlib.sha256(fetched.body).hexdigest()
            validated = replace(row, etag=fetched.etag, last_modified=fetched.last_modified)
            if digest == row.digest:
                self._unchanged(running, validated)
            else:
                url = fetched.exchange.url
                found = await asyncio.to_thread(_READERS[row.kind], fetched.body, url, self.net.ports.habits)
                await self._found(running, validated, found, digest)

    def _unchanged(self, running: Running, row: ListRow) -> None:
        running.read("unchanged")
        self._note(running, replace(row, error=None), Read(unchanged=True))
        self._go_on(running, row, ())

    def _failed(self, running: Running, row: ListRow, error: str, *, unserved: bool = False) -> None:
        running.read("failed")
        self._note(running, replace(row, error=error), Read(failed=True, unserved=unserved))

    async def _found(self, running: Running, row: ListRow, found: Found, digest: str) -> None:
        if found.problem is not None and not found.links and not found.further:
            # without validators: it is no list, and has to be seen again until it is one
            self._failed(running, replace(row, etag=None, last_modified=None), str(found.problem))
            return
        running.read("read")
        now = self.net.ports.clock.now()
        fresh = 0
        for nth, link in enumerate(found.links):
            fresh += self._link(running, link, nth)
            if nth % BREATH == BREATH - 1:
                await asyncio.sleep(0)
        dates = (seconds_of(link.published or link.lastmod) for link in found.links)
        newest = max((date for date in dates if date is not None and date < now + DAY), default=None)
        first = row.checked is None
        same_as = self.state.list_with(running.name, digest, row.url) if row.named_by else None
        said = str(found.problem) if found.problem else None
        self._note(running, replace(row, error=said), Read(fresh, newest, digest, same_as=same_as))
        self._go_on(running, row, found.further if row.kind == "sitemap" or first else ())

    def _note(self, running: Running, row: ListRow, read: Read) -> None:
        """Write down how a reading went, in the same commit as the addresses it brought."""
        now, every = self.net.ports.clock.now(), running.source.every
        after = lists.after(known_of(row), read, now, every, self.state.gap(running.name))
        self.state.put_list(row_of(row, after))

    def _go_on(self, running: Running, row: ListRow, further: Iterable[Further]) -> None:
        """Put the lists that this one names in line, as far as they are due and the budget goes."""
        known = {each.url: each for each in self.state.lists_of(running.name, row.url)}
        for each in further:
            other = known.get(each.url) or self.state.list_(running.name, each.url)
            if other is not None and other.named_by is None:
                continue  # the settings name it themselves
            other = other or ListRow(each.url, running.name, row.kind, row.url)
            known[each.url] = replace(other, named_by=row.url, said=seconds_of(each.lastmod))
        now, limit = self.net.ports.clock.now(), running.lists_left
        if row.kind == "feed":
            limit = min(limit, 1) if running.older_pages < OLDER_PAGES else 0
            running.older_pages += 1
        rows = {each.url: each for each in known.values()}
        for chosen in lists.chosen(map(known_of, known.values()), now, running.bounds.floor, limit):
            running.lists_left -= 1
            self.put(running, rows[chosen.url])

    def _link(self, running: Running, link: Link, nth: int) -> bool:
        """Judge an address; whether nobody has seen it before.

        A feed that names it may say nothing of it where a sitemap says that it changed: each is heard.
        """
        habits = self.net.ports.habits.addresses
        name, now = key(link.url, habits), self.net.ports.clock.now()
        if not running.see(name) and not running.wake(name):
            return False
        named = Named(link.url, latest(link.published), seconds_of(link.lastmod), day_in(link.url))
        known = self.state.address(name)
        verdict = judge(named, past_of(known), running.bounds, now)
        row = known or stranger(name, named, running.name, now, link.via, link.method)
        if verdict.why is not None:
            self._queue(running, row, verdict.why, named, nth, is_known=known is not None)
            return known is None
        assert verdict.ending is not None
        if verdict.ending is Ending.KNOWN:
            running.hush(name)
        else:
            running.end(name, verdict.ending, verdict.pattern)
        if verdict.ending is Ending.TOO_OLD and (known is None or known.ending != Ending.TOO_OLD):
            self.state.put_address(replace(row, ending=Ending.TOO_OLD))
        elif verdict.again is not None and (row.next_visit is None or row.next_visit > verdict.again):
            self.state.put_address(replace(row, next_visit=verdict.again))
        return known is None and verdict.ending is Ending.TOO_OLD

    def _queue(self, running: Running, row: AddressRow, why: Why, named: Named, nth: int, *, is_known: bool) -> None:
        """Note an address and put it in line: should the run end before its turn, the next one finds it."""
        waits = Ending.TOO_OLD if why is Why.BACKFILL else Ending.WAITING
        if not row.visits and (not is_known or row.ending != waits):
            row = replace(row, ending=waits)
            self.state.put_address(row)
        self.work.put(row.host, PageTask(running, row, why, named.youngest, nth))


def known_of(row: ListRow) -> Known:
    """What `lists` needs to know of a list."""
    return Known(
        url=row.url,
        kind=cast("ListKind", row.kind),
        named_by=row.named_by,
        said=row.said,
        checked=row.checked,
        newest=row.newest,
        idle=row.idle,
        failures=row.failures,
        digest=row.digest,
        next_check=row.next_check,
        retired=row.retired,
    )


def row_of(row: ListRow, known: Known) -> ListRow:
    """The row with what a reading changed."""
    return replace(
        row,
        checked=known.checked,
        next_check=known.next_check,
        newest=known.newest,
        idle=known.idle,
        failures=known.failures,
        digest=known.digest,
        retired=known.retired,
    )
