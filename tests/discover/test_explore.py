"""Exploring a site through an exchange that answers from a table: what is looked at, in which order, how fast."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from scraper.discover.explore import Explored, examples, explore
from scraper.discover.visit import Visitor
from scraper.rules.discovery import load_habits

HABITS = load_habits()
HOME = "https://elfaro.example/"


@dataclass(frozen=True)
class Answer:
    status: int | None = 200
    body: bytes = b""
    location: str | None = None
    error: str | None = None

    def header(self, name: str) -> str | None:
        return None


@dataclass
class Site:
    """A site that is a table, and a clock that moves while one sleeps."""

    pages: Mapping[str, Answer]
    now: float = 1000.0
    asked: list[tuple[float, str]] = field(default_factory=list)

    async def exchange(self, url: str) -> Answer:
        self.asked.append((self.now, url))
        self.now += 0.1
        return self.pages.get(url, Answer(404, b"<html>no such page</html>"))

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def explore(self, url: str = HOME, delay: float = 1.0) -> Explored:
        visitor = Visitor(self.exchange, HABITS, delay, lambda: self.now, self.sleep)

        return asyncio.run(explore(url, visitor.get, visitor.robots, HABITS))


def html(body: str, head: str = "") -> Answer:
    return Answer(body=f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode())


def rss(*numbers: int) -> Answer:
    items = "".join(
        f"<item><title>Nota {n}</title><link>/a/nota-{n}</link>"
        f"<pubDate>Sat, 03 May 2031 18:{n:02}:00 GMT</pubDate></item>"
        for n in numbers
    )
    return Answer(body=f"<rss><channel><title>El Faro</title>{items}</channel></rss>".encode())


FRONT = html(
    '<nav><a href="/mundo/">Mundo</a></nav>'
    '<h2><a href="/a/la-veda-del-arenque-otra-vez">La veda del arenque otra vez</a></h2>',
    '<meta property="og:site_name" content="El Faro"><link rel="alternate" type="application/rss+xml" href="/rss.xml">',
)
FORBIDDING = Answer(body=b"User-agent: *\nDisallow: /")
OURS = Answer(body=b"User-agent: hemeroteca\nDisallow: /")
NEWS = Answer(
    body=b"<urlset><url><loc>https://elfaro.example/a/1</loc><news:news><news:title>Uno</news:title>"
    b"<news:publication_date>2031-05-03</news:publication_date></news:news></url></urlset>"
)


def test_what_the_front_page_and_robots_name() -> None:
    robots = Answer(body=b"Sitemap: /all.xml\nSitemap: https://elfaro.example/news.xml\nUser-agent: *\nCrawl-delay: 3")
    index = Answer(body=b"<sitemapindex><sitemap><loc>/s1.xml</loc></sitemap></sitemapindex>")
    site = Site(
        {
            HOME: FRONT,
            HOME + "rss.xml": rss(1, 2),
            HOME + "robots.txt": robots,
            HOME + "news.xml": NEWS,
            HOME + "all.xml": index,
        }
    )
    found = site.explore()
    assert found.title == "El Faro"
    assert [(looked.place.url, looked.place.title) for looked in found.feeds] == [(HOME + "rss.xml", "El Faro")]
    assert [looked.place.url for looked in found.sitemaps] == [HOME + "news.xml", HOME + "all.xml"]
    assert [place.url for place in found.sections] == [HOME + "mundo/"]
    assert len(found.articles.links) == 1
    assert [url for _, url in site.asked] == [
        HOME + name for name in ("robots.txt", "", "rss.xml", "news.xml", "all.xml")
    ]
    waits = [later - earlier for (earlier, _), (later, _) in zip(site.asked, site.asked[1:], strict=False)]
    assert min(waits) >= 3


def test_a_section_that_robots_forbids_is_not_offered() -> None:
    robots = Answer(body=b"User-agent: *\nDisallow: /mundo/")
    assert Site({HOME: FRONT, HOME + "robots.txt": robots}).explore(delay=0).sections == ()


def test_the_usual_places_where_nothing_is_named() -> None:
    site = Site({HOME: html("<p>nada</p>"), HOME + "rss.xml": rss(1), HOME + "sitemap_index.xml": NEWS})
    found = site.explore(delay=0)
    assert [(looked.place.url, looked.place.how) for looked in (*found.feeds, *found.sitemaps)] == [
        (HOME + "rss.xml", "usual"),
        (HOME + "sitemap_index.xml", "usual"),
    ]
    assert found.poor == ()


def test_a_feed_that_another_one_holds_is_left_out_and_a_poor_one_is_told() -> None:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="/{n}.xml">' for n in "abcd")
    pages = {
        HOME: html("", links),
        HOME + "a.xml": rss(1, 2),
        HOME + "b.xml": rss(1, 2, 3),
        HOME + "c.xml": rss(3, 2, 1),
    }
    found = Site(pages | {HOME + "d.xml": html("se fue")}).explore(delay=0)
    assert [looked.place.url for looked in found.feeds] == [HOME + "b.xml"]
    assert [(looked.place.url, looked.error) for looked in found.poor] == [(HOME + "d.xml", "is a page, not a list")]


def test_the_address_of_a_feed_is_a_source_of_its_own() -> None:
    found = Site({HOME + "rss.xml": rss(1, 2)}).explore(HOME + "rss.xml")
    assert [looked.place.url for looked in found.feeds] == [HOME + "rss.xml"]
    assert not found.empty


def test_examples_are_the_newest_of_the_site() -> None:
    found = Site({HOME + "rss.xml": rss(1, 3, 2)}).explore(HOME + "rss.xml")
    assert found.feeds[0].found is not None
    assert [link.title for link in examples(found.feeds[0].found.links, HOME, HABITS)] == ["Nota 3", "Nota 2"]


@pytest.mark.parametrize(
    ("pages", "error", "forbidden"),
    [
        ({}, "answers 404", False),
        ({HOME: Answer(503)}, "answers 503", False),
        ({HOME: Answer(None, error="no such host")}, "no such host", False),
        ({HOME: FRONT, HOME + "robots.txt": FORBIDDING}, "robots.txt forbids it", True),
        ({HOME: FRONT, HOME + "robots.txt": OURS}, "robots.txt forbids it", True),
        (
            {HOME: FRONT, HOME + "robots.txt": Answer(500)},
            "robots.txt answers 500, which forbids everything until it does (RFC 9309, 2.3.1.4)",
            True,
        ),
        (
            {HOME: Answer(302, location=HOME + "x"), HOME + "x": Answer(302, location=HOME)},
            "redirects more than 5 times", False),
        ({HOME: Answer(302, location="file:///etc/passwd")}, "answers 302", False),
    ],
)  # fmt: skip
def test_a_site_that_cannot_be_read_says_why(pages: dict[str, Answer], error: str, forbidden: bool) -> None:
    found = Site(pages).explore(delay=0)
    assert (found.front.error, found.front.forbidden, found.feeds) == (error, forbidden, ())


def test_a_redirect_is_followed_and_its_robots_are_asked() -> None:
    www = "https://www.elfaro.example/"
    site = Site({HOME: Answer(301, location=www), www: FRONT, www + "rss.xml": rss(1)})
    found = site.explore(delay=0)
    assert found.front.url == www
    assert [url for _, url in site.asked][:4] == [HOME + "robots.txt", HOME, www + "robots.txt", www]
    found = Site({HOME: Answer(301, location=www), www: FRONT, www + "robots.txt": FORBIDDING}).explore(delay=0)
    assert found.front.forbidden
