"""ARC files of both versions, plain and packed, whole and damaged."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warc_samples import member, put, short

from archive.warc import Damage, Found, foreign, is_page, page_of
from archive.warc.arc import MAX_LINE, arc_head
from archive.warc.record import Malformed

ABOUT = b"1 0 Invented Archive\nURL IP-address Archive-date Content-type Archive-length\n"
HTML = b"<html><p>La barca vuelve al puerto.</p></html>"


def answer(body: bytes = HTML, kind: bytes = b"text/html") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n%s" % (kind, body)


def arc(block: bytes, url: str = "http://example.org/a", more: str = "", kind: str = "text/html") -> bytes:
    line = f"{url} 192.0.2.7 20010203040506 {kind}{more} {len(block)}\n"
    return line.encode() + block + b"\n"


def described(version: int = 1) -> bytes:
    more = " 200 - - 0 x.arc" if version == 2 else ""
    return arc(ABOUT, "filedesc://x.arc", more, "text/plain")


def test_both_versions_are_read(tmp_path: Path) -> None:
    for version, more in ((1, ""), (2, " 200 ABCDEF - 1234 x.arc")):
        parts = [described(version), arc(answer(), more=more), arc(answer(b"x", b"image/png"), "http://example.org/p")]
        for name, data in (("x.arc", b"".join(parts)), ("x.arc.gz", b"".join(map(member, parts)))):
            _, page, picture = [one.record for one in foreign(put(tmp_path / name, data)) if isinstance(one, Found)]
            assert not is_page(picture)
            read = page_of(page, source="x")
            assert (read.url, read.captured_at) == ("http://example.org/a", "2001-02-03T04:05:06Z")
            assert (read.body, read.status, read.message, read.dated_by) == (HTML, 200, answer(), "warc")


def test_a_file_packed_as_one_is_read(tmp_path: Path) -> None:
    data = member(described() + arc(answer()) + arc(answer(), "https://example.org/b c"))
    found = [one.record for one in foreign(put(tmp_path / "x.arc.gz", data)) if isinstance(one, Found)]
    assert [record.target_uri for record in found][1:] == ["http://example.org/a", "https://example.org/b c"]


@pytest.mark.parametrize("packed", [False, True])
def test_damage_costs_its_record_alone(packed: bool, tmp_path: Path) -> None:
    broken = arc(answer()).replace(b" 192.0.2.7 ", b" nowhere ")
    parts = [described(), broken, arc(answer(), "http://example.org/b")]
    path = put(tmp_path / "x.arc", b"".join(map(member, parts)) if packed else b"".join(parts))
    _, damage, last = foreign(path)
    assert isinstance(damage, Damage)
    assert "not an ARC record" in damage.what
    assert isinstance(last, Found)
    assert last.record.target_uri == "http://example.org/b"


@pytest.mark.parametrize("at", [30, 100, 200])
def test_a_cut_file_is_told(at: int, tmp_path: Path) -> None:
    got = list(foreign(put(tmp_path / "x.arc", (described() + arc(answer()))[:at])))
    assert isinstance(got[-1], Damage)
    assert got[-1].reason == "truncated"


@pytest.mark.parametrize(
    "line",
    [
        b"http://example.org/ 192.0.2.7 20010203040506 text/html x\n",
        b"http://example.org/ 192.0.2.7 text/html 12\n",
        b"http://example.org/\n",
        b"x" * (MAX_LINE + 1),
        b"http://a " + b"1 20010203040506 " * 900 + b"\n",
    ],
    ids=short,
)
def test_what_is_no_head_is_malformed(line: bytes) -> None:
    with pytest.raises(Malformed):
        arc_head(line)


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda tail: arc(b"x")[:40] + tail)))
def test_any_bytes_are_a_head_or_malformed(data: bytes) -> None:
    try:
        found = arc_head(data)
    except Malformed:
        return
    assert found is None or data[found[1] - 1 : found[1]] == b"\n"


@pytest.mark.parametrize("filler", ["- 12345678 ", "- 12345678 - 1 1 1 1 ", "11111111 "])
def test_lines_that_are_all_but_right_take_no_time(filler: str, tmp_path: Path) -> None:
    """Each took a second: the two ends of the line were tried with one another in every way."""
    line = f"http://example.org/ {filler * (MAX_LINE // len(filler))}x\n".encode()
    path = put(tmp_path / "x.arc", described() + line * 40 + arc(answer()))
    began = time.process_time()
    _, damage, last = foreign(path)
    assert isinstance(damage, Damage)
    assert isinstance(last, Found)
    assert last.record.block == answer()
    assert time.process_time() - began < 5
