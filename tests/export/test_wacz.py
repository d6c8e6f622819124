"""A WACZ against its own digests, its index against its bytes. py-wacz 0.6.0 finds both kinds valid.

pywb 2.10 (`wb-manager add --unpack-wacz`) replayed the pages of both: a query to sort, a path with escapes, a port.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.errors import ArchiveError, WarcError
from archive.export.captured import Captures
from archive.export.cdxj import cdxj_of_files, closed_files
from archive.export.chosen import choose
from archive.export.selection import Selection
from archive.export.wacz import Excerpt, Making, WholeFile, pages, write_wacz
from archive.export.zipnum import LINES, ZipNum
from archive.store import Archive

MAKING = Making("hemeroteca/1", "2026-11-24T21:00:00.123456Z")
Written = Callable[[Selection], zipfile.ZipFile]


@pytest.fixture
def written(samples: Path, tmp_path: Path) -> Written:
    def write(selection: Selection) -> zipfile.ZipFile:
        target = tmp_path / "a.wacz"
        with Archive.read(samples) as reader:
            chosen = choose(reader, selection)
            whole = [WholeFile(path) for path in closed_files(samples)] if selection.everything else []
            size = write_wacz(whole or [Excerpt(Captures.of(chosen), MAKING)], pages(chosen), target, MAKING)
        assert target.stat().st_size == size
        assert list(tmp_path.iterdir()) == [target]
        return zipfile.ZipFile(target)

    return write


SELECTIONS = [Selection(), Selection(sites=("example.org",)), Selection(query="nonesuch")]


def lines_of(file: zipfile.ZipFile) -> list[bytes]:
    return gzip.decompress(file.read("indexes/index.cdx.gz")).splitlines(keepends=True)


def said(line: bytes) -> dict[str, Any]:
    return json.loads(line.split(b" ", 2)[2])  # type: ignore[no-any-return]


@pytest.mark.parametrize("selection", SELECTIONS, ids=["all", "a site", "nothing"])
def test_every_file_has_its_digest(written: Written, selection: Selection) -> None:
    with written(selection) as file:
        assert file.testzip() is None
        package = json.loads(file.read("datapackage.json"))
        digest = json.loads(file.read("datapackage-digest.json"))
        assert digest["hash"] == "sha256:" + hashlib.sha256(file.read("datapackage.json")).hexdigest()
        assert (package["profile"], package["wacz_version"]) == ("data-package", "1.1.1")
        assert package["created"] == "2026-11-24T21:00:00Z"
        named = {resource["path"] for resource in package["resources"]}
        assert named == set(file.namelist()) - {"datapackage.json", "datapackage-digest.json"}
        for resource in package["resources"]:
            data = file.read(resource["path"])
            assert resource["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()
            assert resource["bytes"] == len(data)
            stored = file.getinfo(resource["path"]).compress_type == zipfile.ZIP_STORED
            assert stored == (resource["path"] != "pages/pages.jsonl")


@pytest.mark.parametrize("selection", SELECTIONS[:2], ids=["all", "a site"])
def test_the_index_leads_to_every_record(written: Written, selection: Selection) -> None:
    with written(selection) as file:
        lines = lines_of(file)
        assert lines == sorted(lines)
        assert lines
        for line in lines:
            at = said(line)
            member = file.read(f"archive/{at['filename']}")[int(at["offset"]) :][: int(at["length"])]
            (record,) = ArchiveIterator(io.BytesIO(member), check_digests="raise")
            assert record.rec_headers.get_header("WARC-Target-URI") == at["url"]
            assert record.rec_headers.get_header("WARC-Payload-Digest") == at["digest"]


def test_without_a_selection_the_files_are_whole(written: Written, samples: Path) -> None:
    with written(Selection()) as file:
        for path in closed_files(samples):
            assert file.read(f"archive/{path.name}") == path.read_bytes()
        assert lines_of(file) == list(cdxj_of_files(closed_files(samples)))


def test_a_selection_holds_its_captures_and_no_others(written: Written, samples: Path) -> None:
    with written(Selection(language="es-PE")) as file:
        data = file.read("archive/hemeroteca-excerpt.warc.gz")
        types = [record.rec_type for record in ArchiveIterator(io.BytesIO(data))]
        addresses = {said(line)["url"] for line in lines_of(file)}
    assert types == ["warcinfo", "resource", "resource"]
    assert addresses == {"https://www.example.org/a", "https://example.org/a-again"}
    there = b"".join(path.read_bytes() for path in closed_files(samples))
    starts = [n for n in range(len(data)) if data.startswith(b"\x1f\x8b\x08", n)]
    assert all(data[a:b] in there for a, b in zip(starts[1:], [*starts[2:], len(data)], strict=True))


def test_pages_carry_the_texts_at_the_places_of_the_index(written: Written, samples: Path) -> None:
    with written(Selection()) as file:
        head, *pages = map(json.loads, file.read("pages/pages.jsonl").splitlines())
        places = {(said(line)["url"], line.split(b" ")[1].decode()) for line in lines_of(file)}
    assert head["format"] == "json-pages-1.0"
    assert head["hasText"] is True
    with Archive.read(samples) as reader:
        articles = list(choose(reader, Selection()))
    assert [page["text"] for page in pages] == [article.text for article in articles]
    assert {(page["url"], "".join(filter(str.isdigit, page["ts"]))) for page in pages} <= places
    assert len({page["id"] for page in pages}) == len(pages)


def test_a_line_is_found_by_its_block() -> None:
    lines = [f"org,example)/{n:05} 20250701080000 {{}}\n".encode() for n in range(3 * LINES + 7)]
    packed = ZipNum("index.cdx.gz")
    data = b"".join(packed.blocks(lines))
    head, *entries = packed.index()
    assert head == b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}\n'
    assert gzip.decompress(data) == b"".join(lines)
    for n, listed in enumerate(entries):
        place = said(listed)
        block = data[place["offset"] :][: place["length"]]
        assert gzip.decompress(block).splitlines(keepends=True) == lines[n * LINES :][:LINES]
        assert listed.startswith(lines[n * LINES].partition(b" {")[0])
        assert place["digest"] == "sha256:" + hashlib.sha256(block).hexdigest()


def test_damage_leaves_no_file(samples: Path, tmp_path: Path) -> None:
    data = bytearray(closed_files(samples)[0].read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "a.warc.gz").write_bytes(data)
    with Archive.read(samples) as reader, pytest.raises(WarcError):
        write_wacz([WholeFile(tmp_path / "a.warc.gz")], pages(choose(reader, Selection())), tmp_path / "a.wacz", MAKING)
    assert [path.name for path in tmp_path.iterdir()] == ["a.warc.gz"]


def test_a_record_that_is_not_there_is_said(samples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    (folder / "warcs").mkdir(parents=True)
    (folder / "news.db").write_bytes((samples / "news.db").read_bytes())
    with Archive.read(folder) as reader:
        chosen = choose(reader, Selection())
        excerpt = Excerpt(Captures.of(chosen), MAKING)
        with pytest.raises(ArchiveError, match="is not there"):
            write_wacz([excerpt], pages(chosen), tmp_path / "a.wacz", MAKING)
    assert not (tmp_path / "a.wacz").exists()
