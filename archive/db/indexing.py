"""The index of copies, brought in step with the articles: keys, hubs, and the edges that follow from them.

Triggers put into `unindexed` every article that came, went or changed. Edges are a function of the set of articles
(`archive.candidates`, `archive.copies`), so it does not matter in which order or in what portions they are taken up,
nor how often that is stopped half-way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product

from sqlite_utils import Database

from archive.candidates import ANCHORS, CAP, Candidates, Change, Pair
from archive.copies import Text, decide
from archive.db.edges import Edge, Edges, edge
from archive.db.held import Cuttings, HeldTexts
from archive.db.postings import DIGITS, TablePostings
from archive.db.rows import dump_json

#: Articles taken up at once.
PORTION = 250

_WAITING = """
SELECT article_id, was, unindexed.text, content_hash, articles.text, published
FROM unindexed LEFT JOIN articles ON articles.id = article_id ORDER BY article_id LIMIT ?
"""
_STANDING = """
SELECT id, content_hash, text FROM articles WHERE content_hash >= ?1 AND content_hash < ?1 || 'g'
  AND NOT EXISTS (SELECT 1 FROM unindexed WHERE article_id = articles.id)
UNION ALL
SELECT article_id, was, text FROM unindexed WHERE was >= ?1 AND was < ?1 || 'g'
"""


@dataclass(frozen=True, slots=True)
class Scale:
    """How coarse the index is; another one is for tests, where a few articles are to meet every case."""

    digits: int = DIGITS
    cap: int = CAP
    anchors: int = ANCHORS


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An article to be taken up: what of it is in the index, and what its row says; None where there is none."""

    article_id: int
    was: str | None
    was_text: str | None
    now: str | None
    text: str | None
    published: str | None


@dataclass(slots=True)
class _Keys:
    """The keys of each name, before and after a portion."""

    before: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    after: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    @property
    def gone(self) -> dict[str, set[int]]:
        return {name: keys - self.after.get(name, set()) for name, keys in self.before.items()}

    @property
    def come(self) -> dict[str, set[int]]:
        return {name: keys - self.before.get(name, set()) for name, keys in self.after.items()}

    @property
    def stayed(self) -> dict[str, set[int]]:
        """Names to look at again: a text is judged anew, or another one has its name."""
        return {name: keys for name, keys in self.after.items() if self.before.get(name)}


class Index:
    """The index in an open transaction. What it did to edges stands in `edges.shifts`."""

    def __init__(self, db: Database, edges: Edges, scale: Scale, cuttings: Cuttings) -> None:
        self._db = db
        self._edges = edges
        self._postings = TablePostings(db, scale.digits)
        self._candidates = Candidates(self._postings, scale.cap, scale.anchors)
        self._cuttings = cuttings
        self._held = HeldTexts(db, cuttings)

    def take_up(self, portion: int = PORTION) -> bool:
        """Bring at most so many articles in step; whether there were any."""
        waiting = [_Waiting(*row) for row in self._db.conn.execute(_WAITING, (portion,))]
        if not waiting:
            return False
        self._edges.cut_all([row.article_id for row in waiting if row.was is not None])
        fresh = {row.article_id: self._read(row) for row in waiting if row.now is not None}
        keys = self._keys(waiting, fresh)
        change = self._candidates.update(keys.gone, keys.come)
        self._note(change, [row.article_id for row in waiting])
        self._doubt(change.doubtful)
        again = (self._candidates.of(name, found) for name, found in keys.stayed.items())
        self._judge(change.pairs.union(*again), fresh)
        return True

    def reconsider(self, two: Edge) -> None:
        """Compute the edge of two articles anew, whatever stands there; none where one of them is gone."""
        self._edges.cut(two)
        texts = [self._held.text(article_id) for article_id in two]
        if texts[0] is None or texts[1] is None:
            return
        names = [self._postings.name(text.content_hash) for text in texts if text is not None]
        if self._linked(names[0], names[1], {}) and (found := decide(texts[0], texts[1])).is_edge:
            self._edges.make(two, found)

    def join(self, two: Edge) -> None:
        """Make an edge on a person's word, with what `decide` says of the two as evidence."""
        one, other = (self._held.text(article_id) for article_id in two)
        if one is not None and other is not None:
            self._edges.cut(two)
            self._edges.make(two, decide(one, other), judged=True)

    def _keys(self, waiting: Iterable[_Waiting], fresh: Mapping[int, Text]) -> _Keys:
        keys = _Keys()
        ids = set()
        for row in waiting:
            ids.add(row.article_id)
            if row.was is not None and row.was_text is not None:
                same = row.was == row.now
                was = fresh[row.article_id] if same else Text.of(row.was_text, None, row.was)
                keys.before[self._postings.name(row.was)] |= was.keys
            if row.now is not None:
                keys.after[self._postings.name(row.now)] |= fresh[row.article_id].keys
        for name in keys.before.keys() | keys.after.keys():
            others = self._keys_of(name, without=ids)
            keys.before[name] |= others
            keys.after[name] |= others
        return keys

    def _keys_of(self, name: str, without: Collection[int] = ()) -> set[int]:
        """The keys that texts of a name have in the index."""
        rows = self._db.conn.execute(_STANDING, (name,))
        found = (Text.of(text, None, known).keys for article_id, known, text in rows if article_id not in without)
        return set().union(*found)

    def _note(self, change: Change, taken_up: list[int]) -> None:
        self._db.conn.executemany("INSERT OR IGNORE INTO hubs VALUES (?)", [(key,) for key in change.hubs])
        self._db.conn.executemany("DELETE FROM hubs WHERE key = ?", [(key,) for key in change.ended])
        query = "DELETE FROM unindexed WHERE article_id IN (SELECT value FROM json_each(?))"
        self._db.conn.execute(query, (dump_json(taken_up),))

    def _doubt(self, names: Collection[str]) -> None:
        """Drop the edges of some texts that have lost the key that made them candidates."""
        known: dict[str, set[int]] = {}
        query = "SELECT content_hash FROM articles WHERE id = ?"
        for name in sorted(names):
            articles = self._postings.articles(name)
            for two, judged in self._edges.near(articles):
                other = two[0] if two[1] in articles else two[1]
                row = self._db.conn.execute(query, (other,)).fetchone()  # none: it is gone, and is taken up later
                if row and not judged and not self._linked(name, self._postings.name(row[0]), known):
                    self._edges.cut(two)

    def _linked(self, one: str, other: str, known: dict[str, set[int]]) -> bool:
        for name in (one, other):
            if name not in known:
                known[name] = self._keys_of(name)
        return self._candidates.linked(one, other, known[one] & known[other])

    def _judge(self, pairs: Iterable[Pair], fresh: Mapping[int, Text]) -> None:
        """Decide on candidate pairs that are no edge yet."""
        members: dict[str, list[int]] = {}
        for name in {name for both in pairs for name in both}:
            members[name] = self._postings.articles(name)
        todo = {edge(*ids) for one, other in pairs for ids in product(members[one], members[other])}
        for two in sorted(todo):
            if self._edges.judged(two) is not None:
                continue
            one, other = (fresh.get(article_id) or self._held.text(article_id) for article_id in two)
            if one is not None and other is not None and (found := decide(one, other)).is_edge:
                self._edges.make(two, found)

    def _read(self, row: _Waiting) -> Text:
        text = Text.of(row.text or "", row.published, row.now)
        self._cuttings.put(text)  # the next ones will be compared with it
        return text
