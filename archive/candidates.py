"""Which pairs of texts are worth comparing: those that share a sampled key.

A key that many texts share, a *hub* (an agency's footer, a wall, one text on five thousand sites), would make every
look-up read them all. Skipping hubs loses the most copied texts, and reading only the first rows of one makes the
result depend on the order of arrival. So, of a hub, each text is compared with a few **anchors**: the members with the
smallest content hash. Which pairs are candidates is thereby a function of the set of texts and of nothing else;
`Candidates` says what to look at again when a text comes or goes.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

#: A key of more texts than this is a hub.
CAP = 50
#: So many members of a hub are compared with all others.
ANCHORS = 8

Pair = tuple[str, str]  # content hashes, the smaller one first


class Postings(Protocol):
    """Which texts have a key. Texts are named by content hash."""

    def insert(self, key: int, text: str) -> None:
        """Note that a text has a key; noting it again changes nothing."""

    def delete(self, key: int, text: str) -> None:
        """Take that back; nothing where it was not noted."""

    def some(self, key: int, limit: int) -> Sequence[str]:
        """Texts of a key, at most `limit`, whichever."""

    def anchors(self, key: int, count: int) -> Sequence[str]:
        """The texts of a key with the smallest content hash, in that order, at most `count`."""

    def every(self, key: int) -> Iterator[str]:
        """All texts of a key."""


@dataclass(frozen=True, slots=True)
class Change:
    """What follows from a text that came or went.

    `pairs` became candidates and are to be judged. Of the texts in `doubtful`, edges may have lost the key that made
    them candidates: those that are not `linked` any more are to be dropped.
    """

    pairs: frozenset[Pair] = frozenset()
    doubtful: frozenset[str] = frozenset()


class Candidates:
    """The candidate pairs of a set of texts, in any order of coming and going. The postings are all its state."""

    def __init__(self, postings: Postings, cap: int = CAP, anchors: int = ANCHORS) -> None:
        self._postings = postings
        self._cap = cap
        self._anchors = anchors

    def add(self, text: str, keys: Collection[int]) -> Change:
        """Take in a text."""
        doubtful: set[str] = set()
        partners: set[str] = set()
        for key in keys:
            before = self._postings.some(key, self._cap + 1)
            if text in before:
                continue
            if len(before) < self._cap:
                partners.update(before)
                self._postings.insert(key, text)
                continue
            anchors = self._postings.anchors(key, self._anchors)
            self._postings.insert(key, text)
            leads = text < anchors[-1]
            partners.update(self._postings.every(key) if leads else anchors)
            if len(before) == self._cap:
                doubtful.update(before)
            elif leads:
                doubtful.add(anchors[-1])
        partners.discard(text)
        return Change(frozenset(pair(text, other) for other in partners), frozenset(doubtful))

    def remove(self, text: str, keys: Collection[int]) -> Change:
        """Let go of a text. Its own edges go with it; the caller knows them."""
        pairs: set[Pair] = set()
        for key in keys:
            if len(self._postings.some(key, self._cap + 1)) <= self._cap:
                self._postings.delete(key, text)
                continue
            anchors = self._postings.anchors(key, self._anchors)
            self._postings.delete(key, text)
            left = self._postings.some(key, self._cap + 1)
            if len(left) <= self._cap:
                pairs.update(combinations(sorted(left), 2))
            elif text in anchors:
                risen = self._postings.anchors(key, self._anchors)[-1]
                pairs.update(pair(risen, other) for other in self._postings.every(key) if other != risen)
        return Change(frozenset(pairs))

    def linked(self, a: str, b: str, shared: Collection[int]) -> bool:
        """Whether two texts that share these keys are candidates."""
        for key in shared:
            if len(self._postings.some(key, self._cap + 1)) <= self._cap:
                return True
            anchors = self._postings.anchors(key, self._anchors)
            if a in anchors or b in anchors:
                return True
        return False


class MemoryPostings:
    """Postings in memory, for tests and measuring."""

    def __init__(self) -> None:
        self._texts: dict[int, list[str]] = {}

    def insert(self, key: int, text: str) -> None:
        """Note that a text has a key."""
        members = self._texts.setdefault(key, [])
        at = bisect_left(members, text)
        if at == len(members) or members[at] != text:
            insort(members, text)

    def delete(self, key: int, text: str) -> None:
        """Take that back."""
        members = self._texts.get(key, [])
        at = bisect_left(members, text)
        if at < len(members) and members[at] == text:
            del members[at]
        if not members:
            self._texts.pop(key, None)

    def some(self, key: int, limit: int) -> Sequence[str]:
        """Texts of a key, at most `limit`."""
        return self._texts.get(key, [])[:limit]

    def anchors(self, key: int, count: int) -> Sequence[str]:
        """The texts of a key with the smallest content hash."""
        return self._texts.get(key, [])[:count]

    def every(self, key: int) -> Iterator[str]:
        """All texts of a key."""
        return iter(tuple(self._texts.get(key, [])))

    def sizes(self) -> dict[int, int]:
        """How many texts each key has."""
        return {key: len(members) for key, members in self._texts.items()}


def pair(a: str, b: str) -> Pair:
    """Two texts in the one order in which they are stored."""
    return (a, b) if a < b else (b, a)
