"""Writing WARC files so that a record, once acknowledged, is never lost.

A file is called `NAME.warc.gz.open` while it is written, is locked, and is nobody else's: it is created here and
only appended to by us. A record is one gzip member, made in memory and written by one `write()`, together with those
that belong to it; where that fails, the file is cut back to the last whole record. `sync` makes what was written
durable; `close` gives the file its final name. A file of that name is therefore complete.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from archive.errors import ArchiveError
from archive.model import Location, Page
from archive.warc.files import OPEN, sync_folder
from archive.warc.notes import Note, note_record
from archive.warc.pages import record_of
from archive.warc.record import Record, encode, new_id, sha256_of

#: Bytes after which the next file is begun: the size WARC/1.1 (annex C) recommends.
MAX_BYTES = 10**9

_NOW = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?Z", re.ASCII)
_BREAKS = re.compile(r"\s*[\x00-\x08\x0a-\x1f\x7f]\s*")
_CONFORMS_TO = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


@dataclass(frozen=True, slots=True)
class ClosedFile:
    """A finished file: its name, its size in bytes, its SHA-256 in hex, and its records (the warcinfo counted).

    `rows` are the records that the database must know: pages and notes.
    """

    name: str
    size: int
    sha256: str
    records: int
    rows: int


@dataclass(frozen=True, slots=True)
class _Written:
    """What was written to a file up to its last whole record; replaced as one, so that no interrupt leaves half."""

    size: int = 0
    records: int = 0
    rows: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def and_then(self, members: bytes, records: int, rows: int) -> _Written:
        digest = self.digest.copy()
        digest.update(members)
        return _Written(self.size + len(members), self.records + records, self.rows + rows, digest)


@dataclass(slots=True)
class _OpenFile:
    """A file being written."""

    name: str
    handle: int
    warcinfo_id: str
    written: _Written = field(default_factory=_Written)
    synced: bool = True


class WarcWriter:
    """Writes the pages of one run into files of its own.

    `now` is the time of the run (UTC, as in `Page.captured_at`); it names the files and dates their warcinfo.
    `software` and the further fields of `info` (`operator`, `robots`, ...) are said in the warcinfo. Folder and
    file are made at the first record. A file that reached `max_bytes` is left and the next one begun; it keeps its
    `.open` name until `close`, so that a file without it never holds a record that was not committed.
    """

    def __init__(
        self,
        folder: Path,
        now: str,
        software: str,
        prefix: str = "hemeroteca",
        max_bytes: int = MAX_BYTES,
        info: Mapping[str, str] | None = None,
    ) -> None:
        if not _NOW.fullmatch(now):
            raise ValueError(f"now is no UTC time: {now!r}")
        self._folder = folder
        self._now = now
        self._info = {
            "software": software,
            "format": "WARC File Format 1.1",
            "conformsTo": _CONFORMS_TO,
            **(info or {}),
        }
        self._prefix = prefix
        self._max_bytes = max_bytes
        self._files: list[_OpenFile] = []
        self._failed: ArchiveError | None = None
        os.register_at_fork(after_in_child=partial(_let_go, weakref.ref(self)))

    def write(self, page: Page) -> Location:
        """Archive a page; it is durable after the next `sync`.

        Raises `ArchiveError` where the disk is full or refuses; the file then ends with the last whole record, and
        writing may be tried again.
        """
        file = self._file()
        return self._append(file, (record_of(page, new_id(), file.warcinfo_id),))

    def note(self, note: Note) -> Location:
        """Write a note down; durable and failing like a page."""
        file = self._file()
        return self._append(file, (note_record(note, new_id(), file.warcinfo_id),))

    def group(self, records_of: Callable[[str], Sequence[Record]]) -> Location:
        """Write records that belong together, in one go; where the first of them, the one that needs a row, lies.

        `records_of` makes them, given the id of the file's warcinfo. Durable and failing like a page.
        """
        file = self._file()
        return self._append(file, records_of(file.warcinfo_id))

    def say(self, info: Mapping[str, str]) -> None:
        """Add fields to the warcinfo of files that are begun from now on."""
        self._info |= info

    def wrote(self, name: str) -> bool:
        """Whether a file is one of this writer's."""
        return any(file.name == name for file in self._files)

    def sync(self) -> None:
        """Wait until all that was written is on the disk.

        Raises `ArchiveError` where the disk refuses, and from then on each time: what the system could not write it
        forgets, and a second try would succeed without it.
        """
        if self._failed:
            raise self._failed
        for file in self._files:
            if not file.synced:
                try:
                    os.fdatasync(file.handle)
                except OSError as error:
                    self._failed = self._refused(file.name, error)
                    raise self._failed from error
                file.synced = True

    def close(self) -> tuple[ClosedFile, ...]:
        """Finish: sync, give each file its final name, and tell what was written. One without records is removed."""
        self.sync()
        try:
            closed = tuple(self._finish(file) for file in self._files if file.written.records > 1)
            for file in self._files:
                if file.written.records <= 1:
                    self._path(file).unlink()
            if self._files:
                sync_folder(self._folder)
        except OSError as error:
            raise self._refused("", error) from error
        self.abandon()
        return closed

    def _finish(self, file: _OpenFile) -> ClosedFile:
        os.fsync(file.handle)
        self._path(file).rename(self._folder / file.name)
        done = file.written
        return ClosedFile(file.name, done.size, done.digest.hexdigest(), done.records, done.rows)

    def abandon(self) -> None:
        """Let go of the files as they are: what has the name of an open file is left to `repair`."""
        for file in self._files:
            os.close(file.handle)
        self._files = []

    def _file(self) -> _OpenFile:
        if not self._files or self._files[-1].written.size >= self._max_bytes:
            self._files.append(self._begin())
        return self._files[-1]

    def _begin(self) -> _OpenFile:
        """Create and lock the next file, and write its warcinfo."""
        name = self._next_name()
        path = self._folder / (name + OPEN)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise self._refused(name, error) from error
        file = _OpenFile(name, handle, new_id())
        try:
            self._claim(file)
            self._append(file, (self._warcinfo(file),), rows=0)
        except BaseException:
            os.close(handle)
            path.unlink(missing_ok=True)
            raise
        return file

    def _claim(self, file: _OpenFile) -> None:
        """Lock a new file, and make its name and its folder's durable."""
        try:
            fcntl.flock(file.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _still_there(file.handle)
            sync_folder(self._folder)
            sync_folder(self._folder.parent)
        except OSError as error:
            raise self._refused(file.name, error) from error

    def _append(self, file: _OpenFile, records: Sequence[Record], rows: int = 1) -> Location:
        """Write records whole, or leave the file as it was, whatever happens."""
        if self._failed:
            raise self._failed
        members = [encode(record) for record in records]
        data = b"".join(members)
        before, after = file.written, file.written.and_then(data, len(members), rows)
        file.synced = False
        try:
            _write_whole(file.handle, data)
            file.written = after
        except BaseException as error:
            self._cut_back(file, before.size)
            if isinstance(error, OSError):
                raise self._refused(file.name, error) from error
            raise
        return Location(file.name, before.size, len(members[0]))

    def _cut_back(self, file: _OpenFile, size: int) -> None:
        try:
            os.ftruncate(file.handle, size)
        except OSError as error:
            self._failed = self._refused(file.name, error)
            raise self._failed from error

    def _warcinfo(self, file: _OpenFile) -> Record:
        said = (f"{name}: {_BREAKS.sub(' ', value).strip()}\r\n" for name, value in self._info.items())
        block = "".join(said).encode()
        headers = (
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", file.warcinfo_id),
            ("WARC-Date", self._now),
            ("WARC-Filename", file.name),
            ("Content-Type", "application/warc-fields"),
            ("WARC-Block-Digest", sha256_of(block)),
        )
        return Record("WARC/1.1", headers, block)

    def _next_name(self) -> str:
        """`PREFIX-YYYYMMDDhhmmssSSS-SERIAL-RANDOM.warc.gz` (WARC/1.1, annex C): two writers never meet."""
        *parts, fraction = _NOW.fullmatch(self._now).groups()  # type: ignore[union-attr]  # checked in __init__
        stamp = "".join(parts) + (fraction or "").ljust(3, "0")[:3]
        return f"{self._prefix}-{stamp}-{len(self._files):05d}-{secrets.token_hex(4)}.warc.gz"

    def _path(self, file: _OpenFile) -> Path:
        return self._folder / (file.name + OPEN)

    def _refused(self, name: str, error: OSError) -> ArchiveError:
        return ArchiveError(f"{self._folder / name}: cannot be written: {error.strerror or error}")


def _let_go(writer: weakref.ref[WarcWriter]) -> None:
    """In a forked worker: a lock lives as long as any process has the file open, and would outlive a killed run."""
    alive = writer()
    if alive is not None:
        alive.abandon()


def _write_whole(handle: int, data: bytes) -> None:
    count = os.write(handle, data)
    if count != len(data):
        raise OSError(f"only {count} of {len(data)} bytes were taken: the disk is full, or a limit is reached")


def _still_there(handle: int) -> None:
    if os.fstat(handle).st_nlink == 0:
        raise OSError("another run took it for an abandoned file")
