"""Where a site tells its articles: what its front page and its robots.txt name, and the usual places.

A place is only where one may look: whether a feed or a sitemap is there is known when it was fetched and read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from scraper.discover.front import ENOUGH, anchors, base_of, parsed, score
from scraper.discover.words import title_of
from scraper.rules.addresses import Refusal, address, key, within
from scraper.rules.discovery import Habits

MOST_PLACES = 20  #: of a kind: a front page that names more feeds than this names one for each section
MOST_SECTIONS = 12

_FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
    "application/json",
    "text/xml",
    "application/xml",
)
_LONGEST_NAME = 3  # words of a section's name
_DEEPEST = 2  # parts of a section's path

#: Who named a place: a `link` element, a link of the page, robots.txt, or nobody but habit.
How = Literal["link", "anchor", "robots", "usual"]


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to look: its address, who named it, and what it is called there."""

    url: str
    how: How
    title: str | None = None


def feeds(body: bytes, url: str, habits: Habits) -> tuple[Place, ...]:
    """The feeds that the page at `url` names, those of its `link` elements first; feeds of comments are left out."""
    tree = parsed(body)
    if tree is None:
        return ()
    named = [*_linked(tree, url, habits), *_anchored(tree, url, habits)]
    return _distinct(named, habits, MOST_PLACES)


def usual_feeds(url: str, habits: Habits) -> tuple[Place, ...]:
    """Where feeds of the site usually lie."""
    return tuple(Place(urljoin(url, place), "usual") for place in habits.feed_places)


def sitemaps(robots: bytes, url: str, habits: Habits) -> tuple[Place, ...]:
    """The sitemaps that robots.txt names, in its order (https://www.sitemaps.org/protocol.html#submit_robots)."""
    places = []
    for line in robots[: 500 * 1024].decode("utf-8-sig", "replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "sitemap":
            told = address(value.split("#")[0].strip(), habits.addresses, url)
            if not isinstance(told, Refusal):
                places.append(Place(told, "robots"))
    return _distinct(places, habits, MOST_PLACES)


def usual_sitemaps(url: str, habits: Habits) -> tuple[Place, ...]:
    """Where sitemaps of the site usually lie."""
    return tuple(Place(urljoin(url, place), "usual") for place in habits.sitemap_places)


def sections(body: bytes, url: str, habits: Habits) -> tuple[Place, ...]:
    """The sections in the menu of the page at `url`: short names, short paths, no services; at most `MOST_SECTIONS`."""
    named = (
        Place(anchor.url, "anchor", title_of(anchor.text))
        for anchor in anchors(body, url, habits)
        if anchor.menu
        and 0 < len(anchor.text.split()) <= _LONGEST_NAME
        and score(anchor, habits) < ENOUGH
        and _is_section(anchor.url, url, habits)
    )
    return _distinct(named, habits, MOST_SECTIONS)


def title(body: bytes) -> str | None:
    """What a page calls its site: `og:site_name`, else its title."""
    tree = parsed(body)
    if tree is None:
        return None
    named = tree.css_first('meta[property="og:site_name"]')
    if named is not None and (said := title_of(named.attributes.get("content"))):
        return said
    node = tree.css_first("title")
    return title_of(node.text(deep=True)) if node is not None else None


def _linked(tree: LexborHTMLParser, url: str, habits: Habits) -> Iterator[Place]:
    base = base_of(tree, url, habits)
    for node in tree.css("link[href][rel]"):
        told = node.attributes
        if "alternate" not in (told.get("rel") or "").lower().split():
            continue
        if (told.get("type") or "").partition(";")[0].strip().lower() not in _FEED_TYPES:
            continue
        where = address(told.get("href") or "", habits.addresses, base)
        if isinstance(where, str) and _is_of_articles(where, habits):
            yield Place(where, "link", title_of(told.get("title")))


def _anchored(tree: LexborHTMLParser, url: str, habits: Habits) -> Iterator[Place]:
    base = base_of(tree, url, habits)
    for node in tree.css("a[href]"):
        where = address(node.attributes.get("href") or "", habits.addresses, base)
        if isinstance(where, Refusal) or not within(where, url, habits.addresses):
            continue
        if _segments(where) & habits.feed_words and _is_of_articles(where, habits):
            yield Place(where, "anchor", title_of(node.text(deep=True)))


def _is_of_articles(where: str, habits: Habits) -> bool:
    """Whether a feed is one of articles: not of comments, not oEmbed or the site's programming interface."""
    return not _segments(where) & (habits.comment_words | {"wp-json", "oembed"})


def _is_section(where: str, url: str, habits: Habits) -> bool:
    parts, words = urlsplit(where), _segments(where)
    return (
        urlsplit(url).hostname == parts.hostname
        and not parts.query
        and 0 < len(words) <= _DEEPEST
        and not words & (habits.lists | habits.services)
    )


def _segments(where: str) -> set[str]:
    return {segment.lower() for segment in urlsplit(where).path.split("/") if segment}


def _distinct(places: Iterator[Place] | list[Place], habits: Habits, most: int) -> tuple[Place, ...]:
    """Each address once, by its key and its form of a feed: `/feed` and `/feed/` are one."""
    kept: dict[str, Place] = {}
    for place in places:
        kept.setdefault(key(place.url, habits.addresses), place)
        if len(kept) >= most:
            break
    return tuple(kept.values())
