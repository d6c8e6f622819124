"""Sitemaps as the protocol has them and as they are served."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.discover.found import Found, Problem
from scraper.discover.sitemap import MOST, sitemap
from scraper.rules.discovery import load_habits

HABITS = load_habits()
URL = "https://elfaro.example/sitemap.xml"
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def read(body: str | bytes) -> Found:
    return sitemap(body.encode() if isinstance(body, str) else body, URL, HABITS)


def urlset(*entries: str, space: str = NAMESPACE, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    return f"{head}<urlset {space}>{''.join(f'<url>{entry}</url>' for entry in entries)}</urlset>"


def test_a_sitemap() -> None:
    found = read(
        urlset(
            "<loc> https://elfaro.example/a/1 </loc><lastmod>2031-05-03</lastmod>",
            "<loc><![CDATA[/a/2?x=1&y=2]]></loc>",
        )
    )
    assert (found.kind, found.problem) == ("sitemap", None)
    assert [(link.url, link.lastmod, link.published) for link in found.links] == [
        ("https://elfaro.example/a/1", "2031-05-03", None),
        ("https://elfaro.example/a/2?x=1&y=2", None, None),
    ]
    assert {(link.via, link.method) for link in found.links} == {(URL, "sitemap")}


def test_an_index() -> None:
    found = read(
        f"""<sitemapindex {NAMESPACE}><sitemap><loc>https://elfaro.example/s1.xml.gz</loc>
        <lastmod>2031-05-03T18:07:00+00:00</lastmod></sitemap><sitemap><loc>/s2.xml</loc></sitemap>
        <sitemap><loc>{URL}</loc></sitemap></sitemapindex>"""
    )
    assert (found.kind, found.links) == ("sitemap-index", ())
    assert [(further.url, further.lastmod) for further in found.further] == [
        ("https://elfaro.example/s1.xml.gz", "2031-05-03T18:07:00+00:00"),
        ("https://elfaro.example/s2.xml", None),
    ]


NEWS = """<loc>https://elfaro.example/a/1</loc><news:news><news:publication><news:name>El Faro</news:name>
<news:language>es</news:language></news:publication><news:publication_date>2031-05-03T18:07:00+02:00</news:publication_date>
<news:title>Pan &amp; vino</news:title></news:news><image:image><image:loc>https://elfaro.example/foto.jpg</image:loc>
<image:title>Foto</image:title></image:image><xhtml:link rel="alternate" href="https://elfaro.example/en/1"/>"""
DECLARED = (
    NAMESPACE + ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
)


@pytest.mark.parametrize(
    "space",
    [
        DECLARED,
        NAMESPACE,  # the prefixes are not declared
        DECLARED.replace("http://www.sitemaps.org", "https://www.sitemaps.org"),
        DECLARED.replace("http://www.sitemaps.org/schemas/sitemap/0.9", "http://www.google.com/schemas/sitemap/0.84"),
        DECLARED.replace(NAMESPACE, ""),
    ],
    ids=["right", "undeclared", "https", "google", "none"],
)
def test_a_news_sitemap_in_any_namespace(space: str) -> None:
    found = read(urlset(NEWS, space=space))
    assert found.kind == "news-sitemap"
    (link,) = found.links
    assert (link.url, link.title, link.published) == (
        "https://elfaro.example/a/1",
        "Pan & vino",
        "2031-05-03T18:07:00+02:00",
    )


@pytest.mark.parametrize(
    "body",
    [
        "\n" + urlset("<loc>https://elfaro.example/n?a=1&b=2</loc>"),
        "\ufeff\n" + urlset("<loc>https://elfaro.example/n?a=1&b=2</loc>"),
        urlset("<loc>https://elfaro.example/n?a=1&amp;b=2</loc>"),
        urlset("<loc>https://elfaro.example/n?a=1&b=2</loc>").replace("</urlset>", ""),
        urlset("<loc>\n  https://elfaro.example/n?a=1&b=2\n</loc>"),
        urlset("<loc>https://elfaro.example/n?a=1&b=2</loc><b>", "<loc>https://elfaro.example/x</loc>"),
        urlset("<loc>https://elfaro.example/n?a=1&b=2</loc>", head="<!-- generator --><?xml version='1.0'?>"),
        "https://elfaro.example/n?a=1&b=2\r\nhttps://elfaro.example/x\n",
    ],
)
def test_no_address_is_altered_by_what_is_wrong_around_it(body: str) -> None:
    assert set(urls := [link.url for link in read(body).links]) <= {
        "https://elfaro.example/n?a=1&b=2",
        "https://elfaro.example/x",
    }
    assert "https://elfaro.example/n?a=1&b=2" in urls


def test_gzip_by_its_bytes_also_twice_and_torn() -> None:
    body = urlset(*(f"<loc>/a/{n}</loc>" for n in range(1000))).encode()
    packed = gzip.compress(body)
    assert len(read(packed).links) == 1000
    assert len(read(gzip.compress(body[:500]) + gzip.compress(body[500:])).links) == 1000
    torn = read(packed[: len(packed) // 2])
    assert torn.problem is Problem.BROKEN
    assert 0 < len(torn.links) < 1000


@pytest.mark.parametrize(
    ("body", "problem", "kind"),
    [
        ("", Problem.EMPTY, "unknown"),
        ("<!doctype html><title>404</title>", Problem.HTML, "html"),
        ("nothing here", Problem.UNREADABLE, "unknown"),
        ("<urlset", Problem.UNREADABLE, "unknown"),
        ("<urlset>", Problem.BROKEN, "sitemap"),
    ],
)
def test_what_is_no_sitemap_has_its_problem(body: str, problem: Problem, kind: str) -> None:
    found = read(body)
    assert (found.problem, found.kind, found.links) == (problem, kind, ())


def test_a_feed_is_a_sitemap_too() -> None:
    found = read("<rss><channel><item><link>/a/1</link></item></channel></rss>")
    assert (found.kind, [link.method for link in found.links]) == ("rss", ["feed"])


def test_pictures_and_documents_are_refused() -> None:
    found = read(urlset("<loc>/a.jpg</loc>", "<loc>/informe.PDF</loc>", "<loc>ftp://elfaro.example/x</loc>"))
    assert [refused.why.value for refused in found.refused] == ["file", "file", "not-web"]


def test_addresses_have_an_end() -> None:
    found = read("".join(f"https://elfaro.example/{n}\n" for n in range(MOST + 10)))
    assert (len(found.links), found.problem) == (MOST, Problem.TOO_MANY)


def test_a_bomb_of_entities_is_text() -> None:
    bomb = '<!DOCTYPE u [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    found = read(bomb + urlset("<loc>https://elfaro.example/&b;</loc>", head=""))
    assert [link.url for link in found.links] == ["https://elfaro.example/&b;"]


@given(st.binary(max_size=300), st.integers(0, 300))
def test_any_bytes_give_an_answer(noise: bytes, at: int) -> None:
    whole = urlset(NEWS, "<loc>/a/2</loc>", space=DECLARED).encode()
    for body in (noise, whole[:at] + noise + whole[at:], whole[:at] + noise):
        for link in read(body).links:
            assert link.url.startswith(("http://", "https://"))
