"""HTTP/2, and several requests at once to one host: a real nginx over TLS, and what its log says of our manners."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
import trustme
from nginx_site import PROGRAM, Hit, Paper, serving, trusting

import scraper.crawl.run
from archive.db.crawlrows import SourceCounts
from archive.moments import iso
from archive.store import Archive
from archive.verify import verify
from scraper.crawl.ports import Ports, WallClock
from scraper.crawl.run import Options, crawl
from scraper.crawl.stop import Stop
from scraper.fetch.client import Client, Fetched, Request
from scraper.pipeline import finish_orphans
from scraper.rules.discovery import Habits
from scraper.settings import Source

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="nginx is not installed")

NAMES = ["uno", "dos", "tres", "cuatro", "cinco"]
DELAY = 0.25
SLACK = 0.1  #: a busy machine makes nginx see a request so much later than it was sent
SLOW = 1_500  #: bytes a second, after so many in a burst: a page takes over a second


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trusted(authority: trustme.CA) -> ssl.SSLContext:
    return trusting(authority)


@pytest.fixture
def paper(tmp_path: Path, authority: trustme.CA, request: pytest.FixtureRequest) -> Iterator[Paper]:
    (tmp_path / "site").mkdir()
    with serving(tmp_path / "site", authority, NAMES, getattr(request, "param", 0)) as found:
        yield found


Crawled = Callable[..., Counter[str]]


@dataclass
class Counted:
    """A fetch that knows how many of an article's requests are under way, and tells when so many are."""

    fetch: Callable[[Request], Awaitable[Fetched]]
    wanted: int
    reached: Callable[[], None]
    under_way: int = 0

    async def __call__(self, request: Request) -> Fetched:
        self.under_way += "noticia" in request.url
        if self.under_way == self.wanted:
            asyncio.get_running_loop().call_later(0.1, self.reached)
        try:
            return await self.fetch(request)
        finally:
            self.under_way -= "noticia" in request.url


@pytest.fixture
def crawled(tmp_path: Path, trusted: ssl.SSLContext, clean: Any, habits: Habits) -> Crawled:
    """Crawl sources once, in real time; returns the endings of all. Stopped once `stop_at` pages are under way."""
    agent, clock = "hemeroteca/0 (+mailto:test@paper.example)", WallClock()

    async def go(archive: Archive, sources: tuple[Source, ...], stop_at: int) -> tuple[SourceCounts, ...]:
        stop = Stop(clock, None)
        async with (
            Client(lambda: iso(clock.now()), agent, tls=trusted) as plain,
            Client(lambda: iso(clock.now()), agent, tls=trusted, http2=True) as modern,
        ):
            one, other = (Counted(client.fetch, stop_at, stop.ask) for client in (plain, modern))
            ports = Ports(clock, one, clean, lambda: True, habits, fetch_http2=other, random=Random(1))
            return await crawl(archive, sources, ports, Options(), stop)

    def once(*sources: Source, stop_at: int = 99) -> Counter[str]:
        with Archive.open(tmp_path / "archive", lambda: iso(clock.now())) as archive:
            archive.start_run("hemeroteca crawl")
            finish_orphans(archive, clean, lambda: True, lambda *_: None)
            counts = asyncio.run(go(archive, sources, stop_at))
            archive.finish_run("ok")
        assert list(verify(tmp_path / "archive")) == []
        return Counter({ending: n for source in counts for (ending, _), n in source.counts.items()})

    return once


def source_of(paper: Paper, **more: Any) -> Source:
    given = {"delay": DELAY, "every": 0.0} | more
    return Source("paper", f"{paper.url}/", feeds=(f"{paper.url}/rss.xml",), allow_private=True, **given)


def most_at_once(hits: list[Hit]) -> int:
    """How many requests were under way at one moment."""
    return max(sum(o is hit or o.began <= hit.began < o.ended for o in hits) for hit in hits)


@pytest.mark.parametrize("http2", [False, True])
def test_a_source_is_asked_in_the_protocol_that_it_wants(
    crawled: Crawled, paper: Paper, http2: bool, tmp_path: Path
) -> None:
    assert crawled(source_of(paper, http2=http2)) == {"new": len(NAMES)}
    hits = paper.hits()
    assert {hit.protocol for hit in hits} == {"HTTP/2.0" if http2 else "HTTP/1.1"}
    assert len({hit.connection for hit in hits}) == 1
    assert most_at_once(hits) == 1
    assert all(after.began - before.ended >= DELAY - SLACK for before, after in pairwise(hits))
    assert Counter(hit.path for hit in hits).most_common(1)[0][1] == 1
    with Archive.read(tmp_path / "archive") as reader:
        rebuilt = reader.db.conn.execute("SELECT DISTINCT rebuilt FROM captures").fetchall()
    assert rebuilt == [(1 if http2 else 0,)]


@pytest.mark.parametrize("paper", [SLOW], indirect=True)
@pytest.mark.parametrize("http2", [False, True])
def test_several_requests_at_once_keep_their_distance_and_ask_for_robots_once(
    crawled: Crawled, paper: Paper, http2: bool
) -> None:
    assert crawled(source_of(paper, http2=http2, connections=3)) == {"new": len(NAMES)}
    hits = paper.hits()
    assert 2 <= most_at_once(hits) <= 3
    assert all(after.began - before.began >= DELAY - SLACK for before, after in pairwise(hits))
    assert Counter(hit.path for hit in hits).most_common(1)[0][1] == 1
    assert len({hit.connection for hit in hits if "noticia" in hit.path}) == (1 if http2 else most_at_once(hits))


@pytest.mark.parametrize("paper", [SLOW], indirect=True)
def test_the_source_that_wants_the_fewest_at_once_is_heard(crawled: Crawled, paper: Paper) -> None:
    careful = Source("other", f"{paper.url}/", sections=(f"{paper.url}/noticia-uno.html",), allow_private=True)
    crawled(source_of(paper, connections=3), replace(careful, delay=DELAY))
    assert most_at_once(paper.hits()) == 1


@pytest.mark.parametrize("paper", [700], indirect=True)
@pytest.mark.parametrize("http2", [False, True])
def test_a_run_stopped_with_several_under_way_leaves_nothing_half_written(
    crawled: Crawled, paper: Paper, http2: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = source_of(paper, http2=http2, connections=3)
    monkeypatch.setattr(scraper.crawl.run, "GRACE", 0.2)
    stopped = crawled(source, stop_at=3)
    assert stopped["waiting"] >= 3
    stored = stopped["new"]
    before = len(paper.hits())
    assert sum(not hit.whole for hit in paper.hits()) >= 2, "they were cut off"
    monkeypatch.undo()
    assert crawled(replace(source, delay=0.0))["new"] == len(NAMES) - stored
    again = Counter(hit.path for hit in paper.hits()[before:])
    assert sum(n for path, n in again.items() if "noticia" in path) == len(NAMES) - stored
    with Archive.read(tmp_path / "archive") as reader:
        assert reader.db.conn.execute("SELECT count(*) FROM articles").fetchone() == (len(NAMES),)
