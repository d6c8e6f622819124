"""Pages and lists against their own past: what is told, when, with which figures, and what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from histories import START, pulse, pulses, round_the_clock, watch

from archive.alarms import Alarm, Code, Pulse
from archive.moments import iso
from scraper.health.examine import examine

SIX_HOURS = timedelta(hours=6)
HISTORY = pulses(round_the_clock, 40, SIX_HOURS)
CHANGE = 30 * 4  #: the pulse from which something is otherwise


def changed(**more: object) -> list[Pulse]:
    """The history with pulses of the last ten days that differ; a callable is given the pulse."""
    after = [replace(each, **{k: v(each) if callable(v) else v for k, v in more.items()}) for each in HISTORY[CHANGE:]]
    return HISTORY[:CHANGE] + after


def told(history: list[Pulse]) -> list[tuple[str, float, str]]:
    """What opened from the change on: code, days after it, evidence."""
    begun = history[CHANGE].at
    return [
        (alarm.code.value, (when.timestamp() - begun) / 86400, alarm.evidence)
        for when, alarm in watch(history, first=CHANGE - 20)
        if alarm.ended is None
    ]


def test_all_is_well_with_a_paper_as_usual() -> None:
    assert told(HISTORY) == []


@pytest.mark.parametrize(
    ("more", "code", "days", "evidence"),
    [
        ({"refused": lambda p: p.fetched, "answered": 0, "articles": 0, "new": 1}, "refused", 1, "pages were refused"),
        ({"missing": lambda p: p.fetched // 2, "new": 1}, "missing", 2, "pages were not there; before, 0 of"),
        ({"walls": lambda p: p.answered, "articles": 0, "new": 1, "origins": {}}, "blocked", 1, "were walls; before"),
        ({"alike": lambda p: p.answered, "new": 1}, "blocked", 1, "were the same page"),
        ({"articles": 0, "words": 0, "origins": {}, "new": 1}, "broken", 1, "gave an article; before, 1,0"),
        ({"words": lambda p: 90 * p.articles}, "broken", 3, "before, 400"),
        ({"lists_html": 1}, "feed-html", 0.3, "1 of 2 lists have been a page for 6 hours"),
        ({"lists_failing": 2, "new": 0, "fetched": 0}, "unreachable", 1, "none of its 2 lists could be read for 24"),
        ({"forbidden": 30}, "robots", 0.3, "robots.txt forbids 30 of 32 (94 %) of its addresses and lists; before"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_each_trouble_has_its_word_its_time_and_its_figures(
    more: dict[str, object], code: str, days: float, evidence: str
) -> None:
    alarms = told(changed(**more))
    assert [alarm[0] for alarm in alarms] == [code]
    assert alarms[0][1] <= days
    assert evidence in alarms[0][2]


def test_a_meta_tag_that_fills_in_does_not_hide_a_lost_byline() -> None:
    def origins(each: Pulse) -> dict[str, dict[str, int]]:
        return {**each.origins, "authors": {"meta": each.articles}} if each.articles else {}

    alarms = told(changed(origins=origins))
    assert [alarm[0] for alarm in alarms] == ["broken"]
    assert "date from json-ld" not in alarms[0][2]
    assert alarms[0][2].startswith("authors from json-ld on ")


def test_a_site_rule_that_is_no_longer_used_is_told() -> None:
    ruled = [replace(each, rules={"site:elfaro/related": each.articles}) for each in HISTORY]
    assert told(ruled) == []
    lost = ruled[:CHANGE] + HISTORY[CHANGE:]
    alarms = told(lost)
    assert [alarm[0] for alarm in alarms] == ["broken"]
    assert "rule site:elfaro/related was used on 0 of" in alarms[0][2]


@pytest.mark.parametrize(
    "more",
    [
        {"missing": lambda p: int(p.at) % 10 == 0},
        {"walls": lambda p: 1 if p.answered > 10 else 0},
        {"articles": lambda p: p.articles - p.articles // 8},
        {"forbidden": 3},
        {"lists_failing": 1},
    ],
    ids=lambda more: next(iter(more)),
)
def test_a_little_of_it_is_no_alarm(more: dict[str, object]) -> None:
    assert told(changed(**more)) == []


def test_a_trouble_of_one_run_is_no_alarm() -> None:
    for more in ({"lists_html": 2}, {"lists_failing": 2, "lists": 2}, {"forbidden": 30}):
        history = [*HISTORY[:CHANGE], replace(HISTORY[CHANGE], **more), *HISTORY[CHANGE + 1 :]]
        assert told(history) == []


def test_a_source_that_was_always_so_is_as_usual() -> None:
    """A paper with a wall on every other page, and a robots.txt that forbids most of it, is no news."""
    usual = [replace(each, walls=each.answered // 2, forbidden=25, missing=each.fetched // 3) for each in HISTORY]
    assert told(usual) == []


def test_a_trouble_that_lasts_does_not_become_usual_and_ends_when_it_ends() -> None:
    history = pulses(round_the_clock, 200, SIX_HOURS)
    broken = slice(60 * 4, 170 * 4)
    history[broken] = [replace(each, walls=each.answered, articles=0, words=0, origins={}) for each in history[broken]]
    alarms = watch(history, first=50 * 4, every=2)
    assert [(alarm.code.value, alarm.ended is None) for _, alarm in alarms] == [("blocked", True), ("blocked", False)]
    assert (alarms[1][0] - START).days - 170 <= 3


def test_a_paper_whose_pages_give_no_article_is_broken_and_not_silent() -> None:
    """Its lists name new articles as ever: it has not fallen silent, we have gone deaf."""
    assert [code for code, _, _ in told(changed(articles=0, words=0, origins={}, new=0))] == ["broken"]
    longer = pulses(round_the_clock, 200, SIX_HOURS)
    deaf = [replace(each, articles=0, words=0, origins={}, new=0) for each in longer[CHANGE:]]
    assert [alarm.code for _, alarm in watch(longer[:CHANGE] + deaf, first=CHANGE, every=4)] == [Code.BROKEN]


def test_lists_that_are_gone_for_two_weeks_are_a_paper_that_is_finished() -> None:
    alarms = told(changed(lists_failing=2, lists_gone=2, new=0, fetched=0))
    assert [alarm[0] for alarm in alarms] == ["unreachable"]
    longer = pulses(round_the_clock, 60, SIX_HOURS)
    gone = longer[:CHANGE] + [replace(each, lists_failing=2, lists_gone=2, new=0) for each in longer[CHANGE:]]
    opened = [(alarm.code, alarm.ended is None) for _, alarm in watch(gone, first=CHANGE)]
    assert opened == [(Code.UNREACHABLE, True), (Code.FINISHED, True), (Code.UNREACHABLE, False)]


def test_a_muted_source_opens_no_alarm_and_what_is_open_goes_on() -> None:
    history = changed(lists_html=1)
    now = iso(history[-1].at)
    assert examine("elfaro", history, (), now, muted_until=date(2032, 1, 1)) == []
    assert [alarm.code for alarm in examine("elfaro", history, (), now, muted_until=date(2031, 1, 1))] == [
        Code.FEED_HTML
    ]
    open_ = Alarm(Code.FEED_HTML, "elfaro", since=iso(HISTORY[CHANGE].at), last="", evidence="")
    (alarm,) = examine("elfaro", history, [open_], now, muted_until=date(2032, 1, 1))
    assert (alarm.since, alarm.last, alarm.ended) == (open_.since, now, None)


def test_an_alarm_is_loud_until_somebody_says_that_they_know() -> None:
    alarm = Alarm(Code.SILENT, "elfaro", "2031-01-01", "2031-01-02", "x")
    assert alarm.loud("2031-01-03")
    assert not replace(alarm, acknowledged="2031-01-02").loud("2031-01-03")
    assert not replace(alarm, ended="2031-01-02").loud("2031-01-03")
    muted = replace(alarm, muted_until="2031-02-01")
    assert [muted.loud(day) for day in ("2031-01-31", "2031-02-01")] == [False, True]


def test_few_pages_tell_nothing() -> None:
    history = [pulse(START + n * SIX_HOURS, new=1 if n % 8 == 0 else 0) for n in range(40)]
    history += [pulse(START + n * SIX_HOURS, new=1, refused=1, answered=0, articles=0) for n in range(40, 44)]
    assert examine("elfaro", history, (), iso(history[-1].at)) == []
