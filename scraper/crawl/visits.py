"""When an address is visited again. Pure; times are seconds since the epoch, spans seconds.

An article is looked at again 1 hour, 6 hours, 1 day and 7 days after it appeared; one that changed, once more after
half its age. So an article costs a handful of looks, and a source as many as it publishes, however large the archive.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scraper.crawl.endings import Ending, Standing

HOUR, DAY = 3600.0, 86400.0
LOOKS = (HOUR, 6 * HOUR, DAY, 7 * DAY)
RETRIES = (HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY)  #: after a first failure or wall; then it is given up
CONFIRM_GONE = HOUR
GONE_STILL_LISTED = 7 * DAY
LATE = 60.0  #: a look that is due in less is had now
YOUNG = 30 * DAY  #: an older article has no looks of its own, even where it changed


class Why(StrEnum):
    """Why an address is fetched in a run."""

    NEW = "new"
    LOOK = "look"  #: a look whose time has come
    TOLD = "told"  #: a list says that it changed
    BACKFILL = "backfill"


@dataclass(frozen=True, slots=True)
class Visited:
    """What is known of an address after a visit that ended `now`.

    `first` is its first visit; `born` when it was published, where a list said so; `stumbles` counts visits in a row
    that failed, were blocked or found no article; `looks` are the ages at which it is seen again.
    """

    first: float
    now: float
    ending: Ending
    standing: Standing | None = None
    born: float | None = None
    stumbles: int = 0
    looks: tuple[float, ...] = LOOKS


def next_visit(visited: Visited) -> float | None:
    """When the next visit is due; None where none is."""
    if visited.standing == "missing":
        return visited.now + CONFIRM_GONE
    if visited.standing == "gone" or visited.ending in (Ending.ROBOTS, Ending.FILTERED):
        return None
    if visited.stumbles:
        return _retry(visited)
    look = _look(visited)
    if visited.ending is Ending.CHANGED:
        look = min(look or float("inf"), _once_more(visited) or float("inf"))
    return None if look == float("inf") else look


def _look(visited: Visited) -> float | None:
    born = _born(visited)
    return next((born + span for span in visited.looks if born + span > visited.now + LATE), None)


def _once_more(visited: Visited) -> float | None:
    age = visited.now - _born(visited)
    return visited.now + max(HOUR, age / 2) if age < YOUNG else None


def _retry(visited: Visited) -> float | None:
    if visited.stumbles > len(RETRIES):
        return None
    if visited.ending is Ending.NOT_ARTICLE and visited.stumbles > 2:
        return None  # a stub may grow, a section page will not
    return visited.now + RETRIES[visited.stumbles - 1]


def _born(visited: Visited) -> float:
    return visited.first if visited.born is None else min(visited.born, visited.first)


def worth_at(told: float | None, visited_at: float, first: float, now: float, *, trusted: bool) -> float | None:
    """From when to believe a list that says that an address changed at `told`; None where it says nothing new.

    It is `trusted` while no visit that it asked for was in vain. A list that says so at every run is believed ever less
    often: the time since the last visit must be half the time that lay between the first one and it, at least an hour.
    """
    if told is None or told <= visited_at or told > now + DAY:
        return None
    return now if trusted else max(visited_at + max(HOUR, (visited_at - first) / 2), told)
