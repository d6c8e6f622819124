"""One desk a host: whoever wants something of it waits here for their turn, as long as its manners ask for.

A host is a name and a port, whatever the scheme and whichever sources lie on it. A desk serves one request at a time
(more only where all its sources say so), and writes down how the host answered.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from archive.db.crawlrows import HostRow
from archive.moments import iso
from scraper.crawl.ports import Fetch, Ports
from scraper.crawl.stop import Stop
from scraper.fetch.politeness import LONGEST_DELAY, Answer, Manners, host_of

if TYPE_CHECKING:
    from archive.db.crawl import CrawlState
    from scraper.fetch.client import Fetched, Request
    from scraper.settings import Source

PATIENCE = LONGEST_DELAY  #: seconds that a run waits for a host; one that asks for more is left for a later run

_NO_ANSWER = frozenset({"connect", "time", "disconnect", "protocol"})


class Desk:
    """Where a host is asked."""

    def __init__(self, row: HostRow, delay: float, connections: int, ports: Ports, stop: Stop) -> None:
        self._row = row
        self._ports, self._stop = ports, stop
        self.served = False  #: whether the host served anything in this run
        self.connections = connections
        self._turns: asyncio.Semaphore | None = None
        self._troubles = 0  #: answers that were errors, or asked for patience
        self.manners = Manners(
            delay, row.next_at or 0.0, row.answer, row.failures, row.pushed, row.rests, row.resting_until or 0.0
        )

    def asked_for(self, delay: float | None) -> None:
        """Wait at least so long between two requests."""
        self.manners = self.manners.asked_for(delay)

    def at_most(self, connections: int) -> None:
        """Another source wants no more requests under way than these; heard until the first is made."""
        self.connections = min(self.connections, connections)

    @property
    def closed(self) -> bool:
        """Whether the host is left alone for this run."""
        return self.manners.wait(self._ports.clock.now()) > PATIENCE

    async def ask(self, request: Request, fetch: Fetch) -> Fetched | None:
        """One exchange, when its turn has come; None where the host is left alone, or the run ends before."""
        if self._turns is None:
            self._turns = asyncio.Semaphore(self.connections)
        async with self._turns:
            if not await self._turn():
                return None
            started, before, troubles = self._ports.clock.now(), self.manners, self._troubles
            self.manners = asking = before.begun(started)
            fetched = await fetch(request)
            if fetched.failure != "refused":
                self._answered(answer_of(fetched), troubles)
            elif self.manners is asking:
                self.manners = before  # nobody was asked
            return replace(fetched, exchange=replace(fetched.exchange, started=iso(started)))

    def _answered(self, answer: Answer, troubles: int) -> None:
        """Mind an answer. One that was asked for before another went wrong says nothing of how the host is now."""
        bad = answer.in_vain
        if bad or troubles == self._troubles:
            self.manners = self.manners.after(answer, self._ports.clock.now(), self._ports.random)
        self._troubles += bad
        self.served = self.served or not bad

    async def _turn(self) -> bool:
        """Wait for it; whether it came."""
        while True:
            wait = self.manners.wait(self._ports.clock.now())
            if wait > PATIENCE or self._stop.within(wait):
                return False
            if wait <= 0:
                return True
            await self._stop.pause(wait)

    @property
    def row(self) -> HostRow:
        """What is kept of the host until the next run."""
        m = self.manners
        return replace(
            self._row,
            next_at=m.next_at or None,
            answer=m.answer,
            failures=m.failures,
            pushed=m.pushed,
            rests=m.rests,
            resting_until=m.resting_until or None,
        )


def answer_of(fetched: Fetched) -> Answer:
    """How a host answered: an answer that broke off, or that was none, counts as no answer."""
    status = None if fetched.failure in _NO_ANSWER else fetched.status
    return Answer(status, fetched.exchange.milliseconds / 1000, fetched.header("Retry-After"))


class Desks:
    """The desks of a run, each opened when it is first needed."""

    def __init__(self, state: CrawlState, ports: Ports, stop: Stop) -> None:
        self._state, self._ports, self._stop = state, ports, stop
        self._open: dict[str, Desk] = {}

    def at(self, url: str, source: Source) -> Desk:
        """The desk for an address, as a source wants it to be asked; the longest delay that anybody wants counts, and
        the fewest requests at once."""
        host = host_of(url)
        if host not in self._open:
            row = self._state.host(host)
            self._open[host] = Desk(row, source.delay, source.connections, self._ports, self._stop)
        self._open[host].asked_for(source.delay)
        self._open[host].at_most(source.connections)
        return self._open[host]

    def note(self) -> None:
        """Write down how the hosts answered."""
        for desk in self._open.values():
            self._state.put_host(desk.row)
