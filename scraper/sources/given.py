"""What is known of pages besides their bytes: the options of a run, and what others say of one page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archive.model import DatedBy, MediaType, Page
from archive.reasons import Reason


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How the inputs of a run are read.

    `now` is the run's moment (UTC ISO 8601, with Z): the `captured_at` of pages nobody dated. `manifest` says more
    of the files. A page lies in `text_column` or `html_column` of a table; the other columns are looked for under
    these names and need not be there. `max_bytes` is the largest page, unpacked. `stdin` is read for `-`; None is
    that of this process.
    """

    now: str
    manifest: Path | None = None
    text_column: str | None = None
    html_column: str | None = None
    path_column: str = "path"
    url_column: str = "url"
    captured_column: str = "captured_at"
    title_column: str = "title"
    source_column: str = "source"
    max_bytes: int = 64 * 1024 * 1024
    stdin: BinaryIO | None = None

    @property
    def has_column(self) -> bool:
        """Whether a column was named, without which a table holds no pages."""
        return self.text_column is not None or self.html_column is not None


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody (`by`) says of a page; None where nothing. `captured_at` is in the form of `Page`."""

    by: DatedBy
    url: str | None = None
    captured_at: str | None = None
    title: str | None = None
    source_name: str | None = None


class Refused(Exception):
    """An input of which no page can be made: the `reason` and message of its `Unread`."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def refusal(error: OSError) -> Refused:
    """What an error of the system means for the page."""
    if isinstance(error, FileNotFoundError):
        return Refused(Reason.MISSING, "the file is not there")
    return Refused(Reason.UNREADABLE, error.strerror or str(error))


def page_from(
    source: str, body: bytes, media_type: MediaType, said: Iterable[Said], now: str, charset: str | None = None
) -> Page:
    """A page and what is said of it: of each field the first word counts, so the most trusted comes first.

    A page nobody dates is dated `now`, by the clock.
    """
    words = tuple(said)
    dated = next((word for word in words if word.captured_at), Said("clock", captured_at=now))
    return Page(
        source=source,
        body=body,
        media_type=media_type,
        captured_at=dated.captured_at or now,
        dated_by=dated.by,
        url=next((word.url for word in words if word.url), None),
        charset=charset,
        title=next((word.title for word in words if word.title), None),
        source_name=next((word.source_name for word in words if word.source_name), None),
    )
