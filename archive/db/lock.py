"""One writer at a time: a lock on `<archive>/.lock` that the system drops when its holder dies."""

from __future__ import annotations

import fcntl
import os
import weakref
from functools import partial
from pathlib import Path

from archive.errors import ArchiveError, ArchiveLocked

LOCK = ".lock"


class Lock:
    """Holds the archive until `release` or the end of the process; what the file says is for people only."""

    def __init__(self, folder: Path, note: str) -> None:
        """Take the lock. Raises ArchiveLocked where another run has it, ArchiveError where it cannot be made."""
        path = folder / LOCK
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise ArchiveError(f"{folder}: cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._handle, 200, 0).decode("utf-8", "replace").strip() or "unknown"
            self.release()
            raise ArchiveLocked(f"another run ({holder}) holds {folder}; wait for it, or stop it") from error
        self._say(f"pid {os.getpid()}, {note}\n")
        # A lock lives as long as any process has the file open: a worker must not outlive a killed run with it.
        os.register_at_fork(after_in_child=partial(_let_go, weakref.ref(self)))

    def _say(self, text: str) -> None:
        try:
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, text.encode(), 0)
        except OSError:
            return  # a full disk: the lock holds all the same

    def release(self) -> None:
        """Let go; the file stays, since another run may already wait on it."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _let_go(lock: weakref.ref[Lock]) -> None:
    held = lock()
    if held is not None:
        held.release()
