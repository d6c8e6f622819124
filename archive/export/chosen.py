"""The articles a selection takes: found at once, read one by one."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from archive.db.connect import DATABASE, translated
from archive.errors import UsageError
from archive.export.selection import Selection
from archive.terms import like, read

if TYPE_CHECKING:
    from archive.db.reader import Reader
    from archive.db.rows import ArticleRow

_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
_AFTER_ALL = "~"  # sorts after every character of a date

_CONDITIONS = {
    "sites": "articles.site IN (SELECT value FROM json_each(:sites))",
    "first_day": "articles.published >= :first_day",
    "last_day": "articles.published <= :last_day",
    "language": (
        "(articles.language = :language"
        " OR articles.language > :language || '-' AND articles.language < :language || '.')"  # `.` comes after `-`
    ),
    "match": "articles_fts MATCH :match",
    "section": "articles.section = :section",
    "author": "articles.id IN (SELECT article_id FROM article_authors WHERE author = :author)",
    "since_run": "NOT EXISTS (SELECT 1 FROM captures WHERE article_id = articles.id AND run_id < :since_run)",
}
_LITERAL = "(articles.title LIKE :literal{n} ESCAPE '\\' OR articles.text LIKE :literal{n} ESCAPE '\\')"
_JOIN = " JOIN articles_fts ON articles_fts.rowid = articles.id"
# Told by the index of those that were replaced: `superseded_by` lies behind the text in a row, and is dear to read.
_STANDING = "articles.id NOT IN (SELECT old.id FROM articles AS old WHERE old.superseded_by IS NOT NULL)"
_ORDERS = {"id": "articles.id", "newest": "articles.published DESC, articles.id DESC"}


class Chosen:
    """The articles of a selection, in order; may be walked again. Memory: 8 bytes an article.

    The ids are of one moment. Each article is read when its turn comes, so that no long read keeps a run that is on
    from tidying its log; one that is gone by then is passed over.
    """

    def __init__(self, reader: Reader, ids: array[int]) -> None:
        self.reader = reader
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[ArticleRow]:
        for article_id in self.ids:
            with translated(self.reader.folder / DATABASE):
                article = self.reader.article(article_id)
            if article is not None:
                yield article


def choose(reader: Reader, selection: Selection, order: Literal["id", "newest"] = "id") -> Chosen:
    """The articles a selection takes, by id or the newest first. Raises UsageError for a day that is none."""
    values = _values(selection)
    conditions = [_STANDING, *(_CONDITIONS[name] for name in values)]
    terms = read(selection.query or "")
    for n, literal in enumerate(terms.literals):
        conditions.append(_LITERAL.format(n=n))
        values[f"literal{n}"] = like(literal)
    if selection.query is not None and not terms.terms:
        conditions.append("0")  # there is nothing to look for
    source = "articles" + (_JOIN if "match" in values else "")
    query = f"SELECT articles.id FROM {source} WHERE {' AND '.join(conditions)} ORDER BY {_ORDERS[order]}"  # noqa: S608
    with translated(reader.folder / DATABASE):
        return Chosen(reader, array("q", (row[0] for row in reader.db.conn.execute(query, values))))


def _values(selection: Selection) -> dict[str, Any]:
    """The values behind the conditions that are asked for."""
    sites = [site.lower().removeprefix("www.") for site in selection.sites]
    last = _day(selection.last_day)
    values = {
        "sites": json.dumps(sites) if sites else None,
        "first_day": _day(selection.first_day),
        "last_day": None if last is None else last + _AFTER_ALL,
        "language": selection.language,
        "match": read(selection.query or "").match or None,
        "since_run": selection.since_run,
        "section": selection.section,
        "author": selection.author,
    }
    return {name: value for name, value in values.items() if value is not None}


def _day(text: str | None) -> str | None:
    """A day, month or year, checked against the calendar."""
    if text is None:
        return None
    if _DAY.fullmatch(text):
        with suppress(ValueError):
            date.fromisoformat(text + "0000-01-01"[len(text) :])
            return text
    raise UsageError(f"{text!r} is no day, month or year: write 2025-07-12, 2025-07 or 2025")
