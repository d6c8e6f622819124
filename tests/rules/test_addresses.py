"""Addresses: the cases of `addresses.toml`, what is refused, what a page may claim, and idempotence."""

from __future__ import annotations

import tomllib
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scraper.rules.addresses import Refusal, address, believed, is_file, is_front, key, site, within
from scraper.rules.discovery import load_habits

HABITS = load_habits()
A = HABITS.addresses
CASES = tomllib.loads((Path(__file__).parent / "addresses.toml").read_text(encoding="utf-8"))
OWN = "https://elfaro.example/mundo/la-veda-1"


def read(raw: str, base: str = "") -> str:
    told = address(raw, A, base)
    assert isinstance(told, str), (raw, told)
    return told


@pytest.mark.parametrize("case", CASES["same"], ids=lambda case: case["why"])
def test_one_article_has_one_key(case: dict[str, list[str]]) -> None:
    assert read(case["are"][0]) == case["are"][0]
    assert {raw: key(read(raw), A) for raw in case["are"]} == dict.fromkeys(case["are"], key(case["are"][0], A))


@pytest.mark.parametrize("case", CASES["other"], ids=lambda case: case["why"])
def test_different_articles_have_different_keys(case: dict[str, list[str]]) -> None:
    for one, other in combinations(case["are"], 2):
        assert key(read(one), A) != key(read(other), A), (one, other)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("mailto:a@elfaro.example", Refusal.NOT_WEB),
        ("javascript:alert(1)", Refusal.NOT_WEB),
        ("JavaScript:void(0)", Refusal.NOT_WEB),
        ("java\nscript:alert(1)", Refusal.NOT_WEB),
        ("data:text/html,x", Refusal.NOT_WEB),
        ("file:///etc/passwd", Refusal.NOT_WEB),
        ("gopher://elfaro.example/", Refusal.NOT_WEB),
        ("https://", Refusal.MALFORMED),
        ("https:///a", Refusal.MALFORMED),
        ("https://elfaro.example:port/", Refusal.MALFORMED),
        ("https://elfaro.example:99999/", Refusal.MALFORMED),
        ("https://el faro.example/", Refusal.MALFORMED),
        ("https://elfaro..example/", Refusal.MALFORMED),
        ("https://[::1/", Refusal.MALFORMED),
        ("https://elf%61ro.example/", Refusal.MALFORMED),
        ("https://elfaro.example/\x1b[31m", Refusal.MALFORMED),
        ("nota.html", Refusal.MALFORMED),
        ("", Refusal.MALFORMED),
        ("https://user:secret@elfaro.example/", Refusal.PASSWORD),
        ("https://elfaro.example@evil.example/", Refusal.PASSWORD),
        ("https://elfaro.example/" + "a" * 5000, Refusal.TOO_LONG),
        ("https://elfaro.example/" + "ñ" * 2000, Refusal.TOO_LONG),
    ],
)
def test_what_is_no_address_is_refused_with_its_reason(raw: str, why: Refusal) -> None:
    assert address(raw, A) is why


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        ("../nota-2.html?x=1#y", "https://elfaro.example/nota-2.html?x=1"),
        ("//m.elfaro.example/nota", "https://m.elfaro.example/nota"),
        ("?pagina=2", "https://elfaro.example/mundo/la-veda-1?pagina=2"),
        ("/a b/c", "https://elfaro.example/a%20b/c"),
        ("../../../..", "https://elfaro.example/"),
    ],
)
def test_relative_ones_are_relative_to_their_page(raw: str, address: str) -> None:
    assert read(raw, OWN) == address


@pytest.mark.parametrize(
    ("claim", "believed_as"),
    [
        ("https://elfaro.example/mundo/la-veda", "https://elfaro.example/mundo/la-veda"),
        ("/mundo/la-veda?utm_source=x", "https://elfaro.example/mundo/la-veda"),
        ("http://www.elfaro.example/mundo/la-veda", "http://www.elfaro.example/mundo/la-veda"),
        ("https://m.elfaro.example/mundo/la-veda", "https://m.elfaro.example/mundo/la-veda"),
        ("https://otro.example/mundo/la-veda", Refusal.OTHER_SITE),
        ("https://elfaro.example.evil.example/x", Refusal.OTHER_SITE),
        ("https://elfaro.example/", Refusal.FRONT_PAGE),
        ("https://www.elfaro.example/index.html", Refusal.FRONT_PAGE),
        ("https://elfaro.example/?utm_source=x", Refusal.FRONT_PAGE),
        ("javascript:x", Refusal.NOT_WEB),
    ],
)
def test_a_claim_is_believed_within_the_site_and_never_for_the_front_page(
    claim: str, believed_as: str | Refusal
) -> None:
    assert believed(OWN, claim, A) == believed_as


def test_sites_and_front_pages() -> None:
    assert site("https://www.elfaro.example:8080/a", A) == site("http://m.elfaro.example/", A) == "elfaro.example"
    assert within("https://blogs.elfaro.example/a", "https://www.elfaro.example/", A)
    assert not within("https://elfaro.example/a", "https://blogs.elfaro.example/", A)
    assert not within("https://notelfaro.example/a", "https://elfaro.example/", A)
    assert is_front("http://www.elfaro.example/index.php", A)
    assert not is_front("http://www.elfaro.example/?p=12", A)
    assert is_file("https://elfaro.example/a/foto.JPG", HABITS.files)
    assert not is_file("https://elfaro.example/a/nota.html", HABITS.files)


_PIECES = st.sampled_from(
    ["https://", "http://", "a.example", "www.", "m.", "amp.", "/", "//", "/amp", ".amp", "/index.html", "..", ".", "?",
     "&", "=", "amp", "amp;", "#", "%", "%2F", "%2f", "%7E", "ñ", " ", "utm_source=x", "id=1", ":80", ":8080", "\\",
     "www.google.com/url?q=", "https%3A%2F%2Fb.example%2F", "x.cdn.ampproject.org/c/s/", ";jsessionid=1", "\ud800", "[",
     "@", "com.ar", "sid=a0b1c2d3e4f5a6b7c8d9e0f1"]
)  # fmt: skip
_TEXTS = st.one_of(st.text(max_size=40), st.lists(_PIECES, max_size=12).map("".join))


@given(_TEXTS)
@example("https://x.cdn.ampproject.org/c/s/www.google.com/url?q=https://a.example/amp/index.html")
@example("x.cdn.ampproject.org/c/s//www.google.com/url?q=")
@example("x.cdn.ampproject.org/c/./s/b.example/nota")
@example("x.cdn.ampproject.org/c/s/;jsessionid=1/b.example/nota")
def test_reading_an_address_again_changes_nothing(tail: str) -> None:
    for raw in (tail, "https://a.example/" + tail, "https://" + tail):
        told = address(raw, A)
        if isinstance(told, str):
            assert address(told, A) == told
            assert told.isascii()
            assert told.isprintable()
            assert " " not in told
            assert key(key(told, A), A) == key(told, A)
            assert address(key(told, A), A) == key(told, A)


def test_a_page_without_an_address_may_claim_any_but_a_front_page() -> None:
    assert believed(None, "https://elfaro.example/mundo/la-veda#x", A) == "https://elfaro.example/mundo/la-veda"
    assert believed(None, "https://elfaro.example/", A) is Refusal.FRONT_PAGE
    assert believed(None, "/mundo/la-veda", A) is Refusal.MALFORMED
