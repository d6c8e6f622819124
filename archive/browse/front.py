"""The front page in figures, all from tables the writer keeps up: what came in, what grows, what went silent."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlite_utils import Database

from archive.alarms import Alarm
from archive.browse import runs
from archive.browse.plot import Count, Plot, plot
from archive.browse.sql import mappings
from archive.db.health import Health

DAYS = 30
_RUNS = 8
_ENOUGH = 5  # columns of a plot
_MONTH = re.compile(r"(?!0000)\d{4}-(0[1-9]|1[0-2])", re.ASCII)

_TOTALS = """
SELECT coalesce((SELECT n FROM tallies WHERE kind = 'all'), 0) AS articles, (SELECT count(*) FROM runs) AS runs,
       (SELECT min(day) FROM daily WHERE day >= '0001') AS earliest,
       (SELECT max(day) FROM daily WHERE day >= '0001' AND day <= :today) AS latest
"""
_NEWEST_DAY = "SELECT max(day) FROM daily WHERE day <= ? AND length(day) = 10"
_DAILY = "SELECT day, site, n FROM daily WHERE day BETWEEN ? AND ? AND length(day) = 10"
# The newest periods that have articles: an archive of old papers has long gaps, which are left out.
_BY_PERIOD = """
SELECT substr(day, 1, :length) AS period, site, sum(n) FROM daily
WHERE period IN (SELECT DISTINCT substr(day, 1, :length) FROM daily
                 WHERE length(day) >= :length AND day <= :today AND day GLOB '[0-9][0-9][0-9][0-9]*'
                 ORDER BY 1 DESC LIMIT :most)
  AND length(day) >= :length AND day <= :today GROUP BY 1, 2
"""
# One step in the index for each site, to its newest.
_SITES = """
SELECT value, coalesce(substr(
  (SELECT max(published) FROM articles WHERE site = tallies.value AND published < :after), 1, 10), ''), n
FROM tallies WHERE kind = 'site'
"""
_LATEST = """
SELECT id, title, site, published, language, substr(text, 1, 200) AS text FROM articles WHERE superseded_by IS NULL
ORDER BY id DESC LIMIT 12
"""


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site in figures: articles of the last week and month there are, of the week before, its newest day, and all."""

    site: str
    week: int
    week_before: int
    month: int
    last: str
    articles: int

    @property
    def trend(self) -> str:
        """What became of it from one week to the next, in a word; empty where too little is there to say."""
        if self.week + self.week_before < 4:
            return ""
        if self.week > 1.5 * self.week_before:
            return "growing"
        return "fewer" if self.week < self.week_before / 2 else ""


@dataclass(frozen=True, slots=True)
class Front:
    """Everything on the front page."""

    totals: Mapping[str, Any]
    newest: str  #: the day of the newest article, from which days are counted back
    plot: Plot | None
    sites: tuple[SiteRow, ...]
    silent: tuple[SiteRow, ...]
    runs: tuple[Mapping[str, Any], ...]
    sources: tuple[Mapping[str, Any], ...]
    alarms: tuple[Alarm, ...]  #: that are open and not muted; those nobody has heard first
    latest: tuple[Mapping[str, Any], ...]


def front(conn: sqlite3.Connection, today: str) -> Front:
    """The front page. `today` is a day: what claims to be of a later one is not plotted."""
    newest = conn.execute(_NEWEST_DAY, (today,)).fetchone()[0]
    days = _days_until(newest or today)
    counts = [tuple(row) for row in conn.execute(_DAILY, (days[0], days[-1]))]
    rows = _site_rows(counts, days, [tuple(row) for row in conn.execute(_SITES, {"after": today + "\U0010ffff"})])
    return Front(
        mappings(conn.execute(_TOTALS, {"today": today}))[0] | {"sites": len(rows)},
        days[-1] if days else today,
        _plot(conn, counts, days, today),
        tuple(sorted(rows, key=lambda row: (-row.month, row.site))[:40]),
        tuple(sorted((row for row in rows if not row.week), key=lambda row: (not row.last, row.last, row.site))[:20]),
        tuple(runs.runs(conn, None)[:_RUNS]),
        tuple(runs.crawled(conn)),
        tuple(sorted(_unmuted(conn, today), key=lambda alarm: not alarm.loud(today))),
        tuple(mappings(conn.execute(_LATEST))),
    )


def _unmuted(conn: sqlite3.Connection, today: str) -> list[Alarm]:
    found = Health(Database(conn, execute_plugins=False)).alarms()
    return [alarm for alarm in found if not alarm.muted(today)]


def _days_until(newest: str) -> tuple[str, ...]:
    try:
        last = date.fromisoformat(newest)
    except ValueError:  # a page may claim the 31st of February
        last = date.fromisoformat(newest[:8] + "01") if _MONTH.fullmatch(newest[:7]) else date(1970, 2, 1)
    return tuple((last - timedelta(days=back)).isoformat() for back in range(DAYS - 1, -1, -1) if last.year > 1)


def _plot(conn: sqlite3.Connection, counts: Sequence[Count], days: Sequence[str], today: str) -> Plot | None:
    """By day where the last month has articles on enough of them, else by month, else by year."""
    if len({day for day, _, _ in counts}) >= _ENOUGH:
        return plot(counts, days, "day")
    for unit, length in (("month", 7), ("year", 4)):
        rows = [tuple(row) for row in conn.execute(_BY_PERIOD, {"length": length, "today": today, "most": DAYS})]
        periods = sorted({period for period, _, _ in rows})
        if len(periods) >= _ENOUGH or (unit == "year" and rows):
            return plot(rows, periods, unit, gaps=True)
    return None


def _site_rows(counts: Sequence[Count], days: Sequence[str], sites: Sequence[tuple[str, str, int]]) -> list[SiteRow]:
    week, before = set(days[-7:]), set(days[-14:-7])
    sums: dict[str, list[int]] = {site: [0, 0, 0] for site, _, _ in sites}
    for day, site, n in counts:
        if site in sums:
            sums[site][0] += n * (day in week)
            sums[site][1] += n * (day in before)
            sums[site][2] += n
    return [
        SiteRow(site, week=sums[site][0], week_before=sums[site][1], month=sums[site][2], last=last, articles=n)
        for site, last, n in sites
    ]
