"""A crawled archive whose database is lost comes back equal: articles, captures, removed lines and runs, dumped."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from crawl_site import Resource, Site, article, serving

ROOT = Path(__file__).parent.parent.parent
SETTINGS = """
contact = "mailto:test@paper.example"
[[source]]
name = "paper"
url = "{url}/"
feeds = ["{url}/rss.xml"]
every = "0s"
delay = {delay}
allow-private = true
"""
#: Each row without the ids that a database gives: what they point to is named instead.
DUMP = {
    "runs": "SELECT * FROM runs",
    "articles": """
        SELECT title, site, published, section, authors, description, text, words, language, modified, tags, image, url,
               first_seen, last_seen, recipe, content_hash, text_digest,
               (SELECT content_hash FROM articles o WHERE o.id = a.superseded_by),
               (SELECT source || captured_at FROM captures WHERE id = lead_capture_id) FROM articles a""",
    "captures": """
        SELECT source, url, captured_at, status, reason, error, run_id, warc_file, warc_offset, warc_length,
               payload_digest, dated_by, media_type, source_name, claimed, purpose, ip, milliseconds, protocol, tls,
               truncated, rebuilt, via, hops, (SELECT content_hash FROM articles WHERE articles.id = article_id),
               (SELECT o.captured_at FROM captures o WHERE o.id = c.revisit_of) FROM captures c""",
    "removals": """
        SELECT source || captured_at, nth, line, text, rule, fate FROM removals
        JOIN captures ON captures.id = capture_id""",
}


def dumped(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(folder / "news.db") as db:
        return {table: sorted(db.execute(query).fetchall(), key=repr) for table, query in DUMP.items()}


def start(folder: Path, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "scraper.cli", *args],
        cwd=folder.parent,
        env=os.environ | {"HEMEROTECA_ARCHIVE": str(folder), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def hemeroteca(folder: Path, *args: str) -> int:
    process = start(folder, *args)
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in out + err, err
    return process.returncode


def test_what_was_crawled_comes_back_from_the_rest_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    with serving(Site(time.time)) as site:
        (folder / "sources.toml").write_text(SETTINGS.format(url=site.url, delay=0.0), "utf-8")
        site.pages["/robots.txt"] = Resource(b"User-agent: *\nDisallow: /admin\n", "text/plain")
        paths = [site.publish(str(n)) for n in range(6)]
        site.pages[paths[0]] = Resource(b"gone", status=410)
        site.pages[paths[1]] = Resource(b"", status=301, headers=(("Location", paths[2]),))
        site.pages[paths[3]] = Resource(b"oops", status=500)
        assert hemeroteca(folder, "crawl") in (0, 1)
        assert hemeroteca(folder, "crawl") in (0, 1)  # feeds and pages answer 304
        site.pages[paths[4]] = Resource(article("4", sentences=20))
        for n in range(10, 30):
            site.publish(str(n))
        (folder / "sources.toml").write_text(SETTINGS.format(url=site.url, delay=0.1), "utf-8")
        before = len(site.hits)
        killed = start(folder, "crawl")
        while len(site.hits) < before + 6 and killed.poll() is None:
            time.sleep(0.02)
        killed.kill()
        killed.communicate()
        (folder / "sources.toml").write_text(SETTINGS.format(url=site.url, delay=0.0), "utf-8")
        assert hemeroteca(folder, "crawl") in (0, 1)
    assert hemeroteca(folder, "crawl") == 1  # the site is down: a fetch without an answer
    assert hemeroteca(folder, "verify") == 0
    told = dumped(folder)
    reasons = {row[4] for row in told["captures"]}
    assert {"gone", "redirect", "http-error", "feed", "robots", "not-modified", "unreachable"} <= reasons
    for path in folder.glob("news.db*"):
        path.unlink()
    assert hemeroteca(folder, "verify", "--repair") == 0
    after = dumped(folder)
    for table in DUMP:
        assert after[table] == told[table], table
    assert hemeroteca(folder, "verify") == 0
