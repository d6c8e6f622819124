"""HTTP messages as others sent them: framing, codings, and bodies that unpack to more than anyone asked for."""

from __future__ import annotations

import gzip
import time
import zlib
from contextlib import suppress
from functools import partial

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st
from warc_samples import chunks, short

from archive.reasons import Reason
from archive.warc.http import NoPage, charset_of, dechunk, entity_of, parse_head, undo

zipped = partial(gzip.compress, mtime=0)
BODY = b"<html><p>El puente reabre el lunes.</p></html>" * 20


@given(st.binary(max_size=200), st.integers(1, 50))
def test_chunks_are_undone(data: bytes, size: int) -> None:
    assert dechunk(chunks(data, size)) == data
    assert dechunk(chunks(data, size, extension=b' ;a="b"', trailer=b"X-Sum: 1\r\n")) == data


@given(st.binary(max_size=100))
def test_any_body_can_be_dechunked(data: bytes) -> None:
    assert len(dechunk(data)) <= len(data)
    assert len(dechunk(b"5\r\n" + data)) <= len(data) + 5


def test_a_cut_chunked_body_gives_what_came() -> None:
    framed = chunks(b"0123456789", 4)
    assert [dechunk(framed[:cut]) for cut in (0, 3, 5, 9, 12)] == [b"", b"", b"01", b"0123", b"0123"]
    assert dechunk(b"4\nab\ncX\n0\n\n") == b"ab\nc"
    assert dechunk(b"4\r\nabcd\r\nzz\r\n") == b"abcd"


def test_a_body_that_was_unframed_already_is_kept() -> None:
    block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<html>"
    assert entity_of(parse_head(block), block) == b"<html>"


@pytest.mark.parametrize(
    ("head", "status", "reason", "fields"),
    [
        (b"HTTP/1.1 200 OK\r\nA: 1\r\nA:2\r\n\r\n", 200, "OK", (("A", "1"), ("A", "2"))),
        (b"HTTP/1.1 404\r\n\r\n", 404, "", ()),
        (b"HTTP/1.0 200 \xe9\nA:  x \n\n", 200, "\xe9", (("A", "x"),)),
        (b"HTTP/1.1 200 OK\r\nA: 1\r\n  two\r\nB: 3\r\n\r\n", 200, "OK", (("A", "1 two"), ("B", "3"))),
        (b"ICY 200 OK\r\nno field\r\n\r\n", 200, "OK", ()),
        (b"<html>\r\n\r\n", None, "", ()),
        (b"HTTP/1.1 200 OK\r\nA: cut", 200, "OK", (("A", "cut"),)),
        (b"", None, "", ()),
    ],
    ids=short,
)
def test_heads_of_all_sorts(head: bytes, status: int | None, reason: str, fields: tuple[tuple[str, str], ...]) -> None:
    parsed = parse_head(head + b"body" * head.endswith(b"\n"))
    assert (parsed.status, parsed.reason, parsed.headers, parsed.body_at) == (status, reason, fields, len(head))


@pytest.mark.parametrize(
    ("codings", "entity"),
    [
        ((), BODY),
        (("gzip",), zipped(BODY)),
        (("x-gzip",), zipped(BODY[:100]) + zipped(b"") + zipped(BODY[100:]) + b"trash"),
        (("deflate",), zlib.compress(BODY)),
        (("deflate",), zlib.compress(BODY)[2:-4]),
        (("br",), brotli.compress(BODY)),
        (("deflate", "gzip"), zipped(zlib.compress(BODY))),
        (("gzip",), BODY),
        (("gzip", "br"), b""),
    ],
    ids=short,
)
def test_codings_are_undone(codings: tuple[str, ...], entity: bytes) -> None:
    assert undo(entity, codings) == (BODY if entity else b"")


@pytest.mark.parametrize(
    ("coding", "entity"),
    [("gzip", zipped(BODY * 50)), ("deflate", zlib.compress(BODY * 50)), ("br", brotli.compress(BODY * 50))],
    ids=short,
)
def test_a_cut_body_gives_what_came(coding: str, entity: bytes) -> None:
    part = undo(entity[:-8], (coding,))
    assert (BODY * 50).startswith(part)


@pytest.mark.parametrize(
    ("coding", "entity"),
    [
        ("gzip", zipped(bytes(50_000_000))),
        ("gzip", zipped(bytes(900_000)) * 3),
        ("deflate", zlib.compress(bytes(50_000_000))),
        ("br", brotli.compress(bytes(50_000_000))),
        ("identity", bytes(1_000_001)),
    ],
    ids=short,
)
def test_a_bomb_is_stopped_at_the_limit(coding: str, entity: bytes) -> None:
    with pytest.raises(NoPage, match="1000000") as raised:
        undo(entity, () if coding == "identity" else (coding,), limit=1_000_000)
    assert raised.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("coding", "entity"),
    [("gzip", b"\x1f\x8b\x08\x00" + b"\xff" * 40), ("deflate", b"\xff" * 40), ("br", b"\xff" * 40), ("zstd", b"x")],
    ids=short,
)
def test_a_damaged_body_is_told(coding: str, entity: bytes) -> None:
    with pytest.raises(NoPage) as raised:
        undo(entity, (coding,))
    assert raised.value.reason is Reason.DAMAGED


def test_many_tiny_members_take_linear_time() -> None:
    start = time.process_time()
    assert undo(zipped(b"") * 100_000, ("gzip",)) == b""
    assert time.process_time() - start < 3


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "br"]))
def test_any_bytes_are_a_body_or_no_page(data: bytes, coding: str) -> None:
    for entity in (data, b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + data):
        with suppress(NoPage):
            assert len(undo(entity, (coding,), 10_000)) <= 10_000


def test_charsets_are_taken_as_written() -> None:
    assert charset_of('text/html; Charset="UTF-8"') == "UTF-8"
    assert charset_of("text/html;x=1; charset=latin1; y=2") == "latin1"
    assert charset_of("text/html") is charset_of(None) is None
