"""What runs did, as their pages tell it: figures, what could not be read, what each source of a crawl gave."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from archive.browse.sql import mappings
from archive.db.crawl import counts_of
from archive.db.crawlrows import SourceCounts
from archive.reasons import FAILURES, Reason

PAGE = 50
_LISTED = 50  # failures and articles of a run

_RUNS = """
SELECT id, command, started, finished, outcome, pages, new, duplicates, unchanged, failed, rejected, worse, superseded
FROM runs
"""
_REASONS = """
SELECT reason, count(*) FROM captures WHERE run_id = ? AND reason IS NOT NULL GROUP BY reason ORDER BY 2 DESC, 1
"""
_FAILURES = ", ".join(f"'{reason}'" for reason in sorted(FAILURES))
_FAILED = f"""
SELECT id, captured_at, source, url, reason, error FROM captures
WHERE run_id = ? AND reason IN ({_FAILURES}) ORDER BY id DESC LIMIT {_LISTED}
"""  # noqa: S608
_ARTICLES = f"""
SELECT articles.id, title, site, published, language, substr(text, 1, 200) AS text FROM (
  SELECT DISTINCT article_id FROM captures WHERE run_id = ? AND reason IS NULL AND article_id IS NOT NULL
  ORDER BY article_id DESC LIMIT {_LISTED}) JOIN articles ON articles.id = article_id ORDER BY articles.id DESC
"""  # noqa: S608
_CRAWLED = """
SELECT source, began, last_run,
       (SELECT count(*) FROM (SELECT 1 FROM crawl_addresses AS found WHERE found.source = crawl_sources.source
                              AND next_visit IS NOT NULL LIMIT 10000)) AS waiting,
       (SELECT count(*) FROM crawl_lists AS lists
        WHERE lists.source = crawl_sources.source AND failures > 0) AS failing,
       (SELECT remark FROM crawl_runs AS last WHERE last.source = crawl_sources.source
        ORDER BY run_id DESC LIMIT 1) AS remark
FROM crawl_sources ORDER BY source LIMIT 500
"""


@dataclass(frozen=True, slots=True)
class Run:
    """A run; mappings are rows, by column."""

    row: Mapping[str, Any]
    took: str
    reasons: tuple[tuple[str, str, int], ...]  #: code, meaning, captures
    failed: tuple[Mapping[str, Any], ...]
    articles: tuple[Mapping[str, Any], ...]
    sources: tuple[SourceCounts, ...]  #: of a crawl


def runs(conn: sqlite3.Connection, before: int | None) -> list[dict[str, Any]]:
    """A page of runs, the newest first, and one more where there are more; `before` is an id."""
    query = f"{_RUNS} WHERE ? IS NULL OR id < ? ORDER BY id DESC LIMIT {PAGE + 1}"
    return [row | {"took": took(row)} for row in mappings(conn.execute(query, (before, before)))]


def run(conn: sqlite3.Connection, run_id: int) -> Run | None:
    """Everything on the page of a run; None where there is none of this id."""
    row = next(iter(mappings(conn.execute(f"{_RUNS} WHERE id = ?", (run_id,)))), None)
    if row is None:
        return None
    failed, articles = (tuple(mappings(conn.execute(query, (run_id,)))) for query in (_FAILED, _ARTICLES))
    sources = tuple(counts_of(Database(conn, execute_plugins=False), run_id))
    return Run(row, took(row), tuple(_meant(conn.execute(_REASONS, (run_id,)))), failed, articles, sources)


def crawled(conn: sqlite3.Connection) -> list[dict[str, Any]]:
    """The sources of a crawl: since when, when last read, how many addresses wait, how many lists fail."""
    return mappings(conn.execute(_CRAWLED))


def _meant(counts: Iterable[Sequence[Any]]) -> Iterator[tuple[str, str, int]]:
    known = {reason.value: reason.meaning for reason in Reason}
    for row in counts:
        yield row[0], known.get(row[0], ""), row[1]


def took(row: Mapping[str, Any]) -> str:
    """How long a run took, in words; empty where it has not ended, or did not say when."""
    try:
        started, finished = (datetime.fromisoformat(row[name]) for name in ("started", "finished"))
    except (TypeError, ValueError):
        return ""
    seconds = round((finished - started).total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h {seconds % 3600 // 60} min"
