"""The table behind the index: the same answers as in memory, and room for them."""

from __future__ import annotations

import sqlite3
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive.candidates import Candidates, Change, MemoryPostings, Pair
from archive.db.postings import TablePostings

SCHEMA = """
CREATE TABLE shingle_keys (
  key   INTEGER NOT NULL,
  text  INTEGER NOT NULL,
  PRIMARY KEY (key, text)
) STRICT, WITHOUT ROWID
"""
#: Names at both ends and around the middle, where the sign of the number changes.
NAMES = ["00000000", "0000000f", "7fffffff", "80000000", "9a000001", "ffffffff"]


def table() -> TablePostings:
    db = Database(sqlite3.connect(":memory:", isolation_level=None))
    db.conn.execute(SCHEMA)
    return TablePostings(db)


def test_names_keep_their_order() -> None:
    postings = table()
    for name in reversed(NAMES):
        postings.insert([(-7, name), (-7, name)])
    assert list(postings.every(-7)) == NAMES
    assert postings.smallest(-7, 2) == NAMES[:2]
    assert all(one < other for one, other in pairwise(NAMES))


def test_a_full_hash_goes_by_its_start() -> None:
    postings = table()
    postings.insert([(1, "ab" * 32)])
    postings.delete([(2, "ab" * 32)])
    assert list(postings.every(1)) == ["ab" * 4] == [postings.name("ab" * 32)]
    postings.delete([(1, "ab" * 32)])
    assert list(postings.every(1)) == []


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from(NAMES), st.sets(st.integers(-3, 3), max_size=5)), max_size=30),
    st.sampled_from([(50, 8), (2, 1), (3, 2)]),
)
def test_the_table_answers_as_memory_does(steps: list[tuple[bool, str, set[int]]], limits: tuple[int, int]) -> None:
    both = [Candidates(postings, *limits) for postings in (table(), MemoryPostings())]
    here: dict[str, set[int]] = {}
    for adds, name, keys in steps:
        answers: list[Change] = []
        if adds and name not in here:
            here[name] = keys
            answers = [candidates.add(name, keys) for candidates in both]
        elif not adds and name in here:
            gone = here.pop(name)
            answers = [candidates.remove(name, gone) for candidates in both]
        assert len(set(answers)) <= 1
        for a, b in pairwise(sorted(here)):
            linked = [candidates.linked(a, b, here[a] & here[b]) for candidates in both]
            assert linked[0] == linked[1] == ((a, b) in both[0].of(a, here[a])) == ((a, b) in both[1].of(b, here[b]))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sets(st.integers(-3, 3), max_size=5)), max_size=24),
    st.sampled_from([(50, 8), (2, 1), (3, 2)]),
    st.integers(1, 6),
)
def test_a_batch_is_its_texts_one_by_one(steps: list[tuple[str, set[int]]], limits: tuple[int, int], size: int) -> None:
    """A text in a step comes, or changes its keys; candidates never lose a pair, and doubt every one that ended."""
    postings = MemoryPostings()
    candidates = Candidates(postings, *limits)
    here: dict[str, set[int]] = {}
    pairs: set[Pair] = set()
    hubs: set[int] = set()
    for start in range(0, len(steps), size):
        batch = dict(steps[start : start + size])
        gone = {name: here.pop(name) for name in batch if name in here}
        pairs = {two for two in pairs if gone.keys().isdisjoint(two)}
        change = candidates.update(gone, batch)
        here |= batch
        hubs = hubs - change.ended | change.hubs
        held = {two for two in pairs if candidates.linked(*two, here[two[0]] & here[two[1]])}
        assert all(not change.doubtful.isdisjoint(two) for two in pairs - held)
        pairs = held | change.pairs
    alone = MemoryPostings()
    one_by_one = Candidates(alone, *limits)
    for name, keys in here.items():
        one_by_one.add(name, keys)
    assert postings.sizes() == alone.sizes()
    assert hubs == {key for key, size in alone.sizes().items() if size > limits[0]}
    assert pairs == {two for name, keys in here.items() for two in one_by_one.of(name, keys)}
