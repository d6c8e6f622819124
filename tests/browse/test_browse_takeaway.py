"""What a search found, taken along: the same articles in every form, and nothing left behind."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import json
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from archive_samples import page, text
from browse_samples import get, html_page, seen, store_given, store_html
from datasette.app import Datasette
from exchange_samples import exchange, says, take, ticking

from archive.browse import takeaway
from archive.browse.downloads import Desk
from archive.browse.respond import Refused
from archive.browse.serve import application
from archive.errors import ArchiveError
from archive.store import Archive

WORDS = ("granizo", "sequía", "puerto")
QUERIES: list[dict[str, str]] = [
    {},
    {"q": "granizo"},
    {"q": "Granizo noche", "sort": "relevance"},
    {"q": "sequ*", "from": "2026-11-03"},
    {"q": '"++"'},
    {"site": "www.S1.example"},
    {"from": "2026-11-02", "to": "2026-11-05"},
    {"section": "Mundo", "author": "Ana; Díaz"},
    {"language": "es"},
    {"language": "es-PE"},
    {"q": "disparate"},
    {"q": "東京"},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("taken") / "archive"
    pages = []
    for n in range(12):
        fields: dict[str, Any] = {"title": f"{WORDS[n % 3]} {n}", "published": f"2026-11-0{1 + n % 7}"}
        fields |= {"language": ("es", "es-PE", "en")[n % 3]}
        if n % 2:
            fields |= {"section": "Mundo", "authors": ["Ana; Díaz"]}
        says = {"text": f"{text(WORDS[n % 3], 60)}\n東京{n}", "fields": fields, "removed": ["Menú"]}
        pages.append(page(f"{n}.txt", says, f"https://s{n % 4}.example/{n}", "2026-11-20T10:00:00Z"))
    pages.append(page("1.txt", text("cambiada", 70), "https://s1.example/1", "2026-11-21T10:00:00Z"))
    store_given(folder, pages)
    return folder


@pytest.fixture(scope="module")
def site(folder: Path) -> Datasette:
    return application(folder)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    return tmp_path / "scratch"


def found(site: Datasette, query: str) -> list[int]:
    return [hit["id"] for hit in json.loads(seen(site, f"/search.json?{query}"))["results"]]


def taken(site: Datasette, suffix: str, query: str = "") -> bytes:
    answer = get(site, f"/search.{suffix}?{query}")
    assert answer.status_code == 200, answer.text
    assert re.fullmatch(rf'attachment; filename="[a-z0-9-]+\.{suffix}"', answer.headers["content-disposition"])
    body: bytes = answer.content
    return body


@pytest.mark.parametrize("asked", QUERIES, ids=urlencode)
def test_every_form_takes_what_the_search_finds(site: Datasette, asked: dict[str, str], scratch: Path) -> None:
    query = urlencode(asked)
    ids = found(site, query)
    rows = list(csv.DictReader(io.StringIO(taken(site, "csv", query).decode())))
    lines = [json.loads(line) for line in taken(site, "jsonl", query).splitlines()]
    assert [int(row["id"]) for row in rows] == [line["id"] for line in lines]
    assert sorted(ids) == sorted(line["id"] for line in lines)
    if asked.get("sort") != "relevance":
        assert ids == [line["id"] for line in lines]
    (scratch / "some.db").write_bytes(taken(site, "db", query))
    with sqlite3.connect(scratch / "some.db") as db:
        assert sorted(ids) == [row[0] for row in db.execute("SELECT id FROM articles ORDER BY id")]
    db.close()


def test_books_documents_and_archived_pages(site: Datasette, scratch: Path) -> None:
    book = zipfile.ZipFile(io.BytesIO(taken(site, "epub", "q=granizo")))
    assert sum(name.startswith("book/article-") for name in book.namelist()) == 4
    assert taken(site, "md", "q=granizo").decode().count("\n# ") == 3  # and one at the start
    held = zipfile.ZipFile(io.BytesIO(taken(site, "wacz", "q=granizo")))
    listed = held.read("pages/pages.jsonl").decode().splitlines()
    assert len(listed) == 5
    assert list(scratch.iterdir()) == []


def test_a_database_of_a_search_is_whole(site: Datasette, scratch: Path) -> None:
    (scratch / "some.db").write_bytes(taken(site, "db", "q=granizo"))
    with sqlite3.connect(scratch / "some.db") as db:
        count = "SELECT count(*) FROM "
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute(f"{count} articles_fts WHERE articles_fts MATCH 'granizo'").fetchone() == (4,)
        assert db.execute(f"{count} removals").fetchone() == (4,)
        assert db.execute("SELECT sum(n) FROM daily").fetchone() == (4,)
        assert db.execute(f"{count} runs").fetchone() == (1,)
    db.close()
    plain = Datasette([str(scratch / "some.db")])
    assert "granizo 0" in seen(plain, "/some/captures")


def test_a_capture_is_a_wacz_of_its_own(tmp_path: Path, scratch: Path) -> None:
    store_html(
        tmp_path / "a", [html_page(b"<p>one", "https://x.example/1"), html_page(b"<p>two", "https://x.example/2")]
    )
    answer = get(application(tmp_path / "a"), "/capture/2/page.wacz")
    held = zipfile.ZipFile(io.BytesIO(answer.content))
    head, only = map(json.loads, held.read("pages/pages.jsonl").splitlines())
    assert (head["format"], only["url"]) == ("json-pages-1.0", "https://x.example/2")
    assert list(scratch.iterdir()) == []
    assert get(application(tmp_path / "a"), "/capture/9/page.wacz").status_code == 404


def test_a_revisit_takes_along_what_it_revisits_and_tells_how_it_was_fetched(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a", ticking(1)) as archive:
        archive.start_run("crawl")
        for day in (1, 2):
            take(
                archive,
                exchange(says(text("nota", 60)), at=f"2026-12-0{day}T09:00:00.000000Z", via="https://elfaro.example/"),
            )
            archive.commit()
        archive.finish_run("ok")
    site = application(tmp_path / "a")
    html = seen(site, "/capture/2")
    for part in (
        "as a page from 192.0.2.7",
        "in 41 ms",
        "Led there by",
        '<a href="/capture/1">capture 1</a>, where they lie',
    ):
        assert part in html, part
    held = zipfile.ZipFile(io.BytesIO(get(site, "/capture/2/page.wacz").content))
    index = gzip.decompress(held.read("indexes/index.cdx.gz")).decode()
    assert [json.loads(line.split(" ", 2)[2]).get("mime") for line in index.splitlines()] == [
        "text/plain",
        "warc/revisit",
    ]
    one = get(site, "/capture/2/original", sec_fetch_dest="iframe")
    assert (one.status_code, b"kit-1" in one.content) == (200, True)


def test_the_page_offers_each_form_and_its_command(site: Datasette) -> None:
    html = seen(site, "/search?q=la+noche&from=2026-11&sort=relevance")
    for form in takeaway.forms():
        assert f'href="/search.{form.suffix}?q=la+noche&amp;from=2026-11&amp;sort=relevance"' in html
    said = "hemeroteca export csv hemeroteca-la-noche-2026-11.csv --from=2026-11 &#39;--query=la noche&#39;"
    assert said in html
    assert "Take all of it along" not in seen(site, "/search?q=disparate")


def test_too_much_for_a_form_is_said_with_what_to_do(
    site: Datasette, monkeypatch: pytest.MonkeyPatch, scratch: Path
) -> None:
    monkeypatch.setattr(takeaway, "_FORMS", tuple(replace(form, most=3) for form in takeaway._FORMS))
    answer = get(site, "/search.epub?q=noche")
    assert answer.status_code == 400
    assert "hemeroteca export epub hemeroteca-noche.epub --query=noche" in answer.text
    assert get(site, "/search.epub?q=disparate").status_code == 400
    assert list(scratch.iterdir()) == []


def test_an_archive_that_went_bad_is_a_page(folder: Path, tmp_path: Path) -> None:
    import shutil

    broken = shutil.copytree(folder, tmp_path / "broken")
    site = application(broken)
    for path in (broken / "warcs").iterdir():
        path.unlink()
    answer = get(site, "/search.wacz?q=granizo")
    assert (answer.status_code, "the WARC file is not there" in answer.text) == (500, True)
    (broken / "news.db").write_bytes(b"no database" * 1000)
    assert get(site, "/search.csv").status_code == 500


class Pieces:
    """Pieces of a download that remember that they were let go of."""

    def __init__(self, count: int, breaks: bool = False) -> None:
        self.made, self.count, self.breaks, self.closed = 0, count, breaks, False

    def __iter__(self) -> Iterator[bytes]:
        try:
            while self.made < self.count:
                self.made += 1
                yield b"x"
            if self.breaks:
                raise ArchiveError("torn")
        finally:
            self.closed = True


async def _sent(desk: Desk, pieces: Pieces, listens: int) -> list[Mapping[str, Any]]:
    """What is sent to somebody who goes away after so many messages."""
    sent: list[Mapping[str, Any]] = []
    left = asyncio.Event()

    async def receive() -> Mapping[str, Any]:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)
        if len(sent) == listens:
            left.set()
        await asyncio.sleep(0)

    download = await desk.answer(iter(pieces), receive, "text/plain", "x.txt")
    await download.asgi_send(send)
    await asyncio.sleep(0.05)
    return sent


def test_a_reader_who_goes_away_ends_the_download() -> None:
    desk, pieces = Desk(1), Pieces(10_000)
    sent = asyncio.run(_sent(desk, pieces, 5))
    assert len(sent) < 20
    assert pieces.made < 20
    assert (pieces.closed, desk.busy) == (True, 0)


def test_what_breaks_half_way_does_not_pass_for_the_whole() -> None:
    desk, pieces = Desk(1), Pieces(3, breaks=True)
    with pytest.raises(ArchiveError, match="torn"):
        asyncio.run(_sent(desk, pieces, 99))
    assert (pieces.closed, desk.busy) == (True, 0)


def test_no_more_downloads_than_there_is_room_for() -> None:
    desk = Desk(1)

    async def two() -> None:
        waiting = await desk.answer(iter(Pieces(3)), asyncio.Event().wait, "text/plain", "x")  # type: ignore[arg-type]
        with pytest.raises(Refused, match="downloads are on already"):
            await desk.answer(iter(Pieces(3)), asyncio.Event().wait, "text/plain", "x")  # type: ignore[arg-type]
        waiting.end()

    asyncio.run(two())
    assert desk.busy == 0
