"""Atom feeds (RFC 4287): of a search, and of any table, view or query that Datasette shows."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.etree import ElementTree as Xml

_ATOM = "http://www.w3.org/2005/Atom"
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
#: Columns that may say what a row is called, and when it came, the most telling first.
_TITLES = ("title", "name", "rule", "site", "author", "text", "url", "source")
_MOMENTS = ("published", "captured_at", "last_seen", "started", "day", "first_seen", "finished", "applied", "at")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says of one thing; `at` is a date or moment in ISO 8601, or nothing."""

    title: str
    address: str
    at: str | None
    authors: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: what it is called, its own address, and that of the page with the same on it."""

    title: str
    address: str
    page: str
    entries: tuple[Entry, ...]


def written(feed: Feed, now: str) -> bytes:
    """A feed as XML. Where a date is not a whole moment, its midnight stands for a day, and `now` for all others."""
    Xml.register_namespace("", _ATOM)
    root = Xml.Element(f"{{{_ATOM}}}feed")
    _add(root, "title", feed.title)
    _add(root, "id", feed.address)
    _add(root, "updated", max((_moment(entry.at, now) for entry in feed.entries), default=now))
    _add(root, "link", rel="self", href=feed.address)
    _add(root, "link", rel="alternate", href=feed.page)
    for entry in feed.entries:
        _entry(root, entry, now)
    body: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _entry(root: Xml.Element, said: Entry, now: str) -> None:
    entry = Xml.SubElement(root, f"{{{_ATOM}}}entry")
    _add(entry, "title", said.title)
    _add(entry, "id", said.address)
    _add(entry, "updated", _moment(said.at, now))
    _add(entry, "link", rel="alternate", href=said.address)
    for author in said.authors or ("unknown",):
        _add(Xml.SubElement(entry, f"{{{_ATOM}}}author"), "name", author)
    _add(entry, "content", said.text, type="text")


def _moment(said: str | None, now: str) -> str:
    with suppress(ValueError):
        day = date.fromisoformat((said or "")[:10]).isoformat()
        return str(said) if _RFC3339.fullmatch(said or "") else f"{day}T00:00:00Z"
    return now


def _add(parent: Xml.Element, name: str, text: str | None = None, **attributes: str) -> None:
    clean = {key: _NO_XML.sub("", value) for key, value in attributes.items()}
    Xml.SubElement(parent, f"{{{_ATOM}}}{name}", clean).text = None if text is None else _NO_XML.sub("", text)


def of_rows(rows: Iterable[Mapping[str, Any]], table: str | None, page: str, link: Callable[[str], str]) -> list[Entry]:
    """Rows of a table, view or query as entries; `page` is the address of the page they stand on."""
    return [_of_row(row, table, page, link) for row in rows]


def _of_row(row: Mapping[str, Any], table: str | None, page: str, link: Callable[[str], str]) -> Entry:
    plain = {name: _plain(row[name]) for name in row.keys()}  # noqa: SIM118  # a row of SQLite is walked by its values
    title = next((plain[name] for name in _TITLES if plain.get(name)), "") or " · ".join(filter(None, plain.values()))
    text = "\n".join(f"{name}: {value}" for name, value in plain.items() if value)
    return Entry(
        title=" ".join(title.split())[:200] or "(without a name)",
        address=_address(plain, table, page, link),
        at=next((plain[name] for name in _MOMENTS if plain.get(name)), None),
        authors=_authors(plain),
        text=plain["text"] if table == "articles" and plain.get("text") else text,
    )


def _address(plain: Mapping[str, str], table: str | None, page: str, link: Callable[[str], str]) -> str:
    """The reading page of an article or capture; else a place of its own on the page of the rows."""
    kinds = {"articles": "article", "captures": "capture", "failed_captures": "capture"}
    if plain.get("id", "").isdigit() and (table in kinds or (table is None and "title" in plain)):
        return link(f"/{kinds.get(table or '', 'article')}/{plain['id']}")
    digest = hashlib.sha256(json.dumps(plain).encode()).hexdigest()
    return f"{page}#row-{digest[:16]}"


def _authors(plain: Mapping[str, str]) -> tuple[str, ...]:
    with suppress(ValueError):
        names = json.loads(plain.get("authors", "[]"))
        if isinstance(names, list):
            return tuple(filter(None, map(str, names))) or tuple(filter(None, (plain.get("site"),)))
    return tuple(filter(None, (plain.get("author") or plain.get("site"),)))


def _plain(value: Any) -> str:
    """A value of a row as text; one that a label stands beside is the label."""
    if isinstance(value, Mapping):
        value = value.get("label") or value.get("value")
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return "" if value is None else str(value)
