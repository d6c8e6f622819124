"""Visiting addresses: allowed or not, fetched, redirects followed, archived, and handed on to be cleaned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archive.db.crawlrows import AddressRow
from archive.db.rows import Kept
from archive.moments import iso
from archive.reasons import FAILURES, Reason
from scraper.crawl.authorities import Authorities
from scraper.crawl.cleaning import Cleaning
from scraper.crawl.endings import RIGHTS, Came, Ending
from scraper.crawl.judge import Named, left_out
from scraper.crawl.moments import day_in
from scraper.crawl.net import REDIRECTS, Net, onward
from scraper.crawl.reservation import Reserved, reserved_by_page
from scraper.crawl.results import Validators, moved, stranger, visited
from scraper.crawl.running import Running
from scraper.crawl.settling import Settling, Visit
from scraper.crawl.visits import LATE, Why
from scraper.crawl.work import TRIES, PageTask, Work
from scraper.fetch.client import Request
from scraper.rules.addresses import is_front, key

if TYPE_CHECKING:
    from archive.store import Archive
    from scraper.fetch.client import Fetched

LIMIT = 16 * 1024 * 1024  #: bytes of a page
QUEUED = 10_000  #: addresses that earlier runs left, put in line at most
LOOKS = 500  #: second looks of a source in a run
_MISSING = 404  # what a redirect to the front page comes to


@dataclass
class Pages:
    """The visits of a run."""

    archive: Archive
    net: Net
    authorities: Authorities
    work: Work
    settling: Settling
    cleaning: Cleaning[Visit]

    def begin(self, running: Running) -> None:
        """Put in line what earlier runs left waiting, what is due for another look, and what is to be made up for."""
        state, now, floor = self.archive.crawl, self.net.ports.clock.now(), iso(running.bounds.floor)
        for row in state.unvisited(running.name, Ending.WAITING, QUEUED):
            self._queue(running, row, Why.NEW)
        for row in state.unvisited_since(running.name, Ending.TOO_OLD, floor, QUEUED):
            self._queue(running, row, Why.NEW)
        for row in state.due(running.name, iso(now + LATE), LOOKS):
            self._queue(running, row, Why.LOOK if row.visits else Why.NEW)
        for row in state.unvisited(running.name, Ending.TOO_OLD, running.backfill_left):
            self._queue(running, row, Why.BACKFILL)

    def _queue(self, running: Running, row: AddressRow, why: Why) -> None:
        if not running.see(row.key):
            return
        pattern = left_out(row.url, running.bounds)
        if pattern is not None:
            self.archive.crawl.put_address(replace(row, ending=Ending.FILTERED, next_visit=None))
            running.end(row.key, Ending.FILTERED, pattern)
        else:
            self.work.put(row.host, PageTask(running, row, why, row.published))

    async def visit(self, task: PageTask) -> None:
        """Visit an address, unless its turn is not now. What came of it is counted when it is clean."""
        running = task.running
        row = self.archive.crawl.address(task.row.key) or task.row
        if task.tries == 0 and self._had(task, row):
            running.end(row.key, Ending.KNOWN)
            return
        if not self._affords(task):
            running.end(row.key, Ending.TOO_OLD if task.why is Why.BACKFILL else Ending.WAITING)
            return
        pattern = left_out(row.url, running.bounds)  # it may have been stopped since it was put in line
        if pattern is not None:
            running.end(row.key, Ending.FILTERED, pattern)
        elif await self._allowed(running, row, row.url):
            self._spend(task, 1)
            await self._fetch(replace(task, row=row))

    def _affords(self, task: PageTask) -> bool:
        left = task.running.pages_left
        return min(left, task.running.backfill_left) > 0 if task.why is Why.BACKFILL else left > 0

    def _spend(self, task: PageTask, pages: int) -> None:
        task.running.pages_left -= pages
        task.running.backfill_left -= pages if task.why is Why.BACKFILL else 0

    def _had(self, task: PageTask, row: AddressRow) -> bool:
        """Whether an address was fetched since it was put in line, or by a run that did not live to write it down."""
        if (row.fetched or 0.0) > (task.row.fetched or 0.0):
            return True
        captured = self.archive.crawl.captured(row.url, row.fetched or 0.0)
        if captured is None or captured.status not in (None, 200):
            return False
        reason = Reason(captured.reason) if captured.reason else None
        came = Came(200, reason, reason in FAILURES, captured.content_hash, captured.words)
        self.archive.crawl.put_address(visited(row, came, captured.at, looks=task.running.source.again))
        return True

    async def _allowed(self, running: Running, row: AddressRow, url: str) -> bool:
        """Whether an authority lets us fetch an address; the visit is over where it does not, or cannot be asked."""
        authority = await self.authorities.of(running, url)
        if authority is None:
            running.end(row.key, Ending.WAITING)
            return False
        reserved = authority.reserved(url)
        said = f"{reserved.what}: {reserved.said}" if reserved else row.reserved
        if authority.robots.access == "none":  # for want of an answer: what is noted of the address stays
            running.end(row.key, Ending.WAITING)
            return False
        if authority.robots.allows(url) and (reserved is None or running.source.take_reserved):
            return True
        self.archive.crawl.put_address(replace(row, ending=Ending.ROBOTS, next_visit=None, reserved=said))
        running.end(row.key, Ending.ROBOTS)
        return False

    async def _fetch(self, task: PageTask) -> None:
        """Fetch an address, and what it leads to."""
        running, row = task.running, task.row
        landed: AddressRow | None = row
        request = Request(
            url=row.url,
            etag=row.etag,
            last_modified=row.last_modified,
            limit_bytes=LIMIT,
            allow_private=running.source.allow_private,
            via=row.via,
            hops="L",
        )
        for hop in range(REDIRECTS + 1):
            fetched = await self.net.ask(running, request)
            if fetched is None:
                self._spend(task, -1)
                return  # it waits; `Running.finish` counts it
            assert landed is not None
            if self._again(task, fetched):
                return
            target = self.net.target(fetched)
            if target is None or hop == REDIRECTS:
                await self._arrived(task, landed, fetched)
                return
            self.net.keep(running, fetched, "page")
            landed = await self._led(running, row, landed, target, fetched)
            if landed is None:
                return
            request = replace(onward(request, target, running), etag=landed.etag, last_modified=landed.last_modified)

    def _again(self, task: PageTask, fetched: Fetched) -> bool:
        """Whether to try again, later: the connection failed, or the server asks for patience.

        In this run, if the host can be asked; in the next one, where all that it was asked in this one was in vain.
        """
        if not (fetched.status in (429, 503) or fetched.failure in ("connect", "disconnect")):
            return False
        desk = self.net.desks.at(fetched.exchange.url, task.running.source)
        now = task.tries + 1 < TRIES and not desk.closed
        if not now and desk.served:
            return False
        self.net.keep(task.running, fetched, "page")
        self._spend(task, -1)
        if now:
            self.work.put(task.row.host, replace(task, tries=task.tries + 1))
        return True  # else it waits; `Running.finish` counts it

    async def _led(
        self, running: Running, row: AddressRow, landed: AddressRow, target: str, fetched: Fetched
    ) -> AddressRow | None:
        """The address a redirect leads to, where that is to be fetched; else the visit is over, and None."""
        habits, now, state = self.net.ports.habits.addresses, self.net.ports.clock.now(), self.archive.crawl
        if is_front(target, habits) and not is_front(row.url, habits):
            self.settling.ended(_visit(running, row, row, now, fetched), Came(_MISSING))
            return None
        pattern = left_out(target, running.bounds)
        if pattern is not None:
            state.put_address(moved(row, target, Ending.FILTERED, now))
            running.end(row.key, Ending.FILTERED, pattern)
            return None
        if not await self._allowed(running, row, target):
            return None
        name = key(target, habits)
        if name == landed.key:
            return replace(landed, url=target, etag=None, last_modified=None)
        known = state.address(name)
        if known is not None and known.visits and not (known.next_visit and known.next_visit <= now + LATE):
            state.put_address(moved(row, target, Ending.DUPLICATE, now))
            running.end(row.key, Ending.DUPLICATE)
            return None
        named = Named(target, row.published, day=day_in(target))
        return known or stranger(name, named, running.name, now, row.url, "redirect")

    async def _arrived(self, task: PageTask, landed: AddressRow, fetched: Fetched) -> None:
        """An answer that leads nowhere else: archived, and cleaned where it is a page."""
        running, now, reason = task.running, self.net.ports.clock.now(), fetched.reason
        if fetched.status == 200 and fetched.head is not None:
            found = reserved_by_page(fetched.head.headers, fetched.body or b"")
            landed = replace(landed, reserved="; ".join(f"{each.what}: {each.said}" for each in found) or None)
            reason = None if running.source.take_reserved else _reason(found)
        visit = replace(_visit(running, task.row, landed, now, fetched), told=task.why is Why.TOLD)
        exchange = replace(fetched.exchange, error=landed.reserved if reason in RIGHTS else fetched.error)
        kept = self.archive.keep_exchange(exchange, running.name, "page", reason, fetched.received)
        if kept.page is None or kept.location is None:
            self.settling.ended(visit, Came(fetched.status, kept.reason, kept.reason in FAILURES))
            return
        visit = replace(visit, kept=Kept(kept.page, kept.location))
        # At a host that is asked in its own pace there is time to learn from each page before the next is asked for.
        await self.cleaning.put(kept.page, visit, settled=running.source.delay > 0)


def _reason(found: tuple[Reserved, ...]) -> Reason | None:
    """Why a page that reserves its rights is not kept."""
    if not found:
        return None
    return Reason.NOARCHIVE if any(each.what == "noarchive" for each in found) else Reason.RESERVED


def _visit(running: Running, row: AddressRow, landed: AddressRow, at: float, fetched: Fetched) -> Visit:
    return Visit(running, row, landed, at, fetched.status, Validators(fetched.etag, fetched.last_modified))
