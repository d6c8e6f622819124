"""One run of a crawl: the composition root. Clock, network and cleaners are handed in (`ports.Ports`).

Each host has a line of tasks and one worker at it; lists come before pages, and what a list names joins the line. So
hosts are asked side by side, each politely, and nothing is ever fetched that is not next in line. Cleaning goes on in
the workers' processes meanwhile, and one writer, this thread, stores what comes of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archive.db.crawlnotes import crawl_note
from archive.db.crawlrows import AddressRow, SourceCounts, SourceRow
from archive.moments import seconds_of
from scraper.crawl.authorities import Authorities
from scraper.crawl.cleaning import Cleaning
from scraper.crawl.desks import Desk, Desks
from scraper.crawl.endings import Ending
from scraper.crawl.judge import Bounds
from scraper.crawl.lists import PER_RUN
from scraper.crawl.net import Net
from scraper.crawl.pages import Pages
from scraper.crawl.places import Places
from scraper.crawl.ports import Ports
from scraper.crawl.running import Running
from scraper.crawl.settling import Settling
from scraper.crawl.stop import Stop
from scraper.crawl.work import PlaceTask, Task, Work
from scraper.fetch.politeness import host_of
from scraper.rules.addresses import within

if TYPE_CHECKING:
    from archive.store import Archive
    from scraper.settings import Source

GRACE = 6.0  #: seconds of real time that exchanges under way get once the end is asked for
LAST_PAGES = 3.0  #: seconds that the cleaners get then; what they do not reach is cleaned by the next run
MOST_NOTED = 5_000  #: addresses of a source that wait, in the note of a run


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked of a run. `floor`: how far back to go, where that was said (seconds since the epoch).

    `forced`: read all lists, due or not. `backfill`: pages of each source that are made up for, of those before its
    first day. `max_pages`: pages of each source, besides what `sources.toml` allows. `released`: stopped patterns that
    are let go, for good; what waited under them is fetched.
    """

    forced: bool = False
    floor: float | None = None
    backfill: int = 0
    max_pages: int | None = None
    released: tuple[str, ...] = ()


async def crawl(
    archive: Archive, sources: Sequence[Source], ports: Ports, options: Options, stop: Stop
) -> tuple[SourceCounts, ...]:
    """Crawl sources within an open run of the archive, and return what became of each.

    Ends when nothing is left to do, when `stop` is reached, or with what broke it: an ArchiveError, whatever the
    cleaners raise. Until then everything fetched is archived. Call `finish_run` afterwards.
    """
    run = _Run(archive, ports, options, stop)
    try:
        for source in sources:
            run.begin(source)
        await run.work_off()
    finally:
        run.note()
    return tuple(running.counts for running in run.running)


class _Run:
    """The parts of a run, joined."""

    def __init__(self, archive: Archive, ports: Ports, options: Options, stop: Stop) -> None:
        self._archive, self._ports, self._options, self._stop = archive, ports, options, stop
        self._released = [archive.crawl.release(pattern, ports.clock.now()) for pattern in options.released]
        self._desks = Desks(archive.crawl, ports, stop)
        self._work = Work()
        net = Net(archive, self._desks, ports)
        authorities = Authorities(archive.crawl, net)
        self._stopped = {row.pattern for row in archive.crawl.stopped()}
        self._settling = Settling(archive, ports, self._stopped)
        self._cleaning = Cleaning(ports.clean, self._settling.cleaned)
        self._places = Places(archive.crawl, net, authorities, self._work)
        self._pages = Pages(archive, net, authorities, self._work, self._settling, self._cleaning)
        self._started = ports.clock.now()
        self._attending: dict[str, Desk] = {}
        self._workers: dict[asyncio.Task[None], Task | None] = {}
        self._sources: list[SourceRow] = []
        self.running: list[Running] = []

    def begin(self, source: Source) -> None:
        """Put what is due of a source in line."""
        options, habits = self._options, self._ports.habits.addresses
        pages = source.max_pages if options.max_pages is None else min(source.max_pages, options.max_pages)

        def excluded(url: str) -> str | None:
            if self._archive.forgets(url):
                return "forgotten"
            return source.filtered(url) or (None if within(url, source.url, habits) else "another site")

        floor = self._floor(source)
        bounds = Bounds(source.name, floor, self._stopped, excluded, backfill=options.backfill > 0)
        running = Running(source, bounds, self._ports.look, pages, PER_RUN, options.backfill)
        self.running.append(running)
        for url in (source.url, *source.places):
            # before anybody is asked: its delay counts for all who share the host
            self._attending[host_of(url)] = self._desks.at(url, source)
        self._pages.begin(running)
        self._places.begin(running, forced=options.forced)

    def _floor(self, source: Source) -> float:
        """The moment before which a source is not kept: set at its first crawl, then lowered only where it is asked."""
        state, now = self._archive.crawl, self._ports.clock.now()
        row, asked = state.source(source.name), self._options.floor
        if row is None:
            row = SourceRow(source.name, now, first_moment(source, now) if asked is None else asked)
        elif asked is not None:
            row = replace(row, floor=min(row.floor, asked))
        row = replace(row, last_run=now)
        state.put_source(row)
        self._sources.append(row)
        return row.floor

    async def work_off(self) -> None:
        """Let workers stand at each line until nothing is open, or the end has come; then until all is clean."""
        stopper = asyncio.create_task(self._hurry())
        try:
            self._hire()
            while self._workers:
                done, _ = await asyncio.wait(self._workers, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    del self._workers[each]
                    if not each.cancelled():
                        each.result()
            await self._cleaning.finish(LAST_PAGES if self._stop.asked else None)
        finally:
            for each in (stopper, *self._workers):
                each.cancel()
            await asyncio.gather(stopper, *self._workers, return_exceptions=True)

    async def _hurry(self) -> None:
        """Once the end is asked for, wake who waits, and let nobody take longer than `GRACE`."""
        await self._stop.wait()
        self._work.wake()
        await asyncio.sleep(GRACE)
        for each in self._workers:
            each.cancel()

    def _hire(self) -> None:
        """Workers for each line that has none."""
        for host in self._work.unattended():
            desk = self._attending.get(host)
            for _ in range(desk.connections if desk else 1):
                self._workers[asyncio.create_task(self._stand(host))] = None

    async def _stand(self, host: str) -> None:
        """Do the tasks of a host, one after the other."""
        try:
            while not (self._stop.reached or self._work.over):
                task = self._work.take(host)
                if task is None:
                    await self._work.changed(host)
                else:
                    await self._do(task)
        finally:
            self._work.wake()

    async def _do(self, task: Task) -> None:
        try:
            if isinstance(task, PlaceTask):
                await self._places.read(task)
                if self._ports.pace():
                    self._archive.commit()
            else:
                await self._pages.visit(task)
        finally:
            self._hire()
            self._work.done()

    def note(self) -> None:
        """Write down what the run knows beyond its pages, for the next one and for a rebuild."""
        self._desks.note()
        for running in self.running:
            running.finish()
        self._archive.commit()
        counts = [running.counts for running in self.running]
        waiting = [row for running in self.running for row in self._waiting(running.name)]
        patterns = [*self._released, *self._settling.newly_stopped]
        data = crawl_note(self._archive.run_key, counts, self._sources, patterns, waiting)
        self._archive.note("crawl", data)

    def _waiting(self, source: str) -> Iterator[AddressRow]:
        """The addresses that this run found and left for a later one."""
        rows = self._archive.crawl.unvisited(source, Ending.WAITING, MOST_NOTED)
        return (row for row in rows if row.first_seen >= self._started)


def first_moment(source: Source, now: float) -> float:
    """The moment from which the first crawl takes articles: the beginning of its first day, UTC."""
    moment = seconds_of(source.first_day(datetime.fromtimestamp(now, UTC).date()).isoformat())
    assert moment is not None
    return moment
