"""`hemeroteca schedule`: what it prints runs a crawl from nowhere, without an environment, as cron does."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_samples import Run
from crawl_site import Site, serving

from archive.store import Archive

SETTINGS = """
contact = "mailto:me@elfaro.example"
[[source]]
name = "paper"
url = "{url}/"
feeds = ["{url}/rss.xml"]
every = "{every}"
delay = 0
allow-private = true
"""


def write(folder: Path, every: str = "1h", url: str = "https://elfaro.example") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sources.toml").write_text(SETTINGS.format(url=url, every=every), encoding="utf-8")
    return folder


def test_the_line_runs_a_crawl_without_an_environment(hemeroteca: Run, tmp_path: Path) -> None:
    folder = tmp_path / "my 100% 'archive'"
    with serving(Site(time.time)) as site:
        site.publish("1")
        write(folder, url=site.url)
        comment, line = hemeroteca("schedule", "--archive", folder, "--", "--max-time", "1m").stdout.splitlines()
        assert comment == f"# hemeroteca: every hour into {folder}"
        command = line.split(" ", 5)[5].replace("\\%", "%")
        assert shlex.split(command)[-2:] == ["--max-time", "1m"]
        done = subprocess.run(["/bin/sh", "-c", command], env={}, cwd="/", capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with Archive.read(folder) as reader:
        assert reader.counts()["articles"] == 1


@pytest.mark.parametrize(
    ("every", "asked", "minutes"),
    [("1h", (), 1), ("20m", (), 3), ("0s", (), 12), ("3d", (), 1), ("1h", ("--every", "30m"), 2)],
)
def test_it_runs_as_often_as_the_busiest_source_wants(
    hemeroteca: Run, tmp_path: Path, every: str, asked: tuple[str, ...], minutes: int
) -> None:
    write(tmp_path / "archive", every)
    line = hemeroteca("schedule", "cron", *asked).stdout.splitlines()[1]
    assert len(line.split()[0].split(",")) == minutes


def test_units_name_the_program_and_the_archive(hemeroteca: Run, tmp_path: Path) -> None:
    unit = hemeroteca("schedule", "service", "--system").stdout
    assert f"ExecStart={sys.executable} -m scraper.cli crawl --archive {tmp_path / 'archive'}" in unit
    assert "\nUser=" in unit
    assert "OnCalendar=" in hemeroteca("schedule", "timer").stdout


def test_an_unknown_form_is_one_line(hemeroteca: Run) -> None:
    assert "corn: one of cron, service, timer is needed" in hemeroteca("schedule", "corn", code=2).stderr


@pytest.mark.parametrize("every", ["1m", "2d", "often"])
def test_a_pace_that_cannot_be_kept_is_one_line(hemeroteca: Run, every: str) -> None:
    done = hemeroteca("schedule", "--every", every, code=2)
    assert done.stderr == f'hemeroteca: --every {every}: a time from "5m" to "1d" is needed\n'
