"""Any text is a search."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from archive.browse.search import Search
from archive.browse.terms import fold, marked, snippet
from archive.terms import read

ODD = [
    "38.101",
    "anti-corrupción",
    '"unclosed',
    "C++",
    "AND",
    "OR NOT",
    "O'Higgins",
    "😀",
    "",
    " ",
    "a*",
    "*",
    '"',
    '""',
]
ODD += [
    "title:x",
    "(",
    "NEAR(a b)",
    "\x00",
    "a\x00b",
    "^a",
    "a^",
    "-a",
    "{a b}",
    "\ud800",
    "𝔄",
    "%",
    "_",
    "\\",
    '"a"*',
    "é",
]
ODD += ["東京", "ข่าว", "w " * 400, "x" * 5000, '" " "', "\u200b", "+ + +", "¿", "١٢٣"]


@pytest.fixture(scope="module")
def index() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    made.executescript(
        """
        CREATE TABLE articles (id INTEGER PRIMARY KEY, title, text);
        CREATE VIRTUAL TABLE articles_fts USING fts5(
          title, text, content="articles", content_rowid="id", tokenize="unicode61 remove_diacritics 2");
        """
    )
    texts = [
        ("Inundación en O'Higgins", "La ley 38.101 contra la anti-corrupción, dijo el C++ alcalde. AND OR NOT"),
        ("東京の天気", "昨日は雨でした。"),
        ("Fiesta 😀", "Nada más, 100% de _todo_"),
    ]
    for n, pair in enumerate(texts, 1):
        made.execute("INSERT INTO articles VALUES (?, ?, ?)", (n, *pair))
        made.execute("INSERT INTO articles_fts (rowid, title, text) VALUES (?, ?, ?)", (n, *pair))
    return made


def ids(index: sqlite3.Connection, typed: str) -> list[int]:
    terms = read(typed)
    if not terms.match:
        return []
    query = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? ORDER BY rowid"
    return [row[0] for row in index.execute(query, (terms.match,))]


@pytest.mark.parametrize("typed", ODD)
def test_odd_texts_are_valid_searches(index: sqlite3.Connection, typed: str) -> None:
    assert set(ids(index, typed)) <= {1, 2, 3}


@given(st.text())
def test_any_text_is_a_valid_search(index: sqlite3.Connection, typed: str) -> None:
    assert set(ids(index, typed)) <= {1, 2, 3}


@given(st.text(), st.text())
def test_marking_changes_no_character(text: str, typed: str) -> None:
    terms = read(typed)
    assert Markup(marked(text, terms)).unescape().replace("<mark>", "").replace("</mark>", "") == str(
        Markup("{}").format(text).unescape()
    ).replace("<mark>", "").replace("</mark>", "")
    snippet(text, terms)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("INUNDACION", [1]),
        ("38.101", [1]),
        ("anti-corrupción", [1]),
        ("o'higgins", [1]),
        ("AND", [1]),
        ("inund*", [1]),
        ("inund", []),
        ('"en higgins"', []),
        ('"ley 38.101"', [1]),
        ('"ley 38"*', [1]),
        ("inundación fiesta", []),
    ],
)
def test_words_phrases_and_beginnings(index: sqlite3.Connection, typed: str, found: list[int]) -> None:
    assert ids(index, typed) == found


@pytest.mark.parametrize(
    ("typed", "literals"), [("東京", ("東京",)), ("ข่าว", ("ข่าว",)), ("😀 fiesta", ("😀",)), ("+", ())]
)
def test_what_the_index_has_no_words_for_is_looked_for_as_it_stands(typed: str, literals: tuple[str, ...]) -> None:
    assert read(typed).literals == literals


def test_many_words_are_cut_and_this_is_told() -> None:
    assert read("w " * 25).cut
    assert not read("w " * 24).cut


@pytest.mark.parametrize(
    ("text", "typed", "html"),
    [
        ("Una INUNDACIÓN.", "inundacion", "Una <mark>INUNDACIÓN</mark>."),
        ("<b>ley</b>", "ley", "&lt;b&gt;<mark>ley</mark>&lt;/b&gt;"),
        ("leyes ley", "ley", "leyes <mark>ley</mark>"),
        ("leyes", "ley*", "<mark>ley</mark>es"),
        ("ley, y 38.101", '"ley y"', "<mark>ley, y</mark> 38.101"),
        ("東京の", "東京", "<mark>東京</mark>の"),
        ("<mark>", "mark", "&lt;<mark>mark</mark>&gt;"),
        ("İstanbul", "istanbul", "<mark>İstanbul</mark>"),
        ("e\u0301xito", "exito", "<mark>e\u0301xito</mark>"),
    ],
)
def test_what_was_found_is_marked(text: str, typed: str, html: str) -> None:
    assert str(marked(text, read(typed))) == html


def test_a_snippet_is_the_part_around_the_first_place() -> None:
    text = "relleno " * 200 + "aguja " + "relleno " * 200
    part = str(snippet(text, read("aguja")))
    assert "<mark>aguja</mark>" in part
    assert part.startswith("…\N{NO-BREAK SPACE}relleno")
    assert len(part) < 300


@given(st.text())
def test_folding_keeps_places(text: str) -> None:
    folded, places = fold(text)
    assert len(places) == len(folded) + 1
    assert places == sorted(places)


@given(st.dictionaries(st.sampled_from(["q", "from", "to", "page", "sort", "site"]), st.text()))
def test_any_parameters_are_a_search(given: dict[str, str]) -> None:
    search = Search.of(given)
    assert Search.of({"q": search.q}).q == search.q
    assert search.page >= 1
    assert all(value == "" or len(value) in (4, 7, 10) for value in (search.start, search.end))
