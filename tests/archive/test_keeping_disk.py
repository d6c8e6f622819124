"""A full disk, a power cut and other writers: a merge or an erasure is done, or nothing has changed."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from archive_samples import clock, dump, page, rows, store, text

from archive.db.forgotten import Wanted
from archive.errors import ArchiveError, ArchiveLocked
from archive.store import Archive
from archive.verify import verify
from archive.warc import Found, WarcWriter, records, salvage, warc_files

DAY = "2025-01-02T03:04:05Z"
PAGES = [page(str(n), text(f"texto{n}", 40), f"https://a.example/{n}", DAY) for n in range(4)]


def full(call: int) -> Callable[..., Any]:
    """`os.fsync`, for which the disk is full the `call`-th time."""
    left, fsync = call, os.fsync

    def failing(handle: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(handle)

    return failing


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "warcs").iterdir() if path.is_file()}


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_full_disk_ends_a_merge_with_nothing_taken(
    call: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    store(a, PAGES[:2])
    store(b, PAGES[2:])
    before, had = dump(a), files(a)
    with Archive.open(a, clock) as archive:
        archive.start_run("merge")
        with monkeypatch.context() as patched:
            patched.setattr("archive.warc.adopt.os.fsync", full(call))
            try:
                archive.merge(b)
            except ArchiveError as error:
                assert "No space left" in str(error)  # noqa: PT017  # where the last call was before, it succeeds
            else:
                return
        archive.finish_run("failed")
    assert dump(a) == before
    assert had.items() <= files(a).items()
    assert not list((a / "warcs").glob(".*"))
    with Archive.open(a, clock) as archive:
        archive.start_run("merge")
        archive.merge(b)
        archive.finish_run("ok")
    assert [str(finding) for finding in verify(a)] == []
    assert rows(a, "SELECT count(*) FROM captures") == [(4,)]


def test_a_full_disk_ends_an_erasure_that_the_next_run_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a"
    store(folder, PAGES)
    had = files(folder)
    with Archive.open(folder, clock) as archive:
        archive.start_run("forget")
        archive.forget(archive.forgettable(Wanted("url", "https://a.example/1")), "erase")
        with monkeypatch.context() as patched:
            patched.setattr("archive.warc.erase.os.fsync", full(1))
            with pytest.raises(ArchiveError, match="No space left"):
                archive.finish_run("ok")
    assert had.items() <= files(folder).items()  # no file was touched
    store(folder, [])
    (old,) = had
    assert files(folder)[old] != had[old]
    assert not list((folder / "warcs").glob(".*"))
    assert [str(finding) for finding in verify(folder)] == []
    assert not any(b"texto1" in found.record.block for p in warc_files(folder / "warcs") for found in records(p))


def test_a_new_form_is_on_the_disk_before_rows_point_into_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Power may go at any moment: the new file, then the rows (synced too), then the name, then what was before."""
    folder, seen = tmp_path / "a", []
    store(folder, PAGES)
    fsync, replace = os.fsync, Path.replace

    def synced(handle: int) -> None:
        seen.append(f"sync {Path(f'/proc/self/fd/{handle}').readlink().parent.name}")
        fsync(handle)

    def replaced(path: Path, target: Path) -> Path:
        seen.append(f"rename from {path.parent.name}")
        return replace(path, target)

    with Archive.open(folder, clock) as archive:
        archive.start_run("forget")
        archive.forget(archive.forgettable(Wanted("url", "https://a.example/1")), "erase")
        monkeypatch.setattr("archive.warc.erase.os.fsync", synced)
        monkeypatch.setattr(Path, "replace", replaced)
        archive._db.conn.set_trace_callback(
            lambda sql: (
                seen.append(sql.strip()) if sql.startswith(("COMMIT", "PRAGMA sync", "DELETE FROM rew")) else None
            )
        )
        archive.finish_run("ok")
    new = seen.index("sync .rewritten")
    durable = seen.index("PRAGMA synchronous = full", new)
    commit = seen.index("COMMIT", durable)
    name = seen.index("rename from .rewritten", commit)
    assert new < durable < commit < name < seen.index("DELETE FROM rewrites", name)


def _appending(folder: str, number: int) -> None:
    writer = WarcWriter(Path(folder), "2026-03-01T08:30:00.123456Z", "test")
    for n in range(50):
        writer.write(page(f"{number}-{n}", text(f"t{number}x{n}", 300)))
        if n % 10 == 0:
            writer.sync()
    writer.close()


def test_four_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_appending, args=(str(tmp_path), n)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    found = [one for path in warc_files(tmp_path) for one in salvage(path)]
    assert all(isinstance(one, Found) for one in found)
    assert len({one.record.block for one in found if isinstance(one, Found) and one.record.type == "resource"}) == 200


def test_of_four_runs_at_once_one_has_the_archive(tmp_path: Path) -> None:
    store(tmp_path / "a", PAGES[:1])
    with Archive.open(tmp_path / "a", clock) as archive:
        archive.start_run("first")
        for _ in range(3):
            with pytest.raises(ArchiveLocked), Archive.open(tmp_path / "a", clock):
                pass
        other = shutil.copytree(tmp_path / "a", tmp_path / "b")
        with Archive.open(other, clock) as second:  # two that merge each other at once: neither waits forever
            second.start_run("merge")
            with pytest.raises(ArchiveLocked):
                second.merge(tmp_path / "a")
            second.finish_run("failed")
        archive.finish_run("ok")
    assert [str(finding) for finding in verify(tmp_path / "a")] == []
