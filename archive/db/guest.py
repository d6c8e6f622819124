"""Another archive, opened to be taken in: looked at, held still, and not changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from archive.db import audit
from archive.db.connect import DATABASE, translated
from archive.db.lock import Lock
from archive.db.reader import Reader
from archive.errors import ArchiveError, ArchiveLocked, UsageError
from archive.warc import warc_files

_ROWS = "SELECT name, sha256, closed FROM warc_files"


@dataclass(frozen=True, slots=True)
class Guest:
    """Another archive. Use as a context manager; `files` are its WARC files with their SHA-256, hex."""

    reader: Reader
    files: dict[Path, str]
    lock: Lock | None

    @classmethod
    def open(cls, folder: Path, host: Path, warcs: str) -> Self:
        """Open an archive to be taken into `host`; `warcs` is the name of its folder of WARC files.

        Raises UsageError where it is the same archive, ArchiveLocked where a run is on in it, and ArchiveError where
        there is none, it is damaged, of another version, or has work of a killed run in it.
        """
        if folder.is_dir() and folder.samefile(host):
            raise UsageError(f"{folder} is this very archive")
        reader = Reader.open(folder)
        lock = None
        try:
            try:
                lock = Lock(folder, "being merged")
            except ArchiveLocked:
                raise
            except ArchiveError:
                lock = None  # a read-only disk: nobody writes
            with translated(folder / DATABASE):
                return cls(reader, _files(reader, folder / warcs), lock)
        except BaseException:
            reader.close()
            if lock is not None:
                lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.reader.close()
        if self.lock is not None:
            self.lock.release()


def _files(reader: Reader, folder: Path) -> dict[Path, str]:
    for finding in audit.structure(reader.db):
        raise ArchiveError(f"{reader.folder} is damaged: {finding}; `hemeroteca verify` tells more")
    rows = {name: (sha256, closed) for name, sha256, closed in reader.db.conn.execute(_ROWS)}
    here = {path.name: path for path in warc_files(folder)}
    for name in rows:
        if name not in here and name + ".open" not in here:
            raise ArchiveError(f"{folder / name}: the WARC file is not there; `hemeroteca verify` tells more")
    unfinished = [name for name in here if name not in rows or not rows[name][1]]
    rewriting = reader.db.conn.execute("SELECT EXISTS (SELECT 1 FROM rewrites)").fetchone()[0]
    if unfinished or rewriting:
        raise ArchiveError(
            f"{reader.folder}: a run that was stopped left work there; "
            f"`hemeroteca reclean --archive {reader.folder}` finishes it"
        )
    return {here[name]: sha256 for name, (sha256, _) in sorted(rows.items())}
