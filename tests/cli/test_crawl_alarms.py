"""A crawl that finds a source otherwise than before: told on stderr, by the exit code, to a command; `status` knows."""

from __future__ import annotations

import json
import shlex
import sqlite3
import sys
import time
from pathlib import Path

from cli_samples import Run
from crawl_site import Resource, Site, serving

SETTINGS = """
contact = "mailto:me@elfaro.example"
[[source]]
name = "paper"
url = "{url}/"
feeds = ["{url}/rss.xml"]
every = "0s"
delay = 0
allow-private = true
"""


def test_a_feed_that_turned_to_html_is_told_inside_and_outside(hemeroteca: Run, tmp_path: Path) -> None:
    folder, told = tmp_path / "archive", tmp_path / "told.jsonl"
    folder.mkdir()
    script = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"
    command = shlex.join([sys.executable, "-c", script, str(told)])
    with serving(Site(time.time)) as site:
        (folder / "sources.toml").write_text(SETTINGS.format(url=site.url), encoding="utf-8")
        site.publish("1")
        site.pages["/ping"] = Resource(b"ok")
        outside = ("--alarm-command", command, "--ping", f"{site.url}/ping")
        first = hemeroteca("crawl", *outside)
        assert (first.stdout, first.stderr) == ("", "")
        site.pages["/rss.xml"] = Resource(b"<html><body>En obras</body></html>")
        hemeroteca("crawl", *outside, code=1)
        assert not told.exists()
        with sqlite3.connect(folder / "news.db") as db:  # seven hours go by
            shift = "strftime('%Y-%m-%dT%H:%M:%f000Z', at, '-7 hours')"
            db.execute(f"UPDATE pulses SET at = {shift}")
        db.close()
        third = hemeroteca("crawl", *outside, code=1)
        assert "paper: feed-html: 1 of 1 lists have been a page for 7 hours" in third.stderr
        assert json.loads(told.read_text(encoding="utf-8"))["code"] == "feed-html"
        told.unlink()
        hemeroteca("crawl", *outside, code=None)
        assert not told.exists()
        assert site.asked("/ping") == {"/ping": 4}
        assert "! feed-html    paper" in hemeroteca("status", code=1).stdout
        site.write_feed()
        last = hemeroteca("crawl", "paper", "--ping", f"{site.url}/none")
        assert "/none" in last.stderr
        assert "Alarms" not in hemeroteca("status").stdout
    assert hemeroteca("verify").returncode == 0
