"""Exploring a site: which of its feeds, sitemaps and sections are there, and what they hold.

Few requests: what the front page and robots.txt name is looked at, the usual places only where they name nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from scraper.discover import autodiscover
from scraper.discover.autodiscover import Place
from scraper.discover.feed import feed
from scraper.discover.found import Found, Link, Problem
from scraper.discover.front import front
from scraper.discover.sitemap import sitemap
from scraper.discover.visit import Got
from scraper.fetch.robots import Robots
from scraper.rules.addresses import within
from scraper.rules.discovery import Habits

MOST_FEEDS = 6  #: feeds that are looked at
MOST_SITEMAPS = 4
_BROKEN = (Problem.HTML, Problem.EMPTY, Problem.UNREADABLE)

Get = Callable[[str], Awaitable[Got]]
Rules = Callable[[str], Awaitable[tuple[Robots, bytes]]]  #: the robots.txt that speaks for an address, and its bytes
Read = Callable[[bytes, str, Habits], Found]


@dataclass(frozen=True, slots=True)
class Looked:
    """A place that was looked at: what it holds, or why it holds nothing, in a few words."""

    place: Place
    found: Found | None = None
    error: str | None = None

    @property
    def good(self) -> bool:
        """Whether links come from here, or further places that have them."""
        return self.found is not None and bool(self.found.links or self.found.further)


@dataclass(frozen=True, slots=True)
class Explored:
    """What a site has. `front` is its front page, or the section that was asked for, with where it was found."""

    front: Got
    articles: Found
    title: str | None = None
    feeds: tuple[Looked, ...] = ()
    sitemaps: tuple[Looked, ...] = ()
    sections: tuple[Place, ...] = ()
    poor: tuple[Looked, ...] = ()  #: places that were named and have nothing

    @property
    def empty(self) -> bool:
        """Whether nothing was found that could be followed."""
        return not (self.feeds or self.sitemaps or self.articles.links)


async def explore(url: str, get: Get, robots: Rules, habits: Habits) -> Explored:
    """Look at a site. Where its front page cannot be read, `front.error` says why and nothing else is filled."""
    home = await get(url)
    if not home.ok:
        return Explored(home, Found("unknown"))
    direct = feed(home.body, home.url, habits)
    if direct.problem not in _BROKEN:  # the address of a feed was given, not that of a page
        place = Place(home.url, "link", direct.title)
        return Explored(home, Found("unknown"), direct.title, feeds=(Looked(place, direct),))
    named = autodiscover.feeds(home.body, home.url, habits)
    feeds = await _all(named[:MOST_FEEDS], get, feed, habits) if named else []
    if not any(looked.good for looked in feeds):
        feeds += await _first(autodiscover.usual_feeds(home.url, habits), get, feed, habits)
    rules, said = await robots(home.url)
    told = autodiscover.sitemaps(said, home.url, habits)
    ranked = sorted(told, key=lambda place: "news" not in place.url.lower())
    sitemaps = await _all(ranked[:MOST_SITEMAPS], get, sitemap, habits)
    if not any(looked.good for looked in sitemaps):
        sitemaps += await _first(autodiscover.usual_sitemaps(home.url, habits), get, sitemap, habits)
    return Explored(
        front=home,
        articles=front(home.body, home.url, habits),
        title=autodiscover.title(home.body),
        feeds=_unlike([looked for looked in feeds if looked.good]),
        sitemaps=tuple(looked for looked in sitemaps if looked.good),
        sections=tuple(
            place for place in autodiscover.sections(home.body, home.url, habits) if rules.allows(place.url)
        ),
        poor=tuple(looked for looked in (*feeds, *sitemaps) if not looked.good and looked.place.how != "usual"),
    )


def examples(links: Iterable[Link], url: str, habits: Habits, most: int = 2) -> list[Link]:
    """The newest links within the site, those with a title first."""
    own = [link for link in links if within(link.url, url, habits.addresses)]
    newest = sorted(own, key=lambda link: link.published or link.lastmod or "", reverse=True)
    return sorted(newest, key=lambda link: link.title is None)[:most]


async def _all(places: Iterable[Place], get: Get, read: Read, habits: Habits) -> list[Looked]:
    return [await _look(place, get, read, habits) for place in places]


async def _first(places: Iterable[Place], get: Get, read: Read, habits: Habits) -> list[Looked]:
    """The first of the usual places that has something, at most."""
    for place in places:
        looked = await _look(place, get, read, habits)
        if looked.good:
            return [looked]
    return []


async def _look(place: Place, get: Get, read: Read, habits: Habits) -> Looked:
    got = await get(place.url)
    if not got.ok:
        return Looked(place, error=got.error)
    found = read(got.body, got.url, habits)
    if found.problem in _BROKEN:
        return Looked(place, error="is a page, not a list" if found.problem is Problem.HTML else f"is {found.problem}")
    return Looked(Place(got.url, place.how, place.title or found.title), found)


def _unlike(feeds: list[Looked]) -> tuple[Looked, ...]:
    """The feeds without those all of whose links stand in one that was kept: `/rss` and `/feed/` are often the same."""
    kept: list[tuple[Looked, set[str]]] = []
    for looked in sorted(feeds, key=lambda looked: -len(looked.found.links if looked.found else ())):
        links = {link.url for link in looked.found.links} if looked.found else set()
        if not any(links <= others for _, others in kept):
            kept.append((looked, links))
    chosen = [looked for looked, _ in kept]
    return tuple(looked for looked in feeds if looked in chosen)
