"""Facets of the table of articles that Datasette has no quick way to, whatever the number of articles.

By day and by author (`?_facet_day=published`, `?_facet_author=authors`): a day is told from the index of dates, an
author from the table of authors. By site, section and language Datasette counts itself, in a third more time. Where a
page is filtered, all look at the rows that are left.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from datasette.database import QueryInterrupted
from datasette.facets import Facet
from datasette.utils import path_with_added_args, path_with_removed_args

# From one day to the next in the index: as many steps as there are days. A month or a year alone is a day of its own.
_UNTIL = "iif(length(first) < 10, first, substr(first, 1, 10) || '~')"
_EVERY_DAY = f"""
WITH RECURSIVE firsts(first) AS (
  SELECT min(published) FROM articles
  UNION ALL
  SELECT (SELECT min(published) FROM articles WHERE published > {_UNTIL}) FROM firsts WHERE first IS NOT NULL)
SELECT substr(first, 1, 10) AS value,
       (SELECT count(*) FROM articles WHERE published >= substr(first, 1, 10) AND published <= {_UNTIL}) AS count
FROM firsts WHERE first IS NOT NULL ORDER BY count DESC, value DESC LIMIT {{limit}}
"""  # noqa: S608
_DAYS = """
SELECT substr(published, 1, 10) AS value, count(*) AS count FROM ({sql})
WHERE published IS NOT NULL GROUP BY value ORDER BY count DESC, value DESC LIMIT {limit}
"""
_EVERY_AUTHOR = """
SELECT author AS value, count(*) AS count FROM article_authors GROUP BY author ORDER BY count DESC, value LIMIT {limit}
"""
_AUTHORS = """
SELECT author AS value, count(*) AS count FROM article_authors WHERE article_id IN (SELECT id FROM ({sql}))
GROUP BY author ORDER BY count DESC, value LIMIT {limit}
"""


# From one value to the next in its index, and a count of each: less work than to group all rows.
_EVERY_VALUE = """
WITH RECURSIVE found(value) AS (
  SELECT min({column}) FROM articles
  UNION ALL SELECT (SELECT min({column}) FROM articles WHERE {column} > value) FROM found WHERE value IS NOT NULL)
SELECT value, (SELECT count(*) FROM articles WHERE {column} = value) AS count
FROM found WHERE value IS NOT NULL ORDER BY count DESC, value LIMIT {limit}
"""
_VALUES = """
SELECT {column} AS value, count(*) AS count FROM ({sql})
WHERE {column} IS NOT NULL GROUP BY {column} ORDER BY count DESC, value LIMIT {limit}
"""
_QUICK = ("site", "section", "language")  # columns that have an index


class _ArticleFacet(Facet):  # type: ignore[misc]  # Datasette has no types
    """What both have in common; `every` is the query where no row is left out, `some` where some are."""

    columns: tuple[str, ...]  #: that it may be asked for
    said: str  #: the type that its title tells
    every: str
    some: str

    async def suggest(self) -> list[dict[str, Any]]:
        """Datasette's guesses are off; these are named by the description of the table."""
        return []

    async def facet_results(self) -> tuple[list[dict[str, Any]], list[str]]:
        """The facet, as Datasette shows it; and its name, where it took too long."""
        results, late = [], []
        for asked in self.get_configs() if self.table == "articles" else ():
            column = asked["config"].get("column") or asked["config"]["simple"]
            if column not in self.columns:
                continue
            try:
                results.append(await self._result(column, asked["source"]))
            except QueryInterrupted:
                late.append(column)
        return results, late

    async def _result(self, column: str, source: str) -> dict[str, Any]:
        size = self.get_facet_size()
        said = {"sql": self.sql, "column": column, "limit": size + 1}
        query = (self.some if " where " in self.sql else self.every).format(**said)
        limit = self.ds.setting("facet_time_limit_ms")
        found = await self.ds.execute(self.database, query, self.params, truncate=False, custom_time_limit=limit)
        turned_off = path_with_removed_args(self.request, {f"_facet_{self.type}": column})
        return {
            "name": column,
            "type": self.said,
            "hideable": source != "metadata",
            "toggle_url": self.ds.urls.path(turned_off),
            "results": [self._value(column, row["value"], row["count"]) for row in found.rows[:size]],
            "truncated": len(found.rows) > size,
        }

    def _value(self, column: str, value: str, count: int) -> dict[str, Any]:
        name, said = self.narrowed(column, value)
        selected = (name, said) in self.get_querystring_pairs()
        path = (path_with_removed_args if selected else path_with_added_args)(self.request, {name: said})
        address = self.ds.absolute_url(self.request, self.ds.urls.path(path))
        return {"value": value, "label": value, "count": count, "toggle_url": address, "selected": selected}

    def narrowed(self, column: str, value: str) -> tuple[str, str]:
        """The parameter that narrows the page to a value."""
        raise NotImplementedError


class QuickFacet(_ArticleFacet):
    """Articles by a column that has an index: what Datasette's own facet says, sooner."""

    type = "quick"
    said = "column"  # its title is that of the one it stands for
    columns = _QUICK
    every, some = _EVERY_VALUE, _VALUES

    def narrowed(self, column: str, value: str) -> tuple[str, str]:
        """By the value."""
        return column, value


class DayFacet(_ArticleFacet):
    """Articles by day of publication, as far as it is known: a month or a year stands for itself."""

    type = said = "day"
    columns = ("published",)
    every, some = _EVERY_DAY, _DAYS

    def narrowed(self, column: str, value: str) -> tuple[str, str]:
        """By how the date begins."""
        return f"{column}__startswith", value


class AuthorFacet(_ArticleFacet):
    """Articles by author: one of several is counted as if alone."""

    type = said = "author"
    columns = ("authors",)
    every, some = _EVERY_AUTHOR, _AUTHORS

    def narrowed(self, _column: str, value: str) -> tuple[str, str]:
        """By the table of authors; Datasette's own way unpacks the list of every article."""
        quoted = value.replace("'", "''")
        return "_where", f"id in (select article_id from article_authors where author = '{quoted}')"  # noqa: S608  # a link


def quickened(metadata: dict[str, Any], database: str) -> dict[str, Any]:
    """The same metadata, the facets of the table of articles counted in the quick way."""
    tables = metadata.get("databases", {}).get(database, {}).get("tables", {})
    if "articles" not in tables:  # a person took its description away
        return metadata
    facets = [{QuickFacet.type: facet} if facet in _QUICK else facet for facet in tables["articles"].get("facets", ())]
    changed = {**tables, "articles": {**tables["articles"], "facets": facets}}
    databases = {**metadata["databases"], database: {**metadata["databases"][database], "tables": changed}}
    return {**metadata, "databases": databases}


def shown(facets: Iterable[Any]) -> set[str]:
    """The columns that facets of a table's metadata show as columns."""
    names = (facet.get(QuickFacet.type) if isinstance(facet, dict) else facet for facet in facets)
    return {name for name in names if isinstance(name, str)}
