"""An archive grown in any order and any batches equals what `settle` says of everything at once."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import Any

from archive_samples import clean, clock, dump, page, reclean, store, text
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.db.captures import identity_of
from archive.db.rows import Cleaning, address_of
from archive.identity import content_hash
from archive.model import Page
from archive.revisions import Version
from archive.settle import Capture, Settled, classifier
from archive.store import Archive

ADDRESSES = [None, "https://www.a.example/1", "https://a.example/2", "https://b.example/1"]
DAYS = [None, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "2026-11-02T00:00:00.5Z", "2026-11-03T00:00:00Z"]
TEXTS = [text("uno", 100), text("dos", 60), text("dos", 60).replace(" ", "  "), text("tres", 40), text("cuatro", 15)]

fields = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["Título", "Otro"]),
        "authors": st.sampled_from([["Ana"], ["Ana", "Luis"]]),
        "published": st.sampled_from(["2026-11-01", "2026-10-31T10:00:00-03:00"]),
    },
)
outcomes = st.one_of(
    st.fixed_dictionaries(
        {"text": st.sampled_from(TEXTS), "fields": fields, "removed": st.sampled_from([[], ["Menú"], ["Menú", "Pie"]])},
        optional={"url": st.sampled_from(ADDRESSES[1:])},
    ),
    st.fixed_dictionaries({"reason": st.sampled_from(["stub", "crash"]), "error": st.sampled_from([None, "x"])}),
)
pages = st.lists(
    st.builds(
        lambda source, first, second, url, day: page(source, {"kit-1": first, "kit-2": second}, url, day),
        st.sampled_from(["a.txt", "b.txt", "c.txt"]),
        outcomes,
        outcomes,
        st.sampled_from(ADDRESSES),
        st.sampled_from(DAYS),
    ),
    min_size=1,
    max_size=10,
    unique_by=identity_of,
)


def settled(items: list[Page], kit: str) -> Settled[int]:
    rows, texts = [], {}
    for key, item in enumerate(items):
        done, at = Cleaning.of(clean(item, kit)), address_of(item)
        address = done.claimed or at
        told = (item.source, item.payload_digest, done.content_hash, done.words or 0, done.fields)
        rows.append(Capture(key, item.captured_at, address, *told, done.recipe))
        texts[key] = done.text or ""
    return Settled.of(rows, classifier(lambda capture: version(capture, texts[capture.key])))


def version(capture: Capture[int], text: str) -> Version:
    said = {name: str(capture.fields[name].value) for name in ("title", "published") if name in capture.fields}
    return Version(text, said.get("title", ""), capture.captured_at, said.get("published"), capture.content_hash or "")


def means(items: list[Page], kit: str) -> tuple[Any, ...]:
    """What `settle` says, in the terms of `dump`."""
    said = settled(items, kit)
    articles = {
        content: (standing.superseded_by, standing.merged.url, items[standing.merged.lead.key].source)
        for content, standing in said.articles.items()
    }
    revisions = {
        (address, one.number): (one.text, one.decision.kind.value, one.decision.reason, one.decision.facts)
        for address, some in said.revisions.items()
        for one in some
    }
    return articles, dict(said.current), len(said.worse), revisions


def shown(folder: Path) -> tuple[Any, ...]:
    """The same, read from the tables."""
    tables = dump(folder)
    articles = {
        row["content_hash"]: (row["superseded_by"], row["url"], row["lead_capture_id"].partition("|")[0])
        for row in tables["articles"]
    }
    current = {row["url"]: row["article_id"] for row in tables["addresses"]}
    revisions = {
        (row["url"], row["number"]): (row["article_id"], row["class"], row["reason"], row["facts"])
        for row in tables["revisions"]
    }
    return articles, current, sum(row["reason"] == "worse" for row in tables["captures"]), revisions


@settings(max_examples=30, deadline=None)
@given(pages, st.randoms(use_true_random=False), st.integers(1, 4))
def test_order_and_batches_do_not_matter(items: list[Page], order: random.Random, batch: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        one, other = Path(scratch, "one"), Path(scratch, "other")
        first = store(one, items)
        shuffled = order.sample(items, len(items))
        second = store(other, shuffled, batch=batch)
        assert dump(other) == dump(one)
        assert shown(one) == means(items, "kit-1")
        assert {n: getattr(first, n) for n in first.__slots__} == {n: getattr(second, n) for n in second.__slots__}


@settings(max_examples=30, deadline=None)
@given(pages, st.integers(1, 4))
def test_cleaning_again_equals_a_fresh_archive(items: list[Page], batch: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        old, new = Path(scratch, "old"), Path(scratch, "new")
        store(old, items, kit="kit-1")
        kinds = reclean(old, "kit-2", batch=batch, accept_losses=True)
        store(new, items, kit="kit-2")
        assert len(kinds) == len(items)
        again, fresh = dump(old), dump(new)
        for table in fresh:
            assert again[table] == fresh[table]


@settings(max_examples=15, deadline=None)
@given(pages)
def test_a_lost_database_comes_back_from_the_warc_files(items: list[Page]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "archive")
        store(folder, items)
        before = dump(folder)
        for name in ("news.db", "news.db-wal", "news.db-shm"):
            (folder / name).unlink(missing_ok=True)
        store(folder, [])
        assert dump(folder) == before
        assert json.dumps(store(folder, items).unchanged) == str(len(items))


def test_addresses_left_behind_follow_the_text_not_the_row() -> None:
    """The lead of a text moves and takes the row's id along; another address still says the old text."""
    first = page("a.txt", {"kit-1": TEXTS[0], "kit-2": TEXTS[4]}, ADDRESSES[1], DAYS[1])
    second = page("b.txt", {"kit-1": TEXTS[0]}, ADDRESSES[2], DAYS[2])
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        store(folder, [first, second])
        with Archive.open(folder, clock) as archive:
            archive.start_run("reclean")
            lead = next(archive.captures())
            archive.restate(lead.id, clean(first, "kit-2"), accept_losses=True)
            archive.finish_run("ok")
        says = {row["url"]: row["article_id"] for row in dump(folder)["addresses"]}
        assert says == {ADDRESSES[1]: content_hash(TEXTS[4]), ADDRESSES[2]: content_hash(TEXTS[0])}
