"""Feeds: RSS 0.9 to 2.0, RDF, Atom (RFC 4287), JSON Feed 1.1, and the broken ones that sites really serve.

What is well-formed, once `markup` has mended it, is read by `entries` in one pass. What is not goes to feedparser,
which knows more ways to be wrong than anybody; it is given little at a time, since on hostile bytes it takes 30 s for
8 MB where it needs 0.1 s for a feed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from urllib.parse import urljoin

from lxml.etree import XMLSyntaxError

from scraper.discover.collect import Collector
from scraper.discover.entries import Entry, Head, entries
from scraper.discover.found import Found, Kind, Problem
from scraper.discover.markup import Root, harmless, root_of, text_of, unpacked
from scraper.rules.discovery import Habits

LARGEST = 8 << 20  #: bytes of a feed, unpacked
LARGEST_BROKEN = 512 << 10  #: bytes of a feed that is not well-formed; what lxml recovers of a larger one counts
MOST = 5_000  #: entries

_KINDS: Mapping[Root, Kind] = {"rss": "rss", "rdf": "rdf", "feed": "atom", "json": "json-feed"}


def feed(body: bytes, url: str, habits: Habits) -> Found:
    """The entries of the feed at `url`, in its order; `further` has its next page (RFC 5005), if it names one."""
    plain, cut = unpacked(body, LARGEST)
    text = text_of(plain)
    root = root_of(text)
    if not text.strip():
        return Found("unknown", problem=Problem.UNREADABLE if body.strip() else Problem.EMPTY)
    if root == "html":
        return Found("html", problem=Problem.HTML)
    if root not in _KINDS:
        return Found("unknown", problem=Problem.UNREADABLE)
    found = Collector(url, "feed", habits, MOST)
    if root == "json":
        return _json(text, found)
    return _xml(text, _KINDS[root], found, Problem.TOO_LARGE if cut else None)


def _xml(text: str, kind: Kind, found: Collector, problem: Problem | None) -> Found:
    body = harmless(text)
    try:
        title = _take(entries(body), found)
    except XMLSyntaxError:
        problem = problem or Problem.BROKEN
        small = len(body) <= LARGEST_BROKEN
        title = _take(_guessed(body), found) if small else None
        if not small or not found.links:
            title = _take(entries(body, recover=True), found) or title
    if problem is Problem.BROKEN and not found.links:
        problem = Problem.UNREADABLE
    return found.found(kind, problem, title)


def _take(told: Iterable[Entry | Head], found: Collector) -> str | None:
    """Gather what a feed tells; its title, where it has one."""
    title = None
    for item in told:
        if found.full:
            break
        if isinstance(item, Entry):
            if item.address:
                base = urljoin(found.via, item.base) if item.base else ""
                found.add(item.address, item.title, item.published, item.updated, base)
        elif item.further:
            found.add_further(item.further)
        else:
            title = title or item.title
    return title


def _guessed(body: bytes) -> Iterator[Entry | Head]:
    """What feedparser makes of a feed that is not well-formed."""
    import feedparser

    parsed = feedparser.parse(
        BytesIO(body),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    yield Head(title=parsed.feed.get("title"))
    for entry in parsed.entries:
        told = {"origlink": entry.get("feedburner_origlink"), "link": entry.get("link"), "id": _web(entry.get("id"))}
        yield Entry(
            {name: str(where) for name, where in told.items() if where},
            entry.get("title"),
            entry.get("published") or entry.get("created") or entry.get("updated"),
            dict.get(entry, "updated"),  # its own `get` answers with `published` where there is none
        )


def _web(told: object) -> str:
    return told if isinstance(told, str) and told.startswith(("http://", "https://")) else ""


def _json(text: str, found: Collector) -> Found:
    """JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return Found("unknown", problem=Problem.UNREADABLE)
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list) or "jsonfeed.org/version/" not in str(data.get("version", "")):
        return Found("unknown", problem=Problem.UNREADABLE)
    for item in items:
        if found.full:
            break
        raw = (item.get("url") or item.get("external_url") or item.get("id")) if isinstance(item, dict) else None
        if isinstance(raw, str) and raw:
            found.add(raw, item.get("title"), item.get("date_published"), item.get("date_modified"))
    if isinstance(data.get("next_url"), str):
        found.add_further(data["next_url"])
    return found.found("json-feed", title=data.get("title"))
