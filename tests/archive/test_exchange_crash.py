"""A run that is killed while it fetches loses nothing acknowledged, and the next one makes the archive whole."""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from exchange_samples import URL, answer, exchange, finish_orphans, says, take, ticking
from killing import killed_after

from archive.model import Exchange
from archive.store import Archive
from archive.verify import verify
from archive.warc import Record, WarcWriter, answer_of, records, records_of, repair, warc_files

NOW = "2026-12-01T08:00:00.000000Z"


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where the system has one: thousands of fsyncs are slow on a disk and change nothing here."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else tmp_path) as folder:
        yield Path(folder)


def got(number: int) -> Exchange:
    """The exchange of a number: pages, feeds, errors and broken answers in turn."""
    body = random.Random(number).randbytes(number * 7919 % 30_000)
    sent = (says(f"texto {number}"), answer(body, type_="image/png"), answer(body, "503 Busy"), b"no http")[number % 4]
    return exchange(
        sent, url=f"{URL}/{number}", at=f"2026-12-01T09:{number // 60 % 60:02}:{number % 60:02}.{number:06}Z"
    )


def group(writer: WarcWriter, number: int) -> None:
    one = got(number)
    judged = answer_of(one, "El Faro", "page")
    writer.group(lambda warcinfo: records_of(one, judged, "El Faro", "page", None, warcinfo))


def kept(folder: Path) -> list[list[Record]]:
    """The records of each exchange, by its main one, as far as they are there."""
    groups: list[list[Record]] = []
    for path in warc_files(folder):
        for found in records(path):
            if found.record.get("Hemeroteca-Purpose"):
                groups.append([found.record])
            elif found.record.type != "warcinfo":
                assert found.record.get("WARC-Concurrent-To") == groups[-1][0].record_id
                groups[-1].append(found.record)
    return groups


def write_until_killed(folder: Path, pipe: int) -> None:
    writer = WarcWriter(folder, NOW, "test", max_bytes=200_000)
    number = 0
    while True:
        for _ in range(number % 4 + 1):
            group(writer, number)
            number += 1
        writer.sync()
        os.write(pipe, b"%d\n" % number)


def test_killed_at_any_moment_no_acknowledged_exchange_is_lost(in_memory: Path) -> None:
    chance = random.Random(2)
    for number in range(200):
        folder = in_memory / str(number)
        acknowledged = killed_after(chance.uniform(0, 0.04), partial(write_until_killed, folder))
        repair(folder)
        groups = kept(folder)
        assert acknowledged <= len(groups)
        for n, found in enumerate(groups):
            assert found[0].block == got(n).response
            assert len(found) == 3 or n == len(groups) - 1
        for found in groups[:acknowledged]:
            assert [one.type for one in found[1:]] == ["request", "metadata"]
        shutil.rmtree(folder, ignore_errors=True)


def crawled(folder: Path) -> Path:
    """One run: a page, its revisit, a feed, an answer that is no HTTP, and a fetch that failed."""
    with Archive.open(folder, ticking(1)) as archive:
        archive.start_run("crawl")
        for second, sent in enumerate((says("uno dos tres"), says("uno dos tres"), b"no http", b"")):
            take(archive, exchange(sent, at=f"2026-12-01T09:00:{second:02}.000000Z"))
            archive.commit()
        archive.finish_run("ok")
    (path,) = warc_files(folder / "warcs")
    return path


def test_every_prefix_of_a_run_is_made_whole(in_memory: Path) -> None:
    """A power cut may leave any length of the file: cut at each boundary of its records, and around them."""
    whole = crawled(in_memory / "whole")
    data = whole.read_bytes()
    found = list(records(whole))
    needs_row = [
        one.location.offset + one.location.length
        for one in found
        if one.record.get("Hemeroteca-Purpose") or (one.record.target_uri or "").endswith(":unanswered")
    ]
    assert len(needs_row) == 4
    cuts = {one.location.offset + shift for one in found for shift in (-9, -1, 0, 1, 40)} | {len(data)}
    for cut in sorted(cut for cut in cuts if cut >= 0):
        folder = in_memory / f"cut-{cut}"
        (folder / "warcs").mkdir(parents=True)
        (folder / "warcs" / (whole.name + ".open")).write_bytes(data[:cut])
        with Archive.open(folder, ticking(2)) as archive:
            archive.start_run("crawl")
            finish_orphans(archive)
            archive.finish_run("ok")
        assert [str(finding) for finding in verify(folder)] == [], cut
        with Archive.read(folder) as reader:
            assert reader.counts()["captures"] == sum(end <= cut for end in needs_row), cut
            for capture in reader.captures():
                assert reader.page(capture).body == got_body()
        shutil.rmtree(folder)


def got_body() -> bytes:
    return says("uno dos tres").partition(b"\r\n\r\n")[2]


def crawl_until_killed(folder: Path, pipe: int) -> None:
    with Archive.open(folder, ticking(1)) as archive:
        archive.start_run("crawl")
        for number in range(100_000):
            take(archive, got(number))
            archive.commit()
            os.write(pipe, b"%d\n" % (number + 1))


def test_a_crawl_that_is_killed_goes_on_with_a_whole_archive(in_memory: Path) -> None:
    chance = random.Random(3)
    for number in range(15):
        folder = in_memory / str(number)
        reader, pipe = os.pipe()
        child = os.fork()
        if not child:
            with suppress(BaseException):
                crawl_until_killed(folder, pipe)
            os._exit(1)
        os.close(pipe)
        time.sleep(chance.uniform(0.05, 0.4))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(reader) as told:
            acknowledged = len(told.read().splitlines())
        with Archive.open(folder, ticking(2)) as archive:
            archive.start_run("crawl")
            finish_orphans(archive)
            archive.finish_run("ok")
        assert [str(finding) for finding in verify(folder)] == []
        with Archive.read(folder) as archive_read:
            assert archive_read.counts()["captures"] >= acknowledged
        shutil.rmtree(folder)
