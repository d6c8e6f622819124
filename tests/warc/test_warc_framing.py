"""Where a response begins and ends, and what a record that calls itself an exchange may do: nothing but say no."""

from __future__ import annotations

import re
from contextlib import suppress

from exchange_samples import answer, exchange, says
from hypothesis import given, settings
from hypothesis import strategies as st
from warc_samples import chunks

from archive.errors import ArchiveError
from archive.warc import NoPage, Record, answer_of, note_of, records_of, shown, wired_of
from archive.warc.framing import framed
from archive.warc.http import entity_of

PIECES = (
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 304 x\n",
    b"HTTP/1.0 200\r\n",
    b"Content-Length: 4\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"\r\n",
    b"\n",
    b"4\r\nhola\r\n",
    b"0\r\n",
    b"fffffffffffffff\r\n",
    b"4;a=b\nhola\n",
    b"X: y\r\n",
    b"hola",
    b"\x00\xff",
    b"ICY 200 OK\r\n",
)
received = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=6)), max_size=14).map(b"".join)


@settings(max_examples=500, deadline=None)
@given(received)
def test_nothing_of_what_was_received_is_lost(data: bytes) -> None:
    frame = framed(data)
    assert frame.interim + frame.message + frame.excess == data
    assert not (frame.excess and not frame.complete)
    if frame.head is not None:
        entity_of(frame.head, frame.message)


bodies = st.binary(min_size=1, max_size=200)


@given(
    bodies,
    st.integers(1, 50),
    st.sampled_from([b"", b";a", b' ; a="b;c"']),
    st.sampled_from([b"", b"X: 1\r\nY:2\r\n"]),
    st.binary(max_size=20),
)
def test_chunks_end_where_they_end(body: bytes, size: int, extension: bytes, trailer: bytes, after: bytes) -> None:
    message = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(body, size, extension, trailer)
    frame = framed(message + after)
    assert (frame.message, frame.excess, frame.complete) == (message, after, True)
    assert frame.head is not None
    assert entity_of(frame.head, frame.message) == body
    for cut in range(len(message) - len(chunks(body, size, extension, trailer)), len(message)):
        assert not framed(message[:cut]).complete


@given(bodies, st.binary(max_size=20))
def test_a_length_ends_where_it_says(body: bytes, after: bytes) -> None:
    message = answer(body)
    frame = framed(message + after)
    assert (frame.message, frame.excess, frame.complete) == (message, after, True)
    assert not framed(message[:-1]).complete


OURS = records_of(
    exchange(says("hola")),
    answer_of(exchange(says("hola")), "El Faro", "page"),
    "El Faro",
    "page",
    None,
    "<urn:uuid:1>",
)[0]
values = st.one_of(
    st.text(max_size=12), st.sampled_from(["", "page", "revisit", "%", "%ff", "-1", "9" * 30, "damaged", "text/html"])
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from([name for name, _ in OURS.headers]), values, max_size=4), received)
def test_a_main_record_that_was_made_up_is_read_or_refused(changed: dict[str, str], block: bytes) -> None:
    headers = tuple((name, changed.get(name, value)) for name, value in OURS.headers)
    record = Record("WARC/1.1", headers, block)
    with suppress(NoPage):
        wired_of(record)
    with suppress(NoPage):
        shown(record, OURS)
    with suppress(NoPage):
        shown(record)


@given(st.binary(max_size=80))
def test_a_note_that_was_made_up_is_read_or_refused(block: bytes) -> None:
    headers = (("WARC-Type", "metadata"), ("WARC-Target-URI", "urn:hemeroteca:note:run"), ("WARC-Date", "x"))
    with suppress(ArchiveError):
        note_of(Record("WARC/1.1", headers, b"note: run\r\njson: " + block))


def test_the_main_record_holds_no_line_breaks_of_a_server() -> None:
    """What a server or a page says reaches header fields percent-encoded, or not at all."""
    nasty = "x\r\nWARC-Type: response\r\n\r\n\x00ñ"
    got = exchange(says("hola"), url="https://elfaro.example/a", via=nasty, hops=nasty, error=nasty, tls=nasty)
    for record in records_of(got, answer_of(got, nasty, "page"), nasty, "page", None, "<urn:uuid:1>"):
        for name, value in record.headers:
            assert re.fullmatch(r"[\x20-\x7e]*", value), (name, value)
        if record.type == "metadata":
            assert len(record.block.splitlines()) == 4
