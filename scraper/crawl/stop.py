"""The end of a run before its work is done: somebody asks for it, or its time is up."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from scraper.crawl.ports import Clock


class Stop:
    """Asked for by a signal, or reached at `deadline` (seconds since the epoch, None for never)."""

    def __init__(self, clock: Clock, deadline: float | None) -> None:
        self._clock = clock
        self._deadline = deadline
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """End the run: nothing more is begun."""
        self._asked.set()

    @property
    def asked(self) -> bool:
        """Whether somebody asked for the end."""
        return self._asked.is_set()

    def within(self, seconds: float) -> bool:
        """Whether the end will have come in so many seconds."""
        return self.asked or (self._deadline is not None and self._clock.now() + seconds >= self._deadline)

    @property
    def reached(self) -> bool:
        """Whether nothing more is to be begun."""
        return self.within(0.0)

    async def wait(self) -> None:
        """Return when somebody asks for the end."""
        await self._asked.wait()

    async def pause(self, seconds: float) -> None:
        """Sleep so long, or until somebody asks for the end."""
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        asked = asyncio.ensure_future(self._asked.wait())
        try:
            await asyncio.wait((sleeping, asked), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (sleeping, asked):
                each.cancel()
                with suppress(asyncio.CancelledError):
                    await each
