"""What a person sees with Datasette, with and without what we tell it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from archive_samples import clean, clock, page, store, text
from datasette.app import Datasette

import archive
from archive.browse.serve import application, listen
from archive.db.metadata import metadata
from archive.errors import UsageError
from archive.model import Unread
from archive.reasons import Reason
from archive.store import Archive

ODD = [
    "38.101",
    '"unclosed',
    "C++",
    "AND",
    "OR NOT",
    "O'Higgins",
    "😀",
    "",
    " ",
    "a*",
    "title:x",
    "(",
    "NEAR(a b)",
    "\x00",
    '""',
]
QUERIES = list(metadata()["databases"]["news"]["queries"])
HERE = os.environ | {"PYTHONPATH": str(Path(archive.__file__).parents[1])}
VIEWS = [
    "removed_lines_by_rule",
    "articles_by_day_and_site",
    "silent_sources",
    "authors_on_several_sites",
    "most_duplicated_texts",
    "failed_captures",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seen") / "archive"
    told = {"title": "Inundación en O'Higgins", "authors": ["Ana Díaz"], "published": "2026-11-01", "section": "Mundo"}
    says = {"text": text("inundación 38.101", 90), "fields": told, "removed": ["Menú", "Lo más visto"]}
    items = [
        page("a.txt", says, "https://a.example/1", "2026-11-01T10:00:00Z"),
        page("b.txt", {**says, "removed": []}, "https://b.example/1", "2026-11-02T10:00:00Z"),
        page("c.txt", {"text": text("otra", 80), "fields": {**told, "title": "Otra"}}, "https://c.example/2"),
        page("d.txt", {"reason": "crash", "error": "boom"}, "https://a.example/3"),
        Unread("e.txt", Reason.MISSING, "no such file"),
    ]
    store(folder, items)
    return folder


def get(datasette: Datasette, path: str) -> Any:
    response = asyncio.run(datasette.client.get(path))
    assert response.status_code == 200, (path, response.text[:300])
    return json.loads(response.text) if ".json" in path else response.text


@pytest.fixture
def seen(folder: Path) -> Datasette:
    return application(folder)


def test_the_table_page_shows_labels_facets_and_descriptions(seen: Datasette) -> None:
    html = get(seen, "/news/captures")
    assert "One page, once seen" in html
    assert re.search(r'href="/news/articles/1"[^>]*>Inundación en O', html)
    assert re.search(r'href="/news/runs/1"[^>]*>clean · 2026-11-24T21:00', html)
    facets = get(seen, "/news/articles.json")["facet_results"]
    assert {value["value"] for value in facets["site"]["results"]} == {"a.example", "c.example"}
    assert "Host of the address" in get(seen, "/news/articles")


def test_a_facet_that_is_shown_anyway_is_not_counted_twice(seen: Datasette) -> None:
    answer = get(seen, "/news/articles.json?_facet=site&_facet=words&_trace=1&site=a.example")
    assert {"site", "section", "language", "words"} <= set(answer["facet_results"])
    assert answer["facet_results"]["site"]["results"][0]["count"] == 1
    assert get(seen, "/news/captures?_facet=reason&_facet=status").count('id="facet-reason') == 1


def test_plain_datasette_is_pleasant_already(folder: Path) -> None:
    plain = Datasette([str(folder / "news.db")])
    assert "Inundación" in get(plain, "/news/captures")
    html = get(plain, "/news")
    assert all(name in html for name in VIEWS)
    assert "articles_fts_data" not in re.sub(r"hidden.*", "", html, flags=re.DOTALL)
    assert get(plain, "/news/articles.json?_search=inundacion&_shape=array")[0]["id"] == 1
    assert get(plain, "/news/articles.json?_search=disparate&_shape=array") == []


def test_the_folder_itself_can_be_opened(folder: Path) -> None:
    """What `datasette FOLDER/` does: its metadata.json and settings.json are found."""
    assert "traceable to the bytes" in get(Datasette(config_dir=folder), "/")


@pytest.mark.parametrize("typed", ODD)
def test_whatever_is_typed_is_no_error(seen: Datasette, typed: str) -> None:
    get(seen, f"/news/search.json?words={quote(typed)}&site=&include_superseded=")
    get(seen, f"/news/articles.json?_search={quote(typed)}")
    get(seen, f"/news/articles?_search_title={quote(typed)}")


def test_an_empty_search_box_asks_for_everything(seen: Datasette) -> None:
    """As Datasette's form sends it: by itself this is an error of FTS5."""
    rows = get(seen, "/news/articles.json?_search=&site=c.example&title=Otra&_shape=array")
    assert [row["title"] for row in rows] == ["Otra"]
    assert len(get(seen, "/news/articles.json?_search=+&_search_title=&_shape=array")) == 2


@pytest.mark.parametrize(("typed", "found"), [("INUNDACION", 1), ("38.101", 1), ("disparate", 0), ("noche alcalde", 2)])
def test_the_search_finds_words_without_accents(seen: Datasette, typed: str, found: int) -> None:
    rows = get(seen, f"/news/search.json?words={quote(typed)}&site=&include_superseded=&_shape=array")
    assert len(rows) == found


@pytest.mark.parametrize("name", [*QUERIES, *VIEWS])
def test_named_queries_and_views_run(seen: Datasette, name: str) -> None:
    given = "words=noche&site=&include_superseded=&day=2026-11-01&rule=es.rule-1&url=https://a.example/1"
    rows = get(seen, f"/news/{name}.json?_shape=array&{given if name in QUERIES else ''}")
    assert rows, name


def facet(seen: Datasette, query: str, name: str) -> dict[str, int]:
    found = get(seen, f"/news/articles.json?{query}")["facet_results"][name]["results"]
    return {value["value"]: value["count"] for value in found}


def test_articles_by_day_and_by_author(tmp_path: Path) -> None:
    dates = ["2026", "2026-01", "2026-01-01", "2026-01-01T10:00", "2025-12-31", None, "ayer", "1 de enero de 2020"]
    pages = []
    for n, day in enumerate(dates):
        fields = {"authors": ["O'Higgins", "Eva"][: 1 + n % 2]} | ({"published": day} if day else {})
        pages.append(page(f"{n}.txt", {"text": text(f"t{n}", 50), "fields": fields}, f"https://s{n % 2}.example/{n}"))
    store(tmp_path / "a", pages)
    seen = application(tmp_path / "a")
    days = {"2026": 1, "2026-01": 1, "2026-01-01": 2, "2025-12-31": 1, "ayer": 1, "1 de enero": 1}
    assert facet(seen, "_facet_day=published", "published") == days
    assert facet(seen, "_facet_day=published&words__gt=1", "published") == days  # the slow way
    assert facet(seen, "_facet_author=authors", "authors") == {"O'Higgins": 8, "Eva": 4}
    assert facet(seen, "_facet_author=authors&site=s0.example", "authors") == {"O'Higgins": 4}
    html = get(seen, "/news/articles?_facet_author=authors&_facet_day=published")
    assert "Facet by day of publication" in html
    links = [unescape(link) for link in re.findall(r'href="http://localhost(/news/articles\?[^"]*)"', html)]
    for link, count in (
        (next(link for link in links if "Higgins" in link), 8),
        (next(link for link in links if "published__startswith=2026-01-01" in link), 2),
    ):
        narrowed = get(seen, link.replace("/articles?", "/articles.json?"))
        assert narrowed["filtered_table_rows_count"] == count
        assert any(value["selected"] for kind in narrowed["facet_results"].values() for value in kind["results"])


ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize("name", [*QUERIES, *VIEWS, "articles", "captures", "runs", "removals", "daily", "warc_files"])
def test_any_table_view_or_query_has_a_feed(seen: Datasette, name: str) -> None:
    given = "words=noche&site=&include_superseded=&day=2026-11-01&rule=es.rule-1&url=https://a.example/1"
    path = f"/news/{name}.atom?{given if name in QUERIES else '_size=5'}"
    feed = ElementTree.fromstring(get(seen, path))
    entries = feed.findall(f"{ATOM}entry")
    assert entries
    ids = [entry.findtext(f"{ATOM}id") or "" for entry in entries]
    assert len(set(ids)) == len(ids)
    assert all(
        re.fullmatch(r"\d{4}-.*T.*(Z|[+-]\d\d:\d\d)", entry.findtext(f"{ATOM}updated") or "") for entry in entries
    )
    assert f"{name}.atom" in get(seen, path.replace(".atom", ""))


def test_an_entry_leads_to_the_reading_page(seen: Datasette) -> None:
    feed = ElementTree.fromstring(get(seen, "/news/articles.atom?title__contains=Otra"))
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == "http://localhost/article/2"
    assert (entry.findtext(f"{ATOM}updated"), entry.findtext(f"{ATOM}title")) == ("2026-11-01T00:00:00Z", "Otra")
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Ana Díaz"


def test_every_table_and_column_described_exists(folder: Path) -> None:
    with Archive.read(folder) as reader:
        query = "SELECT name FROM pragma_table_xinfo(?)"
        tables = metadata()["databases"]["news"]["tables"]
        columns = {name: {row[0] for row in reader.db.conn.execute(query, (name,))} for name in tables}
    for name, told in tables.items():
        assert columns[name], name
        named = {*told.get("columns", {}), *told.get("facets", []), told.get("label_column"), told.get("sort_desc")}
        assert named - {None} <= columns[name], name


def test_new_rows_show_without_a_restart(folder: Path, tmp_path: Path) -> None:
    live = tmp_path / "live"
    shutil.copytree(folder, live)
    seen = application(live)
    assert len(get(seen, "/news/articles.json?_shape=array")) == 2
    with Archive.open(live, clock) as writer:
        writer.start_run("clean")
        new = page("z.txt", text("nueva", 70))
        writer.record(writer.keep(new), clean(new))
        writer.commit()
        assert len(get(seen, "/news/articles.json?_shape=array")) == 3
        writer.finish_run("ok")


def test_a_taken_port_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port}: Address already in use"):
            listen("127.0.0.1", port)


_SERVE = """
import sys
from pathlib import Path
from archive.browse.serve import serve
serve(Path(sys.argv[1]), "127.0.0.1", 0, lambda address: print(address, flush=True))
"""


def test_serving(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(folder)], stdout=subprocess.PIPE, text=True, env=HERE
    ) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            with urllib.request.urlopen(f"{address}news/articles/1.json?_shape=array", timeout=20) as answer:
                assert json.load(answer)[0]["title"] == "Inundación en O'Higgins"
        finally:
            server.terminate()


_AS_ANOTHER = """
import asyncio, os, sys
from pathlib import Path
from archive.browse.serve import application
from archive.store import Archive
from archive.verify import verify
from datasette.app import Datasette

def look(folder):
    with Archive.read(folder) as archive:
        assert archive.counts()["articles"] == 2
        assert archive.page(archive.capture(1)).source == "a.txt"
    findings = [str(finding) for finding in verify(folder)]
    assert findings == [], findings
    for datasette in (application(folder), Datasette([], immutables=[str(folder / "news.db")])):
        answer = asyncio.run(datasette.client.get("/news/articles.json?_search=inundacion&_shape=array"))
        assert answer.status_code == 200 and len(answer.json()) == 1

own, trial = map(Path, sys.argv[1:])
look(trial)  # what is imported late is imported now: the other user may not reach Python's own folder
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    (own / "written").touch()
    sys.exit("the folder can be written")
except PermissionError:
    look(own)
print("read")
"""


@pytest.mark.parametrize("left_over", [False, True], ids=["clean", "log files of a reader"])
def test_a_finished_archive_reads_where_nothing_can_be_written(folder: Path, tmp_path: Path, left_over: bool) -> None:
    """In another user's folder where the tests run as root, else in a read-only folder of one's own."""
    own, trial = shutil.copytree(folder, tmp_path / "own"), shutil.copytree(folder, tmp_path / "trial")
    for name in ("news.db-wal", "news.db-shm"):
        (own / name).unlink(missing_ok=True)
    if left_over:
        with Archive.read(own) as reader:
            reader.counts()
    for path in (own, *own.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for above in own.parents[:-2]:
        above.chmod(0o755)
    command = [sys.executable, "-c", _AS_ANOTHER, str(own), str(trial)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd="/", env=HERE)
    assert (ran.stdout, ran.returncode) == ("read\n", 0), ran.stderr
