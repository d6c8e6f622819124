"""What a visit comes to, and that every address ends once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.reasons import FAILURES, Reason
from scraper.crawl.endings import WALLS, Before, Came, Ending, Standing, Tally, eaten_by, ending_of, standing_of

OLD = Before(visits=1, content_hash="a", words=500)


@pytest.mark.parametrize(
    ("came", "before", "ending"),
    [
        (Came(200, content_hash="a", words=500), Before(), Ending.NEW),
        (Came(200, content_hash="a", words=500, known_text=True), Before(), Ending.DUPLICATE),
        (Came(200, content_hash="a", words=500, known_text=True), OLD, Ending.UNCHANGED),
        (Came(200, content_hash="b", words=510), OLD, Ending.CHANGED),
        (Came(200, content_hash="b", words=510, known_text=True), OLD, Ending.CHANGED),
        (Came(200, content_hash="b", words=40), OLD, Ending.UNCHANGED),  # a stub after a full text
        (Came(200, content_hash="b", words=500), Before(1, "a", 40), Ending.CHANGED),  # a full text after a stub
        (Came(304), OLD, Ending.UNCHANGED),
        (Came(404), OLD, Ending.GONE),
        (Came(410), Before(), Ending.FAILED),
        (Came(403), Before(), Ending.BLOCKED),
        (Came(429), OLD, Ending.BLOCKED),
        (Came(451), Before(), Ending.BLOCKED),
        (Came(500), OLD, Ending.FAILED),
        (Came(None), Before(), Ending.FAILED),
        (Came(301), Before(), Ending.FAILED),  # leads nowhere
        (Came(200, Reason.CAPTCHA), OLD, Ending.BLOCKED),
        (Came(200, Reason.PAYWALL), Before(), Ending.BLOCKED),
        (Came(200, Reason.RESERVED), Before(), Ending.ROBOTS),
        (Came(200, Reason.NO_ARTICLE), Before(), Ending.NOT_ARTICLE),
        (Came(200, Reason.STUB), OLD, Ending.NOT_ARTICLE),
        (Came(200, Reason.TIMEOUT, failed=True), Before(), Ending.FAILED),
    ],
)
def test_what_a_visit_comes_to(came: Came, before: Before, ending: Ending) -> None:
    assert ending_of(came, before) is ending


@given(
    st.one_of(st.none(), st.integers(100, 599)),
    st.sampled_from([None, *Reason]),
    st.sampled_from([None, "a", "b"]),
    st.integers(0, 1000),
    st.booleans(),
    st.builds(Before, st.integers(0, 3), st.sampled_from([None, "a"]), st.integers(0, 1000)),
)
def test_every_visit_comes_to_something(
    status: int | None, reason: Reason | None, text: str | None, words: int, known: bool, before: Before
) -> None:
    came = Came(status, reason, reason in FAILURES, None if reason else text, words, known)
    assert ending_of(came, before) in set(Ending) - {Ending.KNOWN, Ending.TOO_OLD, Ending.FILTERED, Ending.WAITING}


@pytest.mark.parametrize(
    ("came", "was", "stands"),
    [
        (Came(200, content_hash="a", words=500), None, "online"),
        (Came(404), "online", "missing"),
        (Came(404), "missing", "gone"),
        (Came(410), "gone", "gone"),
        (Came(200, content_hash="a", words=500), "missing", "online"),
        (Came(304), "missing", "online"),
        (Came(304), "walled", "walled"),
        (Came(500), "missing", "missing"),
        (Came(None), "online", "online"),
        (Came(200, Reason.CAPTCHA), "online", "online"),  # who stands before it says nothing about it
        (Came(200, Reason.PAYWALL), "online", "walled"),
        (Came(200, content_hash="b", words=40), "online", "walled"),
    ],
)
def test_where_an_article_stands(came: Came, was: Standing | None, stands: Standing | None) -> None:
    assert standing_of(came, OLD, was) == stands


def test_the_sum_fits() -> None:
    tally = Tally()
    for ending in Ending:
        tally.see()
        tally.end(ending, "/tag/{slug}" if ending is Ending.FILTERED else "")
    assert tally.fits
    assert tally.patterns == {"/tag/{slug}": 1}
    tally.see()
    assert not tally.fits


@pytest.mark.parametrize(
    ("endings", "step"),
    [
        ({"new": 1, "blocked": 50}, None),
        ({"changed": 1}, None),
        ({}, None),
        ({"known": 30}, "known"),
        ({"known": 30, "unchanged": 2}, "known"),
        ({"known": 300, "filtered": 3, "robots": 12}, "robots"),
        ({"too-old": 9, "blocked": 0}, "too-old"),
    ],
)
def test_a_run_with_nothing_new_says_what_ate_it(endings: dict[str, int], step: str | None) -> None:
    assert eaten_by(endings) == step


def test_walls_are_answers_not_failures() -> None:
    assert not WALLS & FAILURES
