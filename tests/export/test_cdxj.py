"""The index, against lines made by hand and a second reading by warcio.

`cdxj-indexer -s` 1.5.0 gave the same bytes for 363 records of every type that warcio had written, and for 20,016 of
ours; it cannot be a dependency of the tests, since its keys come from surt, which is under the AGPL. pywb 2.10
replayed pages by our index.
"""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archive.errors import WarcError
from archive.export.captured import Captures
from archive.export.cdxj import cdxj_of_captures, cdxj_of_files, closed_files, entry, in_order
from archive.export.chosen import choose
from archive.export.selection import Selection
from archive.model import Location
from archive.store import Archive
from archive.warc import Record

AT = Location("a.warc.gz", 345, 678)
HTTP = "application/http;msgtype=response"
TARGET = "https://www.example.org/%C3%B1?b=2&a=1"


def record(kind: str, block: bytes, content_type: str, **more: str) -> Record:
    fields = {"WARC-Type": kind, "WARC-Date": "2025-07-01T08:00:00.123456Z", "WARC-Target-URI": TARGET}
    named = {f"WARC-{name.replace('_', '-')}": value for name, value in more.items()}
    return Record("WARC/1.1", tuple((fields | named | {"Content-Type": content_type}).items()), block)


HEAD = 'org,example)/%c3%b1?a=1&b=2 20250701080000 {"url": "https://www.example.org/%C3%B1?b=2&a=1", '
TAIL = '"digest": "sha256:00", "length": "678", "offset": "345", "filename": "a.warc.gz"}\n'


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (
            record("response", b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=x\r\n\r\nA", HTTP),
            '"mime": "text/html", "status": "200", ',
        ),
        (record("response", b"HTTP/1.1 404\r\nContent-Type: a/b c\r\n\r\n", HTTP), '"mime": "a/b", "status": "404", '),
        (record("response", b"HTTP/1.1 301 Moved\r\nLocation: /x\r\n\r\n", HTTP), '"status": "301", '),
        (record("resource", b"A", "text/plain;charset=utf-8"), '"mime": "text/plain", '),
        (record("revisit", b"HTTP/1.1 200 OK\r\n\r\n", HTTP), '"mime": "warc/revisit", "status": "200", '),
        (record("revisit", b"", HTTP), '"mime": "warc/revisit", '),
        (record("metadata", b"{}", "application/json"), '"mime": "application/json", '),
    ],
    ids=lambda value: "" if isinstance(value, str) else value.type,
)
def test_a_line_by_hand(given: Record, line: str) -> None:
    with_digest = Record(given.version, (*given.headers, ("WARC-Payload-Digest", "sha256:00")), given.block)
    assert entry(with_digest, AT) == (HEAD + line + TAIL).encode()


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("request", "application/http;msgtype=request"),
        ("warcinfo", "application/warc-fields"),
        ("metadata", "application/warc-fields"),
        ("resource", "application/warc-fields"),
        ("conversion", "text/plain"),
    ],
)
def test_what_is_not_replayed_has_no_line(kind: str, content_type: str) -> None:
    assert entry(record(kind, b"", content_type), AT) is None


def test_every_line_points_to_its_record(samples: Path) -> None:
    lines = list(cdxj_of_files(closed_files(samples)))
    assert lines == sorted(lines)
    assert len(lines) == 7
    for line in lines:
        said = json.loads(line.split(b" ", 2)[2])
        member = (samples / "warcs" / said["filename"]).read_bytes()[int(said["offset"]) :][: int(said["length"])]
        (found,) = ArchiveIterator(io.BytesIO(member))
        head = found.rec_headers
        assert said["url"] == head.get_header("WARC-Target-URI")
        assert said["digest"] == head.get_header("WARC-Payload-Digest")


def test_a_selection_has_the_lines_of_its_captures(samples: Path) -> None:
    with Archive.read(samples) as reader:
        english = list(cdxj_of_captures(Captures.of(choose(reader, Selection(language="en")))))
        rain = list(cdxj_of_captures(Captures.of(choose(reader, Selection(query="lluvia", language="es-PE")))))
    assert [line.split(b" ")[:2] for line in english] == [[b"example,b)/x", b"20250702080000"]]
    assert [line.split(b" ")[0] for line in rain] == [b"org,example)/a", b"org,example)/a-again"]
    assert {*english, *rain} < set(cdxj_of_files(closed_files(samples)))


def test_an_open_file_is_left_out(samples: Path, tmp_path: Path) -> None:
    (tmp_path / "warcs").mkdir()
    for n, path in enumerate(sorted((samples / "warcs").iterdir())):
        (tmp_path / "warcs" / (path.name + (".open" if n else ""))).write_bytes(path.read_bytes())
    assert len(closed_files(tmp_path)) == 1


def test_damage_is_an_error(samples: Path, tmp_path: Path) -> None:
    data = bytearray(closed_files(samples)[0].read_bytes())
    data[len(data) // 2] ^= 1
    path = tmp_path / "a.warc.gz"
    path.write_bytes(data)
    with pytest.raises(WarcError, match=r"a\.warc\.gz: byte"):
        list(cdxj_of_files([path]))


@given(st.lists(st.binary(max_size=3).map(lambda b: b.replace(b"\n", b"") + b"\n")), st.integers(1, 4))
def test_lines_are_sorted_in_any_number_of_parts(lines: list[bytes], chunk: int) -> None:
    assert list(in_order(lines, chunk)) == sorted(set(lines))


def test_a_long_index_is_sorted_by_bytes() -> None:
    keys = [f"org,example)/{n} {'é' if n % 2 else 'z'}\n".encode() for n in range(5000)]
    random.Random(1).shuffle(keys)
    assert list(in_order(keys, 300)) == sorted(keys)
