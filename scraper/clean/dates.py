"""Dates as newspapers print them, read only where they can mean one thing.

A day stays a day; an hour is kept where one stands beside it; an offset only where it is written as one (`Z`, `GMT`,
`UTC`, `+02:00`): the letters of a time zone (`EST`, `CST`) mean several and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice

from scraper.rules.phrases import fold

_LONGEST = 200  # characters of a line that are searched
_ISO = re.compile(
    r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::\d{2}(?:\.\d{1,9})?)?\s?(Z|[+-]\d{2}:?\d{2})?)?(?!\d)"
)
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?!\d)")
_EAST_ASIAN = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
_WORDS = re.compile(r"\d{1,4}|[^\W\d_]+")
_CLOCK = re.compile(
    r"(?<![\d:.])(\d{1,2})(?:[:.h]|\s?h\s?)(\d{2})(?::\d{2})?(?!\d|[./]\d)\s?(a\.?\s?m\.?|p\.?\s?m\.?)?\s?\(?(GMT|UTC)?(?!\w)",
    re.IGNORECASE,
)
_FIRST_YEAR = 1800


@dataclass(frozen=True, slots=True)
class Moment:
    """A date found in a line: ISO 8601 as precise as it is printed, and where it stands."""

    iso: str
    start: int
    end: int

    @property
    def day(self) -> str:
        """`YYYY-MM-DD`."""
        return self.iso[:10]


def moments(line: str, months: Mapping[str, int]) -> Iterator[Moment]:
    """The dates in a line, in order; `months` maps folded names to numbers."""
    line = line[:_LONGEST]
    found = sorted((*_iso(line), *_numeric(line), *_named(line, months)), key=lambda m: (m.start, -m.end))
    at = -1
    for moment in found:
        if moment.start >= at:
            at = moment.end
            yield moment


def _iso(line: str) -> Iterator[Moment]:
    for match in _ISO.finditer(line):
        day = _day(*match.group(1, 2, 3))
        if day is None:
            continue
        hour, minute, offset = match.group(4, 5, 6)
        if hour is None or int(hour) > 23 or int(minute) > 59:
            yield Moment(_with_clock(day, line, match.end()), match.start(), match.end())
            continue
        zone = "" if offset is None else "+00:00" if offset == "Z" else f"{offset[:3]}:{offset[-2:]}"
        yield Moment(f"{day}T{hour}:{minute}{zone}", match.start(), match.end())


def _numeric(line: str) -> Iterator[Moment]:
    """Numbers alone; 3/4/2031 may be March or April and is left, unless dots say that the day stands first."""
    for match in (*_YEAR_FIRST.finditer(line), *_EAST_ASIAN.finditer(line)):
        day = _day(*match.group(1, 2, 3))
        if day is not None:
            yield Moment(_with_clock(day, line, match.end()), match.start(), match.end())
    for match in _NUMERIC.finditer(line):
        first, mark, second, year = match.groups()
        if int(first) > 12 or mark == "." or first == second:
            day = _day(year, second, first)
        elif int(second) > 12:
            day = _day(year, first, second)
        else:
            continue
        if day is not None:
            yield Moment(_with_clock(day, line, match.end()), match.start(), match.end())


def readings(line: str) -> Iterator[Moment]:
    """Both readings of numbers that may be day and month or month and day: what `moments` leaves out."""
    for match in _doubtful(line):
        first, second, year = match.group(1, 3, 4)
        yield from _read(line, match, (_day(year, second, first), _day(year, first, second)))


def day_first(line: str) -> Iterator[Moment]:
    """The same numbers as they are read where the day always stands first."""
    for match in _doubtful(line):
        first, second, year = match.group(1, 3, 4)
        yield from _read(line, match, (_day(year, second, first),))


def _doubtful(line: str) -> Iterator[re.Match[str]]:
    for match in _NUMERIC.finditer(line[:_LONGEST]):
        first, mark, second = match.group(1, 2, 3)
        if mark != "." and first != second and int(first) <= 12 and int(second) <= 12:
            yield match


def _read(line: str, match: re.Match[str], days: Iterable[str | None]) -> Iterator[Moment]:
    for day in days:
        if day is not None:
            yield Moment(_with_clock(day, line[:_LONGEST], match.end()), match.start(), match.end())


def _named(line: str, months: Mapping[str, int]) -> Iterator[Moment]:
    """`3 de mayo de 2031`, `May 3, 2031`, `3. Mai 2031`: a month's name between or before day and year."""
    words = list(_WORDS.finditer(line))
    for i, match in enumerate(words):
        month = _month(match.group(), months)
        if month is None:
            continue
        after = [w for w in islice(words, i + 1, i + 4) if w.group().isdigit()]
        before = next((w for w in words[max(0, i - 2) : i][::-1] if w.group().isdigit()), None)
        if before is not None and len(before.group()) <= 2 and after and len(after[0].group()) == 4:
            parts, start, end = (after[0].group(), before.group()), before.start(), after[0].end()
        elif len(after) >= 2 and len(after[0].group()) <= 2 and len(after[1].group()) == 4:
            parts, start, end = (after[1].group(), after[0].group()), match.start(), after[1].end()
        else:
            continue
        day = _day(parts[0], str(month), parts[1])
        if day is not None:
            yield Moment(_with_clock(day, line, end), start, end)


def _month(word: str, months: Mapping[str, int]) -> int | None:
    if word.isdigit() or len(word) > 12:
        return None
    folded = fold(word)
    return months.get(folded[0]) if len(folded) == 1 else None


def _day(year: str, month: str, day: str) -> str | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found.isoformat() if found.year >= _FIRST_YEAR else None


def _with_clock(day: str, line: str, end: int) -> str:
    """The day with the hour that stands right behind it, if one does."""
    match = _CLOCK.search(line, end, end + 24)
    if match is None or any(mark in line[end : match.start()] for mark in "|•/"):
        return day
    hour, minute, half, zone = int(match[1]), int(match[2]), match[3], match[4]
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    if hour > 23 or minute > 59:
        return day
    return f"{day}T{hour:02}:{minute:02}" + ("+00:00" if zone else "")
