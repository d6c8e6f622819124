"""What a run that was killed left behind is made whole before the next one writes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from archive.errors import ArchiveError
from archive.model import Location, Page
from archive.warc.files import OPEN, final_name, sync_folder
from archive.warc.http import NoPage
from archive.warc.pages import page_of
from archive.warc.reader import Found, salvage
from archive.warc.record import MAX_BLOCK

_COPY = 1024 * 1024
_NO_PAGES = {"warcinfo", "metadata", "request"}


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done to one abandoned file; `message` says it in a line.

    `name` is its final name. `action` is `renamed` (all of it is good, or the good part was kept), `removed` (it
    held nothing) or `left` (it cannot be given its name). `pages` are the page records it holds now, `cut` the bytes
    that were taken off its end and lie in `torn`.
    """

    name: str
    action: Literal["renamed", "removed", "left"]
    message: str
    pages: int = 0
    cut: int = 0
    torn: Path | None = None


@dataclass(frozen=True, slots=True)
class _State:
    """Where the last intact record ends, the records (the warcinfo left out) and pages before it, and the damage."""

    end: int
    records: int
    pages: int
    damage: tuple[int, ...]


def repair(folder: Path) -> tuple[Repair, ...]:
    """Make every abandoned `*.warc.gz.open` of the folder whole and give it its final name.

    A torn tail is copied to `NAME.torn-<offset>` before it is cut; damage with intact records after it is left
    where it is. A file that another process writes is not touched. Doing it again, or after being killed in the
    middle, comes to the same. Raises `ArchiveError` where the folder cannot be written.
    """
    try:
        done = tuple(_repair_all(folder))
    except OSError as error:
        raise ArchiveError(f"{folder}: cannot be repaired: {error.strerror or error}") from error
    return done


def _repair_all(folder: Path) -> Iterator[Repair]:
    for path in sorted(folder.glob("*.warc.gz" + OPEN)):
        with _locked(path) as handle:
            if handle is not None:
                yield _repair_one(path, handle)
                sync_folder(folder)


@contextmanager
def _locked(path: Path) -> Iterator[int | None]:
    """An exclusive lock on the file, or None where a living process holds one."""
    handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        gone = os.fstat(handle).st_nlink == 0
        yield None if gone else handle
    except BlockingIOError:
        yield None
    finally:
        os.close(handle)


def _repair_one(path: Path, handle: int) -> Repair:
    name, size, state = final_name(path), os.fstat(handle).st_size, _state(path)
    torn, cut = None, size - state.end
    if cut:
        torn = _keep_aside(path, state.end)
        os.ftruncate(handle, state.end)
    os.fsync(handle)
    tail = f", a torn tail of {cut} bytes is kept in {torn.name}" if torn else ""
    if not state.records:
        path.unlink()
        return Repair(name, "removed", f"{name}: an abandoned file without a page was removed{tail}", 0, cut, torn)
    if path.with_name(name).exists():
        return Repair(
            name, "left", f"{path.name}: left as it is: a file {name} is already there", state.pages, cut, torn
        )
    path.rename(path.with_name(name))
    damaged = f", damaged at byte {', '.join(map(str, state.damage))}" if state.damage else ""
    message = f"{name}: closed after an interrupted run with {state.pages} pages{damaged}{tail}"
    return Repair(name, "renamed", message, state.pages, cut, torn)


def _state(path: Path) -> _State:
    end, others, pages, damage = 0, 0, 0, []
    for found in salvage(path):
        if isinstance(found, Found):
            end = found.location.offset + found.location.length
            others += found.record.type != "warcinfo"
            pages += found.record.type not in _NO_PAGES
        else:
            damage.append(found.offset)
    return _State(end, others, pages, tuple(offset for offset in damage if offset < end))


def _keep_aside(path: Path, offset: int) -> Path:
    """Copy what follows `offset` to a file of its own, durably."""
    torn = path.with_name(f"{final_name(path)}.torn-{offset}")
    with path.open("rb") as source, torn.open("wb") as target:
        source.seek(offset)
        while piece := source.read(_COPY):
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    sync_folder(path.parent)
    return torn


def scan(path: Path, limit: int = MAX_BLOCK) -> Iterator[tuple[Location, Page]]:
    """The pages of a file of ours and where each lies; damage is passed over (`records` and `verify` tell it).

    For a store that looks for records without a row. Records that hold no page are left out.
    """
    for found in salvage(path, limit):
        if isinstance(found, Found):
            try:
                yield found.location, page_of(found.record, limit=limit)
            except NoPage:
                continue
