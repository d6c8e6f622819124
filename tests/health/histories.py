"""Simulated years of papers: when they publish, and what hourly runs see of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from archive.alarms import Alarm, Code, Pulse
from archive.moments import iso
from scraper.health.examine import examine

START = datetime(2031, 1, 1, tzinfo=UTC)
Publishes = Callable[[datetime, Random], int]


def round_the_clock(now: datetime, random: Random) -> int:
    """A daily with a night desk of one."""
    return random.choice((1, 2, 3)) if 6 <= now.hour < 23 else random.random() < 0.3


def office_hours(now: datetime, random: Random) -> int:
    """Monday to Friday, eight to six; closed on a long weekend at Easter."""
    easter = now.month == 4 and 11 <= now.day <= 14
    return random.choice((0, 1, 2)) if now.weekday() < 5 and 8 <= now.hour < 18 and not easter else 0


def at_all_hours(now: datetime, random: Random) -> int:
    """A wire of four a day, none knows when: most pauses are short and some are not."""
    return random.random() < 4 / 24


def weekly(now: datetime, random: Random) -> int:
    """On Thursdays, some weeks a day late."""
    late = now.isocalendar().week % 5 == 0
    return 12 if (now.weekday(), now.hour) == ((4, 9) if late else (3, 9)) else 0


def monthly(now: datetime, random: Random) -> int:
    """On the first weekday of a month, or a few days later."""
    return 20 if (now.day, now.hour) == (1 + now.month % 4, 11) else 0


def closed_in_august(now: datetime, random: Random) -> int:
    """A daily whose desk goes on holiday together."""
    return 0 if now.month == 8 else round_the_clock(now, random)


def seasonal(now: datetime, random: Random) -> int:
    """The paper of a football league: nothing from June to mid August, twice a week else."""
    summer = now.month in (6, 7) or (now.month == 8 and now.day < 15)
    return 3 if not summer and now.weekday() in (2, 6) and now.hour == 20 else 0


def pulses(
    publishes: Publishes, days: float, step: timedelta = timedelta(hours=1), until: datetime | None = None
) -> list[Pulse]:
    """What runs see of a paper that publishes until a moment: each article comes whole, with all its fields."""
    random, now, seen = Random(7), START, []
    end = START + timedelta(days=days)
    while now < end:
        hours = int(step.total_seconds() // 3600)
        moments = (now - timedelta(hours=hour) for hour in range(hours))
        new = sum(int(publishes(each, random)) for each in moments if until is None or each < until)
        seen.append(pulse(now, new))
        now += step
    return seen


def pulse(now: datetime, new: int, **more: int) -> Pulse:
    """A run that fetched its new articles, and found all well."""
    origins = {field: {"json-ld": new} for field in ("title", "authors", "published")} if new else {}
    made = Pulse(
        at=now.timestamp(),
        seen=30,
        new=new,
        lists=2,
        fetched=new,
        answered=new,
        articles=new,
        words=400 * new,
        origins=origins,
    )
    return replace(made, **more)


def watch(history: list[Pulse], first: int = 24, every: int = 1) -> list[tuple[datetime, Alarm]]:
    """Examine after each run from the `first` on, as a crawl does; what opened and ended, with its time."""
    open_: dict[Code, Alarm] = {}
    told = []
    for n in range(first, len(history) + 1, every):
        at = history[n - 1].at
        for alarm in examine("elfaro", history[:n], open_.values(), iso(at)):
            before = open_.pop(alarm.code, None)
            if alarm.ended is None:
                open_[alarm.code] = alarm
            if before is None or alarm.ended is not None:
                told.append((datetime.fromtimestamp(at, UTC), alarm))
    return told
