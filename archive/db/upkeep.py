"""Copies and clusters brought in step with what a transaction did to articles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from archive.copies import RULE
from archive.db import judgements
from archive.db.clustering import regroup
from archive.db.connect import transaction
from archive.db.edges import Edge, Edges
from archive.db.held import Cuttings
from archive.db.indexing import PORTION, Index, Scale

_EMPTIED = ("shingle_keys", "hubs", "copies", "clustered", "clusters")


def follow(
    db: Database,
    scale: Scale = Scale(),  # noqa: B008  # frozen
    portions: int | None = None,
    cuttings: Cuttings | None = None,
) -> bool:
    """Bring copies and clusters in step; with `portions`, only so many. Whether anything may be left to do.

    Runs inside the transaction that touched articles: what others see of it is whole. `cuttings` of an earlier call
    save the work of cutting the same texts again.
    """
    return _bring_in_step(db, scale, portions, judgements.in_force(db), cuttings)


def _bring_in_step(
    db: Database,
    scale: Scale,
    portions: int | None,
    before: Mapping[Edge, bool],
    cuttings: Cuttings | None = None,
) -> bool:
    edges = Edges(db)
    index = Index(db, edges, scale, Cuttings() if cuttings is None else cuttings)
    left = True
    while left and portions != 0:
        left = index.take_up(PORTION)
        portions = None if portions is None else portions - 1
    _hear(db, index, edges, before)
    regroup(db, edges.shifts)
    return left


def _hear(db: Database, index: Index, edges: Edges, before: Mapping[Edge, bool]) -> None:
    """Let the words of persons win; `before`: the pairs that they were about until now."""
    now = judgements.resolve(db)
    for two in sorted(before.keys() - now.keys()):
        index.reconsider(two)
    for two, same in sorted(now.items()):
        stands = edges.judged(two)
        if same and not stands:
            index.join(two)
        elif not same and stands is not None:
            edges.cut(two)


def apply_judgement(db: Database, data: Mapping[str, Any], at: str, scale: Scale = Scale()) -> None:  # noqa: B008
    """A `judgement` note: a person's word on two texts, or its withdrawal (`judgements.words`)."""
    before = judgements.in_force(db)
    judgements.put(db, data, at)
    _bring_in_step(db, scale, None, before)


def catch_up(db: Database, scale: Scale = Scale()) -> None:  # noqa: B008  # frozen
    """Index what is not indexed, or was by other rules, a portion a transaction: killed, it goes on where it was."""
    if version_of(db, "copies") != RULE:
        with transaction(db):
            for table in _EMPTIED:
                db.conn.execute(f"DELETE FROM {table}")  # noqa: S608
            db.conn.execute("DELETE FROM unindexed")
            db.conn.execute("INSERT INTO unindexed (article_id) SELECT id FROM articles")
            note_version(db, "copies", RULE)
    left = db.conn.execute("SELECT 1 FROM unindexed").fetchone() is not None
    while left:
        with transaction(db):
            left = follow(db, scale, portions=1)


def version_of(db: Database, what: str) -> str | None:
    """The version of our own rules that made something; None where nothing did."""
    row = db.conn.execute("SELECT version FROM derived WHERE what = ?", (what,)).fetchone()
    return str(row[0]) if row else None


def note_version(db: Database, what: str, version: str) -> None:
    """Note which rules make something from now on."""
    db.conn.execute("INSERT OR REPLACE INTO derived VALUES (?, ?)", (what, version))
