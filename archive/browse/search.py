"""Search: what is asked, how it is looked up at any size, and what was found.

By date, a term in at most `CAP` articles is joined and sorted; a commoner one is met by walking the date index. By
relevance it is bm25 (https://sqlite.org/fts5.html#the_bm25_function) among the `CAP` articles that came last and
carry the words. Wherever not everything was looked at, a note says so.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from archive.browse.sql import mappings
from archive.terms import Terms, like, read

CAP = 10_000  #: hits that are counted and ranked
SCAN = 20_000  #: articles read through for what the index has no words for
PAGE = 20
_MAX_PAGE = 400
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_FILTERS = ("site", "section", "author", "language")
_INDEXED = ("section", "language")  # by an index that has no date

_HITS = """
WITH hits(id, score) AS MATERIALIZED (
  SELECT rowid, {score} FROM articles_fts WHERE articles_fts MATCH :match ORDER BY rowid DESC LIMIT :cap)
"""
_FROM_HITS = "FROM hits CROSS JOIN articles ON articles.id = hits.id"
_WALKED = "EXISTS (SELECT 1 FROM articles_fts WHERE articles_fts MATCH :match AND rowid = articles.id)"
# Told by the index of those that were replaced: `superseded_by` lies behind the text in a row, and is dear to read.
_STANDING = "articles.id NOT IN (SELECT old.id FROM articles AS old WHERE old.superseded_by IS NOT NULL)"
_BY_DATE = "ORDER BY published DESC, articles.id DESC"
# From one language to the next in the index; `.` comes after `-`.
_REGIONS = """
WITH RECURSIVE tags(tag) AS (
  SELECT min(language) FROM articles WHERE language >= :tag || '-' AND language < :tag || '.'
  UNION ALL SELECT (SELECT min(language) FROM articles WHERE language > tags.tag AND language < :tag || '.')
  FROM tags WHERE tag IS NOT NULL)
SELECT tag FROM tags WHERE tag IS NOT NULL
"""
_RESULT = """
SELECT id, title, site, url, published, section, language, authors, words, text FROM articles WHERE id = ?
"""


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked. `start` and `end` are days, months or years, both taken in; `page` counts from 1."""

    q: str = ""
    site: str = ""
    start: str = ""
    end: str = ""
    section: str = ""
    author: str = ""
    language: str = ""
    sort: str = "date"
    page: int = 1
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Search:
        """A search from the parameters of an address; those that mean nothing are left out, and a note says so."""
        notes, dates = [], {}
        for name in ("from", "to"):
            value = given.get(name, "").strip()
            dates[name] = value if _DATE.fullmatch(value) else ""
            if value and not dates[name]:
                notes.append(f"“{name}” is left out: a date is written 2026-11-24, 2026-11 or 2026.")
        page = given.get("page", "1")
        filters = {name: given.get(name, "").replace("\0", "").strip() for name in _FILTERS}
        filters["site"] = filters["site"].lower().removeprefix("www.")
        return cls(
            q=given.get("q", ""),
            start=dates["from"],
            end=dates["to"],
            sort="relevance" if given.get("sort") == "relevance" else "date",
            page=min(_MAX_PAGE, max(1, int(page))) if re.fullmatch(r"[0-9]{1,6}", page) else 1,
            notes=tuple(notes),
            **filters,
        )

    def query(self, **other: Any) -> str:
        """The same search as the query of an address, with some parameters set otherwise."""
        values = {"q": self.q, "from": self.start, "to": self.end, "sort": self.sort, "page": self.page}
        values |= {name: getattr(self, name) for name in _FILTERS}
        values |= other
        plain = {"sort": "date", "page": 1}
        return urlencode({name: value for name, value in values.items() if value and value != plain.get(name)})


@dataclass(frozen=True, slots=True)
class Hit:
    """An article found."""

    id: int
    title: str | None
    site: str | None
    url: str | None
    published: str | None
    section: str | None
    language: str | None
    authors: tuple[str, ...]
    words: int
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits. `total` is None where it was not counted, and at least that many where `more_than` is set."""

    hits: tuple[Hit, ...]
    terms: Terms
    total: int | None
    more_than: bool
    further: bool  #: there is another page
    sites: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A search as SQL; `where` is made of our own words, `values` of those that were typed."""

    where: str
    like: str
    values: dict[str, Any]
    match: str


def find(conn: sqlite3.Connection, search: Search, limit: int = PAGE) -> Found:
    """Look a search up; at most `limit` hits of its page."""
    terms = read(search.q)
    asked = _asked(conn, search, terms)
    notes = list(search.notes)
    if terms.cut:
        notes.append(f"Only the first {len(terms.terms)} words were looked for.")
    if search.q.strip() and not terms.terms:
        notes.append("There is no word in what was typed, so nothing was left out by it.")
    window = {"limit": limit + 1, "offset": (search.page - 1) * limit}
    common = bool(asked.match) and _capped(conn, asked) > CAP
    total: int | None
    sites: tuple[tuple[str, int], ...] = ()
    if asked.match and not (common and _can_walk(search, terms)):
        ids, total, sites = _among_hits(conn, asked, search, limit)
        notes += _notes_on_hits(search) if common else []
        more = common
    else:
        ids, total, more = _by_date(conn, asked, window)
        notes += _notes_on_walk(search, terms)
    hits = tuple(_hit(conn, article_id) for article_id in ids[:limit])
    return Found(hits, terms, total, more, len(ids) > limit, sites, tuple(notes))


def _can_walk(search: Search, terms: Terms) -> bool:
    """Whether a common term is met quickly by going back in time; a beginning would be looked up at every step."""
    return search.sort == "date" and not terms.literals and not terms.has_prefix


def _asked(conn: sqlite3.Connection, search: Search, terms: Terms) -> _Asked:
    clauses = [_STANDING]
    values: dict[str, Any] = {"match": terms.match, "cap": CAP}
    conditions = {
        "site": "site = :site",
        "section": "section = :section",
        "language": "language IN (SELECT value FROM json_each(:language))",
        "author": "articles.id IN (SELECT article_id FROM article_authors WHERE author = :author)",
        "start": "published >= :start",
        "end": "published < :end",
    }
    for name, condition in conditions.items():
        if value := getattr(search, name):
            if name == "end":
                value += "\U0010ffff"  # everything that begins with the last day, its hours too, is before this
            elif name == "language":
                value = _languages(conn, value)
            values[name] = value
            # a plus keeps SQLite from its index: what is common would be sorted whole, and going back in time is quick
            common = name in _INDEXED and _is_common(conn, condition, values)
            clauses.append("+" + condition if common else condition)
    likes = []
    for n, literal in enumerate(terms.literals):
        values[f"like{n}"] = like(literal)
        likes.append(f"(title LIKE :like{n} ESCAPE '\\' OR text LIKE :like{n} ESCAPE '\\')")
    return _Asked(" AND ".join(clauses), " AND ".join(likes), values, terms.match)


def _is_common(conn: sqlite3.Connection, condition: str, values: Mapping[str, Any]) -> bool:
    query = f"SELECT count(*) FROM (SELECT 1 FROM articles WHERE {condition} LIMIT {CAP + 1})"  # noqa: S608
    return int(conn.execute(query, values).fetchone()[0]) > CAP


def _languages(conn: sqlite3.Connection, tag: str) -> str:
    """The languages that a tag means, as a JSON list: itself, and those it begins (`es-PE` is `es`)."""
    return json.dumps([tag, *(row[0] for row in conn.execute(_REGIONS, {"tag": tag}))])


def _capped(conn: sqlite3.Connection, asked: _Asked) -> int:
    query = f"SELECT count(*) FROM (SELECT 1 FROM articles_fts WHERE articles_fts MATCH :match LIMIT {CAP + 1})"  # noqa: S608
    return int(conn.execute(query, asked.values).fetchone()[0])


def _among_hits(
    conn: sqlite3.Connection, asked: _Asked, search: Search, limit: int
) -> tuple[list[int], int, tuple[tuple[str, int], ...]]:
    """One look at every hit: which are shown, how many there are, and of which sites."""
    where = " AND ".join(filter(None, (asked.where, asked.like)))
    ranked = search.sort == "relevance"
    order = "ORDER BY score, articles.id DESC" if ranked else _BY_DATE
    hits = _HITS.format(score="bm25(articles_fts, 4.0, 1.0)" if ranked else "0")
    rows = conn.execute(f"{hits} SELECT articles.id, site {_FROM_HITS} WHERE {where} {order}", asked.values).fetchall()
    sites = Counter(site for _, site in rows if site is not None)
    start = (search.page - 1) * limit
    return [article_id for article_id, _ in rows[start : start + limit + 1]], len(rows), tuple(sites.most_common(8))


def _by_date(conn: sqlite3.Connection, asked: _Asked, window: Mapping[str, int]) -> tuple[list[int], int | None, bool]:
    values = {**asked.values, **window}
    if asked.match:
        query = f"SELECT id FROM articles WHERE {asked.where} AND {_WALKED} {_BY_DATE} LIMIT :limit OFFSET :offset"  # noqa: S608
        return [row[0] for row in conn.execute(query, values)], None, False
    if asked.like:
        newest = f"(SELECT * FROM articles WHERE {asked.where} {_BY_DATE} LIMIT {SCAN}) AS articles"  # noqa: S608
        query = f"SELECT id FROM {newest} WHERE {asked.like} {_BY_DATE}"  # noqa: S608
        every = [row[0] for row in conn.execute(query, values)]
        return every[window["offset"] :][: window["limit"]], len(every), False
    query = f"SELECT id FROM articles WHERE {asked.where} {_BY_DATE} LIMIT :limit OFFSET :offset"  # noqa: S608
    ids = [row[0] for row in conn.execute(query, values)]
    query = f"SELECT count(*) FROM (SELECT 1 FROM articles WHERE {asked.where} LIMIT {CAP + 1})"  # noqa: S608
    total = int(conn.execute(query, values).fetchone()[0])
    return ids, min(total, CAP), total > CAP


def _notes_on_hits(search: Search) -> list[str]:
    if search.sort == "relevance":
        return [f"More than {CAP:,} articles carry these words: the {CAP:,} that came last were ranked."]
    return [f"More than {CAP:,} articles carry these words: only the {CAP:,} that came last were looked through."]


def _notes_on_walk(search: Search, terms: Terms) -> list[str]:
    notes = []
    if terms.match:
        notes.append(f"More than {CAP:,} articles carry these words; they were not counted.")
    if terms.literals:
        said = ", ".join(f"“{literal}”" for literal in terms.literals)
        notes.append(f"The index has no words for {said}: the newest {SCAN:,} articles were read through for it.")
        if search.sort == "relevance":
            notes.append("Such a search is sorted by date.")
    return notes


def _hit(conn: sqlite3.Connection, article_id: int) -> Hit:
    row = mappings(conn.execute(_RESULT, (article_id,)))[0]
    return Hit(**row | {"authors": tuple(json.loads(row["authors"]))})
