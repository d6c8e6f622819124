"""Taking records out of a WARC file: in place of each stands another one, all others stay byte for byte.

The new file is made beside the old one, in a folder of its own, and takes its place when the database says so: see
`archive.db.erasure`.
"""

from __future__ import annotations

import hashlib
import os
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from archive.errors import ArchiveError
from archive.model import Location
from archive.warc.files import final_name, remove_stage, sync_folder
from archive.warc.record import Record, encode, sha256_of

#: Where new forms of WARC files are made, in `warcs/`.
STAGE = ".rewritten"
TOMBSTONE = "urn:hemeroteca:tombstone"

_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A WARC file in its new form: `size` in bytes, `sha256` hex of the whole, and where its records lie now.

    `ends` are those of the replaced records in the old file, ascending, `shifts` the bytes by which what follows each
    of them moved, `lengths` those of the records that stand there now.
    """

    name: str
    size: int
    sha256: str
    ends: Sequence[int]
    shifts: Sequence[int]
    lengths: Mapping[int, int]  #: by the old offset

    def moved(self, offset: int) -> int:
        """Where the record lies now that lay at `offset`."""
        before = bisect_right(self.ends, offset)
        return offset + (self.shifts[before - 1] if before else 0)


def tombstone(record: Record, now: str) -> Record:
    """What stands in place of an erased record: its id, so that a reference does not dangle, and when it went."""
    block = f"erased: {now}\r\nreason: who keeps this archive forgot what was here\r\n".encode()
    warcinfo = record.get("WARC-Warcinfo-ID")
    headers = (
        ("WARC-Type", "metadata"),
        ("WARC-Record-ID", record.record_id),
        ("WARC-Date", now),
        ("WARC-Target-URI", TOMBSTONE),
        ("Content-Type", "application/warc-fields"),
        ("WARC-Block-Digest", sha256_of(block)),
        *([("WARC-Warcinfo-ID", warcinfo)] if warcinfo else []),
        ("Content-Length", str(len(block))),
    )
    return Record("WARC/1.1", headers, block)


def is_tombstone(record: Record) -> bool:
    """Whether a record stands in place of an erased one."""
    return record.type == "metadata" and record.target_uri == TOMBSTONE


@dataclass(slots=True)
class _Output:
    """A file being written, its size and its digest."""

    file: BinaryIO
    size: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def put(self, piece: bytes) -> None:
        self.digest.update(piece)
        self.size += self.file.write(piece)

    def copy(self, source: BinaryIO, until: int | None = None) -> None:
        """Bytes of `source` from where it is, up to an offset, or to its end."""
        while piece := source.read(_PIECE if until is None else min(_PIECE, until - source.tell())):
            self.put(piece)


def rewrite(path: Path, changes: Mapping[Location, Record]) -> Rewritten:
    """Write the new form of a file, with other records in place of some, to its stage; durable when this returns.

    Raises `ArchiveError` where the disk is full or refuses.
    """
    stage = path.parent / STAGE
    target = stage / final_name(path)
    try:
        stage.mkdir(exist_ok=True)
        with path.open("rb") as source, target.open("wb") as new:
            done = _rewrite(source, _Output(new), target.name, changes)
            new.flush()
            os.fsync(new.fileno())
        sync_folder(stage)
        sync_folder(path.parent)
    except OSError as error:
        raise ArchiveError(f"{target}: cannot be written: {error.strerror or error}") from error
    return done


def _rewrite(source: BinaryIO, out: _Output, name: str, changes: Mapping[Location, Record]) -> Rewritten:
    ends, shifts, lengths = [], [], {}
    for at in sorted(changes, key=lambda at: at.offset):
        out.copy(source, at.offset)
        member = encode(changes[at])
        out.put(member)
        source.seek(at.offset + at.length)
        ends.append(source.tell())
        shifts.append(out.size - source.tell())
        lengths[at.offset] = len(member)
    out.copy(source)
    return Rewritten(name, out.size, out.digest.hexdigest(), tuple(ends), tuple(shifts), lengths)


def take_place(folder: Path, name: str) -> None:
    """Put the new form of a file in the place of the old one; nothing where that was done already."""
    staged = folder / STAGE / name
    try:
        if staged.exists():
            staged.replace(folder / name)
            sync_folder(folder)
    except OSError as error:
        raise ArchiveError(f"{folder / name}: cannot be written: {error.strerror or error}") from error


def clear_stage(folder: Path) -> None:
    """Remove what was made and is not wanted any more. Raises `ArchiveError` where that cannot be."""
    remove_stage(folder / STAGE)
