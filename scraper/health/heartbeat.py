"""The heartbeat: whether crawls end as often as they should. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from archive.alarms import Alarm, Code
from archive.moments import iso
from scraper.health.finding import span

MISSED = 2.0  #: times the timetable: one run may be missed
GRACE = 900.0  #: seconds that a run may take longer than the one before
LEAST = 3600.0  #: seconds; sources that want every run say nothing of a timetable


def late(last: float | None, since: float, every: Sequence[float], now: float) -> Alarm | None:
    """An alarm where no crawl has ended for more than twice the time after which the busiest source is due.

    `last` is when the last crawl ended, `since` when there was first something to crawl; seconds since the epoch.
    """
    if not every:
        return None
    limit = MISSED * max(min(every), LEAST) + GRACE
    silent = now - (since if last is None else last)
    if silent <= limit:
        return None
    ended = "no crawl has ever ended" if last is None else f"the last crawl ended {span(silent)} ago"
    said = f"{ended}; one is due every {span(max(min(every), LEAST))}"
    return Alarm(Code.NO_RUN, "", since=iso(now), last=iso(now), evidence=said)
