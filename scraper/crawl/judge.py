"""What a run does with an address that a list names: fetch it, and why, or end it at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass

from scraper.crawl.endings import Ending
from scraper.crawl.traps import caught
from scraper.crawl.visits import LATE, Why, worth_at


@dataclass(frozen=True, slots=True)
class Named:
    """An address as a list names it, in its canonical form; dates are seconds since the epoch, as the list has them."""

    url: str
    published: float | None = None
    lastmod: float | None = None
    day: float | None = None  #: that the address itself names

    @property
    def born(self) -> float | None:
        """When it was published, as far as anybody says; what was changed at a time is at most as old."""
        known = [moment for moment in (self.published, self.day) if moment is not None]
        return min(known) if known else None

    @property
    def youngest(self) -> float | None:
        """The latest moment it can have been published at, None where nobody says."""
        return self.lastmod if self.born is None else self.born


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier runs know of an address. `vain`: visits that a list asked for since one last found a change."""

    visits: int
    fetched: float | None
    first: float | None
    next_visit: float | None
    ending: Ending | None
    source: str
    vain: int = 0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a run may fetch of a source: nothing from before `floor`, unless it is a backfill; no stopped pattern."""

    source: str
    floor: float
    stopped: Set[str] = frozenset()
    excluded: Callable[[str], str | None] = lambda _: None  #: the pattern that leaves an address out, or None
    backfill: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Fetch it (`why`), or it ended here (`ending`, with the pattern where it was left out by one).

    `again`: it is worth a visit from then on.
    """

    why: Why | None = None
    ending: Ending | None = None
    pattern: str = ""
    again: float | None = None


def judge(named: Named, past: Past | None, bounds: Bounds, now: float) -> Verdict:
    """What to do with an address that a list names."""
    pattern = left_out(named.url, bounds)
    if pattern is not None:
        return Verdict(ending=Ending.FILTERED, pattern=pattern)
    if past is None or not past.visits:
        return _unvisited(named, past, bounds)
    if past.source != bounds.source:
        return Verdict(ending=Ending.KNOWN)
    if past.next_visit is not None and past.next_visit <= now + LATE:
        return Verdict(Why.LOOK)
    first, fetched = past.first or 0.0, past.fetched or 0.0
    worth = worth_at(named.lastmod, fetched, first, now, trusted=not past.vain)
    if worth is not None and worth <= now + LATE:
        return Verdict(Why.TOLD)
    return Verdict(ending=Ending.KNOWN, again=worth)


def left_out(url: str, bounds: Bounds) -> str | None:
    """The pattern that leaves an address out: the source's own, or one that was stopped as a trap."""
    return bounds.excluded(url) or caught(url, bounds.stopped)


def _unvisited(named: Named, past: Past | None, bounds: Bounds) -> Verdict:
    if past is not None and past.ending is Ending.WAITING and past.source != bounds.source:
        return Verdict(ending=Ending.KNOWN)
    old = named.youngest is not None and named.youngest < bounds.floor
    if old and not bounds.backfill:
        return Verdict(ending=Ending.TOO_OLD)
    return Verdict(Why.BACKFILL if old else Why.NEW)


def order(why: Why, youngest: float | None, nth: int) -> tuple[int, float, int]:
    """Where a visit stands in its host's queue: new articles, the newest first, then looks, then the backfill.

    `nth` is its place in its list. What has no date is taken for new: front pages and feeds name the newest first.
    """
    rank = {Why.NEW: 1, Why.TOLD: 2, Why.LOOK: 2, Why.BACKFILL: 3}[why]
    return rank, -(youngest if youngest is not None else float("inf")), nth
