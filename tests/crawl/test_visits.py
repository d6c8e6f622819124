"""When an address is visited again, and that looks cost no more as the archive grows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.crawl.endings import Ending
from scraper.crawl.visits import DAY, HOUR, RETRIES, Visited, next_visit, worth_at

T = 1_790_000_000.0


def walk(*endings: Ending, born: float | None = None, until: float = 400 * DAY) -> list[float]:
    """Hours after its first visit at which an address is visited; the last ending goes on."""
    at, visits, stumbles = T, [], 0
    for n in range(1000):
        ending = endings[min(n, len(endings) - 1)]
        bad = ending in (Ending.FAILED, Ending.BLOCKED, Ending.NOT_ARTICLE)
        stumbles = stumbles + 1 if bad else 0
        following = next_visit(Visited(T, at, ending, "online", born, stumbles))
        if following is None or following > T + until:
            break
        assert following > at
        at = following
        visits.append((at - T) / HOUR)
    return visits


def test_young_articles_are_looked_at_again() -> None:
    assert walk(Ending.NEW, Ending.UNCHANGED) == [1, 6, 24, 168]


def test_looks_count_from_publication() -> None:
    assert walk(Ending.NEW, Ending.UNCHANGED, born=T - 5 * HOUR) == [1, 19, 163]
    assert walk(Ending.NEW, Ending.UNCHANGED, born=T - 20 * DAY) == []
    assert walk(Ending.NEW, Ending.UNCHANGED, born=T + 3 * DAY) == [1, 6, 24, 168]  # dated ahead


def test_one_that_changed_is_looked_at_once_more() -> None:
    assert walk(Ending.NEW, Ending.CHANGED, Ending.UNCHANGED) == [1, 2, 6, 24, 168]


def test_one_that_changes_for_ever_is_let_go() -> None:
    looks = walk(Ending.CHANGED)
    assert max(looks) < 46 * 24
    assert len(looks) < 30


@pytest.mark.parametrize("ending", [Ending.FAILED, Ending.BLOCKED])
def test_what_failed_is_tried_again_ever_later_and_given_up(ending: Ending) -> None:
    assert len(walk(ending)) == len(RETRIES)


def test_a_page_without_an_article_is_tried_twice_more() -> None:
    assert walk(Ending.NOT_ARTICLE) == [1, 7]


def test_missing_is_confirmed_and_gone_is_left() -> None:
    assert next_visit(Visited(T, T + 9 * DAY, Ending.GONE, "missing")) == T + 9 * DAY + HOUR
    assert next_visit(Visited(T, T + 9 * DAY, Ending.GONE, "gone")) is None


def test_a_year_of_looks_is_flat() -> None:
    """Twenty articles a day, hourly runs: the looks of a day in the last month are those of a day in the second."""
    due: dict[int, int] = {}
    for article in range(365 * 20):
        first = T + article * DAY / 20
        for hours in walk(Ending.NEW, Ending.UNCHANGED):
            day = int((first + hours * HOUR - T) // DAY)
            due[day] = due.get(day, 0) + 1
    months = [sum(due[day] for day in range(start, start + 30)) for start in (30, 180, 330)]
    assert months == [20 * 30 * 4] * 3


def test_a_list_that_says_changed_is_believed_while_it_is_right() -> None:
    first, seen = T, T + 10 * HOUR
    assert worth_at(None, seen, first, seen + DAY, trusted=False) is None
    assert worth_at(seen - 1, seen, first, seen + DAY, trusted=False) is None
    assert worth_at(seen + 1, seen, first, seen + 2, trusted=False) == seen + 5 * HOUR
    assert worth_at(seen + 1, seen, first, seen + 2, trusted=True) == seen + 2
    assert worth_at(seen + 9 * DAY, seen, first, seen + 5 * DAY, trusted=True) is None, "a date in the future"


def test_a_list_that_always_says_changed_costs_ever_less() -> None:
    at, looks = T, 0
    for hour in range(1, 365 * 24):
        now = T + hour * HOUR
        worth = worth_at(now, at, T, now, trusted=False)
        if worth is not None and worth <= now:
            at, looks = now, looks + 1
    assert looks < 30


@given(
    st.floats(0, 400 * DAY),
    st.sampled_from(Ending),
    st.sampled_from([None, "online", "missing", "gone", "walled"]),
    st.one_of(st.none(), st.floats(-400 * DAY, 400 * DAY)),
    st.integers(0, 9),
)
def test_the_next_visit_is_always_ahead(age: float, ending: Ending, standing: str, born: float, stumbles: int) -> None:
    visited = Visited(T, T + age, ending, standing, None if born is None else T + born, stumbles)  # type: ignore[arg-type]
    following = next_visit(visited)
    assert following is None or following > T + age
