"""Two simulated years of each kind of paper: no cry of wolf, and none too late."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from histories import (
    START,
    Publishes,
    at_all_hours,
    closed_in_august,
    monthly,
    office_hours,
    pulse,
    pulses,
    round_the_clock,
    seasonal,
    watch,
    weekly,
)

from archive.alarms import Code

SIX_HOURS = timedelta(hours=6)


def codes(told: list) -> list[tuple[str, bool]]:
    return [(alarm.code.value, alarm.ended is not None) for _, alarm in told]


@pytest.mark.parametrize(
    "publishes", [round_the_clock, office_hours, at_all_hours, weekly, monthly], ids=lambda p: p.__name__
)
def test_nobody_cries_wolf_in_two_years(publishes: Publishes) -> None:
    assert watch(pulses(publishes, 730, SIX_HOURS), every=7) == []


@pytest.mark.parametrize(
    ("publishes", "days"),
    [(round_the_clock, 2), (office_hours, 6), (at_all_hours, 4), (weekly, 11), (monthly, 42), (closed_in_august, 2)],
    ids=lambda p: getattr(p, "__name__", str(p)),
)
def test_a_paper_that_stops_is_silent_soon_and_finished_later(publishes: Publishes, days: int) -> None:
    stops = START + timedelta(days=500)
    told = watch(pulses(publishes, 730, SIX_HOURS, until=stops), first=4 * 495)
    assert codes(told) == [("silent", False), ("finished", False), ("silent", True)]
    (silent, _), (finished, _), _ = told
    assert silent - stops <= timedelta(days=days)
    assert timedelta(days=59) <= finished - stops <= timedelta(days=130)


@pytest.mark.parametrize(("publishes", "most"), [(closed_in_august, 2), (seasonal, 4)], ids=lambda p: str(p)[:20])
def test_a_season_is_learned_in_its_first_year(publishes: Publishes, most: int) -> None:
    told = watch(pulses(publishes, 3 * 365, SIX_HOURS), every=8)
    assert len(told) == most
    assert max(when for when, _ in told) < START + timedelta(days=365)


def test_what_was_silent_and_comes_back_is_no_longer_silent() -> None:
    history = pulses(round_the_clock, 100, SIX_HOURS, until=START + timedelta(days=90))
    now = START + timedelta(days=100)
    history += [pulse(now + n * SIX_HOURS, new=2) for n in range(4)]
    told = watch(history, first=4 * 80)
    assert codes(told) == [("silent", False), ("silent", True)]


def test_a_computer_that_was_off_heard_nothing() -> None:
    history = pulses(round_the_clock, 80, timedelta(hours=2))
    day = 12
    off = history[: 50 * day] + history[64 * day :]
    assert watch(off, first=45 * day) == []


def test_silence_is_not_told_of_lists_that_cannot_be_read() -> None:
    history = pulses(round_the_clock, 100, SIX_HOURS, until=START + timedelta(days=60))
    dead = [replace(each, lists_failing=2) if each.at > history[240].at else each for each in history]
    assert codes(watch(dead, first=200)) == [("unreachable", False)]


def test_a_young_source_is_given_time_and_one_that_never_brought_anything_is_told() -> None:
    assert watch(pulses(office_hours, 27, SIX_HOURS), first=1) == []
    told = watch(pulses(lambda now, random: 0, 10, SIX_HOURS), first=1)
    assert codes(told) == [("silent", False)]
    assert told[0][1].evidence == "nothing has come from it in the 7 days since it was added"
    assert told[0][0] - START == timedelta(days=7)


def test_a_few_articles_and_then_nothing_for_two_months() -> None:
    history = [pulse(START + n * SIX_HOURS, new=5 if n in (0, 8) else 0) for n in range(4 * 70)]
    told = watch(history, first=1)
    assert [alarm.code for _, alarm in told] == [Code.SILENT]
    assert told[0][0] - START >= timedelta(days=60)
