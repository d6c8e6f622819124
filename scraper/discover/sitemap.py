"""Sitemaps: lists of addresses, indexes of lists, and lists of news (https://www.sitemaps.org/protocol.html).

Namespaces are not looked at, since sites write them wrongly in every way. Read in one pass with flat memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lxml.etree import XMLSyntaxError

from scraper.discover.collect import Collector
from scraper.discover.entries import discard, ended, local
from scraper.discover.feed import feed
from scraper.discover.found import Found, Kind, Problem
from scraper.discover.markup import harmless, root_of, text_of, unpacked
from scraper.rules.discovery import Habits

if TYPE_CHECKING:
    from lxml.etree import _Element

LARGEST = 50 << 20  #: bytes, unpacked: the protocol's own limit
MOST = 50_000  #: addresses: the protocol's own limit


def sitemap(body: bytes, url: str, habits: Habits) -> Found:
    """The addresses of the sitemap at `url`, in its order; those of other sitemaps are `further`.

    `published` is a news sitemap's `publication_date`. A feed is read as one: the protocol allows it.
    """
    plain, cut = unpacked(body, LARGEST)
    text = text_of(plain)
    root = root_of(text)
    if not text.strip():
        return Found("unknown", problem=Problem.UNREADABLE if body.strip() else Problem.EMPTY)
    if root in ("rss", "rdf", "feed"):
        return feed(body, url, habits)
    if root == "html":
        return Found("html", problem=Problem.HTML)
    found = Collector(url, "sitemap", habits, MOST)
    problem = Problem.TOO_LARGE if cut else None
    if root == "text":
        return _plain(text, found, problem)
    if root not in ("urlset", "sitemapindex"):
        return Found("unknown", problem=Problem.UNREADABLE)
    return _xml(harmless(text), found, problem)


def _plain(text: str, found: Collector, problem: Problem | None) -> Found:
    for line in text.splitlines():
        if found.full:
            break
        if line.strip():
            found.add(line.strip())
    return found.found("text-sitemap", problem)


def _xml(body: bytes, found: Collector, problem: Problem | None) -> Found:
    """Strictly first; where that breaks, what can be recovered counts, since what recovery alters is mended before."""
    try:
        kind = _walk(body, found, recover=False)
    except XMLSyntaxError:
        problem = problem or Problem.BROKEN
        try:
            kind = _walk(body, found, recover=True)
        except XMLSyntaxError:
            return found.found("sitemap", Problem.BROKEN if found.links else Problem.UNREADABLE)
    return found.found(kind, problem)


def _walk(body: bytes, found: Collector, *, recover: bool) -> Kind:
    kind: Kind = "sitemap"
    for element in _entries(body, recover=recover):
        if found.full:
            break
        told = dict(_told(element))
        where = told.get("loc", "").strip()
        if where and local(element) == "sitemap":
            kind = "sitemap-index"
            found.add_further(where, told.get("lastmod"))
        elif where:
            kind = "news-sitemap" if "publication_date" in told else kind
            found.add(where, told.get("title"), told.get("publication_date"), told.get("lastmod"))
    return kind


def _entries(body: bytes, *, recover: bool) -> Iterator[_Element]:
    """The `url` and `sitemap` elements, each thrown away after its turn."""
    for element in ended(body, recover=recover):
        if local(element) in ("url", "sitemap"):
            yield element
            discard(element)


def _told(element: _Element) -> Iterator[tuple[str, str]]:
    """What an entry says: its own `loc` and `lastmod`, and what stands in its `news` element."""
    for child in element:
        name = local(child)
        if name in ("loc", "lastmod"):
            yield name, child.text or ""
        elif name == "news":
            yield from (
                (local(item), item.text or "") for item in child if local(item) in ("publication_date", "title")
            )
