"""Some simulated days of an invented world behind nginx, judged by the archive and by the server's own log.

`python -m bench.crawl_month` does the same for a whole month of twenty papers and five thousand stories.
"""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from archive.alarms import Alarm, Code
from bench.crawl_month import LATE, verdict
from bench.world import check
from bench.world.month import Month
from bench.world.prose import sentences
from bench.world.site import Hit, served
from bench.world.stories import DAY, HOUR, world
from bench.world.troubles import CALM_WITHIN, SHORTEST, TOLD_WITHIN, misjudged, troubles

PACE = 400.0  #: seconds of the world in one of ours


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.mark.skipif(not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()), reason="nginx is not installed")
def test_days_of_hourly_crawls_miss_nothing_and_hurry_nobody(tmp_path: Path) -> None:
    invented = world(5, 6, 2, 60, sentences(5, 800))
    runs = list(range(LATE, 2 * DAY, 2 * HOUR))
    with served(invented, tmp_path / "site", free_port()) as site:
        month = Month(site, tmp_path / "archive", PACE)
        for minute in runs:
            month.run(minute)
        assert verdict(site, month, runs) == []
        assert month.sums["new"] >= 55
        assert month.sums["changed"] >= 3
        _checks_can_fail(month, runs, list(site.hits())[1:])
        _all_fall_silent(month)


def _all_fall_silent(month: Month) -> None:
    """Nobody publishes any more: that is told of each paper, once, in that word, and nothing else is."""
    for minute in range(2 * DAY + LATE, 11 * DAY, 7 * HOUR):
        month.run(minute)
    told = [(alarm.source, str(alarm.code)) for _, alarm in month.alarms]
    assert sorted(told) == sorted((paper.ip, "silent") for paper in month.site.world.papers)
    assert all(minute > 8 * DAY for minute, _ in month.alarms)


def _checks_can_fail(month: Month, runs: list[int], hits: list[Hit]) -> None:
    """Each check cries out where it should: over what was just found in order."""
    invented = month.site.world
    assert check.missed(invented, {}, runs)
    assert check.wasted(invented, [*hits, *hits])
    assert check.asked_often([hit for hit in hits for _ in range(20)], 12)
    assert check.rude(hits, month.stretches, dict.fromkeys((paper.ip for paper in invented.papers), 600.0))


def test_troubles_are_to_be_told_in_their_word_and_time_and_nothing_else() -> None:
    befallen = troubles(5, SHORTEST)
    invented = world(3, 5, SHORTEST, 200, sentences(3, 400), befallen)
    assert sorted(trouble.kind for trouble in befallen.values()) == ["blocked", "broken", "silent"]
    silent = next(paper for paper in invented.papers if paper.trouble and paper.trouble.kind == "silent")
    assert silent.trouble is not None
    assert all(version.since < silent.trouble.since for s in invented.of(silent) for version in s.versions)
    assert invented.of(silent), "it told something before"

    def alarm(number: int, code: str) -> Alarm:
        return Alarm(Code[code.upper()], invented.papers[number].ip, "2025-03-03", "2025-03-03", "figures")

    told = [(trouble.since + HOUR, alarm(n, trouble.kind)) for n, trouble in befallen.items()]
    over = [(befallen[0].until or 0, alarm(0, "blocked"))]

    def found(opened: list[tuple[int, Alarm]], ended: list[tuple[int, Alarm]]) -> list[str]:
        return [line.split(":")[0] for line in misjudged(invented.papers, opened, ended, 20 * DAY)]

    assert found(told, over) == []
    assert found(told[1:], over) == ["not told"]
    assert found([*told[:2], (befallen[2].since + TOLD_WITHIN["silent"] + 1, told[2][1])], over) == ["not told"]
    assert found([*told, told[1]], over) == ["told 2 times"]
    assert found(told, [(over[0][0] + CALM_WITHIN + 1, over[0][1])]) == ["not over"]
    wrong = [(befallen[1].since + HOUR, alarm(1, "blocked")), (HOUR, alarm(4, "silent"))]
    assert [line.split(" at ")[0] for line in found([*told, *wrong], over)] == ["false alarm"] * 2


def test_a_wall_a_day_long_is_no_excuse_for_what_stands_after_it() -> None:
    befallen = troubles(5, SHORTEST)
    invented = world(3, 5, SHORTEST, 200, sentences(3, 400), befallen)
    runs = list(range(LATE, SHORTEST * DAY, HOUR))
    until = befallen[0].until
    assert until is not None
    behind = [s for s in invented.of(invented.papers[0]) if befallen[0].lasts(s.published)]
    owed = {s.number for s in behind if 0 in check.owed(s, invented.papers[0], runs)}
    assert behind
    assert owed == {
        s.number
        for s in behind
        if (s.gone_at or SHORTEST * DAY) > until + DAY + HOUR
        and (len(s.versions) == 1 or s.versions[1].since > until + DAY + HOUR)
        and any(check.readable(invented.papers[0], run) for run in runs if run >= until + DAY)
    }
