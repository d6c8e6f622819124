"""WARC files of others, read with tolerance: what the tools of thirty years wrote, or a clear word on what is wrong.

Taken: plain files, one gzip member a record, several records in a member, a whole file in one member (`gzip
file.warc`) or in many that do not heed records; WARC/0.17 to 1.1, and ARC; lines that end in LF; folded fields;
addresses in angle brackets or with spaces; any number of line breaks between records. Zstandard is not taken, and
said so.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from archive.model import Location
from archive.reasons import Reason
from archive.warc.arc import NEXT, STARTS, arc_head
from archive.warc.files import MAGIC, Forward, Part, final_name, reading
from archive.warc.parse import tolerant_head
from archive.warc.reader import PATIENCE, Damage, Found, next_member, sound
from archive.warc.record import MAX_BLOCK, MAX_HEAD, Malformed, Record

_PIECE = 1024 * 1024
_PACKED_PIECE = 64 * 1024
_OVERLAP = 16  # bytes: the longest that tells the start of a record, with the line break before it
_BLANK = re.compile(rb"[\r\n]+")
_GZIP = zlib.MAX_WBITS | 16


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How the records of a format begin, where the next may after damage, and how their heads are read.

    `name` has its article: it is for sentences.
    """

    name: str
    starts: tuple[bytes, ...]
    next: re.Pattern[bytes]
    head: Callable[[bytes], tuple[Record, int] | None]


_WARC = _Dialect("a WARC", (b"WARC/",), re.compile(rb"\nWARC/[0-9]"), tolerant_head)
_ARC = _Dialect("an ARC", STARTS, NEXT, arc_head)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How records lie in a file, and of which format they are."""

    packing: Literal["plain", "members", "whole"]
    dialect: _Dialect


def foreign(path: Path, limit: int = MAX_BLOCK, part: Part | None = None) -> Iterator[Found | Damage]:
    """The records of somebody's WARC or ARC file, one in memory at a time; a `Damage` for each stretch that is none.

    `Location` is that of the gzip member where the file has one a record (records that share a member share its
    location). Where the whole file was packed as one, and in a plain file, offset and length count the bytes
    of the *unpacked* file: `read_at` does not apply to them. With `part`, that part of the file is read as one.
    """
    with reading(path, part) as source:
        layout = _layout(source, limit)
    if isinstance(layout, str):
        yield Damage(layout, path, 0)
    elif layout.packing == "members":
        split = partial(_records_of_member, dialect=layout.dialect)
        yield from sound(path, split, limit, layout.dialect.starts, part)
    else:
        with reading(path, part) as source:
            pieces = _plain(source) if layout.packing == "plain" else _unpacked(source)
            yield from _unaligned(path, _Stream(pieces), layout.dialect, limit)


class _Stream:
    """Bytes that arrive in pieces. `at` is the offset in them of the first byte that was not dropped yet.

    `damage` is why they ended before their time, or None.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.buffer = bytearray()
        self.at = 0
        self.damage: Malformed | None = None

    def has(self, size: int) -> bool:
        """Whether `size` bytes are in the buffer, after reading as much as that takes."""
        while len(self.buffer) < size:
            try:
                piece = next(self._pieces, b"")
            except Malformed as error:
                self.damage, piece = error, b""
            if not piece:
                self._pieces = iter(())
                return False
            self.buffer += piece
        return True

    def drop(self, size: int) -> None:
        """Forget the first `size` bytes of the buffer."""
        del self.buffer[:size]
        self.at += size

    def skip_blank(self) -> bool:
        """Drop line breaks; whether anything follows."""
        while self.has(1):
            blank = _BLANK.match(self.buffer)
            self.drop(blank.end() if blank else 0)
            if self.buffer:
                return True
        return False

    def skip_to(self, record: re.Pattern[bytes]) -> None:
        """Drop all up to the next line that starts as a record does, or to the end."""
        searched = 0
        while not (found := record.search(self.buffer, searched)):
            searched = max(len(self.buffer) - _OVERLAP, 0)
            if not self.has(len(self.buffer) + 1):
                self.drop(len(self.buffer))
                return
            self.drop(searched)
            searched = 0
        self.drop(found.start() + 1)


def _unaligned(path: Path, stream: _Stream, dialect: _Dialect, limit: int) -> Iterator[Found | Damage]:
    lost: Damage | None = None
    while stream.skip_blank():
        at = stream.at
        try:
            record, length = _next_record(stream, dialect, limit)
        except Malformed as error:
            lost = lost or Damage.of(error, path, at)
            stream.skip_to(dialect.next)
        else:
            if lost:
                yield lost.up_to(at)
                lost = None
            yield Found(Location(final_name(path), at, length), record)
    if lost:
        yield lost.up_to(stream.at)
    elif stream.damage:
        yield Damage.of(stream.damage, path, stream.at)


def _next_record(stream: _Stream, dialect: _Dialect, limit: int) -> tuple[Record, int]:
    """The record at the head of the stream, which drops it, and its length. Raises `Malformed` and drops nothing."""
    head, block_at = _next_head(stream, dialect)
    length = int(head.get("Content-Length") or "")
    if length > limit:
        raise Malformed(f"Content-Length is {length}, over the limit of {limit} bytes", Reason.TOO_LARGE)
    end = block_at + length
    if not stream.has(end):
        raise stream.damage or Malformed(f"ends in the middle of a record of {length} bytes", Reason.TRUNCATED)
    stream.has(end + 5)
    after = bytes(stream.buffer[end : end + 5])
    if after and not after.startswith((b"\r", b"\n", b"WARC/")):
        raise Malformed(f"the record does not end where its Content-Length ({length}) says")
    record = Record(head.version, head.headers, bytes(memoryview(stream.buffer)[block_at:end]))
    stream.drop(end)
    return record, end


def _next_head(stream: _Stream, dialect: _Dialect) -> tuple[Record, int]:
    size = 512
    stream.has(_OVERLAP)
    if len(stream.buffer) >= 5 and not stream.buffer.startswith(dialect.starts):
        raise Malformed(f"not {dialect.name} record: it starts with {bytes(stream.buffer[:20])!r}")
    while True:
        more = stream.has(size)
        found = dialect.head(bytes(stream.buffer[:size]))
        if found:
            return found
        if not more:
            raise stream.damage or Malformed("ends in the middle of a record's header", Reason.TRUNCATED)
        if size > MAX_HEAD:
            raise Malformed(f"no empty line ends the record's header within {MAX_HEAD} bytes")
        size *= 2


def _records_of_member(member: bytes, dialect: _Dialect) -> Iterator[Record]:
    stream = _Stream(iter((member,)))
    while stream.skip_blank():
        yield _next_record(stream, dialect, len(member))[0]


def _plain(source: Forward) -> Iterator[bytes]:
    while piece := source.take(_PIECE):
        yield bytes(piece)


def _unpacked(source: Forward, members: int | None = None) -> Iterator[bytes]:
    """The file unpacked, or its first `members`, in pieces. Raises `Malformed` at the first damage."""
    while not source.at_end and members != 0:
        unpacker = zlib.decompressobj(_GZIP)
        while not unpacker.eof:
            piece = bytes(unpacker.unconsumed_tail or source.take(_PACKED_PIECE))
            if not piece:
                raise Malformed("the gzip file ends before its end", Reason.TRUNCATED)
            before = unpacker.copy()
            try:
                out = unpacker.decompress(piece, _PIECE)
            except zlib.error as error:
                yield from _up_to_damage(before, piece)
                raise Malformed(f"the gzip file is damaged ({error})") from None
            if out:
                yield out
        source.give_back(len(unpacker.unused_data))
        members = None if members is None else members - 1


def _up_to_damage(unpacker: zlib._Decompress, piece: bytes) -> Iterator[bytes]:
    """What a piece with damage in it unpacks to before the damage: zlib gives nothing of a call that fails."""
    with suppress(zlib.error):
        for byte in piece:
            if out := unpacker.decompress(bytes((byte,))):
                yield out


def _layout(source: Forward, limit: int) -> _Layout | str:
    """How records lie in the file, or a sentence on what it is instead."""
    start = bytes(source.take(4096))
    source.seek(0)
    if not start:
        return "an empty file"
    if not start.startswith(b"\x1f\x8b"):
        begins = start.lstrip(b"\r\n").startswith((b"WARC/", b"filedesc:"))
        damaged = MAGIC in start and not begins  # a packed file whose first bytes were changed
        return _strange(start) or _Layout("members" if damaged else "plain", _dialect(start))
    first = _Stream(_unpacked(source, members=1))
    first.has(_OVERLAP)
    start = bytes(first.buffer[:_OVERLAP])
    return _strange(start) or _packing(first, source, _dialect(start), limit)


def _packing(first: _Stream, source: Forward, dialect: _Dialect, limit: int) -> _Layout:
    """What the first member of a gzip file tells of the others: it holds one record, or the file."""
    try:
        _next_record(first, dialect, limit)
    except Malformed:
        whole = first.buffer.startswith(dialect.starts) and not first.damage
    else:
        whole = first.skip_blank()
    if whole:  # unless what follows is a change of its bytes, and there are other members
        next_member(source, 1, PATIENCE, dialect.starts)
        whole = source.at_end
    return _Layout("whole" if whole else "members", dialect)


def _dialect(start: bytes) -> _Dialect:
    return _ARC if start.startswith(b"filedesc:") else _WARC


def _strange(start: bytes) -> str | None:
    if start.startswith((b"\x28\xb5\x2f\xfd", b"\x5d\x2a\x4d\x18")):
        return "a WARC file packed with Zstandard is not supported; unpack it with `zstd -d` first"
    return None
