"""Alarms on the command line: shown, loud by the exit code, acknowledged, muted; and the heartbeat."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli_samples import Run, as_json
from crawled import FARO, Crawls

SETTINGS = f'[[source]]\nname = "{FARO.name}"\nurl = "{FARO.url}"\n'


@pytest.fixture
def alarmed(tmp_path: Path) -> Crawls:
    """An archive whose source has had a feed that is a page for six hours."""
    crawls = Crawls(tmp_path / "archive")
    crawls.run()
    for _ in range(2):
        crawls.run(errors=("html", None))
    return crawls


def test_an_open_alarm_is_shown_and_is_exit_code_1(hemeroteca: Run, alarmed: Crawls) -> None:
    done = hemeroteca("status", code=1)
    assert "! feed-html    El Faro  since 2031-05-01: 1 of 2 lists have been a page for 6 hours" in done.stdout
    quiet = hemeroteca("status", "-q", code=1)
    assert quiet.stdout == ""
    assert quiet.stderr.startswith("hemeroteca: ! feed-html    El Faro")
    (row,) = as_json(hemeroteca("status", "--json", code=1))["alarms"]
    assert (row["code"], row["source"], row["loud"]) == ("feed-html", "El Faro", True)


def test_an_acknowledged_alarm_is_quiet_and_stays(hemeroteca: Run, alarmed: Crawls) -> None:
    assert hemeroteca("status", "--ack", "feed-html:El Faro").stdout == "feed-html:El Faro: acknowledged\n"
    assert "(acknowledged 20" in hemeroteca("status").stdout
    assert hemeroteca("status", "-q").stderr == ""
    alarmed.run(errors=("html", None))
    assert "(acknowledged 20" in hemeroteca("status").stdout


def test_a_muted_alarm_is_quiet_until_its_day(hemeroteca: Run, alarmed: Crawls) -> None:
    hemeroteca("status", "--mute", "all", "--until", "2020-01-01")
    hemeroteca("status", code=1)
    hemeroteca("status", "--mute", "feed-html", "--until", "2999-01-01")
    assert "(muted until 2999-01-01)" in hemeroteca("status").stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--ack", "silent"), "no alarm silent is open; there is feed-html:El Faro"),
        (("--mute", "all"), "--mute and --until belong together"),
        (("--until", "2031-01-01"), "--mute and --until belong together"),
    ],
)
def test_a_mistake_is_one_line(hemeroteca: Run, alarmed: Crawls, arguments: tuple[str, ...], says: str) -> None:
    done = hemeroteca("status", *arguments, code=2)
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_status_fails_when_no_crawl_ends_in_time(hemeroteca: Run, dumps: Path, tmp_path: Path) -> None:
    hemeroteca("clean", dumps, code=None)
    path = tmp_path / "archive" / "sources.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    assert "Alarms" not in hemeroteca("status").stdout
    os.utime(path, (1e9, 1e9))
    done = hemeroteca("status", code=1)
    assert "! no-run" in done.stdout
    assert "no crawl has ever ended; one is due every 1 hour" in done.stdout
