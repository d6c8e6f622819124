"""What is to be done in a run: a line for each host, the most urgent first."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from archive.db.crawlrows import AddressRow, ListRow
from scraper.crawl.judge import order
from scraper.crawl.running import Running
from scraper.crawl.visits import Why

TRIES = 3  #: of one address in one run, where the server fails or asks for patience


@dataclass(frozen=True, slots=True)
class PlaceTask:
    """Read a list."""

    running: Running
    row: ListRow

    @property
    def url(self) -> str:
        """Its address."""
        return self.row.url

    @property
    def urgency(self) -> tuple[int, float, int]:
        """Lists come before pages, those that the settings name before those that others do."""
        return (0, 0.0 if self.row.named_by is None else 1.0, 0)


@dataclass(frozen=True, slots=True)
class PageTask:
    """Visit an address. `nth` is its place in its list; `tries` counts those of this run."""

    running: Running
    row: AddressRow
    why: Why
    youngest: float | None = None
    nth: int = 0
    tries: int = 0

    @property
    def url(self) -> str:
        """Its address."""
        return self.row.url

    @property
    def urgency(self) -> tuple[int, float, int]:
        """New articles first, then looks, then the backfill."""
        return order(self.why, self.youngest, self.nth)


Task = PlaceTask | PageTask


@dataclass
class Line:
    """The tasks of a host."""

    heap: list[tuple[tuple[int, float, int], int, Task]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    attended: bool = False


class Work:
    """The lines of a run. A task is open from `put` to `done`; when none is, `over` is true and everybody is told."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._open = 0
        self._number = count()

    @property
    def over(self) -> bool:
        """Whether no task is open: those that are could still bring others."""
        return self._open == 0

    def unattended(self) -> Iterator[str]:
        """The hosts whose lines nobody stands at; from now on somebody does."""
        for host, line in list(self._lines.items()):
            if not line.attended:
                line.attended = True
                yield host

    def put(self, host: str, task: Task) -> None:
        """Open a task."""
        line = self._lines.setdefault(host, Line())
        heapq.heappush(line.heap, (task.urgency, next(self._number), task))
        self._open += 1
        line.changed.set()

    def take(self, host: str) -> Task | None:
        """The most urgent task of a host; None where there is none now."""
        line = self._lines[host]
        if line.heap:
            return heapq.heappop(line.heap)[2]
        line.changed.clear()
        return None

    def done(self) -> None:
        """Close a task."""
        self._open -= 1
        if self.over:
            self.wake()

    def wake(self) -> None:
        """Tell everybody who waits for a task to look again."""
        for line in self._lines.values():
            line.changed.set()

    async def changed(self, host: str) -> None:
        """Return when there may be a task, or nothing more is to come."""
        await self._lines[host].changed.wait()
