"""What looking for articles gives: links, further places to look, and what was wrong, each counted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from scraper.rules.addresses import Refusal

#: Where a link stood: an entry of a feed, of a sitemap, or on a front or section page.
Method = Literal["feed", "sitemap", "front"]

#: What the bytes turned out to be, whatever their name and media type.
Kind = Literal[
    "rss", "atom", "rdf", "json-feed", "sitemap", "news-sitemap", "sitemap-index", "text-sitemap", "html", "unknown"
]


class Problem(StrEnum):
    """Why less was found than there may be; a feed or sitemap with a problem may still give links."""

    EMPTY = "empty"  #: no bytes but white space
    HTML = "html"  #: an HTML page where a feed or sitemap was expected
    BROKEN = "broken"  #: not well-formed; what could be read was read
    UNREADABLE = "unreadable"  #: neither a feed nor a sitemap, or damaged beyond reading
    TOO_LARGE = "too-large"  #: larger, unpacked, than the limit; what lies within it was read
    TOO_MANY = "too-many"  #: more entries than the limit; the first ones were read


@dataclass(frozen=True, slots=True)
class Link:
    """An address that may be an article, as one place told it.

    `url` is the address to fetch (`addresses.address`), `via` the feed, sitemap or page it stood in. `published` and
    `lastmod` are ISO 8601, as precise as they were given, with no time zone made up; None where nobody said.
    """

    url: str
    via: str
    method: Method
    title: str | None = None
    published: str | None = None
    lastmod: str | None = None


@dataclass(frozen=True, slots=True)
class Further:
    """Another place of the same kind to look at: a sitemap of an index, the next page of a feed (RFC 5005)."""

    url: str
    lastmod: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """An address that was there and is none to fetch: cut to what a person needs to find it, and why."""

    text: str
    why: Refusal


@dataclass(frozen=True, slots=True)
class Found:
    """What the bytes of one feed, sitemap or page gave. `links` have each address once, in the order given.

    `passed` counts what a front page links to besides: sections, services, files, other sites.
    """

    kind: Kind
    links: tuple[Link, ...] = ()
    further: tuple[Further, ...] = ()
    refused: tuple[Refused, ...] = ()
    problem: Problem | None = None
    title: str | None = None
    passed: int = 0
