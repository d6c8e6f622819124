"""The bridge between a crawl, which waits for the network in one thread, and the cleaners, which are a plain map.

A thread feeds the map and takes what it gives; everything else, the archive above all, stays in the crawl's thread.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from scraper.pipeline import Job

if TYPE_CHECKING:
    from archive.model import Outcome
    from scraper.pipeline import CleanMap

WINDOW = 64  #: pages that wait to be cleaned; whoever fetches waits then
_TICK = 0.03  # seconds without a page after which what is clean is handed out


class Cleaning:
    """Pages go in at `put`, and `settle` is called with each and its outcome, in their order."""

    def __init__(self, clean: CleanMap, settle: Callable[[Job[Any], Outcome], None]) -> None:
        self._clean, self._settle = clean, settle
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Semaphore(WINDOW)
        self._jobs: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()
        self._awaited: dict[int, asyncio.Future[None]] = {}
        self._ended = asyncio.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="cleaning", daemon=True)
        self._thread.start()

    async def put(self, job: Job[Any], *, settled: bool) -> None:
        """Hand in a page, and wait until it is settled where that is asked. Raises what ended the cleaning."""
        await self._room.acquire()
        self._check()
        if not settled:
            self._jobs.put(job)
            return
        self._awaited[id(job)] = asked = self._loop.create_future()
        self._jobs.put(job)
        await asked
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

    def _settled(self, job: Job[Any], outcome: Outcome) -> None:
        self._room.release()
        if self._error is None:
            try:
                self._settle(job, outcome)
            except Exception as error:  # told to whoever puts or finishes
                self._error = error
        self._tell(self._awaited.pop(id(job), None))

    def _failed(self, error: BaseException) -> None:
        self._error = self._error or error
        for _ in range(WINDOW):
            self._room.release()
        for asked in self._awaited.values():
            self._tell(asked)

    @staticmethod
    def _tell(asked: asyncio.Future[None] | None) -> None:
        if asked is not None and not asked.done():
            asked.set_result(None)

    # What follows runs in the thread.

    def _work(self) -> None:
        with suppress(RuntimeError):  # the loop was closed: the run broke, and nobody waits for these pages
            try:
                for job, outcome in self._clean(self._given()):
                    self._loop.call_soon_threadsafe(self._settled, job, outcome)
            except BaseException as error:  # told in the crawl's thread
                self._loop.call_soon_threadsafe(self._failed, error)
            self._loop.call_soon_threadsafe(self._ended.set)

    def _given(self) -> Iterator[Job[Any] | None]:
        while True:
            try:
                job = self._jobs.get(timeout=_TICK)
            except queue.Empty:
                yield None
            else:
                if job is None:
                    return
                yield job
