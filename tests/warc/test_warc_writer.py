"""Writing: what was acknowledged is there, whatever happens to the writer, and the next run makes it whole."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from killing import killed_after
from warc_samples import NOW, RUN, dump, five, put, written

from archive.errors import ArchiveError, WarcError
from archive.model import Page
from archive.warc import WarcWriter, file_sha256, locate, page_of, read_at, records, repair, scan, warc_files


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where the system has one: thousands of fsyncs are slow on a disk and change nothing here."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else tmp_path) as folder:
        yield Path(folder)


def pages_of(path: Path) -> list[Page]:
    return [page_of(found.record) for found in records(path) if found.record.type != "warcinfo"]


def noise(size: int, seed: int = 0) -> Page:
    """A page that does not shrink."""
    return dump(body=random.Random(seed).randbytes(size), source=f"noise-{seed}")


def test_a_file_is_named_and_described_for_archivists(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path / "warcs", NOW, RUN, info={"robots": "classic", "operator": "Ana\r\nX: y"})
    assert not (tmp_path / "warcs").exists()
    at = writer.write(dump())
    (path,) = warc_files(tmp_path / "warcs")
    assert path.name == at.file + ".open"
    assert at.file.startswith("hemeroteca-20260301083000123-00000-")
    assert locate(tmp_path / "warcs", at.file) == path
    assert page_of(read_at(path, at.offset, at.length)) == dump()
    (closed,) = writer.close()
    path = locate(tmp_path / "warcs", at.file)
    assert path.name == at.file == closed.name
    assert (closed.size, closed.sha256, closed.records) == (path.stat().st_size, file_sha256(path), 2)
    info = next(records(path)).record
    assert info.block.decode().splitlines() == [
        "software: hemeroteca/test",
        "format: WARC File Format 1.1",
        "conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "robots: classic",
        "operator: Ana X: y",
    ]
    assert writer.close() == ()


def test_a_run_with_nothing_new_leaves_no_file(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path / "warcs", NOW, RUN)
    writer.sync()
    assert writer.close() == ()
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_a_page_is_removed(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, NOW, RUN)
    with pytest.raises(ArchiveError, match="too large"):
        writer.write(dump(title="x" * 2_000_000))
    assert len(warc_files(tmp_path)) == 1
    assert writer.close() == ()
    assert list(tmp_path.iterdir()) == []


def test_files_are_rotated_and_finished_together(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, NOW, RUN, max_bytes=3_000)
    sent = [noise(1_000, seed) for seed in range(10)]
    locations = [writer.write(page) for page in sent]
    assert all(path.name.endswith(".open") for path in warc_files(tmp_path))
    closed = writer.close()
    assert [one.name.split("-")[2] for one in closed] == [f"{n:05d}" for n in range(len(closed))]
    assert len(closed) == 5
    assert [one.sha256 for one in closed] == [file_sha256(tmp_path / one.name) for one in closed]
    assert [page for one in closed for page in pages_of(tmp_path / one.name)] == sent
    assert [page_of(read_at(tmp_path / at.file, at.offset, at.length)) for at in locations] == sent


def test_two_writers_at_once_never_meet(tmp_path: Path) -> None:
    one, two = WarcWriter(tmp_path, NOW, RUN), WarcWriter(tmp_path, NOW, RUN)
    for page in five():
        one.write(page)
        two.write(page)
    assert repair(tmp_path) == ()  # both are alive
    names = [closed.name for closed in (*one.close(), *two.close())]
    assert len(set(names)) == 2
    assert [pages_of(tmp_path / name) for name in names] == [five(), five()]


def test_an_earlier_file_is_never_appended_to(tmp_path: Path) -> None:
    first, _ = written(tmp_path, five())
    before = first.read_bytes()
    second, _ = written(tmp_path, five())
    assert first != second
    assert first.read_bytes() == before


FULL = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_warc_writer import *
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
writer = WarcWriter(Path(sys.argv[1]), NOW, RUN)
writer.write(noise(8_000, 1))
for _ in range(2):
    try:
        writer.write(noise(15_000, 2))
    except ArchiveError as error:
        print(error)
writer.write(noise(1_000, 3))
print(*writer.close())
"""


def test_a_full_disk_leaves_the_last_whole_record(tmp_path: Path) -> None:
    folder = tmp_path / "warcs"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(folder), str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        check=True,
    )
    first, second, closed = done.stdout.splitlines()
    for line in (first, second):
        assert "cannot be written: only " in line
    (path,) = warc_files(folder)
    assert f"size={path.stat().st_size}, sha256='{file_sha256(path)}', records=3" in closed
    assert pages_of(path) == [noise(8_000, 1), noise(1_000, 3)]


def test_a_full_device_is_one_clear_line(tmp_path: Path) -> None:
    writer = WarcWriter(Path("/dev/full") / "warcs", NOW, RUN)
    with pytest.raises(ArchiveError, match="cannot be written") as raised:
        writer.write(dump())
    assert len(str(raised.value).splitlines()) == 1
    assert writer.close() == ()


def test_a_failed_sync_is_not_forgotten(tmp_path: Path) -> None:
    """The system drops what it could not write: only the first fsync after it fails (fsync(2), BUGS)."""
    writer = WarcWriter(tmp_path, NOW, RUN)
    writer.write(dump())
    (handle,) = (int(fd.name) for fd in Path("/proc/self/fd").iterdir() if str(fd.resolve()).endswith(".warc.gz.open"))
    kept = os.dup(handle)
    reader, pipe = os.pipe()
    os.dup2(pipe, handle)  # a pipe cannot be synced
    with pytest.raises(ArchiveError, match="cannot be written"):
        writer.sync()
    os.dup2(kept, handle)
    for again in (writer.sync, writer.close, lambda: writer.write(dump())):
        with pytest.raises(ArchiveError, match="cannot be written"):
            again()
    writer.abandon()
    for fd in (kept, reader, pipe):
        os.close(fd)


def test_an_interrupt_in_the_middle_of_a_write_leaves_no_half_record(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, NOW, RUN)
    writer.write(dump())

    def interrupt(signum: int, frame: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        for k in range(40):
            with suppress(KeyboardInterrupt):
                signal.setitimer(signal.ITIMER_REAL, 0.0005 + k * 0.0001)
                while True:
                    writer.write(noise(20_000, k))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    (closed,) = writer.close()
    path = tmp_path / closed.name
    assert (closed.size, closed.sha256) == (path.stat().st_size, file_sha256(path))
    assert len(list(records(path))) == closed.records


def test_a_forked_worker_does_not_hold_the_lock(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, NOW, RUN)
    writer.write(dump())
    reader, pipe = os.pipe()
    child = os.fork()
    if not child:
        os.write(pipe, b"alive")
        time.sleep(30)
        os._exit(0)
    try:
        assert os.read(reader, 5) == b"alive"
        writer.write(dump("after the fork"))
        assert repair(tmp_path) == ()
        writer.abandon()
        assert [(done.action, done.pages) for done in repair(tmp_path)] == [("renamed", 2)]
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reader)
        os.close(pipe)


# Repair


def torn(folder: Path, tail: bytes, pages: list[Page]) -> Path:
    """An abandoned file with a tail that is no record."""
    folder.mkdir(exist_ok=True)
    path, _ = written(folder, pages)
    open_path = path.with_name(path.name + ".open")
    path.rename(open_path)
    with open_path.open("ab") as file:
        file.write(tail)
    return open_path


def test_a_torn_tail_is_cut_and_kept(tmp_path: Path) -> None:
    tail = b"\x1f\x8b\x08\x00 half a record"
    path = torn(tmp_path, tail, five())
    size = path.stat().st_size - len(tail)
    (done,) = repair(tmp_path)
    final = tmp_path / done.name
    assert (done.action, done.pages, done.cut) == ("renamed", 5, len(tail))
    assert done.torn == tmp_path / f"{done.name}.torn-{size}"
    assert done.torn.read_bytes() == tail
    assert pages_of(final) == five()
    assert done.message == (
        f"{done.name}: closed after an interrupted run with 5 pages, "
        f"a torn tail of {len(tail)} bytes is kept in {done.torn.name}"
    )
    assert repair(tmp_path) == ()
    assert sorted(tmp_path.iterdir()) == [final, done.torn]
    assert [page for _, page in scan(final)] == five()


def test_damage_before_intact_records_costs_only_itself(tmp_path: Path) -> None:
    path = torn(tmp_path, b"", five())
    data = bytearray(path.read_bytes())
    at = [found.location.offset for found in records(path)]
    data[at[2] + 60] ^= 255
    path.write_bytes(data)
    (done,) = repair(tmp_path)
    assert (done.action, done.pages, done.cut, done.torn) == ("renamed", 4, 0, None)
    assert f"damaged at byte {at[2]}" in done.message
    assert (tmp_path / done.name).read_bytes() == data
    assert [page for _, page in scan(tmp_path / done.name)] == [page for n, page in enumerate(five(), 1) if n != 2]


def test_a_file_without_pages_is_removed_and_its_tail_kept(tmp_path: Path) -> None:
    path = torn(tmp_path, b"", five())
    second = next(found.location for n, found in enumerate(records(path)) if n == 1)
    for size, tail in ((second.offset + 9, 9), (second.offset, 0), (7, 7), (0, 0)):
        name = f"x-{size}.warc.gz"
        (tmp_path / (name + ".open")).write_bytes(path.read_bytes()[:size])
        done = next(one for one in repair(tmp_path) if one.name == name)
        assert (done.action, done.pages, done.cut, done.torn is None) == ("removed", 0, tail, tail == 0)
        assert not (tmp_path / name).exists()
        if done.torn:
            assert len(done.torn.read_bytes()) == tail
        if path.with_name(path.name.removesuffix(".open")).exists():
            path = path.with_name(path.name.removesuffix(".open"))


def test_a_file_of_that_name_is_not_replaced(tmp_path: Path) -> None:
    path = torn(tmp_path, b"", five())
    taken = path.with_name(path.name.removesuffix(".open"))
    taken.write_bytes(b"mine")
    assert [done.action for done in repair(tmp_path)] == ["left"]
    assert taken.read_bytes() == b"mine"
    assert path.exists()


def test_a_file_that_is_being_written_is_not_touched(tmp_path: Path) -> None:
    path = torn(tmp_path, b"torn", five())
    before = path.read_bytes()
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert repair(tmp_path) == ()
    assert path.read_bytes() == before
    assert len(repair(tmp_path)) == 1


def test_every_prefix_of_what_was_written_is_made_whole(in_memory: Path) -> None:
    """A power cut may leave any length of the file: each record that lies in it whole is there afterwards."""
    whole, locations = written(in_memory / "whole", five())
    data = whole.read_bytes()
    ends = [at.offset + at.length for at in locations]
    folder = in_memory / "cut"
    folder.mkdir()
    for cut in range(len(data) + 1):
        path = folder / "x.warc.gz.open"
        put(path, data[:cut])
        (done,) = repair(folder)
        intact = sum(end <= cut for end in ends)
        assert done.pages == intact
        assert (done.action == "renamed") == (intact > 0)
        rest = b"".join(part.read_bytes() for part in sorted(folder.iterdir(), key=lambda part: ".torn" in part.name))
        if intact:
            assert rest == data[:cut]
            assert pages_of(folder / "x.warc.gz") == five()[:intact]
        for part in folder.iterdir():
            part.unlink()


def write_until_killed(folder: Path, pipe: int) -> None:
    """Write and sync without end; tell on the pipe how many pages are acknowledged."""
    writer = WarcWriter(folder, NOW, RUN, max_bytes=200_000)
    n = 0
    while True:
        for _ in range(n % 4 + 1):
            writer.write(noise(1_000 + n * 7919 % 30_000, n))
            n += 1
        writer.sync()
        os.write(pipe, b"%d\n" % n)


def test_killed_at_any_moment_no_synced_record_is_lost(in_memory: Path) -> None:
    chance = random.Random(1)
    wanted = [noise(1_000 + n * 7919 % 30_000, n) for n in range(1_000)]
    for number in range(200):
        folder = in_memory / str(number)
        acknowledged = killed_after(chance.uniform(0, 0.04), partial(write_until_killed, folder))
        repair(folder)
        kept = [page for path in warc_files(folder) for page in pages_of(path)]
        assert acknowledged <= len(kept)
        assert kept == wanted[: len(kept)]
        assert not list(folder.glob("*.open"))
        shutil.rmtree(folder, ignore_errors=True)


def test_a_folder_that_is_not_there_needs_no_repair(tmp_path: Path) -> None:
    assert repair(tmp_path / "none") == ()
    assert warc_files(tmp_path / "none") == ()
    with pytest.raises(ArchiveError, match="not there"):
        locate(tmp_path, "x.warc.gz")
    with pytest.raises(WarcError, match="cannot be read"):
        list(records(tmp_path))
