"""What a run did, and how an archive stands, in figures a person wants to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

_OF_RUN = "FROM captures WHERE run_id = :run"
_REASONS = f"SELECT reason, count(*) {_OF_RUN} AND reason IS NOT NULL GROUP BY reason ORDER BY 2 DESC, 1"
_LANGUAGES = f"""
SELECT coalesce(language, 'unknown'), count(*) FROM articles
WHERE id IN (SELECT article_id {_OF_RUN} AND article_id IS NOT NULL) GROUP BY 1 ORDER BY 2 DESC, 1
"""  # noqa: S608
# The classifier's rule carries its score after a space: all scores are one rule here.
_REMOVED = """
SELECT CASE WHEN instr(rule, ' ') THEN substr(rule, 1, instr(rule, ' ') - 1) ELSE rule END, count(*)
FROM removals WHERE capture_id IN (SELECT id FROM captures WHERE run_id = :run) GROUP BY 1 ORDER BY 2 DESC, 1
"""
_NEWEST = f"""
SELECT id, title, site, published, language, words FROM articles
WHERE id IN (SELECT article_id {_OF_RUN} AND article_id IS NOT NULL) AND superseded_by IS NULL ORDER BY id LIMIT :limit
"""  # noqa: S608
_WORDS = f"""
SELECT coalesce(sum(words), 0) FROM articles
WHERE id IN (SELECT article_id {_OF_RUN} AND article_id IS NOT NULL)
"""  # noqa: S608
_OLD_RECIPES = "SELECT count(*) FROM cleanings WHERE recipe <> :recipe"


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run brought: counts by reason, language and rule (scores of the classifier taken together), words."""

    reasons: Mapping[str, int]
    languages: Mapping[str, int]
    removed: Mapping[str, int]
    words: int
    articles: tuple[Mapping[str, Any], ...]  #: the first few: id, title, site, published, language, words


def run_report(db: Database, run_id: int, limit: int) -> RunReport:
    """Look a run up; `limit` articles are named."""
    values = {"run": run_id, "limit": limit}
    return RunReport(
        dict(db.conn.execute(_REASONS, values).fetchall()),
        dict(db.conn.execute(_LANGUAGES, values).fetchall()),
        dict(db.conn.execute(_REMOVED, values).fetchall()),
        int(db.conn.execute(_WORDS, values).fetchone()[0]),
        tuple(db.query(_NEWEST, values)),
    )


def cleaned_otherwise(db: Database, recipe: str) -> int:
    """How many captures were cleaned with another recipe than this one."""
    return int(db.conn.execute(_OLD_RECIPES, {"recipe": recipe}).fetchone()[0])
