"""The table behind the index: the same answers as in memory, and room for them."""

from __future__ import annotations

import sqlite3
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive.candidates import Candidates, Change, MemoryPostings
from archive.db.postings import TablePostings

SCHEMA = """
CREATE TABLE shingle_keys (
  key   INTEGER NOT NULL,
  text  INTEGER NOT NULL,
  PRIMARY KEY (key, text)
) STRICT, WITHOUT ROWID
"""
#: Names at both ends and around the middle, where the sign of the number changes.
NAMES = ["000000000000", "00000000000f", "7fffffffffff", "800000000000", "9a0000000001", "ffffffffffff"]


def table() -> TablePostings:
    db = Database(sqlite3.connect(":memory:", isolation_level=None))
    db.conn.execute(SCHEMA)
    return TablePostings(db)


def test_names_keep_their_order() -> None:
    postings = table()
    for name in reversed(NAMES):
        postings.insert(-7, name)
        postings.insert(-7, name)
    assert list(postings.every(-7)) == NAMES
    assert postings.anchors(-7, 2) == NAMES[:2]
    assert len(postings.some(-7, 4)) == 4
    assert list(postings.hubs(5)) == [(-7, 6)]
    assert all(one < other for one, other in pairwise(NAMES))


def test_a_full_hash_goes_by_its_start() -> None:
    postings = table()
    postings.insert(1, "ab" * 32)
    postings.delete(2, "ab" * 32)
    assert list(postings.every(1)) == ["ab" * 6]
    postings.delete(1, "ab" * 32)
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
            assert linked[0] == linked[1]
