"""When a list of addresses (a feed, a sitemap, a front page) is read again. Pure; times are seconds since the epoch.

A list that the settings name is read as often as they allow, and less often while it brings nothing: at most an
eighth of the usual time between two articles goes by, and never more than six hours. A sitemap that another one names
is read while it is alive. Once it brought nothing and holds nothing young it retires, whatever it is called: then it
is read again when its index says that it changed, and otherwise after a month, then after two, four, eight and twelve.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from scraper.crawl.visits import DAY, HOUR

ListKind = Literal["feed", "sitemap", "front"]

LONGEST = 6 * HOUR
ALIVE = 7 * DAY  #: a sitemap that holds something younger is alive
RETIRED = 30 * DAY  #: until the next look at one that is not, doubled each time ...
LONGEST_RETIRED = 365 * DAY  #: ... up to this
RETRIES = (0.0, HOUR, 6 * HOUR, DAY)  #: after failures in a row; 0 is the next run
PER_RUN = 60  #: sitemaps named by sitemaps that a source reads in a run, the most promising first
EARLY = 60.0  #: what is due in less is read now: cron is never on the second ...
EARLY_SHARE = 0.1  #: ... nor is a list's turn in a run: what was read late in the last one is due in this one too,
EARLIEST = 600.0  #: ... up to so many seconds


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a list. `named_by` is the sitemap that names it, None where the settings do.

    `said`: when its index says that it changed; `newest`: the youngest date in it; `idle`: readings in a row that
    brought no new address; `digest`: of what it held.
    """

    url: str
    kind: ListKind
    named_by: str | None = None
    said: float | None = None
    checked: float | None = None
    newest: float | None = None
    idle: int = 0
    failures: int = 0
    digest: str | None = None
    next_check: float | None = None
    retired: str | None = None  #: why, for people


@dataclass(frozen=True, slots=True)
class Read:
    """What a reading brought: `unchanged` where the server said so or the bytes are the same; `fresh` addresses that
    were never seen; `failed` where it could not be read as a list, `unserved` where its host served nothing."""

    fresh: int = 0
    newest: float | None = None
    digest: str | None = None
    unchanged: bool = False
    failed: bool = False
    unserved: bool = False
    same_as: str | None = None  #: another list that holds the same bytes


def is_due(known: Known, now: float) -> bool:
    """Whether a list is to be read now."""
    if known.checked is None:
        return True
    if known.named_by is not None and known.said is not None and known.said > known.checked:
        return True
    if known.next_check is None:
        return True
    early = max(EARLY, min(EARLY_SHARE * (known.next_check - known.checked), EARLIEST))
    return known.next_check <= now + early


def after(known: Known, read: Read, now: float, every: float, gap: float | None) -> Known:
    """What is known of a list after it was read. `every` and `gap` are of its source: the shortest time between two
    readings, and the usual time between two articles (None where too few are known)."""
    if read.failed:
        failures = known.failures + 1
        # A host in trouble is left alone by its manners; once it is back, its lists are what it is asked for first.
        wait = max(every, 0.0 if read.unserved else RETRIES[min(failures, len(RETRIES)) - 1])
        return replace(known, checked=now, failures=failures, next_check=now + wait)
    newest = known.newest if read.unchanged else read.newest
    idle = 0 if read.fresh else known.idle + 1
    done = replace(known, checked=now, failures=0, newest=newest, idle=idle, digest=read.digest or known.digest)
    retired = _retires(done, read, now)
    wait = _wait(idle, every, gap) if retired is None else _rest(known)
    return replace(done, retired=retired, next_check=now + wait)


def _rest(known: Known) -> float:
    """How long one that retires is left alone: twice as long as it was before the last look, if it was retired then."""
    if known.retired is None or known.next_check is None or known.checked is None:
        return RETIRED
    return min(max(2 * (known.next_check - known.checked), RETIRED), LONGEST_RETIRED)


def _retires(known: Known, read: Read, now: float) -> str | None:
    """Only a list that another names can retire: it is not missed while that is read."""
    if known.named_by is None:
        return None
    if known.kind == "feed":
        return "an older page of a feed"
    if read.same_as is not None:
        return f"holds the same as {read.same_as}"
    if read.fresh or (known.newest is not None and now - known.newest < ALIVE):
        return None
    if known.newest is None and known.idle < 3:
        return None
    return "holds nothing young, and brought nothing new"


def _wait(idle: int, every: float, gap: float | None) -> float:
    """A source that is to be read at each run is; another one less often while it brings nothing."""
    if not every:
        return 0.0
    longest = max(every, min(LONGEST, LONGEST if gap is None else gap / 8))
    return float(min(every * 1.5 ** min(max(0, idle - 3), 40), longest))  # 40: it idles for years, floats end


def chosen(lists: Iterable[Known], now: float, floor: float, limit: int = PER_RUN) -> list[Known]:
    """Of sitemaps that an index names, those to read now, the most promising first, at most `limit`.

    Passed over are those whose index says that they were last changed before `floor`, the day from which the source
    is kept.
    """
    due = [each for each in lists if is_due(each, now) and (each.said is None or each.said >= floor)]
    due.sort(key=_promise, reverse=True)
    return due[:limit]


def _promise(known: Known) -> tuple[bool, float, float, str]:
    """Changed lately, held something young, then by name: `sitemap-2026-11` before `sitemap-2019-02`."""
    return known.retired is None, known.said or known.newest or 0.0, -(known.checked or 0.0), known.url
