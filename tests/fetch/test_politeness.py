"""When a host may be asked next."""

from __future__ import annotations

from email.utils import formatdate
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetch.politeness import (
    BACK_OFF,
    LONGEST_DELAY,
    LONGEST_REST,
    LONGEST_RETRY_AFTER,
    PATIENCE,
    REST,
    Answer,
    Manners,
    retry_after,
)

NOW = 1_790_000_000.0


def after(manners: Manners, *answers: Answer, at: float = NOW, seed: int = 1) -> Manners:
    random = Random(seed)
    for answer in answers:
        manners = manners.after(answer, at, random)
    return manners


def test_the_delay_counts_from_the_end_of_the_answer() -> None:
    assert after(Manners(2.0), Answer(200, 0.1)).wait(NOW) == 2.0
    assert after(Manners(2.0), Answer(200, 0.1)).wait(NOW + 1.5) == 0.5


def test_one_that_is_asked_while_it_answers_is_asked_no_sooner() -> None:
    begun = Manners(2.0).begun(NOW)
    assert (begun.wait(NOW), begun.wait(NOW + 2.0)) == (2.0, 0.0)
    assert after(begun, Answer(200, 0.5), at=NOW + 0.5).wait(NOW + 0.5) == 2.0
    pushed = after(Manners(2.0), Answer(429, 0.1))
    assert pushed.begun(NOW).wait(NOW) == pushed.wait(NOW)


def test_a_slow_server_is_asked_less_and_a_quick_one_again_as_before() -> None:
    slow = after(Manners(2.0), *[Answer(200, 10.0)] * 5)
    assert slow.wait(NOW) == pytest.approx(20.0)
    assert after(slow, *[Answer(200, 0.1)] * 30).wait(NOW) == 2.0


def test_the_longest_delay_asked_for_counts() -> None:
    manners = Manners(2.0).asked_for(10.0).asked_for(5.0).asked_for(None)
    assert manners.pause == 10.0
    assert manners.asked_for(1e9).pause == LONGEST_DELAY
    assert after(Manners(2.0), Answer(200, 0.1)).asked_for(10.0).wait(NOW) == 10.0, "from the last answer on"


def test_without_a_delay_nothing_waits() -> None:
    assert after(Manners(0.0), Answer(200, 5.0), Answer(None, 5.0)).wait(NOW) == 0.0


@pytest.mark.parametrize("status", [429, 503])
def test_pushed_back_waits_longer_each_time_and_never_less_than_it_was_told(status: int) -> None:
    waits, manners = [], Manners(2.0)
    for _ in range(PATIENCE - 1):
        manners = after(manners, Answer(status, 0.1))
        waits.append(manners.wait(NOW))
    for n, wait in enumerate(waits):
        assert BACK_OFF * 2**n <= wait <= BACK_OFF * 2**n * 1.5
    assert after(Manners(2.0), Answer(status, 0.1, "1000")).wait(NOW) == 1000.0
    assert after(Manners(2.0), Answer(status, 0.1, "1")).wait(NOW) >= BACK_OFF
    assert after(manners, Answer(200, 0.1)).pushed == 0


def test_waits_differ_by_seed_and_are_the_same_for_the_same() -> None:
    answers = [Answer(429, 0.1)] * 2
    assert after(Manners(1.0), *answers, seed=1) == after(Manners(1.0), *answers, seed=1)
    assert after(Manners(1.0), *answers, seed=1) != after(Manners(1.0), *answers, seed=2)


@pytest.mark.parametrize("answer", [Answer(None, 30.0), Answer(500, 0.1), Answer(429, 0.1)])
def test_a_host_that_keeps_failing_is_left_alone_for_longer_each_time(answer: Answer) -> None:
    manners, rests = Manners(2.0), []
    for _ in range(1100):  # days: three years
        manners = after(manners, *[answer] * (PATIENCE - 1))
        assert not manners.rests_at(NOW + LONGEST_REST * 2)
        manners = after(manners, answer)
        assert manners.rests_at(NOW)
        rests.append(manners.resting_until - NOW)
    assert REST <= rests[0] <= REST * 1.25
    assert rests[1] > rests[0] * 1.5
    assert all(rest <= LONGEST_REST * 1.25 for rest in rests)
    assert not after(manners, Answer(200, 0.1)).rests_at(NOW)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("99999999999999999999", LONGEST_RETRY_AFTER),
        (formatdate(NOW + 90, usegmt=True), 90.0),
        (formatdate(NOW - 90, usegmt=True), 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
        ("²", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.lists(st.tuples(st.sampled_from([200, 304, 404, 429, 500, 503, None]), st.floats(0, 100))), st.text())
def test_a_host_with_a_delay_is_never_asked_before_it(answers: list[tuple[int | None, float]], told: str) -> None:
    manners, random, now = Manners(2.0), Random(0), NOW
    for status, seconds in answers:
        manners = manners.after(Answer(status, seconds, told), now, random)
        assert manners.wait(now) >= 1.0
        now += manners.wait(now)
