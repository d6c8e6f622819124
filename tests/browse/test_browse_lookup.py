"""A search finds the same whichever way it is looked up, or says that it did not look at everything."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from archive_samples import page
from browse_samples import store_given

from archive.browse import search as search_module
from archive.browse.lookup import Limits
from archive.browse.search import Found, Search, find
from archive.store import Archive, Reader

WORDS = ("agua", "puerto", "sal", "niebla", "barca")
ALL = 60


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    folder = tmp_path_factory.mktemp("lookup") / "archive"
    chance = random.Random(7)
    pages = []
    for n in range(ALL):
        text = " ".join([f"nota{n}", *chance.sample(WORDS, chance.randint(1, 4)), *(f"relleno{k}" for k in range(40))])
        fields: dict[str, Any] = {"language": chance.choice(["es", "es-PE", "pt"])}
        fields |= {"section": chance.choice(["Mundo", "Local"]), "authors": [chance.choice(["Ana", "Eva"])]}
        if n % 9:
            fields["published"] = f"2026-{chance.randint(1, 9):02}-{chance.randint(1, 28):02}"
        pages.append(page(f"{n}.txt", {"text": text, "fields": fields}, f"https://s{n % 3}.example/{n}"))
    again = {"text": "agua puerto sal niebla " + " ".join(f"otra{k}" for k in range(60))}
    pages += [page(f"{n}.txt", again, f"https://s{n % 3}.example/{n}", "2027-01-01T00:00:00Z") for n in (3, 4)]
    store_given(folder, pages)
    with Archive.read(folder) as opened:
        yield opened


def brute(reader: Reader, asked: Search) -> list[int]:
    """The ids that must be found, the newest first, by looking at every article."""
    rows = [article for n in range(1, ALL + 9) if (article := reader.article(n)) and article.superseded_by is None]
    met = [
        row
        for row in rows
        if set(asked.q.split()) <= set(row.text.split())
        and (not asked.site or row.site == asked.site)
        and (not asked.section or row.section == asked.section)
        and (not asked.author or asked.author in row.authors)
        and (not asked.language or (row.language or "").split("-")[0] == asked.language)
        and (not asked.start or (row.published or "") >= asked.start)
        and (not asked.end or (row.published or "~")[: len(asked.end)] <= asked.end)
    ]
    return [row.id for row in sorted(met, key=lambda row: (row.published or "", row.id), reverse=True)]


ASKED = [
    Search(),
    Search(q="agua"),
    Search(q="agua puerto"),
    Search(q="ausente"),
    Search(q="agua", site="s1.example"),
    Search(q="puerto", section="Mundo", language="es"),
    Search(q="sal", author="Ana"),
    Search(q="sal", author="Ana", site="s0.example", start="2026-03"),
    Search(q="niebla", start="2026-02", end="2026-06"),
    Search(site="s2.example", end="2026-04-15"),
    Search(section="Local", language="pt"),
    Search(author="Eva", language="es"),
    Search(language="es"),
]
WAYS = {
    "all hits": Limits(),
    "held against the filters": Limits(cap=20, narrow=1000),
    "back in time": Limits(cap=2, narrow=1),
}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Limits:
    monkeypatch.setattr(search_module, "LIMITS", request.param)
    return request.param  # type: ignore[no-any-return]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.query() or "everything")
def test_by_date_everything_is_found_in_order(reader: Reader, limits: Limits, asked: Search) -> None:
    wanted = brute(reader, asked)
    found = find(reader.db.conn, asked, 100)
    assert [hit.id for hit in found.hits] == wanted
    assert found.total in (None, len(wanted)) or (found.more_than and found.total == limits.cap)
    pages = [find(reader.db.conn, replace(asked, page=n), 7) for n in range(1, 12)]
    assert [hit.id for part in pages for hit in part.hits] == wanted
    assert [part.further for part in pages] == [n * 7 < len(wanted) for n in range(1, 12)]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.query() or "everything")
def test_by_relevance_nothing_is_left_out_in_silence(reader: Reader, limits: Limits, asked: Search) -> None:
    wanted = brute(reader, asked)
    found = find(reader.db.conn, replace(asked, sort="relevance"), 100)
    ids = [hit.id for hit in found.hits]
    assert set(ids) <= set(wanted)
    assert len(ids) == len(wanted) or "that came last" in found.notes[0]


def test_facets_and_plot_count_all_hits(reader: Reader) -> None:
    found = find(reader.db.conn, Search(q="agua"), 5)
    assert sum(n for _, n in found.facets["site"]) == found.total == len(brute(reader, Search(q="agua")))
    assert found.plot is not None
    assert found.plot.unit == "month"


def test_a_walk_that_stops_says_so(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "LIMITS", Limits(cap=2, narrow=1, steps=10))
    found: Found = find(reader.db.conn, Search(q="agua"), 100)
    assert [hit.id for hit in found.hits] == [
        n for n in brute(reader, Search())[:10] if n in brute(reader, Search(q="agua"))
    ]
    assert "Only the newest 10 articles" in found.notes[-1]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.query() or "everything")
def test_no_article_is_read_to_be_found(reader: Reader, limits: Limits, asked: Search) -> None:
    """The indexes alone tell; the rows of what is shown are read afterwards."""
    said: list[str] = []
    reader.db.conn.set_trace_callback(said.append)
    find(reader.db.conn, asked, 0)
    reader.db.conn.set_trace_callback(None)
    for query in (query for query in said if "INDEXED BY" in query):
        plan = [row[3] for row in reader.db.conn.execute(f"EXPLAIN QUERY PLAN {query}")]
        on_articles = [line for line in plan if " articles " in f"{line} " and "articles_fts" not in line]
        assert all(
            "COVERING INDEX" in line or "SUBQUERY" in line or "CO-ROUTINE" in line or line == "SCAN articles"
            for line in on_articles
        ), plan


def test_suggestions_are_what_there_is(reader: Reader) -> None:
    offered = search_module.suggestions(reader.db.conn)
    assert set(offered["section"]) == {"Mundo", "Local"}
    assert set(offered["language"]) == {"es", "es-PE", "pt"}
