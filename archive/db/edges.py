"""The rows of `copies`: two articles, one a copy of the other, and the evidence. Written by article id."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

from archive.copies import Verdict
from archive.db.rows import dump_json

Edge = tuple[int, int]  # article ids, the smaller one first

_INSERT = """
INSERT INTO copies (a, b, relation, containment, jaccard, shared, shared_numbers, fewer_numbers, days, excerpt, rule,
                    judged)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_NEAR = """
SELECT a, b, judged FROM copies WHERE a IN (SELECT value FROM json_each(?1))
UNION SELECT a, b, judged FROM copies WHERE b IN (SELECT value FROM json_each(?1))
"""


@dataclass(slots=True)
class Shifts:
    """What became of edges: those that were made, and the articles that lost one or are no more what they were."""

    made: set[Edge] = field(default_factory=set)
    cut: set[int] = field(default_factory=set)


def edge(one: int, other: int) -> Edge:
    """Two articles in the one order in which they are stored."""
    return (one, other) if one < other else (other, one)


def row_of(two: Edge, found: Verdict, *, judged: bool) -> tuple[Any, ...]:
    """The row of an edge. `found` is what `decide` says of the two in this order."""
    shorter = None if found.excerpt is None else two["ab".index(found.excerpt)]
    relation = str(found.relation) if found.is_edge else "copy"
    evidence = (found.containment, found.jaccard, found.shared, found.shared_numbers, found.fewer_numbers)
    return (*two, relation, *evidence, found.days, shorter, found.rule, int(judged))


class Edges:
    """Makes and cuts edges in an open transaction, and notes what it did in `shifts`."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.shifts = Shifts()

    def near(self, articles: Collection[int]) -> Iterator[tuple[Edge, bool]]:
        """The edges of some articles, and whether a person made each."""
        for a, b, judged in self._db.conn.execute(_NEAR, (dump_json(sorted(articles)),)).fetchall():
            yield (a, b), bool(judged)

    def judged(self, two: Edge) -> bool | None:
        """Whether a person made an edge; None where there is none."""
        row = self._db.conn.execute("SELECT judged FROM copies WHERE a = ? AND b = ?", two).fetchone()
        return None if row is None else bool(row[0])

    def make(self, two: Edge, found: Verdict, *, judged: bool = False) -> None:
        """Put an edge that is not there."""
        self._db.conn.execute(_INSERT, row_of(two, found, judged=judged))
        self.shifts.made.add(two)

    def cut(self, two: Edge) -> None:
        """Take an edge away; nothing where there is none."""
        self._db.conn.execute("DELETE FROM copies WHERE a = ? AND b = ?", two)
        self.shifts.made.discard(two)
        self.shifts.cut.update(two)

    def cut_all(self, articles: Collection[int]) -> None:
        """Take all edges of some articles away: they are gone, or no more what they were."""
        for two, _ in self.near(articles):
            self.cut(two)
        self.shifts.cut.update(articles)
