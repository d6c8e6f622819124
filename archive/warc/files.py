"""WARC files on disk: their names, where they are, their digests, and reading them forward."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from zlib_ng import zlib_ng

from archive.errors import ArchiveError, WarcError
from archive.reasons import Reason
from archive.warc.record import MAX_BLOCK, MAX_HEAD, Malformed

#: What a file is called while it is being written: its name, and this.
OPEN = ".open"
MAGIC = b"\x1f\x8b\x08"

_ZLIB_ERROR: type[Exception] = zlib_ng.error  # type: ignore[assignment]  # a class, whatever its stub says
_CHUNK = 1024 * 1024
_WINDOW = 8 * 1024
_FIRST_PIECE, _LAST_PIECE = 2 * 1024, 64 * 1024


def final_name(path: Path) -> str:
    """The name of a file once it is closed: what rows hold, also while it is open."""
    return path.name.removesuffix(OPEN)


def locate(folder: Path, name: str) -> Path:
    """Where the file of this (final) name lies now. Raises `ArchiveError` where it is not in the folder."""
    for path in (folder / name, folder / (name + OPEN)):
        if path.is_file():
            return path
    raise ArchiveError(f"{folder / name}: the WARC file is not there")


def warc_files(folder: Path) -> tuple[Path, ...]:
    """All WARC files of a folder, open ones too, ordered by name; none where there is no folder."""
    endings = (".warc.gz", ".warc.gz" + OPEN)
    return tuple(sorted(path for path in folder.glob("*.warc.gz*") if path.name.endswith(endings) and path.is_file()))


def file_sha256(path: Path) -> str:
    """SHA-256, hex, of a whole file. It alone sees a change in the few bits that gunzip ignores."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a file that was created or renamed is there after a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_stage(stage: Path) -> None:
    """Remove a folder of files that are not wanted any more, where it is there. Raises ArchiveError where it stays."""
    try:
        if stage.is_dir():
            for path in stage.iterdir():
                path.unlink()
            stage.rmdir()
            sync_folder(stage.parent)
    except OSError as error:
        raise ArchiveError(f"{stage}: cannot be removed: {error.strerror or error}") from error


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file that is a WARC file of its own, as one is that lies unpacked in a zip: its bytes from 0."""

    offset: int
    length: int


class _Seekable(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...


class _Window:
    """The bytes of a `Part`, as if they were a file."""

    def __init__(self, file: BinaryIO, part: Part) -> None:
        self._file = file
        self._part = part
        self._at = 0
        file.seek(part.offset)

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most `size`; none at the end of the part."""
        piece = self._file.read(max(min(size, self._part.length - self._at), 0))
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a byte of the part, or that far from its end."""
        self._at = offset + (self._part.length if whence == os.SEEK_END else 0)
        self._file.seek(self._part.offset + self._at)
        return self._at


class Forward:
    """A file read forward; `offset` is the byte (from 0) that is read next. Memory: one chunk."""

    def __init__(self, file: _Seekable) -> None:
        self._file = file
        self._chunk = memoryview(b"")
        self._at = 0
        self.offset = 0

    def take(self, size: int) -> memoryview:
        """The next bytes: at least one and at most `size`; none at the end of the file."""
        if self._at == len(self._chunk):
            self._chunk, self._at = memoryview(self._file.read(_CHUNK)), 0
        piece = self._chunk[self._at : self._at + size]
        self._at += len(piece)
        self.offset += len(piece)
        return piece

    def give_back(self, size: int) -> None:
        """Return the last `size` bytes of the piece taken last."""
        self._at -= size
        self.offset -= size

    def seek(self, offset: int) -> None:
        """Go to a byte of the file."""
        start = self.offset - self._at
        if start <= offset <= start + len(self._chunk):
            self._at = offset - start
        else:
            self._file.seek(offset)
            self._chunk, self._at = memoryview(b""), 0
        self.offset = offset

    def seek_end(self) -> None:
        """Go to the end of the file."""
        self.seek(self._file.seek(0, os.SEEK_END))

    @property
    def at_end(self) -> bool:
        """Whether the whole file was read."""
        if not self.take(1):
            return True
        self.give_back(1)
        return False

    def find(self, wanted: bytes) -> bool:
        """Go to the next place where `wanted` stands; at the end of the file and False where it does not."""
        tail, start = b"", self.offset
        while piece := self.take(_WINDOW):
            window = tail + bytes(piece)
            found = window.find(wanted)
            if found >= 0:
                self.seek(start + found)
                return True
            tail = window[len(window) - len(wanted) + 1 :] if len(window) >= len(wanted) else window
            start = self.offset - len(tail)
        return False


@contextmanager
def reading(path: Path, part: Part | None = None) -> Iterator[Forward]:
    """Open a file, or a part of it, to be read forward. Raises `WarcError` where it cannot be opened or read."""
    try:
        with path.open("rb", buffering=0) as file:
            yield Forward(file if part is None else _Window(file, part))
    except OSError as error:
        raise WarcError(f"cannot be read: {error.strerror or error}", path, 0) from error


def inflate(source: Forward, limit: int = MAX_HEAD + MAX_BLOCK) -> bytes:
    """The gzip member at the source's offset, unpacked; the source is then at its end.

    Raises `Malformed` where there is no whole and sound member (its CRC-32 and size are checked, RFC 1952), or it
    unpacks to more than `limit` bytes. The pieces fed grow, since zlib copies what it leaves over at the end.
    """
    unpacker = zlib_ng.decompressobj(zlib_ng.MAX_WBITS | 16)
    parts: list[bytes] = []
    room, size = limit, _FIRST_PIECE
    while not unpacker.eof:
        piece = source.take(size)
        if not piece:
            raise Malformed("the file ends in the middle of a record", Reason.TRUNCATED)
        try:
            parts.append(unpacker.decompress(piece, room + 1))
        except _ZLIB_ERROR as error:
            raise Malformed(_said(error)) from None
        room -= len(parts[-1])
        if room < 0:
            raise Malformed(f"the record unpacks to more than {limit} bytes", Reason.TOO_LARGE)
        size = min(size * 2, _LAST_PIECE)
    source.give_back(len(unpacker.unused_data))
    return b"".join(parts)


def _said(error: Exception) -> str:
    text = str(error)
    if "incorrect header check" in text:
        return "no gzip member starts here: garbage, or zeros"
    if "incorrect data check" in text:
        return "the record's CRC-32 is wrong: bytes were changed"
    if "incorrect length check" in text:
        return "the record's size is not the one in its gzip trailer"
    return f"the record's compressed bytes are damaged ({text.rpartition(': ')[2]})"
