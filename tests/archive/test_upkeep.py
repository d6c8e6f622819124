"""Copies and clusters follow the articles: in any order, in any portions, with deletions, stopped anywhere."""

from __future__ import annotations

import random
from typing import Any

import pytest
from copies_samples import DAYS, SCALES, TEXTS, Row, database, meaning, stored
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive.copies import Text
from archive.db import indexing, judgements, upkeep
from archive.db.indexing import Scale
from archive.identity import content_hash, text_digest

_COLUMNS = """
INSERT INTO articles (text, words, published, first_seen, last_seen, recipe, content_hash, text_digest,
                      lead_capture_id, latest_capture_id) VALUES (?, ?, ?, '', '', '', ?, ?, 0, 0)
"""


def put(db: Database, row: Row) -> None:
    """A text comes, or is published on another day."""
    text, published = row
    known = content_hash(text)
    if db.conn.execute("UPDATE articles SET published = ? WHERE content_hash = ?", (published, known)).rowcount == 0:
        db.conn.execute(_COLUMNS, (text, len(text.split()), published, known, text_digest(text)))


def drop(db: Database, row: Row) -> None:
    db.conn.execute("DELETE FROM articles WHERE content_hash = ?", (content_hash(row[0]),))


def turn(db: Database, row: Row, other: Row) -> None:
    """An article gets another text, as a re-cleaning gives it: its hash first, then the rest."""
    known, new = content_hash(row[0]), content_hash(other[0])
    if known == new or db.conn.execute("SELECT 1 FROM articles WHERE content_hash = ?", (new,)).fetchone():
        return
    db.conn.execute("UPDATE articles SET content_hash = ? WHERE content_hash = ?", (new, known))
    values = (other[0], len(other[0].split()), text_digest(other[0]), other[1], new)
    db.conn.execute(
        "UPDATE articles SET text = ?, words = ?, text_digest = ?, published = ? WHERE content_hash = ?", values
    )


def say(db: Database, row: Row, other: Row, scale: Scale, word: bool | None) -> None:
    one, two = (judgements.Named(content_hash(text), "") for text, _ in (row, other))
    if one != two:
        data = judgements.judgement(one, two, same=bool(word)) | ({"same": None} if word is None else {})
        upkeep.apply_judgement(db, data, "2026-11-24", scale)


def here(db: Database) -> list[tuple[Text, Row]]:
    rows = db.conn.execute("SELECT text, published FROM articles").fetchall()
    return [(Text.of(text, published), (text, published)) for text, published in rows]


def said(db: Database) -> dict[frozenset[str], bool]:
    rows = db.conn.execute("SELECT a, b, same FROM judgements").fetchall()
    return {frozenset((a, b)): bool(same) for a, b, same in rows}


articles = st.tuples(st.sampled_from(TEXTS), st.sampled_from(DAYS))
steps = st.one_of(
    st.tuples(st.just("put"), articles),
    st.tuples(st.just("put"), articles),
    st.tuples(st.just("drop"), articles),
    st.tuples(st.just("turn"), articles, articles),
    st.tuples(st.sampled_from(["same", "not same", "withdrawn"]), articles, articles),
    st.tuples(st.just("follow")),
)


def walk(db: Database, step: tuple[Any, ...], scale: Scale, portions: int | None) -> None:
    match step:
        case ("put", row):
            put(db, row)
        case ("drop", row):
            drop(db, row)
        case ("turn", row, other):
            turn(db, row, other)
        case ("follow",):
            upkeep.follow(db, scale, portions)
        case (word, row, other):
            say(db, row, other, scale, {"same": True, "not same": False}.get(word))


@settings(max_examples=250, deadline=None)
@given(st.lists(steps, max_size=40), st.sampled_from(SCALES), st.sampled_from([None, 1]), st.sampled_from([1, 3, 250]))
def test_the_tables_say_what_the_set_of_articles_means(
    taken: list[tuple[Any, ...]], scale: Scale, portions: int | None, size: int
) -> None:
    db = database()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upkeep, "PORTION", size)
        for step in taken:
            walk(db, step, scale, portions)
        upkeep.follow(db, scale)
    assert stored(db) == meaning(here(db), scale, said(db))
    assert db.conn.execute("SELECT count(*) FROM unindexed").fetchone() == (0,)


@pytest.mark.parametrize("scale", SCALES, ids=str)
def test_two_hundred_orders_give_one_result(scale: Scale) -> None:
    rows = [(text, DAYS[n % len(DAYS)]) for n, text in enumerate(TEXTS)]
    results = set()
    for seed in range(200):
        order = random.Random(seed)
        db = database()
        guests = order.sample(rows, 4)
        for n, row in enumerate(order.sample(rows, len(rows)) + guests):
            put(db, row)
            if n % order.randint(1, 6) == 0:
                upkeep.follow(db, scale)
        for row in guests:
            drop(db, row)
        upkeep.follow(db, scale)
        for row in order.sample(guests, 4):
            put(db, row)
        upkeep.follow(db, scale)
        results.add(repr(sorted((name, sorted(found)) for name, found in stored(db).items() if name != "clusters")))
        results.add(repr(sorted(stored(db)["clusters"].items())))
    assert len(results) == 2


@pytest.mark.parametrize("stop", range(6))
def test_an_index_half_built_is_finished(stop: int) -> None:
    """The index of an archive without one is built in portions; a kill between two, or inside one, loses nothing."""
    db = database()
    rows = [(text, DAYS[n % len(DAYS)]) for n, text in enumerate(TEXTS)]
    for row in rows:
        put(db, row)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upkeep, "PORTION", 4)
        judged = 0

        def failing(*args: Any) -> Any:
            nonlocal judged
            judged += 1
            if judged == 7 * stop:
                raise KeyboardInterrupt
            return decide(*args)

        decide = indexing.decide
        patch.setattr(indexing, "decide", failing)
        if stop:
            with pytest.raises(KeyboardInterrupt):
                upkeep.catch_up(db)
            assert db.conn.execute("SELECT count(*) FROM unindexed").fetchone()[0] > 0
        upkeep.catch_up(db)
    assert stored(db) == meaning(here(db), Scale(), {})


def test_another_version_of_the_rules_builds_everything_anew() -> None:
    db = database()
    for text in TEXTS:
        put(db, (text, None))
    upkeep.catch_up(db)
    before = stored(db)
    db.conn.execute("UPDATE derived SET version = '0.0'")
    db.conn.execute("UPDATE copies SET rule = '0.0', containment = 0.1")
    db.conn.execute("DELETE FROM shingle_keys WHERE key % 2 = 0")
    upkeep.catch_up(db)
    assert stored(db) == before
    assert db.conn.execute("SELECT version FROM derived WHERE what = 'copies'").fetchone() != ("0.0",)
