"""Search: what is asked, and a page of what was found. `archive.browse.lookup` does the looking up."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from archive.browse.folding import folded, others
from archive.browse.lookup import Limits, Looked, Row, Wanted, Window, look
from archive.browse.plot import Plot, over_time
from archive.browse.sql import mappings
from archive.terms import Terms, like, read

LIMITS = Limits()
PAGE = 20
_STEP, _WALKED = 500, 20_000  # articles that a folded list takes at a time, and in all
_MAX_PAGE = 400
_LISTED = 8  # values of a facet
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_FILTERS = ("site", "section", "author", "language")
_FACETS = ("site", "section", "language")
_CONDITIONS = {
    "site": "site = :site",
    "section": "section = :section",
    "language": "language IN (SELECT value FROM json_each(:language))",
    "author": "articles.id IN (SELECT article_id FROM article_authors WHERE author = :author)",
    "start": "published >= :start",
    "end": "published < :end",
}
# `.` comes after `-`.
_REGIONS = "SELECT value FROM tallies WHERE kind = 'language' AND value > :tag || '-' AND value < :tag || '.'"
_SUGGESTED = "SELECT value FROM tallies WHERE kind = ? ORDER BY n DESC, value LIMIT 100"
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
    fold: bool = False  #: of copies, only the first is shown
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
            fold=given.get("fold") == "1",
            notes=tuple(notes),
            **filters,
        )

    def query(self, **other: Any) -> str:
        """The same search as the query of an address, with some parameters set otherwise."""
        values = {"q": self.q, "from": self.start, "to": self.end, "sort": self.sort, "page": self.page}
        values |= {name: getattr(self, name) for name in _FILTERS} | {"fold": int(self.fold)}
        values |= other
        plain = {"sort": "date", "page": 1}
        return urlencode({name: value for name, value in values.items() if value and value != plain.get(name)})

    @property
    def filters(self) -> tuple[str, ...]:
        """The names of the filters that are set, as in an address."""
        dates = (("from", self.start), ("to", self.end))
        return tuple(name for name, value in ((*((name, getattr(self, name)) for name in _FILTERS), *dates)) if value)

    def anywhere(self) -> str:
        """The query of the same search without filters."""
        return self.query(**dict.fromkeys(self.filters, ""), page=1)

    def narrowed(self, name: str, value: str) -> str:
        """The query of the same search with one more filter."""
        return self.query(**{name: value, "page": 1})


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
    copies: int = 0  #: other articles in its cluster


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits. `total` is None where it was not counted, and at least that many where `more_than` is set."""

    hits: tuple[Hit, ...]
    terms: Terms
    total: int | None
    more_than: bool
    further: bool  #: there is another page
    facets: Mapping[str, tuple[tuple[str, int], ...]]  #: by name, values and articles; empty where not counted
    plot: Plot | None
    notes: tuple[str, ...]

    def narrowing(self, search: Search) -> Mapping[str, tuple[tuple[str, int], ...]]:
        """The facets that can narrow the search: of several values, and not set already."""
        return {name: values for name, values in self.facets.items() if len(values) > 1 and not getattr(search, name)}


def find(conn: sqlite3.Connection, search: Search, limit: int = PAGE) -> Found:
    """Look a search up; at most `limit` hits of its page."""
    terms = read(search.q)
    wanted, start = _wanted(conn, search, terms), (search.page - 1) * limit
    looked = look(conn, wanted, Window(_STEP, 0) if search.fold else Window(limit, start), LIMITS)
    ids: Sequence[int] = looked.ids
    if search.fold:
        ids = list(islice(folded(conn, _all_ids(conn, wanted, looked)), start, start + limit + 1))
    copies = others(conn, ids[:limit])
    return Found(
        hits=tuple(_hit(conn, article_id, copies.get(article_id, 0)) for article_id in ids[:limit]),
        terms=terms,
        total=None if search.fold else looked.total,
        more_than=looked.more,
        further=len(ids) > limit,
        facets={name: _facet(looked.rows, name) for name in _FACETS},
        plot=over_time(map(attrgetter("published", "site"), looked.rows)),
        notes=(*search.notes, *_notes(search, terms), *looked.notes),
    )


def _all_ids(conn: sqlite3.Connection, wanted: Wanted, looked: Looked) -> Iterator[int]:
    """The articles of a search in their order, a stretch at a time; the first is there already."""
    for start in range(_STEP, _WALKED, _STEP):
        yield from looked.ids[:_STEP]
        if len(looked.ids) <= _STEP:
            return
        looked = look(conn, wanted, Window(_STEP, start), LIMITS)


def _notes(search: Search, terms: Terms) -> Iterator[str]:
    if terms.cut:
        yield f"Only the first {len(terms.terms)} words were looked for."
    if search.q.strip() and not terms.terms:
        yield "There is no word in what was typed, so nothing was left out by it."
    if terms.literals:
        said = ", ".join(f"“{literal}”" for literal in terms.literals)
        yield f"The index has no words for {said}: " + (
            "what else was typed was looked up, and read through for it."
            if terms.match
            else f"the newest {LIMITS.scan:,} articles were read through for it."
        )
        if search.sort == "relevance" and not terms.match:
            yield "Such a search is sorted by date."


def _wanted(conn: sqlite3.Connection, search: Search, terms: Terms) -> Wanted:
    """A search as SQL."""
    values: dict[str, Any] = {"match": terms.match}
    clauses = []
    for name, condition in _CONDITIONS.items():
        if value := getattr(search, name):
            clauses.append(condition)
            values[name] = _languages(conn, value) if name == "language" else value
    if search.end:
        values["end"] += "\U0010ffff"  # everything that begins with the last day, its hours too, is before this
    likes = []
    for n, literal in enumerate(terms.literals):
        values[f"like{n}"] = like(literal)
        likes.append(f"(articles.title LIKE :like{n} ESCAPE '\\' OR articles.text LIKE :like{n} ESCAPE '\\')")
    return Wanted(
        filters=" AND ".join(["superseded_by IS NULL", *clauses]),
        index=f"articles_{'shelf' if search.author else 'site_published' if search.site else 'published'}",
        filtered=bool(clauses),
        like=" AND ".join(likes),
        values=values,
        match=terms.match,
        walks=search.sort == "date" and not terms.literals and not terms.has_prefix,
        ranked=search.sort == "relevance" and bool(terms.match),
    )


def _languages(conn: sqlite3.Connection, tag: str) -> str:
    """The languages that a tag means, as a JSON list: itself, and those it begins (`es-PE` is `es`)."""
    return json.dumps([tag, *(row[0] for row in conn.execute(_REGIONS, {"tag": tag}))])


def _facet(rows: Iterable[Row], name: str) -> tuple[tuple[str, int], ...]:
    counts = Counter(map(attrgetter(name), rows))
    counts.pop(None, None)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_LISTED])


def suggestions(conn: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """What the filters may be set to: the sites, sections and languages with the most articles."""
    return {name: tuple(row[0] for row in conn.execute(_SUGGESTED, (name,))) for name in _FACETS}


def _hit(conn: sqlite3.Connection, article_id: int, copies: int) -> Hit:
    row = mappings(conn.execute(_RESULT, (article_id,)))[0]
    return Hit(**row | {"authors": tuple(json.loads(row["authors"])), "copies": copies})
