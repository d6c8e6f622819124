"""What a crawl knows is seen at once, stored whole, and read back the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlite_utils import Database

from archive.db.crawl import CrawlState, counts_of, put_counts, stopped_patterns
from archive.db.crawlnotes import apply_crawl, crawl_note
from archive.db.crawlrows import AddressRow, HostRow, ListRow, PatternRow, RobotsRow, ShapeRow, SourceCounts, SourceRow
from archive.db.schema import migrate, shipped
from archive.moments import iso

NOW = 1_790_000_000.25
HOST = "paper.example"


def store(state: CrawlState) -> None:
    state.flush()
    state.stored()


def address(n: int, **more: object) -> AddressRow:
    url = f"https://{HOST}/{n}"
    row = AddressRow(
        url, url, "paper", HOST, f"{HOST}/{{n}}", None, "https://paper.example/rss", "feed", NOW, "waiting"
    )
    return replace(row, **more)  # type: ignore[arg-type]


@pytest.fixture
def db() -> Iterator[Database]:
    database = Database(memory=True)
    migrate(database, iso(NOW), shipped())
    database.conn.execute("INSERT INTO runs (id, command, started) VALUES (1, 'crawl', ?)", (iso(NOW),))
    database.conn.commit()
    yield database
    database.conn.close()


def test_rows_come_back_as_they_were_put(db: Database) -> None:
    state = CrawlState(db)
    rows = (
        (address(1, fetched=NOW, next_visit=NOW + 60, standing="online", words=7), state.put_address),
        (ListRow("https://p/rss", "paper", "feed", checked=NOW, idle=3, error="broken"), state.put_list),
        (HostRow(HOST, NOW + 1, 0.25, 1, 2, 3, NOW + 9), state.put_host),
        (RobotsRow("https://p/robots.txt", "rules", "User-agent: *", NOW, 200, "[]"), state.put_robots),
        (SourceRow("paper", NOW, NOW - 9, NOW), state.put_source),
        (PatternRow("p/{n}", "paper", "why", "https://p/1", NOW), state.put_pattern),
        (ShapeRow("p/{n}", 3, 2, 1), state.put_shape),
    )
    for row, put in rows:
        put(row)  # type: ignore[operator]
    assert state.waits
    for flushed in (False, True):
        if flushed:
            store(state)
        found = (
            state.address("https://paper.example/1"),
            state.list_("paper", "https://p/rss"),
            state.host(HOST),
            state.robots("https://p/robots.txt"),
            state.source("paper"),
            state.pattern("p/{n}"),
            state.shape("p/{n}"),
        )
        assert found == tuple(row for row, _ in rows)
    assert not state.waits
    assert stopped_patterns(db) == state.stopped() == [rows[5][0]]


def test_what_is_due_leaves_out_what_this_run_changed(db: Database) -> None:
    state = CrawlState(db)
    for n in range(4):
        state.put_address(address(n, next_visit=NOW - n, ending="new", visits=1))
    state.put_address(address(9, next_visit=NOW + 10, visits=1))
    store(state)
    state.put_address(address(3, next_visit=None, visits=2))
    assert [row.url[-1] for row in state.due("paper", iso(NOW), 10)] == ["2", "1", "0"]
    assert [row.url[-1] for row in state.due("paper", iso(NOW), 2)] == ["2"]
    assert list(state.due("other", iso(NOW), 10)) == []


def test_unvisited_addresses_newest_first(db: Database) -> None:
    state = CrawlState(db)
    for n in range(4):
        state.put_address(address(n, ending="too-old", published=NOW - n * 86400))
    state.put_address(address(8, ending="waiting"))
    store(state)
    found = state.unvisited_since("paper", "too-old", iso(NOW - 2.5 * 86400), 10)
    assert [row.url[-1] for row in found] == ["0", "1", "2"]
    assert [row.url[-1] for row in state.unvisited("paper", "waiting", 10)] == ["8"]


def test_same_text_counts_stored_and_waiting_once(db: Database) -> None:
    state = CrawlState(db)
    for n in range(3):
        state.put_address(address(n, content_hash="a"))
    store(state)
    state.put_address(address(0, content_hash="b"))
    state.put_address(address(5, content_hash="a"))
    assert sorted(row.url[-1] for row in state.same_text("a", HOST)) == ["1", "2", "5"]
    assert state.same_text("a", "other.example") == []


def test_the_usual_time_between_two_articles(db: Database) -> None:
    state = CrawlState(db)
    for n in range(4):
        state.put_address(address(n, visits=1, published=NOW - n * 3600, fetched=NOW))
    store(state)
    assert state.gap("paper") is None
    state.put_address(address(4, visits=1, published=NOW - 4 * 3600, fetched=NOW))
    store(state)
    assert state.gap("paper") == pytest.approx(3600)


def test_counts_of_a_run(db: Database) -> None:
    counts = SourceCounts(
        "paper", 4, 1, 0, 9, 1000, 1.5, "", {("new", ""): 3, ("filtered", "p/{n}"): 1, ("known", ""): 0}
    )
    put_counts(db, 1, counts)
    put_counts(db, 1, replace(counts, requests=10))
    (found,) = counts_of(db, 1)
    assert found == replace(counts, requests=10, counts={("filtered", "p/{n}"): 1, ("new", ""): 3})
    assert found.seen == sum(found.counts.values())


def test_the_note_of_a_run_brings_everything_back(db: Database) -> None:
    counts = SourceCounts("paper", 3, 2, 1, 9, 1000, 1.5, "why", {("new", ""): 2, ("filtered", "p/{n}"): 1})
    source = SourceRow("paper", NOW, NOW - 9, NOW)
    pattern = PatternRow("p/{n}", "paper", "why", "https://p/1", NOW)
    db.conn.execute("UPDATE runs SET key = 'k' WHERE id = 1")
    data = json.loads(json.dumps(crawl_note("k", [counts], [source], [pattern], [address(1), address(2)])))
    state = CrawlState(db)
    state.put_address(address(2, visits=1, ending="new"))
    store(state)
    for _ in range(2):
        apply_crawl(db, data, iso(NOW))
    assert counts_of(db, 1) == [counts]
    assert (state.source("paper"), state.stopped()) == (source, [pattern])
    assert state.address(address(1).key) == address(1)
    assert state.address(address(2).key) == address(2, visits=1, ending="new"), "known better meanwhile"


@pytest.mark.parametrize("stored", [False, True])
def test_what_a_release_lets_go_is_seen_before_it_is_stored(db: Database, stored: bool) -> None:
    state = CrawlState(db)
    state.put_pattern(PatternRow("p/{n}", "paper", "why", "https://p/1", NOW))
    visited = {"visits": 1, "fetched": NOW - 9}
    for n, more in enumerate(({}, {"source": "other"}, visited, {"published": NOW - 5})):
        state.put_address(address(n, shape="p/{n}", ending="filtered", **more))
    store(state)
    state.release("p/{n}", NOW)
    if stored:
        store(state)

    def numbers(rows: Iterator[AddressRow]) -> list[str]:
        return sorted(row.url[-1] for row in rows)

    assert numbers(state.unvisited("paper", "waiting", 9)) == ["0", "3"]
    assert len(list(state.unvisited("paper", "waiting", 1))) == 1
    assert numbers(state.unvisited_since("paper", "waiting", iso(NOW - 7), 9)) == ["3"]
    assert numbers(state.due("paper", iso(NOW), 9)) == ["2"]
