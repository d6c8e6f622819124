"""What a crawl is handed: the time, the network, the cleaners. Everything that a test or a simulation replaces.

A simulated month runs with a clock of its own: `now` is its time, and `sleep` returns when that time has come,
without waiting. Whatever the network brings is dated by this clock, so the archive holds the simulated times too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Protocol

from archive.model import Outcome

if TYPE_CHECKING:
    from scraper.fetch.client import Fetched, Request
    from scraper.pipeline import CleanMap, Pace
    from scraper.rules.discovery import Habits

#: Does one exchange: no redirects are followed, and nothing is raised for what a server does.
Fetch = Callable[["Request"], Awaitable["Fetched"]]


class Clock(Protocol):
    """The time of a crawl."""

    def now(self) -> float:
        """Seconds since the epoch."""

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds have gone by. May be cancelled."""


class WallClock:
    """The time of day."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Look(Protocol):
    """Who looks on: a live table, a log, or nobody."""

    def __call__(self, source: str, what: str, n: int = 1) -> None:
        """Something happened for a source: an ending, `request`, `list`, `queued`."""

    def tell(self, source: str, line: str) -> None:
        """A line that a person needs to read, also in cron."""


class Unseen:
    """Nobody looks on."""

    def __call__(self, source: str, what: str, n: int = 1) -> None:
        """Pass."""

    def tell(self, source: str, line: str) -> None:
        """Pass."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The edges of a crawl. `fetch_http2` is for sources that want it; where it is None they get `fetch`."""

    clock: Clock
    fetch: Fetch
    clean: CleanMap
    pace: Pace
    habits: Habits
    fetch_http2: Fetch | None = None
    random: Random = field(default_factory=lambda: Random(0))  # noqa: S311  # jitter, no secret
    look: Look = field(default_factory=Unseen)
    watch: Callable[[str, Outcome | None], None] = lambda _source, _outcome: None
