"""Links in an article's text."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from archive_samples import NOW, clock
from browse_samples import HOSTILE, html_page, seen
from hypothesis import given
from hypothesis import strategies as st

from archive.browse.articles import subheadings
from archive.browse.links import Link, Place, links, marked, places
from archive.browse.serve import application
from archive.model import Article, Outcome, Page
from archive.store import Archive

HOME = "https://www.faro.example/mundo/nota"


def page(html: str, **more: object) -> Page:
    return html_page(html.encode(), HOME, **more)


def store(folder: Path, pages: dict[str, tuple[str, str]]) -> None:
    """A run over HTML pages by address: what the page holds, and the text that cleaning it gives."""
    with Archive.open(folder, clock) as archive:
        archive.start_run("clean")
        for n, (address, (html, text)) in enumerate(pages.items()):
            kept = archive.keep(Page(f"{n}.html", html.encode(), "text/html", NOW, "manifest", url=address))
            archive.record(kept, Outcome("kit-1", Article(text)))
        archive.finish_run("ok")


def test_links_lead_to_the_archived_copy_else_to_the_live_page(tmp_path: Path) -> None:
    html = """<nav><a href=/menu>El puerto</a></nav><p>El puerto
    de <a href="../vieja?utm_source=x#top">la <b>ría</b></a> y <a href="https://fuera.example/">otro</a>.</p>"""
    text = "El puerto de la ría y otro.\nSin enlaces."
    store(tmp_path, {HOME: (html, text), "http://faro.example/vieja/": ("<p>x", "La nota vieja.")})
    shown = seen(application(tmp_path), "/article/1")
    live = '<a class="live" rel="noreferrer noopener external" href="https://fuera.example/">otro</a>'
    assert f'<p>El puerto de <a href="/article/2">la ría</a> y {live}.</p>' in shown
    assert "/menu" not in shown
    assert "<p>Sin enlaces.</p>" in shown


def test_an_article_whose_bytes_are_gone_is_still_read(tmp_path: Path) -> None:
    store(tmp_path, {HOME: ("<p>El <a href=/x>puerto</a>.", "El puerto.")})
    for path in (tmp_path / "warcs").iterdir():
        path.unlink()
    assert "<p>El puerto.</p>" in seen(application(tmp_path), "/article/1")


def test_the_links_of_a_page() -> None:
    html = '<base href="https://cdn.example/a/"><p>Uno  <a href=b>dos\n tres</a></p><a href=/lost>lost</a>'
    assert list(links(page(html))) == [Link("dos tres", "https://cdn.example/a/b", "Uno dos tres")]
    latin = html_page("<meta charset=latin-1><p>a <a href=/ñ>año</a>".encode("latin-1"), HOME)
    assert [link.words for link in links(latin)] == ["año"]
    assert list(links(html_page(b"<p>a <a href=/x>b</a>", HOME, charset="no-such")))
    odd = "<p><a href='javascript:alert(1)'>a</a><a href='http://['>b</a><a href='mailto:x@y'>c</a><a href=//h/d>d</a>"
    assert [link.address for link in links(page(odd))] == ["https://h/d"]


def test_a_block_of_several_paragraphs() -> None:
    html = "<div>Primero <a href=/1>aquí</a>.<br>Segundo <a href=/2>allí</a>.</div>"
    found = places(["Primero aquí.", "Segundo allí."], links(page(html)))
    assert [[place.address[-2:] for place in part] for part in found] == [["/1"], ["/2"]]


def test_bare_addresses_are_links_too() -> None:
    text = "Véase https://a.example/x?y=(1), o «http://b.example/z»."
    ((first, second),) = places([text], iter(()))
    assert [text[p.start : p.end] for p in (first, second)] == ["https://a.example/x?y=(1", "http://b.example/z"]


@pytest.mark.parametrize("bad", HOSTILE)
def test_what_a_link_says_is_escaped(bad: str) -> None:
    text = f"a {bad} b https://x.example/{bad}"
    address = f"https://x.example/{bad}"
    html = str(marked(text, [Place(2, 2 + len(bad), address)], {}))
    assert not re.search(r"<(?!a |/a>)|href=\"javascript|\" onerror=", html)
    assert not re.search(r"<(?!a |/a>)", str(marked(text, [Place(0, 1, address)], {address: f"/article/{bad}"})))


@given(
    st.lists(st.text("ab <>\n", max_size=12), max_size=4),
    st.lists(st.tuples(st.text("ab ", min_size=1), st.text("ab "))),
)
def test_every_character_of_the_text_stays(paragraphs: list[str], found: list[tuple[str, str]]) -> None:
    given_links = (
        Link(" ".join(words.split()) or "a", "https://x.example/", " ".join(text.split())) for words, text in found
    )
    for text, part in zip(paragraphs, places(paragraphs, given_links), strict=True):
        plain = re.sub(r"</?a[^>]*>", "", str(marked(text, part, {})))
        assert plain.replace("&lt;", "<").replace("&gt;", ">") == text


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 5_000 + "<a href=/x>x</a>",
        "<div>" + "<a href=/x>x</a> " * 50_000,
        "".join(f"<div>{n}<a href=/{n}>x</a>" for n in range(4_000)),
        "<p>" + "<a href=/x>" * 20_000,
    ],
)
def test_a_hostile_page_is_soon_looked_through(html: str) -> None:
    began = time.process_time()
    list(places(["x " * 200, "x"] * 50, links(page(html))))
    assert time.process_time() - began < 5


def test_what_looks_like_a_subheading() -> None:
    long = "Una frase larga. " * 10
    assert subheadings([long, "Un plan con tres horarios", long, "¿Y ahora?", long]) == {1, 3}
    assert subheadings([long, "Punto final.", long, "uno", "dos", long, "tres"]) == frozenset()
