"""An address in whatever form it is pasted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.browse.addresses import Pasted, at, forms, read
from archive.browse.words import date, is_web

KEPT = "https://www.example.org/mundo/nota"


@pytest.mark.parametrize(
    "typed",
    [
        KEPT,
        "http://example.org/mundo/nota",
        "example.org/mundo/nota/",
        f"{KEPT}?utm_source=x&fbclid=1#top",
        f"{KEPT}/amp",
        f"{KEPT}/amp/?utm_medium=y",
        f"{KEPT}?amp=1",
        "https://amp.example.org/mundo/nota",
        "https:/www.example.org/mundo/nota",
        "  https://WWW.example.org/mundo/nota ",
        f"https://web.archive.org/web/20260501000000/{KEPT}",
        f"https://web.archive.org/web/2026id_/{KEPT}",
        f"{KEPT}@2026-05",
        f"<{KEPT}>",
        "https://www.example.org:443/mundo/nota",
        "HTTPS://www.example.org/mundo/nota?gclid=1&amp_js_v=0.1#:~:text=x",
        "https://www-example-org.cdn.ampproject.org/c/s/www.example.org/mundo/nota",
        "https://www-example-org.cdn.ampproject.org/v/s/www.example.org/mundo/nota/amp/?amp_gsa=1",
        "https://www.google.com/amp/s/www.example.org/mundo/nota",
        f"https://arquivo.pt/wayback/20260501000000/{KEPT}",
        f"http://localhost:8080/coll/20260501000000mp_/{KEPT}",
        f"https://archive.ph/20260501000000/{KEPT}",
    ],
)
def test_the_kept_form_is_among_those_looked_for(typed: str) -> None:
    assert KEPT in forms(read(typed).address)


def test_letters_are_looked_for_as_they_go_over_the_wire() -> None:
    assert "https://xn--peridico-y3a.example/mundo/a%C3%B1o" in forms(read("periódico.example/mundo/año").address)
    assert "https://example.org:8080/a" in forms(read("example.org:8080/a").address)


def test_other_parameters_stay() -> None:
    assert f"{KEPT}?id=3" in forms(read(f"{KEPT}?id=3&utm_source=x").address)
    assert KEPT not in forms(f"{KEPT}?id=3")


@pytest.mark.parametrize(
    ("typed", "pasted"),
    [
        (f"{KEPT}@2026-05", Pasted(KEPT, "2026-05")),
        (f"https://web.archive.org/web/20260501123456/{KEPT}", Pasted(KEPT, "2026-05-01T12:34:56")),
        (f"web.archive.org/web/202605/{KEPT}", Pasted(KEPT, "2026-05")),
        ("https://example.org/@ana", Pasted("https://example.org/@ana", None)),
        ("urn:hemeroteca:dump:00", Pasted("urn:hemeroteca:dump:00", None)),
    ],
)
def test_a_moment_is_read(typed: str, pasted: Pasted) -> None:
    assert read(typed) == pasted


def test_the_capture_of_a_moment() -> None:
    found = [
        {"id": 3, "captured_at": "2026-07-01T"},
        {"id": 2, "captured_at": "2026-05-31T"},
        {"id": 1, "captured_at": "2026-05-01T"},
    ]
    assert [at(found, moment)["id"] for moment in ("2026-05", "2026-05-01", "2026-06", "2027", "2020")] == [
        2,
        1,
        2,
        3,
        1,
    ]


@given(st.text())
def test_any_text_can_be_pasted(typed: str) -> None:
    assert forms(read(typed).address)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("2026", "2026"),
        ("2026-11", "November 2026"),
        ("2026-11-01", "1 November 2026"),
        ("2026-11-01T10:20:30.5+01:00", "1 November 2026, 10:20 +01:00"),
        ("2026-11-01T10:20", "1 November 2026, 10:20"),
        ("2026-11-01T10:20:00Z", "1 November 2026, 10:20 UTC"),
        ("ayer", "ayer"),
        ("2026-13-01", "2026-13-01"),
        (None, ""),
    ],
)
def test_dates_are_as_precise_as_they_are(said: str | None, shown: str) -> None:
    assert date(said) == shown


def test_only_addresses_of_the_web_become_links() -> None:
    assert is_web(KEPT)
    assert not any(
        map(is_web, ["javascript:alert(1)", "data:text/html,x", "//example.org", "http:", None, "http://[", " java"])
    )
