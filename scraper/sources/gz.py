"""Files and gzip streams read within a bound."""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from archive.reasons import Reason
from scraper.sources.given import Refused, refusal

_GZIP = b"\x1f\x8b"
_PIECE = 256 * 1024


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A regular file for reading. Raises `Refused` where there is none; a pipe or device is not waited for."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise refusal(error) from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Refused(Reason.UNREADABLE, "not a regular file (to read from a pipe, give `-`)")
        yield file


def read_file(path: Path, limit: int) -> bytes:
    """All of a file, unpacked if it is gzip. Raises `Refused`; a file that is too large is not read."""
    with opened(path) as file:
        return read_stream(file, limit, os.fstat(file.fileno()).st_size)


def read_stream(stream: BinaryIO, limit: int, size: int = 0) -> bytes:
    """All of a stream, unpacked if it is gzip: by its first bytes, whatever its name.

    Raises `Refused` with TOO_LARGE over `limit` bytes (`size` is what is known beforehand), TRUNCATED for a gzip
    stream that ends too soon, DAMAGED for one that is wrong, UNREADABLE where the system fails.
    """
    try:
        start = stream.read(2)
        if start == _GZIP:
            return _bounded(_unpacked(Rejoined(start, stream)), limit, "unpacks to")
        if size > limit:
            raise _too_large("is", limit)
        return start + _bounded(stream, limit - len(start), "is", limit)
    except OSError as error:
        raise refusal(error) from None


@contextmanager
def unpacking() -> Iterator[None]:
    """Errors of a gzip stream as `Refused`."""
    try:
        yield
    except EOFError:
        raise Refused(Reason.TRUNCATED, "the gzip file ends before its end") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Refused(Reason.DAMAGED, f"the gzip file is damaged: {error}") from None


def unpacked_file(file: BinaryIO) -> BinaryIO:
    """A seekable file, unpacked as it is read if it is gzip; read it within `unpacking`."""
    packed = file.read(2) == _GZIP
    file.seek(0)
    return _unpacked(file) if packed else file


class Rejoined:
    """A stream whose first bytes were read already."""

    def __init__(self, start: bytes, stream: BinaryIO) -> None:
        self._start = start
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`."""
        if self._start:
            start, self._start = (self._start, b"") if size < 0 else (self._start[:size], self._start[size:])
            return start + (self._stream.read() if size < 0 else b"")
        return self._stream.read(size)


def _unpacked(stream: BinaryIO | Rejoined) -> BinaryIO:
    return cast(BinaryIO, gzip.GzipFile(fileobj=cast(BinaryIO, stream), mode="rb"))


def _bounded(stream: BinaryIO, limit: int, verb: str, told: int | None = None) -> bytes:
    pieces, room = [], limit
    with unpacking():
        while piece := stream.read(_PIECE):
            pieces.append(piece)
            room -= len(piece)
            if room < 0:
                raise _too_large(verb, limit if told is None else told)
    return b"".join(pieces)


def _too_large(verb: str, limit: int) -> Refused:
    return Refused(Reason.TOO_LARGE, f"{verb} more than {limit:,} bytes, the limit for a page")
