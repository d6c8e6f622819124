"""Where an HTTP/1.1 response begins and ends in the bytes that were received (RFC 9112, 6.3).

A connection gives more than the response: interim responses before it (RFC 9110, 15.2), and, where a server miscounts,
bytes after it. A `response` record holds the final response alone; the rest is told beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.warc.http import HttpHead, parse_head

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r?\n")
_LINE = re.compile(rb"[^\n]*\n")
_MAX_HEAD = 1024 * 1024
_NUMBER = re.compile(r"[0-9]{1,18}")
_BODILESS = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Framed:
    """`interim + message + excess` are the bytes received.

    `head` is None, and `message` all there is, where no head of a response ends in them. `complete` says whether the
    message ends where its framing says; one that ends with its connection is taken to be complete.
    """

    interim: bytes
    message: bytes
    excess: bytes
    head: HttpHead | None
    complete: bool


def framed(received: bytes) -> Framed:
    """Take apart what came after one GET request."""
    start = 0
    while True:
        head = _head_at(received, start)
        if head is None:
            return Framed(received[:start], received[start:], b"", None, complete=False)
        if not (100 <= (head.status or 0) < 200) or head.status == 101:
            break
        start += head.body_at
    message = received[start:]
    end = _end_of(head, message)
    if end is None or end > len(message):
        return Framed(received[:start], message, b"", head, complete=end is None and not head.chunked)
    return Framed(received[:start], message[:end], message[end:], head, complete=True)


def _head_at(received: bytes, start: int) -> HttpHead | None:
    end = _HEAD_END.search(received, start, start + _MAX_HEAD)
    if end is None:
        return None
    head = parse_head(received[start : end.end()])
    return head if head.status is not None and head.version.upper().startswith("HTTP/") else None


def _end_of(head: HttpHead, message: bytes) -> int | None:
    """Where the message ends; None where that is where the connection ends, or, with chunks, further than it goes."""
    if head.status in _BODILESS:
        return head.body_at
    if head.chunked:
        return _end_of_chunks(message, head.body_at)
    lengths = set(head.listed("Content-Length"))
    if len(lengths) == 1 and _NUMBER.fullmatch(length := lengths.pop()):
        return head.body_at + int(length)
    return None


def _end_of_chunks(message: bytes, at: int) -> int | None:
    """Past the last chunk and the trailer section (RFC 9112, 7.1)."""
    while size := _CHUNK_SIZE.match(message, at):
        at = size.end() + int(size[1], 16)
        if int(size[1], 16) == 0:
            return _end_of_trailers(message, at)
        if at > len(message):
            return None
        at += 2 if message[at : at + 2] == b"\r\n" else message[at : at + 1] == b"\n"
    return None


def _end_of_trailers(message: bytes, at: int) -> int | None:
    while line := _LINE.match(message, at):
        at = line.end()
        if line[0] in {b"\r\n", b"\n"}:
            return at
    return None
