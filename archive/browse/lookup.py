"""How a search is looked up, at any size, from indexes that hold all but the texts (migration 7).

- A term in at most `cap` articles: all of them, sorted, counted and told apart by site, section and language.
- A commoner one, narrowed by filters to at most `narrow` articles: those of them that carry it.
- A commoner one by date: back in time, article by article, for at most `steps` of them.
- A commoner one by relevance: bm25 (https://sqlite.org/fts5.html#the_bm25_function) among the `cap` articles that came
  last and carry the words. So is, by date too, a beginning, and what the index has no words for.

`Limits` has the numbers. Wherever not everything was looked at, a note says so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a search is looked up: all are numbers of articles."""

    cap: int = 10_000  #: hits that are counted and ranked
    narrow: int = 50_000  #: that filters may leave, to be held against all that carry a term
    steps: int = 20_000  #: that are passed on the way back in time
    scan: int = 20_000  #: read through for what the index has no words for


_ROW = "articles.id, published, site, section, language"
_BY_DATE = "ORDER BY published DESC, articles.id DESC"
_HITS = """
SELECT {row}, {score}
FROM articles_fts CROSS JOIN articles INDEXED BY articles_shelf ON articles.id = articles_fts.rowid
WHERE articles_fts MATCH :match AND {where} ORDER BY articles_fts.rowid DESC LIMIT :cap
"""
_CARRIES = "EXISTS (SELECT 1 FROM articles_fts WHERE articles_fts MATCH :match AND rowid = articles.id)"
# The plus keeps SQLite from looking the words up anew for each article that the filters leave.
_LEFT = "+articles_fts.rowid IN (SELECT id FROM articles INDEXED BY {index} WHERE {filters})"


class Row(NamedTuple):
    """What the shelf says of an article; `score` is lower for what is more relevant, and 0 where nobody asked."""

    id: int
    published: str | None
    site: str | None
    section: str | None
    language: str | None
    score: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search as SQL; the clauses are made of our own words, `values` of those that were typed."""

    filters: str
    index: str  #: that meets the filters without reading an article
    filtered: bool
    like: str
    values: Mapping[str, Any]
    match: str
    walks: bool  #: whether a common term is met quickly by going back in time
    ranked: bool


@dataclass(frozen=True, slots=True)
class Window:
    """Which of the hits are shown: `limit` of them, after the first `offset`."""

    limit: int
    offset: int


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found: the ids of a window, one more where there are more; all hits, where they were counted.

    `total` is None where they were not counted, and `more` says that it is only at least that many.
    """

    ids: tuple[int, ...]
    rows: tuple[Row, ...]
    total: int | None
    more: bool
    notes: tuple[str, ...] = ()


def look(conn: sqlite3.Connection, wanted: Wanted, window: Window, limits: Limits) -> Looked:
    """Look a search up."""
    if not wanted.match:
        return _listed(conn, wanted, window, limits)
    cap = limits.cap
    if _count(conn, "articles_fts WHERE articles_fts MATCH :match", wanted.values, cap) <= cap:
        return _sorted(_hits(conn, wanted, wanted.filters, cap), wanted, window)
    if wanted.filtered and _count(conn, _filtered(wanted), wanted.values, limits.narrow) <= limits.narrow:
        left = _LEFT.format(index=wanted.index, filters=wanted.filters)
        found = _hits(conn, wanted, left, cap + 1)
        if len(found) <= cap:
            return _sorted(found, wanted, window)
        note = f"More than {cap:,} articles meet all this: the {cap:,} that came last were looked through."
        return _sorted(found[:cap], wanted, window, note)
    if wanted.walks:
        return _walked(conn, wanted, window, limits)
    did = "the {} that came last were ranked." if wanted.ranked else "only the {} that came last were looked through."
    note = f"More than {cap:,} articles carry these words: " + did.format(f"{cap:,}")
    return _sorted(_hits(conn, wanted, wanted.filters, cap), wanted, window, note)


def _count(conn: sqlite3.Connection, source: str, values: Mapping[str, Any], most: int) -> int:
    """How many rows there are, counted up to one more than `most`."""
    query = f"SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT {most + 1})"  # noqa: S608
    return int(conn.execute(query, values).fetchone()[0])


def _filtered(wanted: Wanted) -> str:
    return f"articles INDEXED BY {wanted.index} WHERE {wanted.filters}"


def _hits(conn: sqlite3.Connection, wanted: Wanted, where: str, cap: int) -> list[Row]:
    """The hits that came last, at most `cap`."""
    score = "bm25(articles_fts, 4.0, 1.0)" if wanted.ranked else "0"
    both = " AND ".join(filter(None, (where, wanted.like)))
    query = _HITS.format(row=_ROW, score=score, where=both)
    return list(map(Row._make, conn.execute(query, {**wanted.values, "cap": cap})))


def _sorted(rows: Iterable[Row], wanted: Wanted, window: Window, note: str | None = None) -> Looked:
    """All hits, in order, and those of the window; a note says that there are more than these."""
    found = sorted(rows, key=_date, reverse=True)
    if wanted.ranked:
        found.sort(key=lambda row: row.score)
    ids = tuple(row.id for row in found[window.offset :][: window.limit + 1])
    return Looked(ids, tuple(found), len(found), note is not None, (note,) if note else ())


def _date(row: Row) -> tuple[str, int]:
    """By date, the undated last; what came later stands before what came earlier."""
    return row.published or "", row.id


def _newest(wanted: Wanted, most: int, more: str = "") -> str:
    """The newest articles that meet the filters, as a table that is read only as far as it is asked for."""
    return f"(SELECT {_ROW}{more} FROM {_filtered(wanted)} {_BY_DATE} LIMIT {most}) AS articles"  # noqa: S608


def _walked(conn: sqlite3.Connection, wanted: Wanted, window: Window, limits: Limits) -> Looked:
    """The newest that carry a common term."""
    query = f"SELECT {_ROW}, 0 FROM {_newest(wanted, limits.steps)} WHERE {_CARRIES} LIMIT :until"  # noqa: S608
    until = window.offset + window.limit + 1
    rows = conn.execute(query, {**wanted.values, "until": until})
    found = sorted(map(Row._make, rows), key=_date, reverse=True)
    notes = [f"More than {limits.cap:,} articles carry these words; they were not counted."]
    if len(found) < until and _count(conn, _filtered(wanted), wanted.values, limits.steps) > limits.steps:
        notes.append(
            f"Only the newest {limits.steps:,} articles were looked through: narrow the dates to see older ones."
        )
    return Looked(tuple(row.id for row in found[window.offset :]), (), None, more=False, notes=tuple(notes))


def _listed(conn: sqlite3.Connection, wanted: Wanted, window: Window, limits: Limits) -> Looked:
    """Articles that no index of words tells of: by the filters alone, or read through for signs and scripts."""
    if wanted.like:
        newest = _newest(wanted, limits.scan, ", title, text")
        query = f"SELECT {_ROW}, 0 FROM {newest} WHERE {wanted.like}"  # noqa: S608
        return _sorted(map(Row._make, conn.execute(query, wanted.values)), wanted, window)
    if wanted.filtered:
        query = f"SELECT {_ROW}, 0 FROM {_filtered(wanted)} LIMIT {limits.cap + 1}"  # noqa: S608
        rows = list(map(Row._make, conn.execute(query, wanted.values)))
        if len(rows) <= limits.cap:
            return _sorted(rows, wanted, window)
    query = f"SELECT articles.id FROM {_filtered(wanted)} {_BY_DATE} LIMIT :limit OFFSET :offset"  # noqa: S608
    values = {**wanted.values, "limit": window.limit + 1, "offset": window.offset}
    ids = tuple(row[0] for row in conn.execute(query, values))
    total = _count(conn, _filtered(wanted), wanted.values, limits.cap)
    return Looked(ids, (), min(total, limits.cap), total > limits.cap)
