"""A source while a run is on: what it may fetch, what it has seen, and how each of its addresses ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.db.crawlrows import SourceCounts
from scraper.crawl.endings import Ending, Tally, eaten_by
from scraper.crawl.judge import Bounds
from scraper.crawl.ports import Look

if TYPE_CHECKING:
    from scraper.settings import Source


@dataclass
class Running:
    """One source in one run. `pages_left` and `lists_left` are its budgets; `lists` counts what became of its lists."""

    source: Source
    bounds: Bounds
    look: Look
    pages_left: int
    lists_left: int
    backfill_left: int = 0
    older_pages: int = 0  #: of feeds, that were asked for
    tally: Tally = field(default_factory=Tally)
    lists: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    received: int = 0
    began: float | None = None
    ended: float | None = None
    _lists: set[str] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)
    _quiet: set[str] = field(default_factory=set)
    _ended: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """Its name in `sources.toml`."""
        return self.source.name

    def takes(self, url: str) -> bool:
        """Whether a list is taken up: each once a run, however many others name it."""
        fresh = url not in self._lists
        self._lists.add(url)
        return fresh

    def see(self, key: str) -> bool:
        """An address is named, or due; whether it is so for the first time in this run."""
        if key in self._seen:
            return False
        self._seen.add(key)
        self.tally.see()
        return True

    def hush(self, key: str) -> None:
        """A list names a known address and says nothing new of it; another list may, until the run ends."""
        self._quiet.add(key)

    def wake(self, key: str) -> bool:
        """Whether an address was only named by lists that say nothing new of it; from now on it is not so."""
        quiet = key in self._quiet and key not in self._ended
        self._quiet.discard(key)
        return quiet

    def end(self, key: str, ending: Ending, pattern: str = "") -> None:
        """An address came to this; what it came to first counts, and only where this run saw it."""
        if key in self._ended or key not in self._seen:
            return
        self._ended.add(key)
        self.tally.end(ending, pattern)
        self.look(self.name, ending.value)

    def finish(self) -> None:
        """End what is left over: it is known, or waits for a later run."""
        for key in sorted(self._seen - self._ended):
            self.end(key, Ending.KNOWN if key in self._quiet else Ending.WAITING)

    def asked(self, received: int, started: float, ended: float) -> None:
        """A request was made."""
        self.requests += 1
        self.received += received
        self.began = started if self.began is None else self.began
        self.ended = ended
        self.look(self.name, "request")

    def read(self, became: str) -> None:
        """A list was read: `read`, `unchanged`, `failed`; or it could not be asked for in this run: `left`."""
        self.lists[became] += 1
        self.look(self.name, "list")

    @property
    def lists_read(self) -> int:
        """How many lists were asked for."""
        return self.lists.total() - self.lists["left"]

    @property
    def counts(self) -> SourceCounts:
        """What is kept of it in the run's rows."""
        counts = {(ending.value, ""): n for ending, n in self.tally.endings.items() if ending is not Ending.FILTERED}
        counts |= {(Ending.FILTERED.value, pattern): n for pattern, n in self.tally.patterns.items()}
        seconds = (self.ended or 0.0) - (self.began or 0.0)
        return SourceCounts(
            source=self.name,
            seen=self.tally.seen,
            lists=self.lists_read,
            failed_lists=self.lists["failed"],
            requests=self.requests,
            bytes=self.received,
            seconds=round(seconds, 3),
            remark=self.remark,
            counts=counts,
        )

    @property
    def remark(self) -> str:
        """Of a source that brought nothing new: which step ate it; empty where something came."""
        endings = self.tally.endings
        if endings[Ending.NEW] or endings[Ending.CHANGED]:
            return ""
        step = eaten_by({ending.value: n for ending, n in endings.items()})
        if step not in (None, Ending.KNOWN.value):
            return f"nothing new: {endings[Ending(step)]} of {self.tally.seen} addresses: {step}"
        return f"nothing new: {self._lists_said}"

    @property
    def _lists_said(self) -> str:
        """What the lists of a source gave, where no address of theirs was fetched in vain."""
        total = self.lists_read
        if not total and self.lists["left"]:
            return f"{self.lists['left']} lists left for later: host or time did not allow it"
        if not total:
            return "no list was due"
        if self.lists["failed"]:
            return f"{self.lists['failed']} of {total} lists failed"
        if self.lists["unchanged"] == total:
            return "no list has changed"
        if self.tally.seen:
            return f"all {self.tally.seen} addresses are known"
        return "the lists name no address"
