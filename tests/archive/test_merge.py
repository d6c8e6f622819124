"""The union of two archives: the same from both sides, the same when done twice, and sound."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from archive_samples import NOW, clock, dump, page, reclean, rows, store, text
from hypothesis import given, settings
from hypothesis import strategies as st
from killing import killed_after

from archive.db.union import United
from archive.errors import ArchiveError, ArchiveLocked, UsageError
from archive.model import Page, Unread
from archive.reasons import Reason
from archive.store import Archive, Kept
from archive.verify import verify

TEXTS = [text("uno", 40), text("dos", 60), text("tres", 12), {"text": text("uno", 41), "url": "https://a.example/1"}]
KILLS = 30
EARLY, LATE = "2025-01-02T03:04:05Z", "2025-06-07T08:09:10Z"


def merge(into: Path, other: Path, now: str = NOW) -> United:
    with Archive.open(into, lambda: now) as archive:
        archive.start_run("merge")
        done = archive.merge(other)
        archive.finish_run("ok")
    return done


def said(folder: Path) -> dict[str, Any]:
    """All tables by content, and the runs but those that merged."""
    query = "SELECT command, started, outcome, pages, new, duplicates, failed FROM runs WHERE command <> 'merge'"
    return dump(folder) | {"runs": sorted(rows(folder, query))}


def sound(folder: Path) -> list[str]:
    return [str(finding) for finding in verify(folder)]


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """Two archives that share a page, a text, and an address."""
    a, b = tmp_path / "a", tmp_path / "b"
    shared = page("s", text("igual", 50), "https://a.example/s", EARLY)
    store(a, [shared, page("1", TEXTS[0], "https://a.example/1", EARLY), page("t", text("t", 30), None)])
    store(
        b,
        [
            shared,
            page("2", TEXTS[1], "https://a.example/1", LATE),
            page("u", text("t", 30), "https://b.example/t", EARLY),
        ],
    )
    yield a, b
    assert [sound(folder) for folder in (a, b)] == [[], []]


def test_both_ways_come_to_the_same(two: tuple[Path, Path], tmp_path: Path) -> None:
    a, b = two
    other = shutil.copytree(b, tmp_path / "c")
    done = merge(a, b)
    assert (done.files, done.captures, done.changed) == (1, 2, 0)
    merge(other, shutil.copytree(a, tmp_path / "d"))
    assert said(a) == said(other)
    assert rows(
        a,
        "SELECT first_seen FROM articles WHERE content_hash IN "
        "(SELECT content_hash FROM cleanings JOIN captures ON captures.id = capture_id WHERE source = 't')",
    ) == [(EARLY,)]


def test_done_twice_it_adds_nothing(two: tuple[Path, Path]) -> None:
    a, b = two
    merge(a, b)
    before = said(a)
    files = {path.name for path in (a / "warcs").iterdir()}
    assert merge(a, b) == United()
    assert said(a) == before
    (new,) = {path.name for path in (a / "warcs").iterdir()} - files
    assert rows(a, "SELECT count(*) FROM captures WHERE warc_file = ?", [new]) == [(0,)]  # what the run says of itself


def test_files_are_taken_over_byte_for_byte(two: tuple[Path, Path]) -> None:
    a, b = two
    theirs = {path.name: path.read_bytes() for path in (b / "warcs").iterdir()}
    merge(a, b)
    assert {name: (a / "warcs" / name).read_bytes() for name in theirs} == theirs


def test_a_name_that_is_taken_is_changed(two: tuple[Path, Path]) -> None:
    a, b = two
    (ours,) = (a / "warcs").iterdir()
    (theirs,) = (b / "warcs").iterdir()
    sha256 = hashlib.sha256(theirs.read_bytes()).hexdigest()
    with Archive.open(b, clock) as archive:
        archive._db.conn.execute("PRAGMA foreign_keys = off")
        for table, name in (("captures", "warc_file"), ("notes", "warc_file"), ("warc_files", "name")):
            archive._db.conn.execute(f"UPDATE {table} SET {name} = ?", (ours.name,))
    theirs.rename(theirs.with_name(ours.name))
    for _ in range(2):
        merge(a, b)
        names = {path.name for path in (a / "warcs").iterdir()}
        assert ours.name.replace(".warc.gz", f"-{sha256[:8]}.warc.gz") in names
        assert len([name for name in names if name.startswith(ours.name.removesuffix(".warc.gz"))]) == 2
        assert sound(a) == []


def test_a_rebuild_of_the_union_gives_the_union(two: tuple[Path, Path]) -> None:
    a, b = two
    merge(a, b)
    before = said(a)
    (a / "news.db").unlink()
    store(a, [])
    after = said(a)
    assert {**after, "runs": 0} == {**before, "runs": 0}


def test_what_could_not_be_read_is_taken_over(tmp_path: Path) -> None:
    a, b, c = (tmp_path / name for name in "abc")
    store(a, [Unread("x", Reason.MISSING, "not there"), Unread("y", Reason.EMPTY, "empty")])
    store(b, [Unread("x", Reason.MISSING, "gone"), Unread("z", Reason.DAMAGED, "broken")])
    shutil.copytree(b, c)
    merge(a, b)
    merge(c, a)
    assert len(rows(a, "SELECT * FROM captures")) == 3
    assert said(a) == said(c)
    assert sound(a) == []


def test_of_two_cleanings_the_same_one_wins_from_both_sides(tmp_path: Path) -> None:
    a, b, c = (tmp_path / name for name in "abc")
    pages = [
        page(
            "1",
            {"kit-1": {"text": text("corto", 20), "removed": ["Menú"]}, "kit-2": text("largo", 50)},
            "https://a.example/1",
            EARLY,
        ),
        page("2", {"kit-1": {"reason": "stub"}, "kit-2": text("gana", 50)}, "https://a.example/2", EARLY),
        page(
            "3",
            {"kit-1": {"text": text("x", 20), "url": "https://a.example/c"}, "kit-2": text("x", 20)},
            "https://a.example/3",
            EARLY,
        ),
    ]
    store(a, pages)
    store(b, pages, kit="kit-2")
    shutil.copytree(b, c)
    merge(a, b)
    merge(c, a)
    assert said(a) == said(c)
    assert sorted(row[0] for row in rows(a, "SELECT words FROM articles")) == [20, 50, 50]
    assert sound(a) == sound(c) == []


def test_the_earlier_moment_wins_where_nobody_dated_a_page(tmp_path: Path) -> None:
    a, b, c = (tmp_path / name for name in "abc")
    early, late = (
        Page("x", b'{"": "' + text("x", 30).encode() + b'"}', "text/plain", day, "clock") for day in (EARLY, LATE)
    )
    store(a, [late])
    store(b, [early])
    shutil.copytree(b, c)
    merge(a, b)
    merge(c, a)
    assert said(a) == said(c)
    assert rows(a, "SELECT captured_at FROM captures") == [(EARLY,)]
    assert rows(a, "SELECT first_seen, last_seen FROM articles") == [(EARLY, EARLY)]
    assert sound(a) == sound(c) == []


somewhere = st.sampled_from(["https://a.example/1", "https://a.example/2", None])
says = [*TEXTS, {"reason": "stub"}, {"kit-1": text("k", 30), "kit-2": {"text": text("k", 31), "removed": ["a"]}}]
some_pages = st.builds(
    lambda source, said, url, day: page(f"{source} {url}", said, url, day),  # a source has one address
    st.sampled_from(["s", "t"]),
    st.sampled_from(says),
    somewhere,
    st.sampled_from([EARLY, LATE, None]),
)


@settings(max_examples=8, deadline=None)
@given(
    ours=st.lists(some_pages, max_size=6),
    theirs=st.lists(some_pages, max_size=6),
    kit=st.sampled_from(["kit-1", "kit-2"]),
)
def test_any_two_archives_have_one_union(ours: list[Page], theirs: list[Page], kit: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        a, b, c = (Path(scratch) / name for name in "abc")
        store(a, ours)
        store(b, theirs, kit=kit)
        shutil.copytree(b, c)
        merge(a, b)
        merge(c, a)
        assert said(a) == said(c)
        before = said(a)
        merge(a, b)
        merge(a, c)
        assert said(a) == before
        assert sound(a) == sound(c) == []
        if kit == "kit-1":
            d = Path(scratch) / "d"
            store(d, [*ours, *theirs])
            assert {**said(d), "runs": 0} == {**before, "runs": 0}


def test_a_merge_that_is_stopped_is_finished_by_the_next_run(two: tuple[Path, Path], tmp_path: Path) -> None:
    a, b = two
    whole = shutil.copytree(a, tmp_path / "whole")
    merge(whole, b)
    for steps in range(1, 12):
        half = shutil.copytree(a, tmp_path / f"half-{steps}")
        if _stopped(half, b, steps):
            break
        finish(half)
        assert sound(half) == []
        merge(half, b)
        kept = {name: value for name, value in said(half).items() if name != "runs"}
        assert kept == {name: value for name, value in said(whole).items() if name != "runs"}
    else:
        raise AssertionError("a merge has more steps than that")


def test_a_merge_that_is_killed_is_finished_by_the_next_run(two: tuple[Path, Path], tmp_path: Path) -> None:
    """SIGKILL at moments spread over the merge, some after its end."""
    a, b = two
    whole = shutil.copytree(a, tmp_path / "whole")
    began = time.monotonic()
    merge(whole, b)
    took = time.monotonic() - began
    wanted = {name: value for name, value in said(whole).items() if name != "runs"}

    for n in range(KILLS):
        half = shutil.copytree(a, tmp_path / f"killed-{n}")

        def write(pipe: int, half: Path = half) -> None:
            merge(half, b)
            os.write(pipe, b"1\n")
            time.sleep(60)

        done = killed_after(took * 1.2 * n / KILLS, write)
        finish(half)
        assert sound(half) == []
        kept = {name: value for name, value in said(half).items() if name != "runs"}
        assert kept == wanted or not done
        merge(half, b)
        assert {name: value for name, value in said(half).items() if name != "runs"} == wanted
        shutil.rmtree(half)


def finish(folder: Path) -> None:
    """What the next run does, whichever it is."""
    with Archive.open(folder, clock) as archive:
        archive.start_run("clean")
        for found, location in archive.orphans():
            archive.record(Kept(found, location), _clean(found))
        archive.finish_run("ok")


def _clean(found: Page) -> Any:
    from archive_samples import clean

    return clean(found)


def _stopped(folder: Path, other: Path, steps: int) -> bool:
    """Merge, and stop before the transaction of this number; whether there were fewer."""
    left = steps

    def trace(statement: str) -> None:
        nonlocal left
        if statement == "COMMIT":
            left -= 1
            if left == 0:
                archive._db.conn.interrupt()

    with Archive.open(folder, clock) as archive:
        archive.start_run("merge")
        archive._db.conn.set_trace_callback(trace)
        try:
            archive.merge(other)
        except ArchiveError:
            return False
    return True


def test_an_archive_that_cannot_be_taken_in_is_one_line(two: tuple[Path, Path], tmp_path: Path) -> None:
    a, b = two
    before = said(a)

    def refused(other: Path, error: type[ArchiveError | UsageError], told: str) -> None:
        with Archive.open(a, clock) as archive:
            archive.start_run("merge")
            with pytest.raises(error, match=told) as raised:
                archive.merge(other)
            assert "\n" not in str(raised.value)
            archive.finish_run("failed")

    refused(a, UsageError, "this very archive")
    (tmp_path / "link").symlink_to(a)
    refused(tmp_path / "link", UsageError, "this very archive")
    refused(tmp_path / "none", ArchiveError, "no archive at")
    with Archive.open(b, clock):
        refused(b, ArchiveLocked, "another run")
    newer = shutil.copytree(b, tmp_path / "newer")
    with Archive.open(newer, clock) as archive:
        archive._db.conn.execute("PRAGMA user_version = 999")
    refused(newer, ArchiveError, "newer hemeroteca")
    cut = shutil.copytree(b, tmp_path / "cut")
    (path,) = (cut / "warcs").iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    refused(cut, ArchiveError, "is not the file that was closed")
    gone = shutil.copytree(b, tmp_path / "gone")
    next((gone / "warcs").iterdir()).unlink()
    refused(gone, ArchiveError, "is not there")
    broken = shutil.copytree(b, tmp_path / "broken")
    data = bytearray((broken / "news.db").read_bytes())
    data[8192:12288] = b"\xff" * 4096
    (broken / "news.db").write_bytes(data)
    refused(broken, ArchiveError, "damaged")
    killed = shutil.copytree(b, tmp_path / "killed")
    with Archive.open(killed, clock) as archive:
        archive.start_run("clean")
        archive.keep(page("k", text("k", 30)))
        archive._warc.sync()
    refused(killed, ArchiveError, "finishes it")
    assert said(a) == {**before, "runs": said(a)["runs"]}
    assert not list((a / "warcs").glob(".*"))


def test_recleaning_the_union_is_the_union_of_recleaned(two: tuple[Path, Path], tmp_path: Path) -> None:
    a, b = two
    c = shutil.copytree(a, tmp_path / "c")
    merge(a, b)
    reclean(a, "kit-2")
    reclean(c, "kit-2")
    reclean(b, "kit-2")
    merge(c, b)
    assert {**said(a), "runs": 0} == {**said(c), "runs": 0}
