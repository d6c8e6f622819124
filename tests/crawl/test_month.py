"""Some simulated days of an invented world behind nginx, judged by the archive and by the server's own log.

`python -m bench.crawl_month` does the same for a whole month of twenty papers and five thousand stories.
"""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from bench.crawl_month import LATE, verdict
from bench.world import check
from bench.world.month import Month
from bench.world.prose import sentences
from bench.world.site import Hit, served
from bench.world.stories import DAY, HOUR, world

PACE = 400.0  #: seconds of the world in one of ours


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.mark.skipif(not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()), reason="nginx is not installed")
def test_days_of_hourly_crawls_miss_nothing_and_hurry_nobody(tmp_path: Path) -> None:
    invented = world(5, 6, 2, 40, sentences(5, 800))
    runs = list(range(LATE, 2 * DAY, 2 * HOUR))
    with served(invented, tmp_path / "site", free_port()) as site:
        month = Month(site, tmp_path / "archive", PACE)
        for minute in runs:
            month.run(minute)
        assert verdict(site, month, runs) == []
        assert month.sums["new"] >= 35
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
