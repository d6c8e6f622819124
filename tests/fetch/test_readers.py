"""What was fetched as independent readers see it: warcio, fastwarc, and our own, strict one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from all_shapes import write
from fastwarc.warc import ArchiveIterator as FastIterator
from shapes import SHAPES
from warcio.archiveiterator import ArchiveIterator

from archive.export.cdxj import cdxj_of_files, closed_files
from archive.store import Archive
from archive.verify import verify
from archive.warc import Found, check, records, warc_files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shapes")
    write(folder)
    return folder


@pytest.fixture(scope="module")
def ours(folder: Path) -> list[tuple[Path, list[Found]]]:
    return [(path, list(records(path))) for path in warc_files(folder / "warcs")]


def test_there_is_one_of_every_kind(ours: list[tuple[Path, list[Found]]]) -> None:
    kinds = Counter(one.record.type for _, found in ours for one in found)
    assert kinds["response"] >= 35
    assert kinds["resource"] >= 3
    assert kinds["revisit"] >= 50
    assert kinds["request"] == 3 * len(SHAPES)
    assert [problem for _, found in ours for one in found for problem in check(one.record)] == []


def test_the_archive_is_sound(folder: Path) -> None:
    assert list(verify(folder)) == []
    with Archive.read(folder) as reader:
        assert reader.counts()["captures"] == 3 * len(SHAPES)


def test_warcio_reads_every_record_and_agrees_on_the_digests(ours: list[tuple[Path, list[Found]]]) -> None:
    for path, found in ours:
        with path.open("rb") as file:
            for theirs, mine in zip(ArchiveIterator(file, no_record_parse=True), found, strict=True):
                assert dict(theirs.rec_headers.headers) == dict(mine.record.headers)
                assert theirs.raw_stream.read() == mine.record.block
        with path.open("rb") as file:
            for theirs, mine in zip(ArchiveIterator(file, check_digests=True), found, strict=True):
                theirs.raw_stream.read()
                # warcio takes the payload digest over the chunk framing (webrecorder/warcio#74): a false alarm
                if mine.record.http is None or not mine.record.http.chunked:
                    assert theirs.digest_checker.passed is not False, (mine.record, theirs.digest_checker.problems)


def test_fastwarc_reads_every_record_and_agrees_on_the_digests(ours: list[tuple[Path, list[Found]]]) -> None:
    for path, found in ours:
        with path.open("rb") as file:
            for theirs, mine in zip(FastIterator(file, parse_http=False), found, strict=True):
                assert theirs.verify_block_digest()
                assert theirs.stream_pos == mine.location.offset
                assert theirs.reader.read() == mine.record.block


def test_the_index_names_what_can_be_replayed(folder: Path, ours: list[tuple[Path, list[Found]]]) -> None:
    lines = [line.decode() for line in cdxj_of_files(closed_files(folder))]
    kinds = Counter(one.record.type for _, found in ours for one in found)
    assert len(lines) == kinds["response"] + kinds["revisit"] + kinds["resource"]
    assert sum('"mime": "warc/revisit"' in line for line in lines) == kinds["revisit"]
    assert not any("urn:hemeroteca:note" in line for line in lines)
