"""Patterns that are stopped, and those that must not be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.crawl.traps import BARREN, SAME_ID, SAME_TEXT, Shape, caught, id_of, shape_of, stop_for

SITE = "https://paper.example"


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/", "paper.example/"),
        ("/mundo/la-lluvia-deja-sin-luz-a-tres-pueblos", "paper.example/mundo/{slug}"),
        ("/mundo/2026/11/24/la-lluvia-deja.html", "paper.example/mundo/{n}/{n}/{n}/{slug}.html"),
        ("/noticia/48231", "paper.example/noticia/{n}"),
        ("/calendar?year=2031&month=5", "paper.example/calendar?month=&year="),
        ("/a%C3%B1o/x", "paper.example/año/x"),
    ],
)
def test_shapes(path: str, shape: str) -> None:
    assert shape_of(SITE + path) == shape


@pytest.mark.parametrize(
    ("path", "ident"),
    [
        ("/noticia/48231/la-lluvia-deja", "paper.example/noticia/*48231*"),
        ("/noticia/48231-otra-lluvia.html", "paper.example/noticia/*48231*"),
        ("/la-lluvia-48231", "paper.example/*48231*"),
        ("/2026/11/24/the-harbour", None),
        ("/mundo/the-harbour", None),
    ],
)
def test_ids(path: str, ident: str | None) -> None:
    assert id_of(SITE + path) == ident


def test_one_id_under_ever_new_slugs_is_stopped_and_only_that_id() -> None:
    url = f"{SITE}/noticia/48231/slug-number-four"
    assert stop_for(url, Shape(100, 90, 90), same_text=SAME_ID, same_id=SAME_ID) is None
    stop = stop_for(url, Shape(100, 90, 90), same_text=SAME_ID + 1, same_id=SAME_ID + 1)
    assert stop is not None
    assert caught(f"{SITE}/noticia/48231/still-another", {stop.pattern})
    assert not caught(f"{SITE}/noticia/48232/still-another", {stop.pattern})


def test_one_text_under_many_addresses_is_stopped_unless_the_shape_is_fruitful() -> None:
    url = f"{SITE}/share?back=17"
    many = SAME_TEXT + 1
    stop = stop_for(url, Shape(many, many, 1), same_text=many, same_id=0)
    assert stop is not None
    assert caught(f"{SITE}/share?back=99", {stop.pattern})
    assert not caught(f"{SITE}/share/99", {stop.pattern})
    assert stop_for(url, Shape(200, 190, 180), same_text=many, same_id=0) is None


def test_an_endless_calendar_is_stopped() -> None:
    url = f"{SITE}/agenda/2031/05/17"
    assert stop_for(url, Shape(BARREN - 1, 0, 0), same_text=0, same_id=0) is None
    stop = stop_for(url, Shape(BARREN, 0, 0), same_text=0, same_id=0)
    assert stop is not None
    assert caught(f"{SITE}/agenda/2199/12/31", {stop.pattern})
    assert stop_for(url, Shape(BARREN, 1, 1), same_text=0, same_id=0) is None


@given(st.text(max_size=60), st.text(max_size=30))
def test_any_address_has_a_shape_and_fits_it(path: str, query: str) -> None:
    url = f"{SITE}/{path.replace('#', '').replace('?', '')}?{query.replace('#', '')}"
    assert caught(url, {shape_of(url)}) == shape_of(url)
    caught(url, {"x"})
