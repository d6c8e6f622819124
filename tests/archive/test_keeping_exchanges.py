"""What was fetched is merged and forgotten whole: response, request, metadata, revisits, and fetches that failed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from archive_samples import dump, rows, text
from exchange_samples import answer, exchange, finish_orphans, rebuild, says, take, ticking

from archive.db.forgotten import Wanted
from archive.model import Exchange
from archive.reasons import Reason
from archive.store import Archive
from archive.verify import verify
from archive.warc import records
from archive.warc.erase import is_tombstone

SECRET = "zyzzogeton"
GONE = f"https://elfaro.example/{SECRET}"
FEED = "https://elfaro.example/rss"


def fetched(folder: Path, what: list[tuple[Exchange, Any]], day: int = 1) -> None:
    with Archive.open(folder, ticking(day)) as archive:
        archive.start_run("crawl")
        finish_orphans(archive)
        for one, purpose in what:
            take(archive, one, purpose)
            archive.commit()
        archive.finish_run("ok")


def at(day: int, minute: int = 0) -> str:
    return f"2026-12-{day:02}T09:{minute:02}:00.000001Z"


OTHER = [
    (exchange(says(text("queda", 40)), "https://elfaro.example/otra", at(1, 5)), "page"),
    (exchange(answer("<rss/>", type_="application/rss+xml"), FEED, at(1, 6)), "feed"),
]
SECOND = [
    (exchange(says(text("queda", 40)), "https://elfaro.example/otra", at(2, 5)), "page"),  # a revisit
    (exchange("", "https://elfaro.example/no", at(2, 6), error="connection refused"), "page"),
]
IT = [
    (exchange(says(text(SECRET, 40)), GONE, at(1)), "page"),
    (exchange(answer("missing", "404 Not Found"), GONE + "?404", at(1, 1)), "page"),
]
IT_AGAIN = [
    (exchange(says(text(SECRET, 40)), GONE, at(2)), "page"),  # a revisit
    (exchange("", GONE, at(2, 3), error=f"no route to {SECRET}"), "page"),
]


def sound(folder: Path) -> list[str]:
    return [str(finding) for finding in verify(folder)]


def said(folder: Path) -> dict[str, Any]:
    revisits = "SELECT c.url, c.captured_at, o.captured_at FROM captures c JOIN captures o ON o.id = c.revisit_of"
    return dump(folder) | {"revisits": sorted(rows(folder, revisits))}


def without_places(tables: dict[str, Any]) -> dict[str, Any]:
    """Rows of captures without `revisit_of`, whose ids differ."""
    tables["captures"] = [{k: v for k, v in row.items() if k != "revisit_of"} for row in tables["captures"]]
    return tables


def test_merged_both_ways_revisits_find_their_originals(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    fetched(a, OTHER + IT)
    shutil.copytree(a, b)
    fetched(a, IT_AGAIN, 2)
    fetched(b, SECOND, 2)
    c = shutil.copytree(b, tmp_path / "c")
    for ours, theirs in ((a, b), (c, a), (a, b)):
        with Archive.open(ours, ticking(3)) as archive:
            archive.start_run("merge")
            archive.merge(theirs)
            archive.finish_run("ok")
        assert sound(ours) == []
    assert without_places(said(a)) == without_places(said(c))
    assert len(said(a)["revisits"]) == 2
    with Archive.read(a) as reader:
        assert all(reader.page(capture).body for capture in reader.captures())


@pytest.mark.parametrize("depth", ["drop", "erase"])
def test_forgotten_with_all_that_was_noted_beside_it(tmp_path: Path, depth: Any) -> None:
    folder, never = tmp_path / "a", tmp_path / "never"
    fetched(folder, OTHER + IT)
    fetched(folder, SECOND + IT_AGAIN, 2)
    fetched(never, OTHER)
    fetched(never, SECOND, 2)
    with Archive.open(folder, ticking(3)) as archive:
        archive.start_run("forget")
        for url in (GONE, GONE + "?404"):
            archive.forget(archive.forgettable(Wanted("url", url)), depth)
        archive.finish_run("ok")
    assert sound(folder) == []
    assert without_places(said(folder)) == without_places(said(never))
    if depth == "erase":
        found = [one.record for path in (folder / "warcs").iterdir() for one in records(path)]
        assert sum(map(is_tombstone, found)) == 11  # two answers, a revisit, a failure, and what was noted beside them
        assert not any(SECRET in str(record.headers) or SECRET.encode() in record.block for record in found)
        assert not any(SECRET.encode() in path.read_bytes().lower() for path in folder.rglob("*") if path.is_file())

    fetched(folder, [(one, purpose) for one, purpose in IT_AGAIN], 4)
    assert sound(folder) == []
    rebuild(folder)
    assert sound(folder) == []
    assert without_places(said(folder)) == without_places(said(never))


def test_a_forgotten_address_need_not_be_fetched(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    fetched(folder, OTHER + IT)
    with Archive.open(folder, ticking(3)) as archive:
        archive.start_run("forget")
        archive.forget(archive.forgettable(Wanted("site", "elfaro.example")), "drop")
        assert archive.forgets(GONE)
        assert archive.forgets("https://www.elfaro.example/new")
        assert not archive.forgets("https://lavoz.example/")
        kept = take(archive, IT_AGAIN[0][0])
        assert (kept.page, kept.location, kept.reason) == (None, None, Reason.HIDDEN)
        archive.finish_run("ok")
    assert rows(folder, "SELECT count(*) FROM captures") == [(0,)]


def test_hidden_it_is_fetched_and_not_shown(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    fetched(folder, OTHER + IT)
    with Archive.open(folder, ticking(3)) as archive:
        archive.start_run("forget")
        archive.forget(archive.forgettable(Wanted("url", GONE)), "hide")
        assert not archive.forgets(GONE)
        archive.finish_run("ok")
    fetched(folder, IT_AGAIN, 4)
    assert sound(folder) == []
    assert len(rows(folder, "SELECT * FROM captures WHERE url = ? AND reason = 'hidden'", [GONE])) == 2
    assert SECRET not in str(rows(folder, "SELECT text FROM articles"))
