"""The bridge between a crawl, which waits for the network in one thread, and the cleaners, which are a plain map.

A thread feeds the map and takes what it gives; everything else, the archive above all, stays in the crawl's thread.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Generic, TypeVar

from scraper.pipeline import Job

if TYPE_CHECKING:
    from archive.model import Outcome, Page
    from scraper.pipeline import CleanMap

Token = TypeVar("Token")

WINDOW = 64  #: pages that wait to be cleaned; whoever fetches waits then
_TICK = 0.03  # seconds without a page after which what is clean is handed out


class Cleaning(Generic[Token]):
    """Pages go in at `put`, and `settle` is called with what came with each, and its outcome, in their order.

    Only the page travels to the cleaners' processes, without the bytes of the wire, which they have no use for.
    """

    def __init__(self, clean: CleanMap, settle: Callable[[Token, Outcome], None]) -> None:
        self._clean, self._settle = clean, settle
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Semaphore(WINDOW)
        self._jobs: queue.SimpleQueue[Job[int] | None] = queue.SimpleQueue()
        self._tokens: dict[int, tuple[Token, asyncio.Future[None]]] = {}
        self._number = count()
        self._ended = asyncio.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="cleaning", daemon=True)
        self._thread.start()

    async def put(self, page: Page, token: Token, *, settled: bool) -> None:
        """Hand in a page, and wait until it is settled where that is asked. Raises what ended the cleaning."""
        await self._room.acquire()
        self._check()
        number, done = next(self._number), self._loop.create_future()
        self._tokens[number] = token, done
        self._jobs.put(Job(replace(page, message=None), number))
        if settled:
            await done
            self._check()

    async def finish(self, timeout: float | None = None) -> bool:
        """Wait until all pages are settled, at most so many seconds; whether they are."""
        self._jobs.put(None)
        try:
            await asyncio.wait_for(self._ended.wait(), timeout)
        except TimeoutError:
            return False
        self._check()
        return True

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _settled(self, job: Job[int], outcome: Outcome) -> None:
        self._room.release()
        token, done = self._tokens.pop(job.key)
        if self._error is None:
            try:
                self._settle(token, outcome)
            except Exception as error:  # told to whoever puts or finishes
                self._error = error
        if not done.done():
            done.set_result(None)

    def _failed(self, error: BaseException) -> None:
        self._error = self._error or error
        for _, done in self._tokens.values():
            self._room.release()
            if not done.done():
                done.set_result(None)
        self._tokens = {}

    # What follows runs in the thread.

    def _work(self) -> None:
        with suppress(RuntimeError):  # the loop was closed: the run broke, and nobody waits for these pages
            try:
                for job, outcome in self._clean(self._given()):
                    self._loop.call_soon_threadsafe(self._settled, job, outcome)
            except BaseException as error:  # told in the crawl's thread
                self._loop.call_soon_threadsafe(self._failed, error)
            self._loop.call_soon_threadsafe(self._ended.set)

    def _given(self) -> Iterator[Job[int] | None]:
        while True:
            try:
                job = self._jobs.get(timeout=_TICK)
            except queue.Empty:
                yield None
            else:
                if job is None:
                    return
                yield job
