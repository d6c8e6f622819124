"""Edges between texts, what a person says of them, and the clusters they make. Pure; no order matters.

A cluster is a connected component of edges, named by the smallest content hash in it: never a leader that came first,
never a row number. Nothing is merged by it, so nothing has to be taken apart again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from archive.candidates import Candidates, MemoryPostings, Pair, pair
from archive.copies import Text, Verdict, decide

#: A cluster of more texts, or of a smaller share of its possible edges, is shown as doubtful.
LARGE = 50
SPARSE = 0.80


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's word on two texts, by content hash; it wins over what is computed."""

    a: str
    b: str
    same: bool


@dataclass(frozen=True, slots=True)
class Member:
    """What of a text chooses who stands for a cluster."""

    content_hash: str
    words: int
    published: str | None = None

    @property
    def turn(self) -> tuple[bool, str, int, str]:
        """Earliest published, then longest, then smallest hash; undated ones last. A day counts from its start."""
        moment = _moment(self.published)
        return moment is None, moment or "", -self.words, self.content_hash


@dataclass(frozen=True, slots=True)
class Cluster:
    """Texts joined by edges, sorted. `density`: its edges over all possible ones."""

    texts: tuple[str, ...]
    edges: int

    @property
    def id(self) -> str:
        """The smallest content hash of its texts."""
        return self.texts[0]

    @property
    def density(self) -> float:
        """Edges over possible edges, 0 to 1."""
        return 2 * self.edges / (len(self.texts) * (len(self.texts) - 1))

    @property
    def doubtful(self) -> bool:
        """Whether a person should look: it is large, or held together by few edges."""
        return len(self.texts) > LARGE or self.density < SPARSE

    @classmethod
    def all(cls, edges: Iterable[Pair]) -> dict[str, Self]:
        """The clusters of a set of edges by id; a text without an edge is in none."""
        pairs = {pair(*edge) for edge in edges}
        root = _components(pairs)
        texts: defaultdict[str, list[str]] = defaultdict(list)
        for text in root:
            texts[root[text]].append(text)
        counts = Counter(root[a] for a, _ in pairs)
        return {name: cls(tuple(sorted(members)), counts[name]) for name, members in sorted(texts.items())}


def judged(edges: Iterable[Pair], judgements: Collection[Judgement]) -> set[Pair]:
    """The edges that hold once persons were heard: computed ones without `not same`, and those said to be `same`."""
    said = {pair(word.a, word.b): word.same for word in judgements}
    return {edge for edge in edges if said.get(edge, True)} | {edge for edge, same in said.items() if same}


def contradicted(clusters: Iterable[Cluster], judgements: Collection[Judgement]) -> Iterator[Judgement]:
    """Words `not same` on texts that other edges still hold in one cluster."""
    cluster_of = {text: cluster.id for cluster in clusters for text in cluster.texts}
    for word in judgements:
        if not word.same and word.a in cluster_of and cluster_of[word.a] == cluster_of.get(word.b):
            yield word


def representative(members: Iterable[Member]) -> Member:
    """Who stands for a cluster. Raises ValueError for none."""
    return min(members, key=lambda member: member.turn)


class Graph:
    """The texts of a set and the verified edges between them: what the tables of the archive hold, in memory.

    Adding and removing, in any order, leaves the edges that the remaining texts have by themselves.
    """

    def __init__(self, candidates: Candidates | None = None) -> None:
        self._candidates = candidates or Candidates(MemoryPostings())
        self._texts: dict[str, Text] = {}
        self._near: defaultdict[str, set[str]] = defaultdict(set)
        self._edges: dict[Pair, Verdict] = {}

    @property
    def edges(self) -> Mapping[Pair, Verdict]:
        """The verified edges and their evidence; `a` in it is the smaller hash."""
        return self._edges

    def add(self, text: Text) -> int:
        """Take in a text; the number of pairs that were judged. One that is here already changes nothing."""
        name = text.content_hash
        if name in self._texts:
            return 0
        self._texts[name] = text
        change = self._candidates.add(name, text.keys)
        self._judge(change.pairs)
        for doubtful in change.doubtful:
            for other in tuple(self._near[doubtful]):
                if not self._linked(doubtful, other):
                    self._drop(pair(doubtful, other))
        return len(change.pairs)

    def remove(self, name: str) -> None:
        """Let go of a text. Raises KeyError where it is not here."""
        text = self._texts.pop(name)
        for other in tuple(self._near[name]):
            self._drop(pair(name, other))
        self._judge(self._candidates.remove(name, text.keys).pairs)

    def _judge(self, pairs: Iterable[Pair]) -> None:
        for a, b in pairs:
            verdict = decide(self._texts[a], self._texts[b])
            if verdict.is_edge:
                self._edges[a, b] = verdict
                self._near[a].add(b)
                self._near[b].add(a)

    def _linked(self, a: str, b: str) -> bool:
        return self._candidates.linked(a, b, self._texts[a].keys & self._texts[b].keys)

    def _drop(self, edge: Pair) -> None:
        del self._edges[edge]
        self._near[edge[0]].discard(edge[1])
        self._near[edge[1]].discard(edge[0])


def _components(pairs: Iterable[Pair]) -> dict[str, str]:
    """Union-find in which the smaller hash always leads: each text and the smallest hash it is joined with."""
    leads: dict[str, str] = {}

    def lead(text: str) -> str:
        while (above := leads.setdefault(text, text)) != text:
            leads[text] = text = leads[above]
        return text

    for a, b in pairs:
        first, second = pair(lead(a), lead(b))
        leads[second] = first
    return {text: lead(text) for text in tuple(leads)}


def _moment(published: str | None) -> str | None:
    """A date or time as UTC in a form that sorts; None where it is none."""
    try:
        moment = datetime.fromisoformat(published or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return None
