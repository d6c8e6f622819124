"""What the page of revisions shows: what an address said over time, each with its class and what changed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from markupsafe import Markup

from archive.browse.copies import changes
from archive.browse.sql import mappings
from archive.db.relations import RevisionRow, revisions_of

#: Revisions on a page, and variants that are listed.
PAGE = 30
VARIANTS = 20

_HOME = """
SELECT coalesce(articles.url, address) FROM articles JOIN captures ON captures.id = lead_capture_id
WHERE articles.id = ?
"""
_TEXT = "SELECT title, text FROM articles WHERE id = ?"
_WORSE = """
SELECT id, captured_at, error FROM captures WHERE address = ? AND reason = 'worse' ORDER BY captured_at DESC, id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Told:
    """A revision, its title and text, and what changed from the one before it; None for the first."""

    row: RevisionRow
    title: str | None
    text: str
    changes: Markup | None


@dataclass(frozen=True, slots=True)
class History:
    """A page of an address's revisions, oldest first: `told` from `start` (from 1) of `total`.

    `variants`: captures that were less than what stood (id, when, why), the newest first.
    """

    address: str
    told: tuple[Told, ...]
    start: int
    total: int
    variants: tuple[tuple[int, str, str | None], ...]


def history(conn: sqlite3.Connection, article_id: int, start: int | None) -> History | None:
    """The revisions of an article's address from a number on, or the newest; None where there is no such article."""
    found = conn.execute(_HOME, (article_id,)).fetchone()
    if found is None:
        return None
    address = str(found[0])
    rows = revisions_of(conn, address)
    first = max(1, len(rows) - PAGE + 1) if start is None else max(1, min(start, len(rows)))
    shown = rows[max(0, first - 2) : first - 1 + PAGE]
    texts = [tuple(conn.execute(_TEXT, (row.article_id,)).fetchone()) for row in shown]
    worse = mappings(conn.execute(_WORSE, (address, VARIANTS)))
    told = []
    for place, (row, (title, text)) in enumerate(zip(shown, texts, strict=True)):
        if row.number >= first:
            before = texts[place - 1][1] if place else None
            told.append(Told(row, title, text, before and changes(before, text, f"revision-{row.number}-")))
    return History(address, tuple(told), first, len(rows), tuple(tuple(row.values()) for row in worse))
