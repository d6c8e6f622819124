"""HTTP messages as they lie in WARC records: head, transfer coding, content coding.

Everything here takes bytes that others sent: it is tolerant of what servers and crawlers get wrong, and bounded.
RFC 9112 (message syntax), RFC 9110 section 8.4 (content codings).
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from zlib_ng import zlib_ng

from archive.errors import ArchiveError
from archive.reasons import Reason

#: Bytes a page may unpack to, unless the caller says otherwise.
MAX_BODY = 64 * 1024 * 1024

_STATUS_LINE = re.compile(rb"([A-Za-z]+(?:/[0-9.]+)?)[ \t]+([0-9]{3})(?:[ \t]+(.*))?")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r?\n")
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([^"';,\s]+)""", re.IGNORECASE)
_GZIP = zlib_ng.MAX_WBITS | 16
_ZLIB_ERROR: type[Exception] = zlib_ng.error  # type: ignore[assignment]  # a class, whatever its stub says
_PIECE = 64 * 1024
_MAX_HEAD = 1024 * 1024


class NoPage(ArchiveError):
    """A record no page can be made of; `reason` is its code of the closed list."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class HttpHead:
    """Status line and header fields of a response, folded lines joined; text is decoded as Latin-1.

    `status` is None where the first line is no status line. `body_at` is where the body starts in the block.
    """

    version: str
    status: int | None
    reason: str
    headers: tuple[tuple[str, str], ...]
    body_at: int

    def get(self, name: str) -> str | None:
        """The first value of a field, by its name in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def listed(self, name: str) -> tuple[str, ...]:
        """The members of a comma-separated field, lower case, over all its lines (RFC 9110, 5.6.1)."""
        lines = (value for key, value in self.headers if key.lower() == name.lower())
        members = (member.strip().lower() for line in lines for member in line.split(","))
        return tuple(member for member in members if member)

    @property
    def chunked(self) -> bool:
        """Whether the head announces the chunked transfer coding."""
        return "chunked" in self.listed("Transfer-Encoding")

    @property
    def codings(self) -> tuple[str, ...]:
        """What was done to the body, in that order: content codings, then transfer codings but `chunked`."""
        named = self.listed("Content-Encoding") + self.listed("Transfer-Encoding")
        return tuple(coding for coding in named if coding not in {"identity", "chunked"})


def parse_head(block: bytes) -> HttpHead:
    """The head of an HTTP message; lines may end in CR LF or LF, the reason phrase may be missing.

    Where no empty line ends the head (within 1 MiB), there is no body.
    """
    end = _HEAD_END.search(block, 0, _MAX_HEAD)
    head, body_at = (block[: end.start()], end.end()) if end else (block[:_MAX_HEAD], len(block))
    first, _, rest = head.partition(b"\n")
    match = _STATUS_LINE.fullmatch(first.strip())
    version, status, reason = (match[1], int(match[2]), match[3] or b"") if match else (b"", None, b"")
    headers = tuple(_fields(rest.decode("latin-1")))
    return HttpHead(version.decode("latin-1"), status, reason.decode("latin-1"), headers, body_at)


def _fields(text: str) -> Iterator[tuple[str, str]]:
    unfolded = re.sub(r"\r?\n[ \t]+", " ", text)
    for line in unfolded.split("\n"):
        name, colon, value = line.partition(":")
        if colon and name.strip():
            yield name.strip(), value.strip()


def media_type_of(content_type: str | None) -> str:
    """The media type of a Content-Type value, lower case, without parameters; empty where there is none."""
    return (content_type or "").partition(";")[0].strip().lower()


def charset_of(content_type: str | None) -> str | None:
    """The charset parameter of a Content-Type value, as it is written."""
    match = _CHARSET.search(content_type or "")
    return match[1] if match else None


def entity_of(head: HttpHead, block: bytes) -> bytes:
    """The body with its transfer coding removed and its content coding kept: what WARC-Payload-Digest is over.

    Where the head announces chunks and the body has none (crawlers that undo the framing and keep the head do
    that), the body is taken as it is.
    """
    body = block[head.body_at :]
    return dechunk(body) if head.chunked and _CHUNK_SIZE.match(body) else body


def dechunk(body: bytes) -> bytes:
    """The data of a chunked body (RFC 9112, 7.1); extensions and trailers are dropped.

    A body that was cut, or breaks the framing, gives what came before.
    """
    parts, at = [], 0
    while at <= len(body) and (size := _CHUNK_SIZE.match(body, at)):
        length = int(size[1], 16)
        if length == 0:
            break
        parts.append(body[size.end() : size.end() + length])
        at = size.end() + length
        at += 2 if body[at : at + 2] == b"\r\n" else body[at : at + 1] == b"\n"
    return b"".join(parts)


def undo(entity: bytes, codings: tuple[str, ...], limit: int = MAX_BODY) -> bytes:
    """The body with its content codings undone, the last one first.

    A compressed body that was cut gives what came before the cut. Raises `NoPage` where it is damaged, unpacks
    to more than `limit` bytes, or is in a coding that cannot be undone here (`br` needs the brotli package).
    """
    body = entity
    for coding in reversed(codings):
        if not body:
            break
        body = _undo_one(body, coding, limit)
    if len(body) > limit:
        raise NoPage(Reason.TOO_LARGE, f"the body is {len(body)} bytes, the limit is {limit}")
    return body


def _undo_one(body: bytes, coding: str, limit: int) -> bytes:
    if coding in {"gzip", "x-gzip"}:
        # A head that names gzip over a body that is none: the crawler undid it and kept the head.
        return gunzip(body, limit) if body.startswith(b"\x1f\x8b") else body
    if coding == "deflate":
        return _inflate(body, limit)
    if coding == "br":
        return _unbrotli(body, limit)
    raise NoPage(Reason.DAMAGED, f"the content coding {coding!r} cannot be undone")


def gunzip(data: bytes, limit: int = MAX_BODY) -> bytes:
    """All gzip members of `data`, one after the other; what follows the last is ignored. Raises `NoPage`."""
    parts: list[bytes] = []
    room, at = limit, 0
    while data.startswith(b"\x1f\x8b", at):
        part, at = _unzip(data, at, _GZIP, room)
        room -= len(part)
        if room < 0:
            raise _too_large(limit)
        parts.append(part)
    return b"".join(parts)


def _inflate(data: bytes, limit: int) -> bytes:
    """`deflate` is a zlib stream (RFC 9110, 8.4.1.2); some servers send the raw stream."""
    zlib_header = len(data) > 1 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    body, _ = _unzip(data, 0, zlib_ng.MAX_WBITS if zlib_header else -zlib_ng.MAX_WBITS, limit)
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _unzip(data: bytes, at: int, wbits: int, room: int) -> tuple[bytes, int]:
    """One compressed stream from `at`: at most `room` + 1 bytes of it, and where it ends.

    The pieces fed double in size: zlib copies what it leaves over, which would be quadratic in many tiny members.
    """
    unpacker = zlib_ng.decompressobj(wbits)
    view, parts, piece = memoryview(data), [], 1024
    try:
        while not unpacker.eof and at < len(data) and room >= 0:
            parts.append(unpacker.decompress(view[at : at + piece], room + 1))
            at = min(at + piece, len(data))
            room -= len(parts[-1])
            piece = min(piece * 2, 1 << 20)
    except _ZLIB_ERROR as error:
        raise NoPage(Reason.DAMAGED, f"the compressed body is damaged: {error}") from None
    return b"".join(parts), at - len(unpacker.unused_data)


def _unbrotli(data: bytes, limit: int) -> bytes:
    try:
        brotli = importlib.import_module("brotli")
    except ImportError:
        raise NoPage(Reason.DAMAGED, "the body is in brotli: install the brotli package to read it") from None
    unpacker = brotli.Decompressor()
    out: list[bytes] = []
    room = limit
    try:
        out.append(unpacker.process(data, output_buffer_limit=_PIECE))
        room -= len(out[-1])
        while room >= 0 and not unpacker.is_finished() and out[-1]:
            out.append(unpacker.process(b"", output_buffer_limit=_PIECE))
            room -= len(out[-1])
    except TypeError:  # before 1.2 the package cannot be told to stop
        raise NoPage(Reason.DAMAGED, "the body is in brotli: the brotli package must be 1.2 or newer") from None
    except brotli.error as error:
        raise NoPage(Reason.DAMAGED, f"the compressed body is damaged: {error}") from None
    if room < 0:
        raise _too_large(limit)
    return b"".join(out)


def _too_large(limit: int) -> NoPage:
    return NoPage(Reason.TOO_LARGE, f"the body unpacks to more than {limit} bytes")
