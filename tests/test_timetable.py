"""Timetables as cron and systemd read them: `systemd-analyze verify`, and a cron that runs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import UsageError
from scraper.timetable import MINUTES, Timetable, crontab, pace, service, timer

HOSTILE = """100% a 'b' "c" $HOME \\d ñ;#`x`"""
ANALYZE = shutil.which("systemd-analyze")
CRON = shutil.which("cron", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
CRON_D = Path("/etc/cron.d")

needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
needs_cron = pytest.mark.skipif(
    CRON is None or not os.access(CRON_D, os.W_OK), reason="a real cron run needs cron, and root to tell it"
)


def table(*command: str, minutes: int = 60, user: str | None = None) -> Timetable:
    return Timetable(command or ("/opt/hemeroteca", "crawl"), "/srv/archive", minutes, user)


def test_the_pace_is_the_longest_that_is_no_longer_than_asked_for() -> None:
    assert [pace(seconds) for seconds in (0, 299, 300, 3599, 3600, 5400, 86400, 1e9)] == [
        5, 5, 5, 30, 60, 60, 1440, 1440,
    ]  # fmt: skip


@pytest.mark.parametrize("minutes", MINUTES)
def test_cron_and_timer_run_as_often_as_told_and_never_at_the_full_hour(minutes: int) -> None:
    line = crontab(table(minutes=minutes)).splitlines()[1]
    minute, hour, *rest, _ = line.split(" ", 5)
    assert rest == ["*", "*", "*"]
    at = [int(each) for each in minute.split(",")]
    hours = list(range(24)) if hour == "*" else [int(each) for each in hour.split(",")]
    assert len(at) * len(hours) == 1440 // minutes
    assert 0 < min(at) <= max(at) < 60
    assert max(hours) < 24
    moments = sorted(60 * h + m for h in hours for m in at)
    assert {later - earlier for earlier, later in pairwise(moments)} <= {minutes}


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40))
def test_a_line_of_cron_is_read_by_a_shell_as_it_was_meant(word: str) -> None:
    """cron takes a backslash off each percent sign, ends the line at a bare one, and gives the rest to /bin/sh."""
    command = crontab(table("/bin/echo", word)).splitlines()[-1].split(" ", 5)[5]
    assert "%" not in command.replace("\\%", "")
    done = subprocess.run(
        ["/bin/sh", "-c", command.replace("\\%", "%").replace("/bin/echo", "printf %s", 1)],
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == word


def test_a_control_character_is_the_users_mistake() -> None:
    for form in (crontab, service):
        with pytest.raises(UsageError, match="control character"):
            form(table("/bin/echo", "a\nb"))


@needs_systemd
@pytest.mark.parametrize("minutes", [15, 60, 360])
@pytest.mark.parametrize("user", [None, "root"])
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path, minutes: int, user: str | None) -> None:
    assert ANALYZE
    program = tmp_path / HOSTILE.replace("/", "_") / "hemeroteca"
    program.parent.mkdir()
    program.symlink_to("/bin/true")
    made = table(str(program), "crawl", HOSTILE, minutes=minutes, user=user)
    (tmp_path / "hemeroteca.service").write_text(service(made), encoding="utf-8")
    (tmp_path / "hemeroteca.timer").write_text(timer(made), encoding="utf-8")
    scope = [] if user else ["--user"]
    done = subprocess.run(
        [ANALYZE, "verify", *scope, tmp_path / "hemeroteca.service", tmp_path / "hemeroteca.timer"],
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("minutes", MINUTES)
def test_systemd_understands_when(minutes: int) -> None:
    assert ANALYZE
    when = next(line for line in timer(table(minutes=minutes)).splitlines() if line.startswith("OnCalendar="))
    done = subprocess.run([ANALYZE, "calendar", when.partition("=")[2]], capture_output=True, text=True, check=False)
    assert "Next elapse" in done.stdout, done.stderr


@pytest.fixture
def cron_d() -> Iterator[Path]:
    """A file for a test in cron's folder, and a cron that reads it: the machine's own, or one started here."""
    assert CRON
    file = CRON_D / f"hemeroteca-test-{os.getpid()}"
    cron = subprocess.Popen([CRON, "-f"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    time.sleep(1.5)  # cron tells a change by the second, and has just looked
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)
        if cron.poll() is None:  # it ends by itself where another cron is running
            os.killpg(cron.pid, signal.SIGTERM)
            cron.wait(10)


@needs_cron
def test_cron_runs_the_line_with_its_words_whole(tmp_path: Path, cron_d: Path) -> None:
    """The line as printed, but for its minute; in cron.d a line names its user."""
    folder = tmp_path / HOSTILE
    folder.mkdir()
    script, told = folder / "program.py", folder / "told.json"
    script.write_text(
        "import json, os, sys, pathlib\n"
        "pathlib.Path(sys.argv[1]).write_text(json.dumps([sys.argv, sorted(os.environ)]), encoding='utf-8')\n",
        encoding="utf-8",
    )
    line = crontab(table(sys.executable, str(script), str(told), HOSTILE)).splitlines()[1]
    cron_d.write_text("* * * * * root " + line.split(" ", 5)[5] + "\n", encoding="utf-8")
    deadline = time.monotonic() + 150
    while not told.exists() and time.monotonic() < deadline:
        time.sleep(1)
    arguments, environment = json.loads(told.read_text(encoding="utf-8"))
    assert arguments == [str(script), str(told), HOSTILE]
    assert len(environment) < 15
