"""What a run does with an address that a list names."""

from __future__ import annotations

import pytest

from archive.moments import iso, seconds_of
from scraper.crawl.endings import Ending
from scraper.crawl.judge import Bounds, Named, Past, Verdict, judge, order
from scraper.crawl.moments import day_in
from scraper.crawl.visits import DAY, HOUR, Why

NOW = 1_790_000_000.0
URL = "https://paper.example/mundo/la-lluvia-deja-sin-luz"
BOUNDS = Bounds("paper", NOW - 30 * DAY)


def past(ending: Ending = Ending.NEW, visits: int = 1, next_visit: float | None = None, source: str = "paper") -> Past:
    seen = NOW - 10 * DAY if visits else None
    return Past(visits, seen, seen, next_visit, ending, source)


@pytest.mark.parametrize(
    ("named", "known", "verdict"),
    [
        (Named(URL), None, Verdict(Why.NEW)),
        (Named(URL, published=NOW - DAY), None, Verdict(Why.NEW)),
        (Named(URL, published=NOW - 31 * DAY), None, Verdict(ending=Ending.TOO_OLD)),
        (Named(URL, day=NOW - 31 * DAY), None, Verdict(ending=Ending.TOO_OLD)),
        (Named(URL, lastmod=NOW - 31 * DAY), None, Verdict(ending=Ending.TOO_OLD)),
        (Named(URL, published=NOW - 31 * DAY, lastmod=NOW), None, Verdict(ending=Ending.TOO_OLD)),
        (Named(URL), past(Ending.WAITING, visits=0), Verdict(Why.NEW)),
        (Named(URL), past(Ending.WAITING, visits=0, source="other"), Verdict(ending=Ending.KNOWN)),
        (Named(URL), past(Ending.TOO_OLD, visits=0), Verdict(Why.NEW)),
        (Named(URL), past(), Verdict(ending=Ending.KNOWN)),
        (Named(URL), past(next_visit=NOW + HOUR), Verdict(ending=Ending.KNOWN)),
        (Named(URL), past(next_visit=NOW - HOUR), Verdict(Why.LOOK)),
        (Named(URL), past(next_visit=NOW - HOUR, source="other"), Verdict(ending=Ending.KNOWN)),
        (Named(URL, lastmod=NOW - HOUR), past(), Verdict(Why.TOLD)),
        (Named(URL, lastmod=NOW - 11 * DAY), past(), Verdict(ending=Ending.KNOWN)),
    ],
)
def test_verdicts(named: Named, known: Past | None, verdict: Verdict) -> None:
    assert judge(named, known, BOUNDS, NOW) == verdict


def test_the_backfill_takes_what_is_too_old() -> None:
    bounds = Bounds("paper", NOW - 30 * DAY, backfill=True)
    assert judge(Named(URL, published=NOW - 900 * DAY), None, bounds, NOW) == Verdict(Why.BACKFILL)


def test_a_pattern_that_leaves_out_is_named() -> None:
    stopped = Bounds("paper", 0.0, stopped=("paper.example/mundo/{slug}",))
    assert judge(Named(URL), None, stopped, NOW) == Verdict(
        ending=Ending.FILTERED, pattern="paper.example/mundo/{slug}"
    )
    excluded = Bounds("paper", 0.0, excluded=lambda url: "/mundo/" if "/mundo/" in url else None)
    assert judge(Named(URL), past(next_visit=NOW), excluded, NOW).pattern == "/mundo/"


def test_the_newest_come_first_and_the_backfill_last() -> None:
    queue = [
        order(Why.BACKFILL, NOW - 90 * DAY, 0),
        order(Why.LOOK, NOW - DAY, 1),
        order(Why.NEW, NOW - DAY, 2),
        order(Why.NEW, NOW - HOUR, 3),
        order(Why.NEW, None, 5),
        order(Why.NEW, None, 4),
    ]
    assert [nth for _, _, nth in sorted(queue)] == [4, 5, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://paper.example/2026/11/24/x", "2026-11-24"),
        ("https://paper.example/x-2026-11-24.html", "2026-11-24"),
        ("https://paper.example/20261124/x", "2026-11-24"),
        ("https://paper.example/2026/13/24/x", None),
        ("https://paper.example/2026/02/31/x", None),
        ("https://paper.example/120261124/x", None),
        ("https://paper.example/2026/11/x", None),
    ],
)
def test_a_day_in_an_address(url: str, day: str | None) -> None:
    found = day_in(url)
    assert (None if found is None else iso(found)[:10]) == day


def test_moments() -> None:
    assert iso(0.0) == "1970-01-01T00:00:00.000000Z"
    assert seconds_of(iso(NOW)) == NOW
    assert seconds_of("2026-11-24") == seconds_of("2026-11-24T00:00:00Z")
    assert seconds_of("2026-11-24T02:00:00+02:00") == seconds_of("2026-11-24")
    assert seconds_of("yesterday") is None
    assert seconds_of(None) is None
