"""`hemeroteca crawl` as a user has it: a process of its own against a real server, in real time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from crawl_site import Resource, Site, serving

from archive.store import Archive

ROOT = Path(__file__).parent.parent.parent
Hemeroteca = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    with serving(Site(time.time)) as found:
        found.write_feed()
        folder.mkdir()
        settings(folder, found)
        yield found


def settings(folder: Path, site: Site, delay: float = 0.0, contact: str = "mailto:test@paper.example") -> None:
    (folder / "sources.toml").write_text(
        f"""
        contact = "{contact}"
        [[source]]
        name = "paper"
        url = "{site.url}/"
        feeds = ["{site.url}/rss.xml"]
        every = "0s"
        delay = {delay}
        allow-private = true
        """,
        "utf-8",
    )


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command; whatever still runs at the end is killed."""
    started = []

    def begin(*args: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "scraper.cli", *args],
            cwd=folder.parent,
            env=os.environ | {"HEMEROTECA_ARCHIVE": str(folder), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture
def crawl(start: Callable[..., subprocess.Popen[str]]) -> Callable[..., tuple[int, str, str]]:
    def run(*args: str) -> tuple[int, str, str]:
        process = start(*(args or ("crawl",)))
        out, err = process.communicate(timeout=120)
        assert "Traceback" not in err, err
        return process.returncode, out, err

    return run


def sql(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with Archive.read(folder) as reader:
        return reader.db.conn.execute(query).fetchall()


def until(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come to that")


def test_a_run_from_cron_says_nothing_and_json_says_all(crawl: Any, site: Site, folder: Path) -> None:
    for n in range(3):
        site.publish(str(n))
    assert crawl() == (0, "", "")
    assert sql(folder, "SELECT count(*) FROM articles") == [(3,)]
    code, out, err = crawl("crawl", "--json")
    told = json.loads(out)
    assert (code, err, told["outcome"]) == (0, "", "ok")
    assert told["sources"]["paper"]["requests"] == 1
    assert told["sources"]["paper"]["remark"] == "nothing new: no list has changed"
    code, out, _ = crawl("status")
    assert "paper: 0 seen: nothing new: no list has changed" in out
    _, out, _ = crawl("status", "--json")
    assert json.loads(out)["last_crawl"]["paper"]["seen"] == 0
    (agent,) = {hit.headers["User-Agent"] for hit in site.hits}
    assert "hemeroteca" in agent
    assert "mailto:test@paper.example" in agent
    assert crawl("verify")[0] == 0


def test_mistakes_are_one_line(crawl: Any, site: Site, folder: Path) -> None:
    for args, words in (
        (("crawl", "paprr"), "did you mean paper"),
        (("crawl", "--since", "yesterday"), "--since yesterday"),
        (("crawl", "--max-time", "soon"), "--max-time soon"),
        (("crawl", "--release", "x"), "it is not stopped"),
    ):
        code, out, err = crawl(*args)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert words in err
    (folder / "sources.toml").write_text('contact = "mailto:test@paper.example"', "utf-8")
    assert "there is no source" in crawl()[2]
    (folder / "sources.toml").unlink()
    assert crawl("crawl")[0] == 2
    assert not site.hits


def test_a_source_that_cannot_be_read_is_said_also_in_cron(crawl: Any, site: Site, folder: Path) -> None:
    del site.pages["/rss.xml"]
    code, out, err = crawl()
    assert (code, out) == (1, "")
    assert err == "paper: nothing new: 1 of 1 lists failed\n"


def test_two_runs_at_once(start: Any, crawl: Any, site: Site, folder: Path) -> None:
    site.publish("1")
    site.before = lambda path: time.sleep(3) if path == "/robots.txt" else None
    first = start("crawl")
    until(lambda: (folder / ".lock").exists() and (folder / ".lock").read_text() != "")
    began = time.monotonic()
    code, out, err = crawl("crawl")
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert "another run" in err
    assert time.monotonic() - began < 20
    assert first.wait(60) == 0


def test_sigterm_finishes_what_is_under_way_and_the_next_run_goes_on(
    start: Any, crawl: Any, site: Site, folder: Path
) -> None:
    settings(folder, site, delay=0.4)
    for n in range(30):
        site.publish(str(n))
    first = start("crawl")
    until(lambda: len(site.hits) > 6)
    began = time.monotonic()
    first.send_signal(signal.SIGTERM)
    _, err = first.communicate(timeout=60)
    assert time.monotonic() - began < 10
    assert first.returncode == 130
    assert "run the same command again" in err
    assert "Traceback" not in err
    assert sql(folder, "SELECT outcome FROM runs") == [("interrupted",)]
    ((waiting,),) = sql(folder, "SELECT n FROM crawl_counts WHERE ending = 'waiting'")
    assert 0 < waiting < 30
    settings(folder, site)
    assert crawl() == (0, "", "")
    assert sql(folder, "SELECT count(*) FROM articles") == [(30,)]
    assert max(site.asked(path)[path] for path in site.feed) == 1


@pytest.mark.parametrize("hits", [4, 9, 20])
def test_kill_9_loses_nothing_and_what_was_stored_is_not_fetched_again(
    start: Any, crawl: Any, site: Site, folder: Path, hits: int
) -> None:
    settings(folder, site, delay=0.1)
    for n in range(25):
        site.publish(str(n))
    first = start("crawl")
    until(lambda: len(site.hits) > hits)
    first.kill()
    first.wait()
    before = len(site.hits)
    code, out, err = crawl()
    assert (code, out) == (0, "")
    assert all(line.startswith("hemeroteca: repaired") for line in err.splitlines())
    assert sql(folder, "SELECT count(*) FROM articles") == [(25,)]
    again = sum(n - 1 for path, n in site.asked().items() if path in site.feed)
    assert again <= 1, "only the one that was under way"
    assert len(site.hits) - before <= 25 + 4
    assert crawl("verify")[0] == 0


def test_a_lost_database_is_built_anew_and_the_crawl_goes_on(crawl: Any, site: Site, folder: Path) -> None:
    for n in range(6):
        site.publish(str(n))
    crawl("crawl", "--max-pages", "4")
    counts = sql(folder, "SELECT source, ending, pattern, n FROM crawl_counts ORDER BY 1, 2, 3")
    kept = sql(folder, "SELECT source, began, floor FROM crawl_sources")
    for path in folder.glob("news.db*"):
        path.unlink()
    assert crawl("verify", "--repair")[0] == 0
    assert sql(folder, "SELECT source, ending, pattern, n FROM crawl_counts ORDER BY 1, 2, 3") == counts
    assert sql(folder, "SELECT source, began, floor FROM crawl_sources") == kept
    site.feed = {}
    site.write_feed()
    assert crawl()[0] == 0
    assert sql(folder, "SELECT count(*) FROM articles") == [(6,)], "those that waited were noted"
    assert max(site.asked(path)[path] for path in site.asked() if "noticia" in path) == 1


def test_a_page_that_is_here_from_a_warc_is_not_fetched(crawl: Any, site: Site, folder: Path, tmp_path: Path) -> None:
    path = site.publish("1")
    assert crawl()[0] == 0
    other = tmp_path / "other"
    other.mkdir()
    settings(other, site)
    (warc,) = (folder / "warcs").glob("*.warc.gz")
    before = len(site.hits)
    crawl("clean", str(warc), "--archive", str(other))
    _, out, _ = crawl("crawl", "--archive", str(other), "--json")
    assert json.loads(out)["sources"]["paper"]["known"] == 1
    assert path not in site.asked(since=before)


def test_a_page_that_fails_is_a_row_with_its_reason(crawl: Any, site: Site, folder: Path) -> None:
    path = site.publish("1")
    site.pages[path] = Resource(b"oops", status=500)
    assert crawl() == (1, "", "")
    assert sql(folder, "SELECT ending FROM crawl_counts") == [("failed",)]
    assert sql(folder, f"SELECT reason, status FROM captures WHERE url LIKE '%{path}'") == [("http-error", 500)]
