"""The reading pages, over HTTP, as whoever opens them sees them."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from archive_samples import clean, clock, page, text
from browse_samples import HOSTILE, get, html_page, seen, store_given, store_html
from datasette.app import Datasette

from archive.browse import search as search_module
from archive.browse.plot import over_time, plot
from archive.browse.respond import POLICY
from archive.browse.search import LIMITS
from archive.browse.serve import application
from archive.errors import ArchiveError
from archive.store import Archive
from archive.warc import records

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("read") / "archive"
    told: dict[str, Any] = {"authors": ["Ana Díaz"], "section": "Mundo", "language": "es"}
    flood = told | {"title": "Inundación en O'Higgins", "published": "2026-11-01"}
    body = {"text": f"{text('inundación', 60)}\nSegundo párrafo.", "fields": flood, "removed": ["Menú", "Lo más visto"]}
    later = {
        "text": f"{text('corregida', 90)}",
        "fields": told | {"title": "Otra", "published": "2026-11-03T10:00-03:00"},
    }
    tokyo = {
        "text": "昨日、東京は雨でした。" * 9,
        "fields": {"title": "天気", "language": "ja", "published": "2026-10"},
    }
    store_given(
        folder,
        [
            page("a.txt", body, "https://a.example/1", "2026-11-01T10:00:00Z"),
            page("b.txt", body | {"removed": []}, "https://b.example/1", "2026-11-02T10:00:00Z"),
            page("c.txt", {"text": text("primera", 80), "fields": told}, "https://c.example/2", "2026-11-02T10:00:00Z"),
            page("c.txt", later, "https://c.example/2", "2026-11-04T10:00:00Z"),
            page("d.txt", tokyo, "https://d.example/3", "2026-11-04T10:00:00Z"),
            page("e.txt", {"reason": "crash", "error": "boom"}, "https://e.example/4", "2026-11-04T10:00:00Z"),
        ],
    )
    return folder


@pytest.fixture(scope="module")
def site(folder: Path) -> Datasette:
    return application(folder)


def found(site: Datasette, query: str) -> list[str | None]:
    return [hit["title"] for hit in json.loads(seen(site, f"/search.json?{query}"))["results"]]


OWN = [
    "/",
    "/search?q=la",
    "/article/1",
    "/article/1/cleaning",
    "/article/1/revisions",
    "/capture/1",
    "/url",
    "/runs",
    "/run/1",
]


@pytest.mark.parametrize("path", OWN)
def test_pages_of_our_own_have_no_script_and_are_not_cached(site: Datasette, path: str) -> None:
    answer = get(site, path)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["content-security-policy"] == POLICY
    assert "script" not in POLICY
    assert not re.search(r"<script|<style|\son\w+=|\sstyle=", answer.text)
    assert answer.text.count("<h1") == 1


def test_the_article_page_says_where_everything_comes_from(site: Datasette) -> None:
    html = seen(site, "/article/1")
    for part in ("Inundación en O&#39;Higgins", "1 November 2026", "Ana Díaz", "Mundo", "<p>Segundo párrafo.</p>"):
        assert part in html
    assert "2 captures carry this text, at 2 addresses" in html
    assert 'href="https://a.example/1"' in html
    assert "(meta, <a" in html
    assert '<article dir="ltr" lang="es">' in html


def test_what_was_set_by_hand_is_said(folder: Path, tmp_path: Path) -> None:
    corrected = shutil.copytree(folder, tmp_path / "corrected")
    assert "Set by hand" not in seen(application(corrected), "/article/1")
    with sqlite3.connect(corrected / "news.db") as db:
        rows = [("https://a.example/1", "authors", '["Eva", "<b>"]'), ("https://a.example/1", "article", "true")]
        db.executemany("INSERT INTO corrections VALUES (?, ?, ?)", rows)
    db.close()
    html = seen(application(corrected), "/article/1")
    assert "<dt>authors</dt><dd><bdi>Eva; &lt;b&gt;</bdi> <span" in html
    assert "<dt>article</dt><dd><bdi>true" in html
    assert "Set by hand" not in seen(application(corrected), "/article/3")


def test_a_replaced_text_leads_to_the_one_that_replaced_it(site: Datasette) -> None:
    assert re.search(r'has replaced this one at its address: <a href="/article/3"><bdi>Otra', seen(site, "/article/2"))
    assert re.search(r"It replaced</h3>\s*<ul><li><a href=\"/article/2\"", seen(site, "/article/3"))
    html = seen(site, "/article/2/revisions")
    assert html.index("/article/2") < html.index("/article/3")
    assert "<ins>corregida" in html


def test_the_cleaning_view_has_every_line_with_its_rule(site: Datasette) -> None:
    html = seen(site, "/article/1/cleaning")
    lines = re.findall(r'<tr class="(\w+)"', html)
    assert lines == ["dropped", "dropped", "kept", "kept"]
    assert "<del>Lo más visto</del>" in html
    assert "es.rule-" in html
    assert re.findall(r'<tr class="(\w+)"', seen(site, "/article/1/cleaning?capture=2")) == ["kept", "kept"]
    assert "capture 1<" in seen(site, "/article/1/cleaning?capture=4")  # not this article's: its first is shown


def test_the_front_page_has_figures_runs_and_a_plot(site: Datasette) -> None:
    html = seen(site, "/")
    assert "3 articles of 3 sites" in html
    assert "<rect class=" in html
    assert '<a href="/article/3">Otra</a>' in html
    assert "/run/1" in html


def test_days_are_stacked_to_the_highest() -> None:
    made = plot(
        [("2026-01-01", "a", 3), ("2026-01-01", "b", 1), ("2026-01-02", "a", 2)], ["2026-01-01", "2026-01-02"], "day"
    )
    assert (made.most, made.sites) == (4, ("a", "b"))
    assert [bar.height for bar in made.bars] == [135, 45, 90]
    assert [bar.y for bar in made.bars] == [45, 0, 90]
    many = plot([("2026-01-01", f"s{n}", 1) for n in range(9)], ["2026-01-01"], "day")
    assert many.sites[-1] == "all others"
    assert [bar.says for bar in many.bars][-1] == "2026-01-01: all others, 3"


@pytest.mark.parametrize(
    ("dates", "unit", "columns"),
    [
        (["2026-11-28", "2026-12-02"], "day", 5),
        (["2026-11-28", "2026-12"], "month", 2),
        (["2025-11-28T10:00Z", "2026-12-01"], "month", 14),
        (["2020-02-31", "2026"], "year", 7),
        (["1900", "2026-01"], "year", 2),
        (["2026-02-31", "2026-02-30"], "day", 1),
        (["ayer", "0000-01-01"], None, 0),
    ],
)
def test_hits_are_plotted_without_gaps_where_they_fit(dates: list[str | None], unit: str | None, columns: int) -> None:
    assert over_time([(day, "a") for day in dates]) is None  # too few
    made = over_time([(day, "a") for day in [*dates, *dates, None]])
    assert (made.unit, len(made.days), made.undated) == (unit, columns, 1) if made else unit is None


@pytest.mark.parametrize(
    ("days", "unit"),
    [
        ([f"2026-11-{day:02}" for day in range(1, 8)], "day"),
        ([f"2026-{month:02}-01" for month in range(1, 8)], "month"),
        (["2001-01-01", "2011-03", "2015"], "year"),
        (["2026-02-31"], "year"),
        (["2999-01-01"], None),
        (["1 de enero de"], None),
    ],
)
def test_the_plot_is_by_day_month_or_year(tmp_path: Path, days: list[str], unit: str | None) -> None:
    pages = [page(f"{day}.txt", {"text": text(day, 60), "fields": {"published": day}}) for day in days]
    store_given(tmp_path / "a", pages)
    html = seen(application(tmp_path / "a"), "/")
    assert re.findall(r">By (\w+) and site<", html) == ([unit] if unit else [])
    assert len(re.findall(r'<rect class="c0" x', html)) == (len(days) if unit else 0)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("q=inundacion", ["Inundación en O'Higgins"]),
        ("q=disparate", []),
        ("q=noche", ["Otra", "Inundación en O'Higgins"]),
        ("q=noche&sort=relevance&site=c.example", ["Otra"]),
        ("q=noche&to=2026-11-01", ["Inundación en O'Higgins"]),
        ("q=&to=2026-11-03&from=2026-11-02", ["Otra"]),
        ("q=&from=2026-11&author=Ana+D%C3%ADaz&section=Mundo&language=es", ["Otra", "Inundación en O'Higgins"]),
        ("q=%E6%9D%B1%E4%BA%AC", ["天気"]),
        ("q=%E5%A4%A9%E6%B0%97", ["天気"]),
        ("q=%E5%A4%A7%E9%98%AA", []),
        ("q=primera", []),
    ],
)
def test_searches(site: Datasette, query: str, titles: list[str]) -> None:
    assert found(site, query) == titles


def test_a_page_of_hits_marks_what_was_found_and_offers_other_forms(site: Datasette) -> None:
    html = seen(site, "/search?q=inundacion&site=a.example")
    assert "<mark>Inundación</mark> en O&#39;Higgins" in html
    assert 'href="/search.csv?q=inundacion&amp;site=a.example"' in html
    assert "from” is left out" in seen(site, "/search?from=ayer")


@pytest.mark.parametrize("sort", ["date", "relevance"])
@pytest.mark.parametrize("typed", ["noche", "la noche", "la no*", "noche 東京", '"la noche"'])
def test_common_words_are_looked_up_in_another_way(
    site: Datasette, monkeypatch: pytest.MonkeyPatch, typed: str, sort: str
) -> None:
    """By date every hit is still met; else only those that came last are looked at, and the page says so."""
    query = f"q={quote(typed)}&sort={sort}"
    few = found(site, query)
    monkeypatch.setattr(search_module, "LIMITS", replace(LIMITS, cap=1, narrow=1))
    many = json.loads(seen(site, f"/search.json?{query}"))
    titles = [hit["title"] for hit in many["results"]]
    walks = sort == "date" and typed in {"noche", "la noche", '"la noche"'}
    assert titles == few if walks else titles in ([], few[:1], few[1:])
    if few:
        assert "More than 1 articles carry these words" in many["notes"][0]


def test_what_is_common_is_filtered_too(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "LIMITS", replace(LIMITS, cap=1, narrow=1))
    assert found(site, "q=noche&section=Mundo&language=es&author=Ana+D%C3%ADaz&to=2026-11-02") == [
        "Inundación en O'Higgins"
    ]
    assert found(site, "section=Mundo&language=es&site=c.example") == ["Otra"]
    assert found(site, "q=noche&section=Deportes") == []


def test_a_table_runs_no_formula(tmp_path: Path) -> None:
    told = [
        {"title": f"{sign}1+1", "authors": ["@a", "b"], "section": " =x"} for sign in ("=", "+", "-", "@", "＝", "")
    ]
    pages = [page(f"{n}.txt", {"text": text(f"t{n}", 60), "fields": fields}) for n, fields in enumerate(told)]
    store_given(tmp_path / "a", pages)
    rows = list(csv.DictReader(io.StringIO(seen(application(tmp_path / "a"), "/search.csv"))))
    assert len(rows) == len(told)
    for row in rows:
        assert row["authors"] == "'@a; b"
        assert not any(value.lstrip().startswith(("=", "+", "-", "@", "＝")) for value in row.values())


def test_a_feed_is_atom(site: Datasette) -> None:
    feed = ElementTree.fromstring(seen(site, "/search.atom?q=noche"))
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["Otra", "Inundación en O'Higgins"]
    assert entries[1].findtext(f"{ATOM}updated") == "2026-11-01T00:00:00Z"
    ids = [entry.findtext(f"{ATOM}id") or "" for entry in entries]
    assert all(name.startswith("http://") for name in ids)


@pytest.mark.parametrize("bad", HOSTILE)
def test_nothing_that_was_written_elsewhere_becomes_code_here(tmp_path: Path, bad: str) -> None:
    fields = dict.fromkeys(("title", "section", "description", "published", "language", "image", "modified"), bad)
    says = {
        "text": f"{bad}\n{text('palabra', 60)}",
        "fields": fields | {"authors": [bad], "tags": [bad]},
        "removed": [bad],
    }
    store_given(tmp_path / "a", [page(bad, says, f"http://x.example/{bad}"), page(bad + "2", says, bad)])
    with sqlite3.connect(tmp_path / "a" / "news.db") as db:  # what persons and servers say besides
        db.execute("UPDATE runs SET command = ?, outcome = ?", (bad, bad))
        db.execute("UPDATE captures SET via = ?, tls = ?, ip = ?, purpose = 'page', error = NULL", (bad, bad, bad))
        db.execute("INSERT INTO crawl_sources VALUES (?, '', '', ?)", (bad, bad))
        db.execute("INSERT INTO crawl_runs VALUES (1, ?, 1, 1, 1, 1, 1, 1, ?)", (bad, bad))
        db.execute("INSERT INTO crawl_counts VALUES (1, ?, ?, ?, 1)", (bad, bad, bad))
        alarm = (bad, "2026", "2026", bad)
        db.execute("INSERT INTO alarms (code, source, since, last, evidence) VALUES ('silent', ?, ?, ?, ?)", alarm)
        db.execute("INSERT INTO corrections VALUES (?, ?, ?)", (f"http://x.example/{bad}", bad, json.dumps([bad])))
    db.close()
    site = application(tmp_path / "a")
    typed = quote(bad)
    paths = [
        "/",
        *OWN[2:],
        f"/search?q={typed}",
        f"/search?site={typed}&section={typed}&author={typed}&language={typed}",
    ]
    for path in [
        *paths,
        f"/search?from={typed}&to={typed}&page={typed}&sort={typed}",
        "/news/articles",
        "/news/articles/1",
    ]:
        html = seen(site, path)
        mine = re.sub(r"<script>.*?</script>|<style.*?</style>", "", html, flags=re.DOTALL) if "/news" in path else html
        assert not re.search(r"<script>alert|<img|<svg onload|href=.javascript:|>49<", mine), path
    for path in ("/search.json", "/search.csv", "/search.atom", f"/url/{typed}", f"/url?address={typed}"):
        assert get(site, f"{path}").status_code in {200, 303, 404}


def test_by_address(site: Datasette) -> None:
    one = get(site, "/url/https://a.example/1?utm_source=x")
    assert (one.status_code, one.headers["location"]) == (303, "/capture/1")
    both = seen(site, "/url/http://c.example/2/")
    assert both.index("4 November 2026") < both.index("2 November 2026")
    assert get(site, "/url/c.example/2@2026-11-03").headers["location"] == "/capture/3"
    past = "/url/https://web.archive.org/web/20261103000000/https://c.example/2"
    assert get(site, past).headers["location"] == "/capture/3"
    assert get(site, f"/url/{quote('https://c.example/2@2026-11-03', safe='')}").headers["location"] == "/capture/3"
    assert get(site, "/url/https://nowhere.example/").status_code == 404


@pytest.mark.parametrize("path", ["/article/99", "/article/99/cleaning", "/capture/99", "/article/999999999999999999"])
def test_what_is_not_there_is_a_page_that_says_so(site: Datasette, path: str) -> None:
    answer = get(site, path)
    assert answer.status_code == 404
    assert "Not in this archive" in answer.text


def test_nothing_is_written(folder: Path, site: Datasette) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.name == "news.db"}
    for path in OWN:
        seen(site, path)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name == "news.db"} == before


def test_new_articles_show_on_reload(folder: Path, tmp_path: Path) -> None:
    live = tmp_path / "live"
    shutil.copytree(folder, live)
    site = application(live)
    assert "novedad" not in seen(site, "/")
    with Archive.open(live, clock) as writer:
        writer.start_run("clean")
        new = page("z.txt", {"text": text("novedad", 70)})
        writer.record(writer.keep(new), clean(new))
        writer.commit()
        assert "novedad" in seen(site, "/")
        assert len(found(site, "q=novedad")) == 1
        writer.finish_run("ok")


def test_datasette_without_our_plugin_is_as_it_was(folder: Path, site: Datasette) -> None:
    plain = Datasette([str(folder / "news.db")])
    assert "came in last" not in seen(plain, "/").lower()
    assert get(plain, "/search").status_code == 404
    assert 'href="/article/' not in seen(plain, "/news/articles")
    assert '<a href="/article/1">Inundaci' in seen(site, "/news/articles")


def test_robots_are_turned_away(site: Datasette) -> None:
    assert "Disallow: /" in seen(site, "/robots.txt")


@pytest.mark.parametrize("harm", ["missing", "no database", "empty", "garbage", "newer", "older", "another's"])
def test_an_archive_that_cannot_be_read_is_one_line(folder: Path, tmp_path: Path, harm: str) -> None:
    broken = tmp_path / "broken"
    if harm != "missing":
        shutil.copytree(folder, broken)
    database = broken / "news.db"
    if harm == "no database":
        database.unlink()
    elif harm == "empty":
        database.write_bytes(b"")
    elif harm == "garbage":
        database.write_bytes(b"no database" * 1000)
    elif harm != "missing":
        _mark(database, harm)
    with pytest.raises(ArchiveError) as told:
        application(broken)
    assert "\n" not in str(told.value)
    assert str(broken) in str(told.value) or "hemeroteca" in str(told.value)


def _mark(database: Path, harm: str) -> None:
    with sqlite3.connect(database) as db:
        pragma = {"newer": "user_version = 999", "older": "user_version = 0", "another's": "application_id = 1"}[harm]
        db.execute(f"PRAGMA {pragma}")
    db.close()


def test_an_archive_without_articles_has_a_front_page(tmp_path: Path) -> None:
    store_given(tmp_path / "a", [])
    site = application(tmp_path / "a")
    assert "hemeroteca clean PATH" in seen(site, "/")
    assert "Nothing found" in seen(site, "/search?q=x")


def test_damage_under_way_is_a_page_that_says_what_to_do(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    site = application(broken)
    for path in (broken / "warcs").iterdir():
        path.unlink()
    answer = get(site, "/capture/1/original", sec_fetch_dest="iframe")
    assert answer.status_code == 500
    assert "the WARC file is not there" in answer.text
    seen(site, "/article/1/cleaning")  # needs no record
    site = application(broken)  # that has read nothing yet
    size = (broken / "news.db").stat().st_size
    with (broken / "news.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    for path in ("/", "/search?q=la", "/article/1"):
        answer = get(site, path)
        assert answer.status_code == 500, path
        assert "The archive cannot be read" in answer.text


ARCHIVED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=iso-8859-1\r\nSet-Cookie: a=b\r\nRefresh: 0; url=http://x/\r\n"
    b"Link: <http://x/>; rel=preload\r\nClear-Site-Data: *\r\nContent-Security-Policy: script-src *\r\nX-Own: 1\r\n\r\n"
)


def test_the_original_has_its_bytes_and_our_headers(tmp_path: Path) -> None:
    body = "<html><script>alert(1)</script>año".encode("latin-1")
    message = ARCHIVED + body
    store_html(
        tmp_path / "a", [html_page(body, "http://x.example/", message=message, charset="iso-8859-1", status=200)]
    )
    site = application(tmp_path / "a")
    away = get(site, "/capture/1/original")
    assert (away.status_code, away.headers["location"]) == (303, "/capture/1")
    for destination in ("document", "script", "image", "object", "embed", "frame", ""):
        assert get(site, "/capture/1/original", sec_fetch_dest=destination).status_code == 303
    answer = get(site, "/capture/1/original", sec_fetch_dest="iframe")
    assert answer.content == body
    assert answer.headers["content-type"] == "text/html; charset=iso-8859-1"
    policy = answer.headers["content-security-policy"]
    assert all(part in policy for part in ("default-src 'none'", "; sandbox", "form-action 'none'", "base-uri 'none'"))
    assert not {"set-cookie", "refresh", "link", "clear-site-data", "x-own"} & set(answer.headers)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox title" in get(site, "/capture/1", sec_fetch_dest="document").text
    assert "The original is shown only where" in seen(site, "/capture/1")
    record = get(site, "/capture/1/record.warc.gz")
    (tmp_path / "one.warc.gz").write_bytes(record.content)
    (one,) = records(tmp_path / "one.warc.gz")
    assert one.record.block == message


@pytest.mark.parametrize("charset", ["utf-8\r\nSet-Cookie: a=b", "x; y", "", "é", "a" * 99])
def test_a_declared_charset_cannot_write_headers(tmp_path: Path, charset: str) -> None:
    store_html(tmp_path / "a", [html_page(b"<p>x", "http://x.example/", charset=charset)])
    answer = get(application(tmp_path / "a"), "/capture/1/original", sec_fetch_dest="iframe")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")
