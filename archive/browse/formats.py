"""A page of what a search found, as JSON and Atom."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from archive.browse.feed import Entry, Feed, written
from archive.browse.search import Found, Search


def to_json(search: Search, found: Found, link: Callable[[str], str]) -> str:
    """An object: the query, the notes on it, the hits with their texts, and the address of the next page."""
    asked = {"q": search.q, "from": search.start, "to": search.end, "sort": search.sort, "page": search.page}
    asked |= {name: getattr(search, name) for name in ("site", "section", "author", "language")}
    following = link("/search.json?" + search.query(page=search.page + 1)) if found.further else None
    answer: dict[str, Any] = {
        "asked": asked,
        "total": found.total,
        "total_is_a_minimum": found.more_than,
        "notes": list(found.notes),
        "results": [asdict(hit) | {"page": link(f"/article/{hit.id}")} for hit in found.hits],
        "next": following,
    }
    return json.dumps(answer, ensure_ascii=False, indent=1)


def to_atom(search: Search, found: Found, link: Callable[[str], str], now: str) -> bytes:
    """A feed: a page of hits, each with its text."""
    entries = tuple(
        Entry(
            hit.title or "(without a title)",
            link(f"/article/{hit.id}"),
            hit.published,
            hit.authors or tuple(filter(None, (hit.site,))),
            hit.text,
        )
        for hit in found.hits
    )
    title = f"Hemeroteca: {search.q}" if search.q.strip() else "Hemeroteca"
    address, page = (link(f"/search{form}?{search.query()}") for form in (".atom", ""))
    return written(Feed(title, address, page, entries), now)
