"""Files that were cut, flipped, zeroed or made to hurt: each is read to its end, or told with its place."""

from __future__ import annotations

import contextlib
import gzip
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warc_samples import member, put, short, warc_record

from archive.errors import ArchiveError, WarcError
from archive.warc import (
    Found,
    NoPage,
    Record,
    check,
    encode,
    foreign,
    is_exchange,
    is_note,
    is_page,
    note_of,
    page_of,
    salvage,
    shown,
    wired_of,
)
from archive.warc.parse import parse
from archive.warc.record import Malformed

BLOCKS = [b"software: x\r\n", b"hola", b"<html>adios</html>", b"fin"]
PARTS = [warc_record(BLOCKS[0], WARC_Type="warcinfo", WARC_Target_URI=""), *map(warc_record, BLOCKS[1:])]
PACKED = [member(part) for part in PARTS]
ENDS = {
    "plain": [len(b"".join(PARTS[: n + 1])) for n in range(4)],
    "members": [len(b"".join(PACKED[: n + 1])) for n in range(4)],
}
FILES = {"plain": b"".join(PARTS), "members": b"".join(PACKED), "whole": member(b"".join(PARTS))}


def read(path: Path, data: bytes) -> tuple[list[bytes], list[WarcError]]:
    got = list(foreign(put(path, data)))
    assert all(isinstance(one, Found | WarcError) for one in got)
    errors = [one for one in got if isinstance(one, WarcError)]
    assert all(str(path) in str(error) and 0 <= error.offset <= 10 * len(data) + 10_000 for error in errors)
    return [one.record.block for one in got if isinstance(one, Found)], errors


@pytest.mark.parametrize("how", FILES)
def test_every_cut_gives_what_is_before_it_and_is_told(how: str, tmp_path: Path) -> None:
    data = FILES[how]
    for end in range(len(data)):
        blocks, errors = read(tmp_path / "x.warc", data[:end])
        assert blocks == BLOCKS[: len(blocks)], end
        if how == "whole":
            assert errors, end
            continue
        whole = sum(place <= end for place in ENDS[how])
        # the line breaks after a plain record's block may be missing: tools leave them out
        assert len(blocks) in {whole, whole + (how == "plain")}, end
        assert errors or end in {0, *ENDS[how]} or len(blocks) > whole or data[end - 2 : end] in {b"\r\n", b"\n\r"}, end


@pytest.mark.parametrize("how", ["members", "plain"])
def test_a_flipped_bit_costs_one_record_at_most(how: str, tmp_path: Path) -> None:
    data = FILES[how]
    for at in range(0, len(data), 1 if how == "members" else 2):
        flipped = bytearray(data)
        flipped[at] ^= 1 << (at % 8)
        blocks, errors = read(tmp_path / "x.warc", bytes(flipped))
        hit = sum(place <= at for place in ENDS[how])
        assert errors or len(blocks) == len(BLOCKS) or how == "plain", at
        others = [block for n, block in enumerate(BLOCKS) if n != hit]
        if how == "members":
            assert [block for block in blocks if block in others] == others, at
        else:  # a length that lies takes the next one along
            assert [block for n, block in enumerate(BLOCKS) if n > hit + 1 and block not in blocks] == [], at


@pytest.mark.parametrize("how", FILES)
@pytest.mark.parametrize("size", [1, 16, 64])
def test_zeroed_blocks_are_told_or_harmless(how: str, size: int, tmp_path: Path) -> None:
    data = FILES[how]
    for at in range(0, len(data) - size, 13):
        zeroed = data[:at] + bytes(size) + data[at + size :]
        blocks, errors = read(tmp_path / "x.warc", zeroed)
        assert errors or len(blocks) == len(BLOCKS), at


SPITEFUL = {
    "a header of 2 MB in one field": warc_record(X="x" * 2_000_000),
    "a header of 2 MB in many fields": warc_record(X="\r\n".join(f"X-{n}: y" for n in range(150_000))),
    "a head that never ends": b"WARC/1.0\r\n" + b"X: y\r\n" * 300_000,
    "a length of many digits": warc_record(Content_Length="9" * 400),
    "a length over the file": warc_record(Content_Length="99999999"),
    "a negative length": warc_record(Content_Length="-5"),
    "a length in hexadecimal": warc_record(Content_Length="0x10"),
    "a length in other digits": warc_record(Content_Length="١٢"),
    "two lengths": warc_record(content_length="1"),
}


@pytest.mark.parametrize("what", SPITEFUL)
@pytest.mark.parametrize("packed", [False, True])
def test_spite_is_bounded_and_the_next_record_read(what: str, packed: bool, tmp_path: Path) -> None:
    parts = [SPITEFUL[what], warc_record(b"last")]
    began = time.process_time()
    blocks, _ = read(tmp_path / "x.warc", b"".join(map(member, parts)) if packed else b"".join(parts))
    assert blocks[-1] == b"last"
    assert time.process_time() - began < 10


def test_a_field_of_blanks_takes_no_time_from_the_strict_reader(tmp_path: Path) -> None:
    """It was tried again from each blank: this one took two minutes, one of a megabyte an hour."""
    path = put(tmp_path / "x.warc.gz", member(warc_record(X=" " * 200_000 + "\x01")) + member(warc_record(b"last")))
    began = time.process_time()
    damage, last = salvage(path)
    assert isinstance(damage, WarcError)
    assert "not a header field" in str(damage)
    assert isinstance(last, Found)
    assert last.record.block == b"last"
    assert time.process_time() - began < 5


HTTP = {"WARC_Type": "response", "Content_Type": "application/http;msgtype=response"}
ANSWERS = [
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 999999999999\r\n\r\nshort",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: -1\r\n\r\nx",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxyz",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=\x00\r\nX: a\rb\r\nY: \x00\r\n\r\n<p>x",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Disposition: filename=../../../etc/passwd\r\n\r\n<p>x",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX: " + b"y" * 2_000_000 + b"\r\n\r\n<p>x",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + b" folded\r\n" * 200_000 + b"\r\n<p>x",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: " + b"gzip," * 5_000 + b"gzip\r\n\r\n\x1f\x8b",
    b"HTTP/1.1 99999 OK\r\nContent-Type: text/html\r\n\r\n<p>x",
    b"\r\n\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" * 5_000,
    b"HTTP/1.1 100 Continue\r\n\r\n" * 5_000 + b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>x",
]


@pytest.mark.parametrize("block", ANSWERS, ids=short)
def test_a_lying_answer_is_a_page_or_none(block: bytes, tmp_path: Path) -> None:
    began = time.process_time()
    (found,) = foreign(put(tmp_path / "x.warc", warc_record(block, **HTTP)))
    assert isinstance(found, Found)
    is_page(found.record)
    with contextlib.suppress(NoPage):
        assert page_of(found.record, source="x").message == block
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "fields",
    [
        {"WARC_Target_URI": "https://example.org/\x00/../../etc"},
        {"WARC_Target_URI": "https://example.org/a\rWARC-Type: warcinfo"},
        {"WARC_Target_URI": "file:///etc/passwd"},
        {"WARC_Record_ID": "../../../etc/passwd"},
        {"WARC_Filename": "../../../etc/passwd"},
        {"WARC_Target_URI": "https://example.org/" + "a" * 500_000},
        {"WARC_Target_URI": "https://[::1"},
        {"WARC_Target_URI": "https://exa mple.org:99999999/"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_what_stands_in_a_header_is_text_and_nothing_more(fields: dict[str, str], tmp_path: Path) -> None:
    path = put(tmp_path / "x.warc", warc_record(b"hola", **fields) + warc_record(b"last"))
    *_, last = found = list(foreign(path))
    assert isinstance(last, Found)
    assert last.record.block == b"last"
    for one in found:
        if isinstance(one, Found):
            assert page_of(one.record, source="x").body in {b"hola", b"last"}
    assert sorted(tmp_path.iterdir()) == [path]


def test_bombs_in_records_take_no_memory(tmp_path: Path) -> None:
    """A record that unpacks to 300 MB, one whose body does, and one whose body does twice over."""
    bomb = gzip.compress(bytes(300_000_000), 1)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: %s\r\n\r\n"
    parts = [
        b"WARC/1.0\r\nContent-Length: 300000000\r\n\r\n" + bytes(300_000_000) + b"\r\n\r\n",
        warc_record(head % b"gzip" + bomb, **HTTP),
        warc_record(head % b"gzip, gzip" + gzip.compress(bomb, 1), **HTTP),
    ]
    path = put(tmp_path / "x.warc.gz", b"".join(gzip.compress(part, 1) for part in parts) + member(warc_record()))
    code = (
        "import resource, sys; from pathlib import Path; from archive.warc import foreign, Found, NoPage, page_of\n"
        "resource.setrlimit(resource.RLIMIT_AS, (200_000_000, 200_000_000))\n"
        "for one in foreign(Path(sys.argv[1]), limit=5_000_000):\n"
        "    try: print(page_of(one.record, 'x', 5_000_000).body if isinstance(one, Found) else one.reason)\n"
        "    except NoPage as error: print(error.reason)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["too-large", "too-large", "too-large", "b'hola'"]


WARC_NAMES = "Type Date Target-URI Payload-Digest Refers-To-Date Truncated IP-Address Protocol Profile Concurrent-To"
OWN_NAMES = "Source Dated-By Url Charset Status Title Purpose Reason Milliseconds Rebuilt Tls Via Hops Error"
VALUES = "response revisit metadata resource application/http text/html page fetch urn:hemeroteca:note:run 200 -1 1"
names = st.sampled_from(
    ["Content-Type", *(f"WARC-{n}" for n in WARC_NAMES.split()), *(f"Hemeroteca-{n}" for n in OWN_NAMES.split())]
)
values = st.one_of(
    st.text(st.characters(exclude_characters="\r\n"), max_size=20),
    st.sampled_from([*VALUES.split(), "2026-01-02T03:04:05Z", "%FF", "%", "sha256:00", "h2"]),
)
any_record = st.builds(
    lambda fields, block: Record("WARC/1.1", tuple(fields), block),
    st.lists(st.tuples(names, values), max_size=12),
    st.one_of(
        st.binary(max_size=60), st.sampled_from([b"note: run\r\njson: {}\r\n", b"note: x\r\njson: [[[", *ANSWERS[:6]])
    ),
)


@settings(max_examples=400, deadline=None)
@given(any_record)
def test_any_record_means_something_or_is_refused(record: Record) -> None:
    for ask in (is_page, is_exchange, is_note, check, lambda one: one.payload):
        ask(record)
    for ask in (page_of, wired_of, shown, lambda one: page_of(one, source="x")):
        with contextlib.suppress(NoPage):
            ask(record)
    with contextlib.suppress(ArchiveError):
        note_of(record)


@settings(max_examples=200, deadline=None)
@given(any_record)
def test_what_is_written_is_read_again_or_not_written(record: Record) -> None:
    try:
        member = encode(record)
    except ArchiveError:
        return
    try:
        again = parse(gzip.decompress(member))
    except Malformed:
        return  # mandatory fields are the caller's
    assert again.block == record.block


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_to_our_own_files_is_passed_over(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    damaged = bytearray(FILES["members"])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        match data.draw(st.sampled_from(["cut", "flip", "insert", "repeat"])):
            case "cut":
                del damaged[at : at + data.draw(st.integers(1, 40))]
            case "flip":
                damaged[at] ^= 1 << data.draw(st.integers(0, 7))
            case "insert":
                damaged[at:at] = data.draw(st.binary(min_size=1, max_size=40))
            case "repeat":
                damaged[at:at] = damaged[at : at + 60]
        if not damaged:
            break
    path = put(tmp_path_factory.mktemp("d") / "x.warc.gz", bytes(damaged))
    for found in salvage(path):
        assert isinstance(found, WarcError) or found.record.block in BLOCKS
