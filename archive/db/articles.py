"""Rows of `articles`: written from what the captures of a text say together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from archive.db.rows import LISTS, ArticleRow, dump_json
from archive.identity import site_of
from archive.model import FIELDS
from archive.settle import Merged

_COLUMNS = (
    *("title", "site", "published", "section", "authors", "description", "text", "words", "language", "modified"),
    *("tags", "image", "url", "first_seen", "last_seen", "field_sources", "recipe", "content_hash", "text_digest"),
    *("lead_capture_id", "latest_capture_id", "kind"),
)  # all but `id` and `superseded_by`; the SQL made of them holds no value, only these names
_PLACES = ", ".join(f":{name}" for name in _COLUMNS)
_INSERT = f"INSERT INTO articles ({', '.join(_COLUMNS)}) VALUES ({_PLACES}) RETURNING id"  # noqa: S608
_BEFORE = f"SELECT id, {', '.join(_COLUMNS)} FROM articles WHERE content_hash = ?"  # noqa: S608
_READ = """
SELECT id, url, site, title, authors, published, modified, language, section, tags, description, image, text, words,
       content_hash, first_seen, last_seen, recipe, superseded_by, field_sources, kind FROM articles
"""


@dataclass(frozen=True, slots=True)
class Wording:
    """The text of a lead, and the cleaning it is of."""

    text: str
    text_digest: str
    words: int
    recipe: str


def columns_of(content_hash: str, merged: Merged[int], wording: Wording) -> dict[str, Any]:
    """The columns of an article, all but `id` and `superseded_by`."""
    said = merged.fields
    values: dict[str, Any] = {name: said[name].field.value if name in said else None for name in FIELDS}
    values |= {name: dump_json(list(values[name] or ())) for name in LISTS}
    return values | {
        "site": site_of(merged.url),
        "url": merged.url,
        "text": wording.text,
        "words": wording.words,
        "recipe": wording.recipe,
        "content_hash": content_hash,
        "text_digest": wording.text_digest,
        "first_seen": merged.lead.captured_at,
        "last_seen": merged.latest.captured_at,
        "field_sources": dump_json(sources_of(merged)),
        "lead_capture_id": merged.lead.key,
        "latest_capture_id": merged.latest.key,
    }


def sources_of(merged: Merged[int]) -> dict[str, dict[str, Any]]:
    """`articles.field_sources`: `{name: {"source": ..., "capture": id}}`; `url` is always its capture's."""
    sources = {name: {"source": said.field.source, "capture": said.capture.key} for name, said in merged.fields.items()}
    if merged.addressed is not None:
        sources["url"] = {"source": "capture", "capture": merged.addressed.key}
    return sources


def contributors_of(row: Mapping[str, Any]) -> set[int]:
    """The captures that made what a row says: see `Merged.contributors`."""
    sources = json.loads(row["field_sources"])
    return {said["capture"] for said in sources.values()} | {row["lead_capture_id"], row["latest_capture_id"]}


def insert(db: Database, values: Mapping[str, Any]) -> int:
    """Store a new article and return its id."""
    return int(db.conn.execute(_INSERT, values).fetchone()[0])


def update(db: Database, article_id: int, before: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Bring a row to what its captures say now; only columns that changed are written."""
    changed = [name for name in _COLUMNS if before[name] != values[name]]
    if changed:
        places = ", ".join(f"{name} = ?" for name in changed)
        query = f"UPDATE articles SET {places} WHERE id = ?"  # noqa: S608
        db.conn.execute(query, [*(values[name] for name in changed), article_id])


def row_before(db: Database, content_hash: str) -> tuple[int, dict[str, Any]] | None:
    """The id and the columns of the article of a hash, as `update` wants them; None where there is none."""
    row = db.conn.execute(_BEFORE, (content_hash,)).fetchone()
    return (row[0], dict(zip(_COLUMNS, row[1:], strict=True))) if row else None


def columns_by_id(db: Database, article_id: int) -> dict[str, Any]:
    """The stored columns of an article, as `columns_of` makes them."""
    query = f"SELECT {', '.join(_COLUMNS)} FROM articles WHERE id = ?"  # noqa: S608
    return dict(zip(_COLUMNS, db.conn.execute(query, (article_id,)).fetchone(), strict=True))


def row_of(db: Database, article_id: int) -> ArticleRow | None:
    """One article; None where there is none of this id."""
    row = db.conn.execute(f"{_READ} WHERE id = ?", (article_id,)).fetchone()
    if row is None:
        return None
    names = [name.strip() for name in _READ.partition("SELECT")[2].partition("FROM")[0].split(",")]
    values = dict(zip(names, row, strict=True))
    values |= {name: tuple(json.loads(values[name])) for name in LISTS}
    return ArticleRow(**values | {"field_sources": json.loads(values["field_sources"])})
