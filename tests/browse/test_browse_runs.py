"""Pages for whoever looks after an archive: what its runs did, and its sources."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_samples import page, text
from browse_samples import get, seen, store_given
from datasette.app import Datasette

from archive.browse.runs import PAGE, took
from archive.browse.serve import application
from archive.db.connect import open_writer
from archive.db.crawl import put_counts
from archive.db.crawlrows import SourceCounts


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    folder = tmp_path_factory.mktemp("runs") / "archive"
    pages = [
        page("a.txt", {"text": text("una", 60), "fields": {"title": "La primera"}}, "https://a.example/1"),
        page("b.txt", {"reason": "crash", "error": "boom <script>"}, "https://b.example/1"),
        page("c.txt", {"reason": "stub"}),
    ]
    store_given(folder, pages)
    store_given(folder, [page("d.txt", text("otra", 60))])
    db = open_writer(folder / "news.db")
    counts = {("new", ""): 7, ("left-out", "/tag/"): 5}
    figures = {"seen": 12, "lists": 3, "failed_lists": 1, "requests": 40, "bytes": 5_000_000, "seconds": 61.4}
    put_counts(db, 2, SourceCounts("faro", **figures, remark="robots", counts=counts))  # type: ignore[arg-type]
    alarms = [
        ("silent", "faro", "2026-11-20", "Nothing for 4 days.", None, None),
        ("blocked", "vega", "2026-11-21", "9 of 10 <pages>.", "2026-11-22", None),
        ("refused", "mirador", "2026-11-21", "Muted.", None, "2999-01-01"),
    ]
    columns = "code, source, since, evidence, acknowledged, muted_until, last"
    db.conn.executemany(f"INSERT INTO alarms ({columns}) VALUES (?, ?, ?, ?, ?, ?, '')", alarms)
    db.conn.execute("INSERT INTO crawl_sources VALUES ('faro', '2026-01-01T00:00:00Z', '', '2026-11-24T21:00:00Z')")
    db.conn.close()
    return application(folder)


def test_a_run_says_what_it_did_and_what_failed(site: Datasette) -> None:
    html = seen(site, "/run/1")
    assert "<dt>new articles</dt><dd>1</dd>" in html
    assert '<a href="/article/1">La primera</a>' in html
    assert "the cleaner failed on this page" in html
    assert 'href="/capture/2">https://b.example/1</a>: crash' in html
    assert "boom &lt;script&gt;" in html
    assert 'href="/news/captures?run_id=1&amp;reason=stub"' in html
    assert get(site, "/run/99").status_code == 404


def test_a_crawl_says_what_each_source_came_to(site: Datasette) -> None:
    html = seen(site, "/run/2")
    assert "left-out (/tag/) 5" in html
    assert '<td class="n">3, 1 failed</td>' in html
    assert '<td class="n">5 MB</td><td class="n">61 s</td><td>robots</td>' in html
    front = seen(site, "/")
    assert 'id="sources"' in front
    assert '<td class="when">24 November 2026, 21:00 UTC</td>' in front
    assert 'id="sources"' not in seen(site, "/run/1")


def test_alarms_stand_on_the_front_page_the_unheard_first(site: Datasette) -> None:
    html = seen(site, "/")
    assert html.index("faro: silent") < html.index("vega: blocked")
    assert "Nothing for 4 days." in html
    assert "9 of 10 &lt;pages&gt;." in html
    assert html.count('<span class="tag">known</span>') == 1
    assert "mirador" not in html


def test_all_runs_page_by_page(site: Datasette, tmp_path: Path) -> None:
    html = seen(site, "/runs")
    assert html.index("/run/2") < html.index("/run/1")
    assert "Earlier" not in html
    assert "/run/2" not in seen(site, "/runs?before=2")
    for odd in ("x", "-1", "9" * 30, ""):
        seen(site, f"/runs?before={odd}")
    store_given(tmp_path / "many", [])
    db = open_writer(tmp_path / "many" / "news.db")
    db.conn.executemany("INSERT INTO runs (command, started) VALUES (?, '')", [(f"r{n}",) for n in range(PAGE + 5)])
    db.conn.close()
    many = application(tmp_path / "many")
    assert f"/runs?before={7}" in seen(many, "/runs")
    assert "/run/6" in seen(many, "/runs?before=7")


@pytest.mark.parametrize(
    ("finished", "said"),
    [
        ("2026-01-01T00:01:05Z", "65 s"),
        ("2026-01-01T00:30:00Z", "30 min"),
        ("2026-01-02T02:03:00Z", "26 h 3 min"),
        (None, ""),
    ],
)
def test_how_long_a_run_took(finished: str | None, said: str) -> None:
    assert took({"started": "2026-01-01T00:00:00Z", "finished": finished}) == said
