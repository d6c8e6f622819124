"""A simulated time, a site in it, and crawls of it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from crawl_site import NOON, SimulatedClock, Site, serving

from archive.moments import iso
from archive.store import Archive
from scraper.crawl.ports import Ports
from scraper.crawl.run import Options, crawl
from scraper.crawl.stop import Stop
from scraper.fetch.client import Client
from scraper.pipeline import Cleaner, finish_orphans
from scraper.rules.discovery import Habits, load_habits
from scraper.settings import Source
from scraper.workers import clean_all


@pytest.fixture
def clock() -> SimulatedClock:
    assert NOON is not None
    return SimulatedClock(NOON)


@pytest.fixture
def site(clock: SimulatedClock) -> Iterator[Site]:
    with serving(Site(clock.now)) as found:
        yield found


@pytest.fixture(scope="session")
def clean() -> Callable[..., Any]:
    """The real cleaner, in this process."""
    work = Cleaner(None)()
    return lambda jobs: clean_all(jobs, work, 0, 60.0)


@pytest.fixture(scope="session")
def tls() -> ssl.SSLContext:
    """Made once: it takes a while, and nothing here speaks TLS."""
    return ssl.create_default_context()


@pytest.fixture(scope="session")
def habits() -> Habits:
    return load_habits()


class Told:
    """Who looks on, and remembers what was told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, source: str, what: str, n: int = 1) -> None:
        pass

    def tell(self, source: str, line: str) -> None:
        self.lines.append(line)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def run(
    tmp_path: Path, clock: SimulatedClock, clean: Any, habits: Habits, told: Told
) -> Callable[..., dict[str, dict[str, int]]]:
    """Crawl sources once; returns the endings of each."""

    def once(*sources: Source, max_time: float | None = None, **options: Any) -> dict[str, dict[str, int]]:
        async def crawled() -> tuple[Any, ...]:
            async with Client(lambda: iso(clock.now()), "hemeroteca/0 (+mailto:test@paper.example)", tls=tls) as client:
                ports = Ports(
                    clock=clock,
                    fetch=clock.fetching(client.fetch),
                    clean=clean,
                    pace=lambda: True,
                    habits=habits,
                    random=Random(1),
                    look=told,
                )
                stop = Stop(clock, None if max_time is None else clock.now() + max_time)
                return await crawl(archive, sources, ports, Options(**options), stop)

        with Archive.open(tmp_path / "archive", lambda: iso(clock.now())) as archive:
            archive.start_run("hemeroteca crawl")
            finish_orphans(archive, clean, lambda: True, lambda *_: None)
            counts = asyncio.run(crawled())
            archive.finish_run("ok")
        for source in counts:
            assert source.seen == sum(source.counts.values()), source
        return {
            source.source: {
                ending + (f" {pattern}" if pattern else ""): n for (ending, pattern), n in source.counts.items()
            }
            for source in counts
        }

    return once


@pytest.fixture
def paper(site: Site) -> Source:
    """The source of the site: one feed."""
    site.write_feed()
    return Source("paper", site.url + "/", feeds=(f"{site.url}/rss.xml",), allow_private=True, delay=2.0)
