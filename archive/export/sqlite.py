"""A copy of the database that is whole, also while a run is on."""

from __future__ import annotations

import os
from pathlib import Path

from archive.db.connect import DATABASE, copy_compact
from archive.errors import ArchiveError, UsageError
from archive.store import Archive


def export_sqlite(folder: Path, target: Path) -> int:
    """Write a compact copy of `news.db` to `target` and return its size in bytes.

    It is one moment of the archive, whatever a run writes meanwhile, and appears under its name only when it is
    whole. Raises UsageError where `target` exists, ArchiveError where the archive cannot be read or the copy not be
    written.
    """
    if target.exists():
        raise UsageError(f"{target} exists already; choose another name")
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent}: no such folder")
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    with Archive.read(folder):
        try:
            copy_compact(folder / DATABASE, unfinished)
            os.link(unfinished, target)  # unlike a rename, it never takes another's place
            return target.stat().st_size
        except OSError as error:
            raise ArchiveError(f"{target}: cannot be written: {error.strerror}") from error
        finally:
            unfinished.unlink(missing_ok=True)
