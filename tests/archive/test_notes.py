"""What a run knew beyond its pages comes back with them: notes, applied once, in the order of time."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from archive_samples import clean, page, text

from archive.db import notes
from archive.errors import ArchiveError
from archive.model import Unread
from archive.reasons import Reason
from archive.store import Archive, Clock, Kept
from archive.verify import verify
from archive.warc import Note, is_note, note_of, records, warc_files
from archive.warc.notes import note_record

TABLES = ("runs", "captures", "removals", "articles", "notes", "warc_files", "addresses", "cleanings")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def ticking(day: int) -> Clock:
    """A clock that goes on by a second at each look."""
    seconds = itertools.count()
    return lambda: f"2026-12-{day:02}T08:{(n := next(seconds)) // 60:02}:{n % 60:02}.000000Z"


def finish_orphans(archive: Archive) -> None:
    for found, location in archive.orphans():
        archive.record(Kept(found, location), clean(found))
    archive.replay()


def run(folder: Path, day: int, *items: object) -> None:
    with Archive.open(folder, ticking(day)) as archive:
        archive.start_run(f"hemeroteca clean day-{day}  'two  spaces' \udcff")
        finish_orphans(archive)
        for item in items:
            if isinstance(item, Unread):
                archive.record_unread(item)
            elif not archive.has(item):
                archive.record(archive.keep(item), clean(item))
        archive.finish_run("ok" if day % 2 else "failed")


def killed(folder: Path, day: int, *items: object, commit: bool = False) -> None:
    """A run that ends after keeping its pages."""
    archive = Archive.open(folder, ticking(day))
    archive.start_run("clean, killed")
    for item in items:
        if commit:
            archive.record(archive.keep(item), clean(item))
            archive.commit()
        else:
            archive.keep(item)
    archive.close()


def whole(folder: Path) -> dict[str, list[object]]:
    """Every row of the tables, ids and places too."""
    db = sqlite3.connect(folder / "news.db")
    found = {table: sorted(db.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for table in TABLES}
    db.close()
    return found


def rebuild(folder: Path) -> None:
    for path in folder.glob("news.db*"):
        path.unlink()
    with Archive.open(folder, ticking(28)) as archive:
        finish_orphans(archive)
        archive.finish_rebuild()


def notes_of(folder: Path) -> Iterator[Note]:
    for path in warc_files(folder / "warcs"):
        yield from (note_of(found.record) for found in records(path) if is_note(found.record))


def test_a_rebuilt_database_is_equal_to_the_last_row(folder: Path) -> None:
    """Articles, captures, removals and runs, with their ids and where they lie."""
    run(folder, 1, *(page(f"{n}.txt", {"text": text(f"v{n}", 40 + n), "removed": ["Menú"]}) for n in range(5)))
    run(folder, 2)  # nothing new: only its note is written
    run(folder, 3, page("0.txt", text("v0 otra", 60)), page("9.txt", {"reason": "stub"}))
    before = whole(folder)
    assert list(verify(folder)) == []
    rebuild(folder)
    assert whole(folder) == before
    assert list(verify(folder)) == []


def test_inputs_that_could_not_be_read_come_back(folder: Path) -> None:
    gone, bad = (
        Unread("gone.txt", Reason.MISSING, "not there"),
        Unread("bad.gz", Reason.DAMAGED, "no gzip", "https://x.example/"),
    )
    run(folder, 1, gone, page("a.txt", text("a", 40)))
    run(folder, 2, bad, gone)
    query = "SELECT source, url, captured_at, reason, error, run_id FROM captures WHERE warc_file IS NULL ORDER BY 1"
    before = sqlite3.connect(folder / "news.db").execute(query).fetchall()
    assert [(row[0], row[5]) for row in before] == [("bad.gz", 2), ("gone.txt", 2)]
    assert before[1][2].startswith("2026-12-01")  # the row is of the first time, its run the last
    rebuild(folder)
    assert sqlite3.connect(folder / "news.db").execute(query).fetchall() == before
    assert list(verify(folder)) == []


def test_runs_that_were_killed_and_what_others_finished_for_them_come_back(folder: Path) -> None:
    killed(folder, 1)  # before it wrote anything
    killed(folder, 2, page("a.txt", text("a", 40)), page("b.txt", text("b", 40)))
    killed(folder, 3, page("c.txt", text("c", 40)), commit=True)
    run(folder, 4, page("d.txt", text("d", 40)))
    before = whole(folder)
    told = sqlite3.connect(folder / "news.db").execute("SELECT id, outcome, pages FROM runs").fetchall()
    assert told[:3] == [(1, "killed", 0), (2, "killed", 0), (3, "killed", 0)]
    by_run = sqlite3.connect(folder / "news.db").execute("SELECT run_id, count(*) FROM captures GROUP BY 1").fetchall()
    assert by_run == [(3, 1), (4, 3)]  # c is of the killed run, a and b of the one that finished them
    rebuild(folder)
    after = whole(folder)
    assert after["runs"] == before["runs"]
    by_source = "SELECT source, run_id, warc_file, warc_offset FROM captures ORDER BY 1"
    assert sqlite3.connect(folder / "news.db").execute(by_source).fetchall()[0][1] == 4
    assert list(verify(folder)) == []


def test_a_lost_database_is_rebuilt_by_the_next_run_which_gets_an_id_of_its_own(folder: Path) -> None:
    run(folder, 1, page("a.txt", text("a", 40)))
    run(folder, 2, page("b.txt", text("b", 40)), Unread("x", Reason.MISSING, "gone"))
    runs = whole(folder)["runs"]
    for path in folder.glob("news.db*"):
        path.unlink()
    run(folder, 3)
    assert whole(folder)["runs"][:2] == runs
    assert [row[0] for row in whole(folder)["runs"]] == [1, 2, 3]
    assert list(verify(folder)) == []


def test_a_rebuild_that_is_killed_is_finished_by_the_next_run(folder: Path) -> None:
    run(folder, 1, *(page(f"{n}.txt", text(f"v{n}", 40)) for n in range(4)))
    run(folder, 2, Unread("x", Reason.MISSING, "gone"))
    before = whole(folder)
    for path in folder.glob("news.db*"):
        path.unlink()
    archive = Archive.open(folder, ticking(27))
    for n, (found, location) in enumerate(archive.orphans()):
        archive.record(Kept(found, location), clean(found))
        archive.commit()
        if n == 1:
            break
    archive.close()
    run(folder, 3)
    assert whole(folder)["runs"][:2] == before["runs"]
    assert [row for row in whole(folder)["captures"] if row[7] != 3] == before["captures"]
    assert list(verify(folder)) == []


def test_a_note_that_is_in_is_not_applied_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    applied: list[object] = []
    monkeypatch.setattr(
        notes, "APPLIERS", {**notes.APPLIERS, "seen": lambda db, data, at: applied.append((dict(data), at))}
    )
    archive = Archive.open(folder, ticking(1))
    archive.start_run("clean")
    archive.note("seen", {"n": (1, 2), "who": "\udcff ñ\r\nX: y"})
    archive.keep(page("a.txt", text("a", 40)))
    archive.commit()
    archive.close()  # killed: its file is looked through by the next run
    run(folder, 2)
    assert applied == [({"n": [1, 2], "who": "\udcff ñ\r\nX: y"}, "2026-12-01T08:00:02.000000Z")]
    rebuild(folder)
    assert len(applied) == 2
    assert applied[0] == applied[1]


def test_notes_are_replayed_in_the_order_of_their_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    applied: list[int] = []
    monkeypatch.setattr(notes, "APPLIERS", {**notes.APPLIERS, "seen": lambda db, data, at: applied.append(data["n"])})
    for day in (3, 1, 2):  # a clock that was set back
        with Archive.open(folder, ticking(day)) as archive:
            archive.start_run("clean")
            archive.note("seen", {"n": day})
            archive.finish_run("ok")
    assert applied == [3, 1, 2]
    applied.clear()
    rebuild(folder)
    assert applied == [1, 2, 3]


def test_a_kind_that_is_not_known_is_a_mistake_and_in_a_file_it_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Archive.open(folder, ticking(1)) as archive:
        with pytest.raises(ValueError, match="no run"):
            archive.note("run", {})
        archive.start_run("clean")
        with pytest.raises(ValueError, match="no kind"):
            archive.note("unheard-of", {})
        with monkeypatch.context() as patched:
            patched.setattr(notes, "APPLIERS", {**notes.APPLIERS, "newer": lambda *_: None})
            archive.note("newer", {"a": 1})
        archive.finish_run("ok")
    assert ["did not take in" in finding.what for finding in verify(folder)][-1:] == [True]


def test_a_note_that_does_not_fit_leaves_nothing_behind(folder: Path) -> None:
    with Archive.open(folder, ticking(1)) as archive:
        archive.start_run("clean")
        archive.note("unread", {"run": "nobody", "captured_at": "x", "unread": [["a", None, "missing", "b"]]})
        archive.note("unread", {"unread": 7})
        archive.finish_run("ok")
    assert whole(folder)["captures"] == []
    assert sum("did not take in" in finding.what for finding in verify(folder)) == 2


def test_a_record_that_calls_itself_a_note_and_is_none(folder: Path) -> None:
    record = note_record(Note("run", {}, "2026-12-01T00:00:00Z"), "<urn:uuid:1>")
    for block in (b"", b"note: run\r\njson: {", b"note: run\r\njson: " + b"[" * 100_000):
        with pytest.raises(ArchiveError, match="cannot be understood"):
            note_of(type(record)(record.version, record.headers, block))
    assert [note.kind for note in notes_of(folder)] == []
