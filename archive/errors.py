"""The errors a person may meet. Each message is one line that says what to do next."""

from __future__ import annotations

from pathlib import Path


class HemerotecaError(Exception):
    """Base of all errors raised on purpose; the command line prints its message and exits."""

    exit_code = 2


class UsageError(HemerotecaError):
    """The user's mistake: a path that is not there, an option that does not fit."""


class SettingsError(HemerotecaError):
    """A settings, manifest or table file that cannot be understood."""


class RuleError(HemerotecaError):
    """A rule file that cannot be understood; the message names the file and the key."""


class ArchiveError(HemerotecaError):
    """The archive is damaged, from a newer version, or cannot be written."""

    exit_code = 3


class ArchiveLocked(ArchiveError):
    """Another run holds the archive."""


class WarcError(ArchiveError):
    """A WARC file breaks the standard or was cut.

    `path` is the file, `offset` the byte (from 0) of the gzip member or record where the damage was seen.
    """

    def __init__(self, message: str, path: Path | str, offset: int) -> None:
        super().__init__(f"{path}: byte {offset}: {message}")
        self.path = Path(path)
        self.offset = offset
        self.what = message
