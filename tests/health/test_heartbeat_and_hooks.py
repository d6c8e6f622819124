"""The heartbeat, and telling somebody outside."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from archive.alarms import Alarm, Code
from scraper.health.heartbeat import late
from scraper.health.hooks import ping, run_command

HOUR = 3600.0
ALARM = Alarm(Code.SILENT, "el faro; rm -rf $HOME", "2031-05-03", "2031-05-04", "nothing new for `3` days\x1b[31m")


@pytest.mark.parametrize(
    ("last", "since", "every", "now", "is_late"),
    [
        (0.0, 0.0, [HOUR], 2.2 * HOUR, False),
        (0.0, 0.0, [HOUR], 2.3 * HOUR, True),
        (0.0, 0.0, [86400.0, HOUR], 2.3 * HOUR, True),
        (0.0, 0.0, [86400.0], 47 * HOUR, False),
        (0.0, 0.0, [0.0], 2.2 * HOUR, False),
        (0.0, 0.0, [300.0], 2.2 * HOUR, False),
        (None, 0.0, [HOUR], 3 * HOUR, True),
        (None, 2 * HOUR, [HOUR], 3 * HOUR, False),
        (None, 0.0, [], 1e9, False),
    ],
)
def test_a_crawl_is_late_when_two_are_due(
    last: float | None, since: float, every: list[float], now: float, is_late: bool
) -> None:
    alarm = late(last, since, every, now)
    assert (alarm is not None) is is_late
    if alarm is not None:
        assert (alarm.code, alarm.source) == (Code.NO_RUN, "")
        assert alarm.evidence.endswith("one is due every 1 hour")


def test_a_command_is_given_the_alarms_on_its_input_and_no_shell(tmp_path: Path) -> None:
    told = tmp_path / "told $(x).jsonl"
    script = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"
    assert run_command(f"{sys.executable} -c '{script}' '{told}'", [ALARM, ALARM]) is None
    lines = told.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["source"] for line in lines] == [ALARM.source, ALARM.source]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("/no/such/program", "No such file"),
        (f"{sys.executable} -c 'import sys; sys.exit(\"nobody home\")'", "ended with code 1: nobody home"),
        ("'unclosed", "No closing quotation"),
    ],
)
def test_a_command_that_fails_is_told_in_a_line(command: str, says: str) -> None:
    said = run_command(command, [ALARM])
    assert said is not None
    assert says in said
    assert "\n" not in said


class _Handler(BaseHTTPRequestHandler):
    answers: list[int]
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(self.answers.pop(0))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.mark.parametrize(
    ("answers", "fails", "times"), [([200], False, 1), ([500, 200], False, 2), ([500, 500, 500, 200], True, 3)]
)
def test_a_ping_is_tried_three_times(answers: list[int], fails: bool, times: int) -> None:
    handler = type("Handler", (_Handler,), {"answers": list(answers), "asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        said = ping(f"http://127.0.0.1:{server.server_address[1]}/ping/x")
        server.shutdown()
    assert (said is not None) is fails
    assert handler.asked == ["/ping/x"] * times


def test_a_ping_that_reaches_nobody_is_told() -> None:
    assert ping("http://127.0.0.1:9/") is not None
    assert ping("no address") is not None
