"""A crawl of the invented world, run after run, in a time that passes faster than ours.

The clock is handed to the crawl as any clock is; it runs `pace` times as fast as the real one, so that the moments in
nginx's log tell, times the pace, how long the crawl really waited.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from archive.alarms import Alarm
from archive.moments import iso
from archive.store import Archive
from bench.world import pages
from bench.world.check import Stretch
from bench.world.site import Site
from bench.world.stories import SECTIONS, Paper
from scraper.crawl.ports import Ports
from scraper.crawl.run import Options, crawl
from scraper.crawl.stop import Stop
from scraper.fetch.client import Client
from scraper.health.watch import after_crawl, opened
from scraper.pipeline import Cleaner, finish_orphans
from scraper.rules.discovery import load_habits
from scraper.settings import Source
from scraper.workers import clean_all

DELAY = 2.0  #: seconds of the world, as `sources.toml` would say


class FastClock:
    """A clock of the world: it stands at `start` (seconds since the epoch) when made, and runs `pace` times as fast."""

    def __init__(self, start: float, pace: float) -> None:
        self._start, self._pace, self._began = start, pace, time.time()

    def now(self) -> float:
        """Seconds since the epoch, of the world."""
        return self._start + (time.time() - self._began) * self._pace

    async def sleep(self, seconds: float) -> None:
        """Wait, a `pace`th as long."""
        await asyncio.sleep(seconds / self._pace)


@dataclass(slots=True)
class Month:
    """A crawl of a site into an archive; `stretches` says when its runs were, `sums` what they came to.

    `alarms` are those that opened, with the minute at which they did, and `ended` those that ended.
    """

    site: Site
    archive: Path
    pace: float
    stretches: list[Stretch] = field(default_factory=list)
    sums: dict[str, int] = field(default_factory=dict)
    unsound: list[str] = field(default_factory=list)
    alarms: list[tuple[int, Alarm]] = field(default_factory=list)
    ended: list[tuple[int, Alarm]] = field(default_factory=list)
    _work: Any = field(default_factory=lambda: Cleaner(None)())
    _tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Each paper as `hemeroteca add` would note it."""
        return tuple(self._source(paper) for paper in self.site.world.papers)

    def _source(self, paper: Paper) -> Source:
        origin = self.site.origin(paper)
        feeds = (origin + pages.feed_path(paper),) if paper.feed != "none" else ()
        sitemaps = (f"{origin}/sitemap.xml",) if paper.sitemap != "none" else ()
        sections = () if feeds or sitemaps else (f"{origin}/", *(f"{origin}/{s}" for s in SECTIONS))
        return Source(paper.ip, f"{origin}/", feeds, sitemaps, sections, every=0.0, delay=DELAY, allow_private=True)

    def run(self, minute: int) -> None:
        """One run of the crawl, begun at a minute of the world, over what the site shows then."""
        self.site.show(minute)
        clock = FastClock(pages.moment(minute).timestamp(), self.pace)
        began = time.time()
        with Archive.open(self.archive, lambda: iso(clock.now())) as archive:
            archive.start_run("hemeroteca crawl")
            finish_orphans(archive, self._clean, _always, lambda *_: None)
            counts = asyncio.run(self._crawl(archive, clock))
            now = clock.now()
            changed = after_crawl(archive, self.sources, now)
            self.alarms += [(minute, alarm) for alarm in opened(changed, now)]
            self.ended += [(minute, alarm) for alarm in changed if alarm.ended is not None]
            archive.finish_run("ok")
        self.stretches.append(Stretch(began, time.time(), self.pace))
        for source in counts:
            if source.seen != sum(source.counts.values()):
                self.unsound.append(f"{source.source} at minute {minute}: {source}")
            for (ending, _), n in source.counts.items():
                self.sums[ending] = self.sums.get(ending, 0) + n

    async def _crawl(self, archive: Archive, clock: FastClock) -> tuple[Any, ...]:
        agent = "hemeroteca/0 (+mailto:month@example.org)"
        async with Client(lambda: iso(clock.now()), agent, tls=self._tls) as client:
            ports = Ports(clock, client.fetch, self._clean, _always, load_habits(), random=Random(1))
            return await crawl(archive, self.sources, ports, Options(), Stop(clock, None))

    def _clean(self, jobs: Any) -> Iterator[Any]:
        return clean_all(jobs, self._work, 0, 60.0)


def _always() -> bool:
    return True


@contextmanager
def progress(runs: Sequence[int], *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A bar for the runs of a month."""
    from rich.progress import Progress

    with Progress(disable=quiet) as bar:
        task = bar.add_task("runs", total=len(runs))
        yield lambda _: bar.advance(task)
