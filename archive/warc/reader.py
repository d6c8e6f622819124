"""WARC files of ours, read strictly: one record, one gzip member, every checksum right, or an error that says where.

What no reader can see from the bytes alone: a file cut exactly between two records, and a change that alters
nothing in what is unpacked (time and system in a member's header, bits that fill up its last byte). The rows of the
database and the file's SHA-256 see them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from archive.errors import WarcError
from archive.model import Location
from archive.reasons import Reason
from archive.warc.files import MAGIC, Forward, Part, final_name, inflate, reading
from archive.warc.parse import parse
from archive.warc.record import MAX_BLOCK, MAX_HEAD, Malformed, Record

#: Bytes that may be tried in vain after damage, beside 16 times the file: one made of nothing but false starts,
#: each inside the one before, would else take forever.
PATIENCE = 1 << 30
_COST_OF_A_LOOK = 2048


class Damage(WarcError):
    """A stretch of a file that is no good record. `reason` is its code: `truncated`, `too-large` or `damaged`."""

    def __init__(self, message: str, path: Path, offset: int, reason: Reason = Reason.DAMAGED) -> None:
        super().__init__(message, path, offset)
        self.reason = reason

    @classmethod
    def of(cls, error: Malformed, path: Path, offset: int) -> Self:
        """What is wrong, with the place it was met at."""
        return cls(str(error), path, offset, error.reason)

    def up_to(self, end: int) -> Self:
        """The same, once it is known where the stretch ends."""
        return type(self)(f"{self.what}; {end - self.offset} bytes cannot be used", self.path, self.offset, self.reason)


@dataclass(frozen=True, slots=True)
class Found:
    """A record and where it lies."""

    location: Location
    record: Record


def records(path: Path, limit: int = MAX_BLOCK) -> Iterator[Found]:
    """The records of a file in order, one in memory at a time; blocks of at most `limit` bytes.

    Raises `Damage` at the first: a torn or changed gzip member, anything between two of them, two
    records in one, a header or Content-Length that is not right, an empty file.
    """
    with reading(path) as source:
        if source.at_end:
            raise Damage("an empty file", path, 0, Reason.TRUNCATED)
        while not source.at_end:
            offset = source.offset
            try:
                record = parse(inflate(source, MAX_HEAD + limit))
            except Malformed as error:
                raise Damage.of(error, path, offset) from None
            yield Found(Location(final_name(path), offset, source.offset - offset), record)


def read_at(path: Path, offset: int, length: int, limit: int = MAX_BLOCK) -> Record:
    """The record whose gzip member is the `length` bytes from `offset`. Raises `Damage` where it is not."""
    found = found_at(path, offset, limit)
    if found.location.length != length:
        raise Damage(f"the record is {found.location.length} bytes long, not {length}", path, offset)
    return found.record


def found_at(path: Path, offset: int, limit: int = MAX_BLOCK) -> Found:
    """The record whose gzip member starts at `offset`. Raises `Damage` where none does."""
    with reading(path) as source:
        source.seek(offset)
        try:
            record = parse(inflate(source, MAX_HEAD + limit))
        except Malformed as error:
            raise Damage.of(error, path, offset) from None
        return Found(Location(final_name(path), offset, source.offset - offset), record)


def salvage(path: Path, limit: int = MAX_BLOCK) -> Iterator[Found | Damage]:
    """Every intact record of a damaged file, and for each stretch between them one `Damage`.

    After damage the next place is taken where a sound gzip member starts that unpacks to `WARC/...`. Of a WARC
    file kept inside a damaged record, records may come to light too.
    """
    yield from sound(path, lambda member: (parse(member),), limit)


def sound(
    path: Path,
    split: Callable[[bytes], Iterable[Record]],
    limit: int,
    starts: tuple[bytes, ...] = (b"WARC/",),
    part: Part | None = None,
) -> Iterator[Found | Damage]:
    """`salvage` with another idea of good records: `split` gives those of a member, or raises `Malformed`.

    A member that comes after damage begins with one of `starts`. Offsets are those of the part, where one is given.
    """
    with reading(path, part) as source:
        lost: Damage | None = None
        patience = PATIENCE + 16 * path.stat().st_size
        if source.at_end:
            yield Damage("an empty file", path, 0, Reason.TRUNCATED)
        while not source.at_end:
            offset = source.offset
            try:
                data = inflate(source, MAX_HEAD + limit)
            except Malformed as error:
                lost = lost or Damage.of(error, path, offset)
                patience = next_member(source, offset + 1, patience - (source.offset - offset), starts)
                continue
            if lost:
                yield lost.up_to(offset)
                lost = None
            location = Location(final_name(path), offset, source.offset - offset)
            try:
                yield from (Found(location, record) for record in split(data))
            except Malformed as error:
                yield Damage.of(error, path, offset)
        if lost:
            yield lost.up_to(source.offset)


def next_member(source: Forward, offset: int, patience: int, starts: tuple[bytes, ...]) -> int:
    """Go to the next place from `offset` on where a gzip member starts that unpacks to one of `starts`, or to the end.

    The end it is too when patience runs out; what is left of it is given back.
    """
    source.seek(offset)
    while source.find(MAGIC):
        here = source.offset
        head = bytes(source.take(512))
        source.seek(here)
        if patience < 0:
            source.seek_end()
        elif _starts_a_record(head, starts):
            break
        else:
            source.seek(here + 1)
            patience -= _COST_OF_A_LOOK
    return patience


def _starts_a_record(head: bytes, starts: tuple[bytes, ...]) -> bool:
    """Judged by the first bytes of a member; too few of them (a chunk's end) count as yes, and are tried."""
    try:
        start = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, max(map(len, starts)))
    except zlib.error:
        return False
    return any(wanted.startswith(start[: len(wanted)]) for wanted in starts)
