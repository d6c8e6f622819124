"""Articles over time as columns, a piece a site: pure figures, which a template draws."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

Count = tuple[str, str, int]  #: day (or month, or year), site ('' where none), articles
WIDTH, HEIGHT = 720, 180
_NAMED = 6  # sites with a colour of their own; the rest together
_COLUMNS = 60  # of a plot without gaps
_ENOUGH = 4  # articles with a date, for a plot of them
_PERIOD = re.compile(r"(?!0000)\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of a column of the plot, in its units (`WIDTH` by `HEIGHT`, y downwards)."""

    x: float
    y: float
    width: float
    height: float
    colour: int  #: place in `Plot.sites`
    says: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Columns of articles by day, one piece a site; `sites` from the largest on, the last one may be all others."""

    bars: tuple[Bar, ...]
    sites: tuple[str, ...]
    days: tuple[str, ...]  #: or months, or years
    most: int
    unit: str
    gaps: bool = False  #: whether days (or months, or years) that have no articles were left out
    undated: int = 0  #: articles that have no place on it


def plot(counts: Iterable[Count], days: Sequence[str], unit: str, *, gaps: bool = False) -> Plot:
    """Stack the counts of each day; the largest sites have a colour each, the others share the last one."""
    totals: dict[str, int] = {}
    counts = list(counts)
    for _, site, n in counts:
        totals[site] = totals.get(site, 0) + n
    ranked = sorted(totals, key=lambda site: (-totals[site], site))
    named = ranked[:_NAMED]
    by_day: dict[str, list[int]] = {day: [0] * (_NAMED + 1) for day in days}
    for day, site, n in counts:
        if day in by_day:
            by_day[day][named.index(site) if site in named else _NAMED] += n
    most = max(map(sum, by_day.values()), default=0) or 1
    labels = [site or "no site" for site in named] + (["all others"] if len(ranked) > _NAMED else [])
    step = WIDTH / len(days)
    bars = []
    for column, day in enumerate(days):
        top = float(HEIGHT)
        for colour, n in enumerate(by_day[day]):
            if n:
                height = n * HEIGHT / most
                top -= height
                says = f"{day}: {labels[colour]}, {n}"
                bars.append(
                    Bar(round(column * step + 1, 2), round(top, 2), round(step - 2, 2), round(height, 2), colour, says)
                )
    return Plot(tuple(bars), tuple(labels), tuple(days), most, unit, gaps)


def over_time(dated: Iterable[tuple[str | None, str | None]]) -> Plot | None:
    """A plot of articles, each the date of its publication and its site: by day, month or year, whichever fits.

    None where too few of them have a date.
    """
    every = list(dated)
    known = [(published[:10], site or "") for published, site in every if published]
    days = {day for day in {day for day, _ in known} if _PERIOD.match(day)}  # far fewer than hits
    known = [pair for pair in known if pair[0] in days]
    if len(known) < _ENOUGH:
        return None
    for unit, length in (("day", 10), ("month", 7), ("year", 4)):
        if all(len(day) >= length and _PERIOD.fullmatch(day[:length]) for day in days):
            periods = _periods(min(days)[:length], max(days)[:length], unit)
            if len(periods) <= _COLUMNS:
                return replace(plot(_counted(known, length), periods, unit), undated=len(every) - len(known))
    years = sorted({day[:4] for day in days})[-_COLUMNS:]
    return replace(plot(_counted(known, 4), years, "year", gaps=True), undated=len(every) - len(known))


def _counted(known: Iterable[tuple[str, str]], length: int) -> list[Count]:
    """Articles by month or year, where that is what so many characters of a day say, and site."""
    counts = Counter((day[:length], site) for day, site in known)
    return [(day, site, n) for (day, site), n in counts.items()]


def _periods(first: str, last: str, unit: str) -> list[str]:
    """All days, months or years from the first to the last; more than fit where there are too many."""
    if unit == "day":
        start, end = _day(first), _day(last)
        return [(start + timedelta(days=n)).isoformat() for n in range(min((end - start).days, _COLUMNS) + 1)]
    start_at, end_at = (int(said[:4]) * 12 + (int(said[5:7]) - 1 if unit == "month" else 0) for said in (first, last))
    step = 1 if unit == "month" else 12
    months = range(start_at, min(end_at, start_at + step * _COLUMNS) + 1, step)
    return [f"{n // 12:04}-{n % 12 + 1:02}"[: 7 if unit == "month" else 4] for n in months]


def _day(said: str) -> date:
    """A day of the calendar; of what only looks like one (31 February), the first of its month."""
    try:
        return date.fromisoformat(said)
    except ValueError:
        return date.fromisoformat(said[:8] + "01")
