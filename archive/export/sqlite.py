"""A copy of the database that is whole, also while a run is on."""

from __future__ import annotations

from pathlib import Path

from archive.db.connect import DATABASE, copy_compact
from archive.export.output import new_file
from archive.store import Archive


def export_sqlite(folder: Path, target: Path) -> int:
    """Write a compact copy of `news.db` to `target` and return its size in bytes.

    It is one moment of the archive, whatever a run writes meanwhile, and appears under its name only when it is
    whole. Raises UsageError where `target` exists, ArchiveError where the archive cannot be read or the copy not be
    written.
    """
    with new_file(target) as unfinished, Archive.read(folder):
        copy_compact(folder / DATABASE, unfinished)
        return unfinished.stat().st_size
