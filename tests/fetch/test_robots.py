"""RFC 9309, section by section."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetch.robots import ASK_AGAIN, KEPT, LIMIT, Robots, answered, authority, decoded

SITE = "https://paper.example"


def rules(text: str | bytes) -> Robots:
    return answered(200, text.encode() if isinstance(text, str) else text, 1000.0)


@pytest.mark.parametrize(
    ("status", "access"),
    [
        (200, "rules"),
        (204, "rules"),
        (301, "all"),  # a chain of more than five
        (400, "all"),
        (401, "all"),
        (403, "all"),
        (404, "all"),
        (410, "all"),
        (429, "none"),
        (500, "none"),
        (503, "none"),
        (None, "none"),
    ],
)
def test_what_an_answer_means(status: int | None, access: str) -> None:
    found = answered(status, b"User-agent: *\nDisallow: /closed", 1000.0)
    assert found.access == access
    assert found.allows(f"{SITE}/open") is (access != "none")
    assert found.allows(f"{SITE}/closed") is (access == "all")
    assert found.allows(f"{SITE}/robots.txt")


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /a", "/a/b", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b", True),  # the longest match counts
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),  # of equals, allow
        ("User-agent: hemeroteca\nAllow: /\n\nUser-agent: *\nDisallow: /", "/x", True),
        ("User-agent: Hemeroteca\nDisallow: /\n\nUser-agent: *\nAllow: /", "/x", False),
        ("User-agent: other\nUser-agent: hemeroteca\nDisallow: /x", "/x", False),
        ("User-agent: hemeroteca\nDisallow: /a\n\nUser-agent: hemeroteca\nDisallow: /b", "/b", False),  # combined
        ("User-agent: hemero\nDisallow: /x", "/y", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/paper.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/paper.pdf?page=1", True),
        ("User-agent: *\nDisallow: /año", "/a%C3%B1o/1", False),
        ("User-agent: *\nDisallow:", "/x", True),
        ("user-AGENT: *\ndisALLOW: /x # closed", "/x", False),
        ("\ufeffUser-agent: *\nDisallow: /x", "/x", False),
        ("<html><body>Not found</body></html>", "/x", True),
        ("", "/x", True),
    ],
)
def test_rules(text: str, path: str, allowed: bool) -> None:
    assert rules(text).allows(SITE + path) is allowed


def test_only_the_first_500_kib_count_and_whole_lines_of_them() -> None:
    head = b"User-agent: *\nDisallow: /closed\n"
    filler = b"#" * 79 + b"\n"
    text = head + filler * ((LIMIT - len(head)) // len(filler)) + b"Disallow: /" + b"x" * 2000 + b"\nDisallow: /late\n"
    found = rules(text)
    assert not found.allows(f"{SITE}/closed")
    assert found.allows(f"{SITE}/late")
    assert found.allows(f"{SITE}/{'x' * 10}")  # the line that was cut is no rule


def test_delay_is_the_slower_of_the_two_ways_to_say_it() -> None:
    assert rules("User-agent: *\nCrawl-delay: 7").crawl_delay == 7
    assert rules("User-agent: *\nRequest-rate: 1/30\nCrawl-delay: 7").crawl_delay == 30
    assert rules("User-agent: *\nCrawl-delay: soon").crawl_delay is None
    assert answered(404, b"", 0.0).crawl_delay is None


def test_sitemaps() -> None:
    assert rules("Sitemap: https://paper.example/news.xml\n").sitemaps == ("https://paper.example/news.xml",)


def test_an_answer_is_kept_a_day_and_no_answer_an_hour() -> None:
    assert not rules("").stale(1000.0 + KEPT - 1)
    assert rules("").stale(1000.0 + KEPT)
    assert answered(None, b"", 1000.0).stale(1000.0 + ASK_AGAIN)
    assert rules("").stale(900.0), "the clock went back"


def test_the_authority_that_speaks_for_an_address() -> None:
    assert authority("https://paper.example:8443/a/b?c#d") == "https://paper.example:8443/robots.txt"
    assert authority("http://name:secret@paper.example/a") == "http://paper.example/robots.txt"


@given(st.binary(max_size=2000))
def test_no_bytes_raise(body: bytes) -> None:
    found = answered(200, body, 0.0)
    found.allows(f"{SITE}/x")
    assert found.crawl_delay is None or found.crawl_delay >= 0
    assert "\0" not in decoded(body)
