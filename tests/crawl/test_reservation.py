"""noarchive and TDM reservations, wherever they are said."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.crawl.reservation import reserved_by_page, reserved_by_site, site_rules

SITE = "https://paper.example"


def kinds(headers: list[tuple[str, str]], body: bytes = b"") -> list[str]:
    return [found.what for found in reserved_by_page(headers, body)]


@pytest.mark.parametrize(
    ("value", "reserved"),
    [
        ("noarchive", True),
        ("NOINDEX, NoArchive", True),
        ("none", True),
        ("hemeroteca: noarchive", True),
        ("otherbot: noarchive", False),
        ("unavailable_after: 25 Jun 2030 15:00:00 GMT, noarchive", True),
        ("noindex", False),
        ("", False),
    ],
)
def test_x_robots_tag(value: str, reserved: bool) -> None:
    assert kinds([("x-robots-tag", value)]) == (["noarchive"] if reserved else [])


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        (b'<meta name="robots" content="index, noarchive">', ["noarchive"]),
        (b"<META CONTENT='noarchive' NAME='ROBOTS'/>", ["noarchive"]),
        (b"<meta name=hemeroteca content=noarchive>", ["noarchive"]),
        (b'<meta name="otherbot" content="noarchive">', []),
        (b'<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="https://p.example/t">', ["tdm"]),
        (b'<meta name="tdm-reservation" content="0">', []),
        (b"<meta", []),
    ],
)
def test_meta_tags(tag: bytes, found: list[str]) -> None:
    assert kinds([], b"<html><head>" + tag + b"</head>") == found


def test_head_of_the_answer_and_what_is_nearer_wins() -> None:
    headers = [("TDM-Reservation", "1"), ("tdm-policy", "https://p.example/t")]
    (found,) = reserved_by_page(headers, b"")
    assert (found.what, found.policy) == ("tdm", "https://p.example/t")
    assert kinds(headers, b'<meta name="tdm-reservation" content="0">') == []
    assert kinds([*headers, ("X-Robots-Tag", "noarchive")]) == ["noarchive", "tdm"]


def test_the_file_of_the_site() -> None:
    rules = site_rules(
        json.dumps(
            [
                {"location": "/open/", "tdm-reservation": 0},
                {"location": "/*.html$", "tdm-reservation": 1, "tdm-policy": "https://p.example/t"},
                {"location": "/kept", "tdm-reservation": 1},
                {"nothing": 1},
                7,
            ]
        ).encode()
    )
    found = {
        path: reserved_by_site(SITE + path, rules) is not None
        for path in ("/open/a.html", "/b/a.html", "/b/a.html?x=1", "/kept/x", "/", "/other")
    }
    assert found == {
        "/open/a.html": False,
        "/b/a.html": True,
        "/b/a.html?x=1": False,
        "/kept/x": True,
        "/": False,
        "/other": False,
    }


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000, b"\xff\xfe", b"null", b'{"location": 1}'])
def test_a_file_that_is_none_reserves_nothing(body: bytes) -> None:
    assert site_rules(body) == ()


@given(st.binary(max_size=500), st.text(max_size=50))
def test_no_page_raises(body: bytes, value: str) -> None:
    reserved_by_page([("x-robots-tag", value), ("tdm-reservation", value)], b"<meta " + body)
