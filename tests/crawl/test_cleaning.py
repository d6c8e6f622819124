"""The bridge to the cleaners, the end of a run, and the lines: what happens when something breaks or is late."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from archive.errors import HemerotecaError
from archive.model import Outcome, Page
from archive.reasons import Reason
from scraper.crawl.cleaning import WINDOW, Cleaning
from scraper.crawl.ports import WallClock
from scraper.crawl.stop import Stop

PAGE = Page("x", b"<p>", "text/html", "2026-11-24T12:00:00Z", "fetch", message=b"HTTP/1.1 200 OK\r\n\r\n<p>")
DONE = Outcome("r", reason=Reason.NO_ARTICLE)


def cleaner(jobs: Any) -> Iterator[tuple[Any, Outcome]]:
    for job in jobs:
        if job is not None:
            assert job.page.message is None, "the bytes of the wire stay at home"
            yield job, DONE


def test_each_page_is_settled_once_with_what_came_with_it() -> None:
    async def run() -> list[int]:
        settled: list[int] = []
        cleaning: Cleaning[int] = Cleaning(cleaner, lambda token, _: settled.append(token))
        for n in range(3 * WINDOW):
            await cleaning.put(PAGE, n, settled=n % 2 == 0)
            assert n % 2 or settled[-1] == n
        assert await cleaning.finish()
        return settled

    assert asyncio.run(run()) == list(range(3 * WINDOW))


@pytest.mark.parametrize("settled", [True, False])
def test_what_breaks_the_cleaners_or_the_archive_reaches_the_run(settled: bool) -> None:
    def broken(jobs: Any) -> Iterator[tuple[Any, Outcome]]:
        for job in jobs:
            if job is not None:
                raise HemerotecaError("the rules are broken")
        yield from ()

    def full(_token: int, _outcome: Outcome) -> None:
        raise HemerotecaError("the disk is full")

    async def run(clean: Any, settle: Any) -> None:
        cleaning: Cleaning[int] = Cleaning(clean, settle)
        for n in range(3 * WINDOW):
            await cleaning.put(PAGE, n, settled=settled)
        await cleaning.finish()

    with pytest.raises(HemerotecaError, match="the rules"):
        asyncio.run(asyncio.wait_for(run(broken, lambda *_: None), 30))
    with pytest.raises(HemerotecaError, match="the disk"):
        asyncio.run(asyncio.wait_for(run(cleaner, full), 30))


def test_a_run_that_must_end_does_not_wait_for_a_page_that_hangs() -> None:
    hold = threading.Event()

    def slow(jobs: Any) -> Iterator[tuple[Any, Outcome]]:
        for job in jobs:
            if job is not None:
                hold.wait(30)
                yield job, DONE

    async def run() -> bool:
        cleaning: Cleaning[int] = Cleaning(slow, lambda *_: None)
        await cleaning.put(PAGE, 1, settled=False)
        return await cleaning.finish(0.2)

    try:
        assert asyncio.run(run()) is False
    finally:
        hold.set()


def test_a_pause_ends_when_the_end_is_asked_for() -> None:
    async def run() -> float:
        stop = Stop(WallClock(), None)
        asyncio.get_running_loop().call_later(0.1, stop.ask)
        began = time.monotonic()
        await stop.pause(60)
        assert stop.reached
        return time.monotonic() - began

    assert asyncio.run(run()) < 10


def test_a_deadline_is_an_end() -> None:
    async def run() -> None:
        clock = WallClock()
        stop = Stop(clock, clock.now() + 100)
        assert not stop.reached
        assert not stop.within(50)
        assert stop.within(150)
        assert Stop(clock, clock.now() - 1).reached

    asyncio.run(run())
