"""A page of what a search found, as JSON and Atom."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree as Xml

from archive.browse.search import Found, Hit, Search

_ATOM = "http://www.w3.org/2005/Atom"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    """A feed (RFC 4287). `updated` is what the article says of itself, where that is a whole moment; else `now`."""
    Xml.register_namespace("", _ATOM)
    feed = Xml.Element(f"{{{_ATOM}}}feed")
    here = link("/search.atom?" + search.query())
    _add(feed, "title", f"Hemeroteca: {search.q}" if search.q.strip() else "Hemeroteca")
    _add(feed, "id", here)
    _add(feed, "updated", max((_moment(hit, now) for hit in found.hits), default=now))
    _add(feed, "link", rel="self", href=here)
    _add(feed, "link", rel="alternate", href=link("/search?" + search.query()))
    for hit in found.hits:
        _entry(feed, hit, link, now)
    body: bytes = Xml.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _entry(feed: Xml.Element, hit: Hit, link: Callable[[str], str], now: str) -> None:
    entry = Xml.SubElement(feed, f"{{{_ATOM}}}entry")
    _add(entry, "title", hit.title or "(without a title)")
    _add(entry, "id", link(f"/article/{hit.id}"))
    _add(entry, "updated", _moment(hit, now))
    _add(entry, "link", rel="alternate", href=link(f"/article/{hit.id}"))
    for author in hit.authors or ((hit.site or "unknown"),):
        _add(Xml.SubElement(entry, f"{{{_ATOM}}}author"), "name", author)
    _add(entry, "content", hit.text, type="text")


_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def _moment(hit: Hit, now: str) -> str:
    """Atom wants a whole moment: a day alone stands for its midnight, UTC."""
    said = hit.published or ""
    if _RFC3339.fullmatch(said):
        return said
    return f"{said[:10]}T00:00:00Z" if re.match(r"\d{4}-\d\d-\d\d", said, re.ASCII) else now


def _add(parent: Xml.Element, name: str, text: str | None = None, **attributes: str) -> None:
    clean = {key: _NO_XML.sub("", value) for key, value in attributes.items()}
    Xml.SubElement(parent, f"{{{_ATOM}}}{name}", clean).text = None if text is None else _NO_XML.sub("", text)
