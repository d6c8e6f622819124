"""Which pairs of texts are worth comparing: those that share a sampled key.

A key that many texts share, a *hub* (an agency's footer, a wall, one text on five thousand sites), would make every
look-up read them all. Skipping hubs loses the most copied texts, and reading only the first rows of one makes the
result depend on the order of arrival. So, of a hub, each text is compared with a few **anchors**: the members with the
smallest content hash. Which pairs are candidates is thereby a function of the set of texts and of nothing else;
`Candidates` says what to look at again when a text comes or goes.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

#: A key of more texts than this is a hub.
CAP = 50
#: So many members of a hub are compared with all others.
ANCHORS = 8

Pair = tuple[str, str]  # content hashes, the smaller one first


class Postings(Protocol):
    """Which texts have a key. Texts are named by content hash, or by its start."""

    def insert(self, rows: Iterable[tuple[int, str]]) -> None:
        """Note that texts have keys; noting one again changes nothing."""

    def delete(self, rows: Iterable[tuple[int, str]]) -> None:
        """Take that back; nothing where it was not noted."""

    def smallest(self, key: int, count: int) -> Sequence[str]:
        """The texts of a key with the smallest names, in that order, at most `count`."""

    def every(self, key: int) -> Iterator[str]:
        """All texts of a key."""


@dataclass(frozen=True, slots=True)
class Change:
    """What follows from texts that came or went.

    `pairs` became candidates and are to be judged. Of the texts in `doubtful`, edges may have lost the key that made
    them candidates: those that are not `linked` any more are to be dropped. `hubs` are keys that became one, `ended`
    those that are none any more.
    """

    pairs: frozenset[Pair] = frozenset()
    doubtful: frozenset[str] = frozenset()
    hubs: frozenset[int] = frozenset()
    ended: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Gathered:
    """A `Change` while it is found out, key by key."""

    pairs: set[Pair] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    hubs: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)

    def meet(self, texts: Iterable[str], others: Collection[str]) -> None:
        """Each of some texts is to be compared with each of some others."""
        self.pairs.update(pair(text, other) for text in texts for other in others if text != other)


class Candidates:
    """The candidate pairs of a set of texts, in any order of coming and going. The postings are all its state."""

    def __init__(self, postings: Postings, cap: int = CAP, anchors: int = ANCHORS) -> None:
        self._postings = postings
        self._cap = cap
        self._anchors = anchors

    def add(self, text: str, keys: Collection[int]) -> Change:
        """Take in a text."""
        return self.update({}, {text: keys})

    def remove(self, text: str, keys: Collection[int]) -> Change:
        """Let go of a text. Its own edges go with it; the caller knows them."""
        return self.update({text: keys}, {})

    def update(self, gone: Mapping[str, Collection[int]], come: Mapping[str, Collection[int]]) -> Change:
        """Let go of texts and take in others, by their keys: as one by one, in any order, but walked in key order."""
        leaving, joining = _by_key(gone), _by_key(come)
        found = _Gathered()
        for key in sorted(leaving.keys() | joining.keys()):
            self._turn(key, leaving.get(key, set()), joining.get(key, set()), found)
        self._postings.delete((key, text) for key in sorted(leaving) for text in sorted(leaving[key]))
        self._postings.insert((key, text) for key in sorted(joining) for text in sorted(joining[key]))
        sets = (frozenset(found.pairs), frozenset(found.doubtful), frozenset(found.hubs), frozenset(found.ended))
        return Change(*sets)

    def _turn(self, key: int, leaving: set[str], joining: set[str], found: _Gathered) -> None:
        """What one key's members before and after mean; the postings still hold those before."""
        before = self._postings.smallest(key, self._cap + 1 + len(leaving))
        after = sorted((set(before) - leaving) | joining)  # all of them, or so many that the key stays a hub
        was_hub, is_hub = len(before) > self._cap, len(after) > self._cap
        if not is_hub:
            found.meet(after if was_hub else joining, after)
            found.ended.update({key} if was_hub else ())
            return
        led, leads = set(before[: self._anchors]), after[: self._anchors]
        risen = set(leads) - (led - leaving) if was_hub else joining.intersection(leads)
        found.meet(joining, leads)
        if risen:
            found.meet(risen, (set(self._postings.every(key)) - leaving) | joining)
        found.doubtful.update((led.difference(leads) if was_hub else set(before)) - leaving)
        found.hubs.update(() if was_hub else {key})

    def of(self, text: str, keys: Collection[int]) -> frozenset[Pair]:
        """The candidate pairs of a text that is here."""
        found = _Gathered()
        for key in keys:
            members = self._postings.smallest(key, self._cap + 1)
            if len(members) > self._cap:
                leads = members[: self._anchors]
                members = list(self._postings.every(key)) if text in leads else leads
            found.meet((text,), members)
        return frozenset(found.pairs)

    def linked(self, a: str, b: str, shared: Collection[int]) -> bool:
        """Whether two texts that share these keys are candidates."""
        for key in shared:
            members = self._postings.smallest(key, self._cap + 1)
            if len(members) <= self._cap or not {a, b}.isdisjoint(members[: self._anchors]):
                return True
        return False


class MemoryPostings:
    """Postings in memory, for tests and measuring."""

    def __init__(self) -> None:
        self._texts: dict[int, list[str]] = {}

    def insert(self, rows: Iterable[tuple[int, str]]) -> None:
        """Note that texts have keys."""
        for key, text in rows:
            members = self._texts.setdefault(key, [])
            at = bisect_left(members, text)
            if at == len(members) or members[at] != text:
                insort(members, text)

    def delete(self, rows: Iterable[tuple[int, str]]) -> None:
        """Take that back."""
        for key, text in rows:
            members = self._texts.get(key, [])
            at = bisect_left(members, text)
            if at < len(members) and members[at] == text:
                del members[at]
            if not members:
                self._texts.pop(key, None)

    def smallest(self, key: int, count: int) -> Sequence[str]:
        """The texts of a key with the smallest names."""
        return self._texts.get(key, [])[:count]

    def every(self, key: int) -> Iterator[str]:
        """All texts of a key."""
        return iter(tuple(self._texts.get(key, [])))

    def sizes(self) -> dict[int, int]:
        """How many texts each key has."""
        return {key: len(members) for key, members in self._texts.items()}


def _by_key(texts: Mapping[str, Collection[int]]) -> dict[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for text, keys in texts.items():
        for key in keys:
            found[key].add(text)
    return found


def pair(a: str, b: str) -> Pair:
    """Two texts in the one order in which they are stored."""
    return (a, b) if a < b else (b, a)
