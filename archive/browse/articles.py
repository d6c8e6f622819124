"""What the article page shows: the article, its captures, and who said what."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archive.browse.sql import mappings

_ARTICLE = "SELECT * FROM articles WHERE id = ?"
MOST = 200  #: captures that are listed
_CAPTURES = f"""
SELECT captures.id, captured_at, source, url, address, status, dated_by, warc_file,
       coalesce(disbelieved || ' (of many articles)', refused) AS refused,
       cleanings.text_digest IS NOT (SELECT text_digest FROM articles WHERE id = :id) AS spelled_otherwise
FROM captures LEFT JOIN cleanings ON capture_id = captures.id
WHERE article_id = :id ORDER BY captured_at, captures.id LIMIT {MOST}
"""  # noqa: S608
_COUNT = "SELECT count(*) FROM captures WHERE article_id = ?"
_REPLACED = """
SELECT id, title, published, first_seen FROM articles WHERE superseded_by = ? ORDER BY first_seen, id LIMIT 50
"""
_SUBHEADING = 90  # characters at most
_PARAGRAPH = 120  # characters at least, on both sides of a subheading
_TITLE = "SELECT id, title FROM articles WHERE id = ?"
#: What a person set by hand for a page that carries an article.
_CORRECTED = """
SELECT url, field, value FROM corrections
WHERE url IN (SELECT url FROM captures WHERE article_id = :id UNION SELECT address FROM captures WHERE article_id = :id)
ORDER BY url, field LIMIT 200
"""


@dataclass(frozen=True, slots=True)
class FieldSource:
    """Who said a field of an article, and in which capture."""

    name: str
    value: str
    source: str
    capture: int


@dataclass(frozen=True, slots=True)
class Shown:
    """An article and what stands beside it. Mappings are rows, by column."""

    row: Mapping[str, Any]
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    paragraphs: tuple[str, ...]
    fields: tuple[FieldSource, ...]
    captures: tuple[Mapping[str, Any], ...]  #: the first `MOST` of them
    capture_count: int
    addresses: tuple[str, ...]
    superseded_by: Mapping[str, Any] | None
    replaced: tuple[Mapping[str, Any], ...]
    corrections: tuple[Mapping[str, Any], ...]  #: url, field, and value as text


def shown(conn: sqlite3.Connection, article_id: int) -> Shown | None:
    """Everything of the article page; None where there is no such article."""
    row = _one(conn, _ARTICLE, article_id)
    if row is None:
        return None
    captures = tuple(mappings(conn.execute(_CAPTURES, {"id": article_id})))
    after = row["superseded_by"]
    return Shown(
        row,
        tuple(json.loads(row["authors"])),
        tuple(json.loads(row["tags"])),
        tuple(line for line in row["text"].split("\n") if line.strip()),
        _field_sources(row),
        captures,
        int(conn.execute(_COUNT, (article_id,)).fetchone()[0]),
        tuple(dict.fromkeys(capture["address"] for capture in captures if capture["address"])),
        None if after is None else _one(conn, _TITLE, after),
        tuple(mappings(conn.execute(_REPLACED, (article_id,)))),
        tuple(row | {"value": _told(row["value"])} for row in mappings(conn.execute(_CORRECTED, {"id": article_id}))),
    )


def _told(value: str) -> str:
    """A value of a correction, which is JSON, in words."""
    said = json.loads(value)
    return "; ".join(map(str, said)) if isinstance(said, list) else said if isinstance(said, str) else value


def subheadings(paragraphs: Sequence[str]) -> frozenset[int]:
    """Which lines of a text look like subheadings: short, without a stop, between two that are long. Only a guess."""
    found = zip(range(1, len(paragraphs)), paragraphs, paragraphs[1:], paragraphs[2:], strict=False)
    return frozenset(
        number
        for number, before, line, after in found
        if len(line) <= _SUBHEADING
        and min(len(before), len(after)) >= _PARAGRAPH
        and line.rstrip("\"'”»")[-1:] not in {".", ",", ":", ";", "…"}
    )


def _field_sources(row: Mapping[str, Any]) -> tuple[FieldSource, ...]:
    return tuple(
        FieldSource(name, _plain(row[name]), said["source"], said["capture"])
        for name, said in json.loads(row["field_sources"]).items()
        if name in row
    )


def _plain(value: Any) -> str:
    text = "" if value is None else str(value)
    return ", ".join(json.loads(text)) if text.startswith("[") else text


def _one(conn: sqlite3.Connection, query: str, key: int) -> dict[str, Any] | None:
    return next(iter(mappings(conn.execute(query, (key,)))), None)
