"""Health in a real archive: pulses of real captures, alarms that open, stay, are judged, end, and come back whole."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from crawled import FARO, OTHER, WORDS, Crawls, refused, wall
from exchange_samples import answer, rebuild

from archive.alarms import Code
from archive.moments import iso
from archive.store import Archive
from scraper.settings import Source


@pytest.fixture
def crawls(tmp_path: Path) -> Crawls:
    made = Crawls(tmp_path / "archive")
    for _ in range(14):
        assert made.run() == []
    return made


def test_a_pulse_says_what_a_run_saw(crawls: Crawls) -> None:
    crawls.run(refused, pages=2, errors=("html", "robots.txt forbids it"))
    with Archive.read(crawls.folder) as reader:
        past = reader.health.past(FARO.name, crawls.now.timestamp())
    assert len(past) == 15
    good, bad = past[0], past[-1]
    assert (good.seen, good.new, good.lists, good.fetched, good.answered, good.articles) == (3, 3, 2, 3, 3, 3)
    assert (good.origins, good.words // good.articles) == ({"title": {"meta": 3}, "authors": {"meta": 3}}, 86)
    assert (bad.fetched, bad.refused, bad.answered, bad.lists_failing, bad.lists_html, bad.forbidden) == (
        2,
        2,
        0,
        2,
        1,
        1,
    )


def test_an_alarm_opens_is_told_once_and_ends(crawls: Crawls) -> None:
    assert crawls.run(errors=("html", None)) == []
    (alarm,) = crawls.run(errors=("html", None))
    assert (alarm.code, alarm.source, crawls.told) == (Code.FEED_HTML, FARO.name, [alarm])
    (again,) = crawls.run(errors=("html", None))
    assert (again.since, again.evidence, crawls.told) == (
        alarm.since,
        "1 of 2 lists have been a page for 12 hours",
        [],
    )
    (ended,) = crawls.run()
    assert ended.ended is not None
    assert crawls.open() == []


def test_a_page_that_goes_is_missing_once_not_again_when_that_is_made_sure(crawls: Crawls) -> None:
    for _ in range(2):
        crawls.pages = 100  # the same two addresses again
        crawls.run(lambda _: answer("no", status="404 Not Found"), pages=2)
    with Archive.read(crawls.folder) as reader:
        first, second = reader.health.past(FARO.name, crawls.now.timestamp())[-2:]
    assert (first.fetched, first.missing) == (2, 2)
    assert (second.fetched, second.missing) == (0, 0)


def test_a_robots_txt_that_cannot_be_had_forbids_nothing_newly(crawls: Crawls) -> None:
    for said, told in (("robots.txt could not be had", {"unreachable"}), ("robots.txt forbids it", {"robots"})):
        for _ in range(6):
            crawls.run(pages=0, errors=(said, said))
        codes = {code for code, _ in crawls.open()}
        assert told <= codes
        assert ("robots" in codes) == ("robots" in told)


def test_blocked_and_broken_and_refused_are_told_apart(crawls: Crawls) -> None:
    for gives, code in ((wall, "blocked"), (refused, "refused")):
        for _ in range(5):
            crawls.run(gives, pages=4)
        assert code in [name for name, _ in crawls.open()]
    assert "broken" not in [name for name, _ in crawls.open()]


def test_pages_that_are_all_the_same_are_blocked(crawls: Crawls) -> None:
    same = answer(json.dumps({"kit-1": {"text": f"Por favor, espere. {WORDS}"}}))
    for _ in range(4):
        crawls.run(lambda _: same, pages=5)
    assert any(code == "blocked" and "the same page" in said for code, said in crawls.open())


def test_a_wall_that_no_phrase_knows_is_told_by_its_lines_whatever_number_it_shows(crawls: Crawls) -> None:
    def wall(n: int) -> bytes:
        lines = ["Espere su turno", f"Visita {n * 7919 % 10**8:08x}7"]
        return answer(json.dumps({"kit-1": {"reason": "no-article", "removed": lines}}))

    for _ in range(4):
        crawls.run(wall, pages=5)
    assert [code for code, said in crawls.open() if "the same page" in said] == ["blocked"]


def test_pages_that_have_lost_their_text_are_broken_and_no_wall(crawls: Crawls) -> None:
    names = [one + other for one in ("Alba", "Este", "Olmo", "Pera") for other in ("luz", "mar", "pan", "rio", "sol")]

    def hollow(n: int) -> bytes:
        lines = ["Portada", f"Noticia de {names[n % 20]}"]
        return answer(json.dumps({"kit-1": {"reason": "no-article", "removed": lines}}))

    for _ in range(4):
        crawls.run(hollow, pages=5)
    assert [code for code, _ in crawls.open()] == ["broken"]


def test_a_rebuild_knows_pulses_alarms_and_judgements(crawls: Crawls) -> None:
    for _ in range(2):
        crawls.run(errors=("html", None))
    moment = iso(crawls.now.timestamp() + 3600)
    with Archive.open(crawls.folder, lambda: moment) as archive:
        archive.start_run("hemeroteca status --ack feed-html")
        (alarm,) = archive.health.alarms()
        said = {"code": "feed-html", "source": FARO.name, "since": alarm.since}
        archive.note("alarm", said | {"acknowledged": moment, "muted_until": None})
        archive.finish_run("ok")
    with Archive.read(crawls.folder) as reader:
        before = (reader.health.alarms(ended=True), reader.health.past(FARO.name, crawls.now.timestamp()))
    assert before[0][0].acknowledged == moment
    rebuild(crawls.folder)
    with Archive.read(crawls.folder) as reader:
        after = (reader.health.alarms(ended=True), reader.health.past(FARO.name, crawls.now.timestamp()))
    assert after == before


def test_an_alarm_of_a_source_that_is_no_longer_crawled_ends(crawls: Crawls) -> None:
    for _ in range(2):
        crawls.run(errors=("html", None))
    assert crawls.open() != []
    (ended,) = crawls.run(errors=("html", None), sources=(OTHER,))
    assert ended.ended is not None
    assert crawls.open() == []


def test_a_source_muted_in_the_settings_opens_none(crawls: Crawls) -> None:
    muted = Source(name=FARO.name, url=FARO.url, feeds=FARO.feeds, muted_until=date(2031, 6, 1))
    for _ in range(3):
        assert crawls.run(errors=("html", None), sources=(muted,)) == []


def test_long_ago_is_taken_together_and_still_known(crawls: Crawls) -> None:
    with Archive.read(crawls.folder) as reader:
        late = crawls.now.timestamp() + 200 * 86400
        past = reader.health.past(FARO.name, late)
        assert sum(pulse.new for pulse in past) == 14 * 3
        assert reader.health.past(FARO.name, late + 400 * 86400) == []
