"""Where an export goes: to a stream, or to a file or folder that appears under its name only when it is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from archive.errors import ArchiveError, UsageError


def write_file(pieces: Iterable[bytes], target: Path) -> int:
    """Write the pieces to a new file and return its size in bytes. Raises UsageError, ArchiveError: see `new_file`."""
    with new_file(target) as unfinished, unfinished.open("wb") as out:
        return _write(pieces, out)


def write_stream(pieces: Iterable[bytes], out: BinaryIO) -> int:
    """Write the pieces to a stream as they come and return how many bytes they were.

    Raises BrokenPipeError where its reader went away, ArchiveError where it takes no more for another cause.
    """
    try:
        return _write(pieces, out)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _refused(Path(str(getattr(out, "name", "stream"))), error) from error


def _write(pieces: Iterable[bytes], out: BinaryIO) -> int:
    size = 0
    for piece in pieces:
        out.write(piece)
        size += len(piece)
    out.flush()
    return size


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A name beside `target` to write to; when the block ends well, it becomes `target`, which was not there before.

    Raises UsageError where `target` exists or its folder does not, ArchiveError where it cannot be written.
    """
    unfinished = _unfinished(target)
    try:
        yield unfinished
        os.link(unfinished, target)  # unlike a rename, it never takes another's place
    except FileExistsError as error:
        raise _there_already(target) from error
    except OSError as error:
        raise _refused(target, error) from error
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """The same for a folder."""
    unfinished = _unfinished(target)
    try:
        unfinished.mkdir()
        yield unfinished
        unfinished.rename(target)
    except OSError as error:
        raise _refused(target, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _unfinished(target: Path) -> Path:
    if target.exists() or target.is_symlink():
        raise _there_already(target)
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent}: no such folder")
    return target.with_name(f".{target.name[:200]}.{os.getpid()}.part")


def _there_already(target: Path) -> UsageError:
    return UsageError(f"{target} exists already; choose another name")


def _refused(target: Path, error: OSError) -> ArchiveError:
    return ArchiveError(f"{target}: cannot be written: {error.strerror or error}")
