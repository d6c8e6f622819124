"""The rows of `judgements`: what a person said of two texts, and the articles that is about now.

A text is named by its content hash, and by the payload digest of a page it came from: after other rules made another
text of the page, the judgement is about that one. So it outlives `reclean`, and a database built anew from the WARC
files, where it is archived (`Archive.note`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from sqlite_utils import Database

from archive.db.edges import Edge, edge

_PUT = """
INSERT INTO judgements (a, b, a_payload, b_payload, same, at) VALUES (:a, :b, :a_payload, :b_payload, :same, :at)
ON CONFLICT DO UPDATE SET a_payload = excluded.a_payload, b_payload = excluded.b_payload, same = excluded.same,
  at = excluded.at WHERE excluded.at >= at
"""
_PAGE = """
SELECT articles.id FROM captures JOIN articles ON articles.id = article_id
WHERE payload_digest = ? ORDER BY content_hash LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Named:
    """A text as a judgement names it: its content hash, and the payload digest of its first capture."""

    content_hash: str
    payload_digest: str

    @classmethod
    def of(cls, db: Database, article_id: int) -> Self | None:
        """The name of an article's text; None where there is none."""
        query = """
        SELECT content_hash, payload_digest FROM articles JOIN captures ON captures.id = lead_capture_id
        WHERE articles.id = ?
        """
        row = db.conn.execute(query, (article_id,)).fetchone()
        return cls(*row) if row else None


def judgement(one: Named, other: Named, *, same: bool) -> dict[str, Any]:
    """What is archived of a person's word."""
    a, b = sorted((one, other), key=lambda named: named.content_hash)
    return {
        "a": a.content_hash,
        "b": b.content_hash,
        "a_payload": a.payload_digest,
        "b_payload": b.payload_digest,
        "same": same,
    }


def words(db: Database, one: int, other: int, *, same: bool | None) -> list[dict[str, Any]]:
    """What is to be archived of a person's word on two articles, or of its withdrawal (None).

    Raises ValueError where one of them is not there.
    """
    if same is None:
        query = "SELECT a, b, a_payload, b_payload FROM judgements WHERE one = ? AND other = ? ORDER BY a, b"
        names = ("a", "b", "a_payload", "b_payload")
        rows = db.conn.execute(query, edge(one, other)).fetchall()
        return [{**dict(zip(names, row, strict=True)), "same": None} for row in rows]
    texts = [Named.of(db, article_id) for article_id in (one, other)]
    if texts[0] is None or texts[1] is None or one == other:
        raise ValueError(f"{one} and {other} are not two articles")
    return [judgement(texts[0], texts[1], same=same)]


def put(db: Database, said: Mapping[str, Any], at: str) -> None:
    """Store a judgement, or take it back, as `words` gives it; of two on the same texts the later one counts."""
    if said["same"] is None:
        db.conn.execute("DELETE FROM judgements WHERE a = ? AND b = ? AND at <= ?", (said["a"], said["b"], at))
    else:
        db.conn.execute(_PUT, {**said, "same": int(said["same"]), "at": at})


def in_force(db: Database) -> dict[Edge, bool]:
    """The pairs of articles that judgements were about when they were last `resolve`d."""
    rows = db.conn.execute("SELECT one, other, same FROM judgements WHERE one IS NOT NULL ORDER BY at, a, b")
    return {(one, other): bool(same) for one, other, same in rows}


def resolve(db: Database) -> dict[Edge, bool]:
    """Find the articles that judgements are about, and note them. The later of two on the same articles counts."""
    rows = db.conn.execute("SELECT a, b, a_payload, b_payload FROM judgements").fetchall()
    found = []
    for a, b, a_payload, b_payload in rows:
        one, other = _article(db, a, a_payload), _article(db, b, b_payload)
        both = one is not None and other is not None and one != other
        found.append((*(edge(one, other) if both else (None, None)), a, b))  # type: ignore[arg-type]  # both are set
    db.conn.executemany("UPDATE judgements SET one = ?, other = ? WHERE a = ? AND b = ?", found)
    return in_force(db)


def _article(db: Database, content_hash: str, payload_digest: str) -> int | None:
    row = db.conn.execute("SELECT id FROM articles WHERE content_hash = ?", (content_hash,)).fetchone()
    row = row or db.conn.execute(_PAGE, (payload_digest,)).fetchone()
    return int(row[0]) if row else None


def of_article(conn: sqlite3.Connection, article_id: int) -> Iterator[tuple[int, bool, str]]:
    """What persons said of an article: the other one, whether they are the same, and when."""
    query = """
    SELECT iif(one = ?1, other, one), same, at FROM judgements WHERE one = ?1 OR other = ?1 ORDER BY at, a, b
    """
    for other, same, at in conn.execute(query, (article_id,)):
        yield other, bool(same), at
