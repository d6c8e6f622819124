"""HTML that a browser saved, and what it says of where and when.

- Internet Explorer's "mark of the web", which Chrome writes too: `<!-- saved from url=(0023)https://example.org/ -->`,
  the number being the length of the address. It has no date.
- SingleFile's comment: `Page saved with SingleFile`, `url:`, `saved date:` as JavaScript writes dates.
"""

from __future__ import annotations

import contextlib
import re

from scraper.sources.given import Said
from scraper.sources.moments import moment

_HEAD = 16 * 1024  # bytes: both stand at the beginning
_MARK = re.compile(r"<!--\s*saved from url=\((\d{4,5})\)([^\r\n]*)", re.IGNORECASE)
_SINGLE_FILE = re.compile(r"<!--[^>]{0,200}?\bSingleFile\b(.{0,4000}?)-->", re.DOTALL)
_URL = re.compile(r"^\s*url:\s*(\S+)", re.MULTILINE)
_DATE = re.compile(r"^\s*saved date:\s*(\S.*)", re.MULTILINE)
_WEB = ("http://", "https://")


def saved(body: bytes) -> Said:
    """What the page's own comments say of its address and of when it was saved; nothing where there are none.

    A date that cannot be understood is left out: it was nobody's word on the command line.
    """
    head = body[:_HEAD].replace(b"\x00", b"").decode("utf-8", "replace")  # UTF-16 reads as ASCII so
    if comment := _SINGLE_FILE.search(head):
        url, date = _URL.search(comment[1]), _DATE.search(comment[1])
        return Said("page", url=_web(url[1]) if url else None, captured_at=_moment(date[1]) if date else None)
    if mark := _MARK.search(head):
        return Said("page", url=_web(_cut(mark[2], int(mark[1]))))
    return Said("page")


def _cut(text: str, length: int) -> str:
    """The address in a mark: as long as it says, unless the page was changed since."""
    if text[length:].lstrip().startswith("-->"):
        return text[:length]
    return text.partition("-->")[0].strip()


def _web(url: str) -> str | None:
    """An address of the web; `about:internet` and files say nothing."""
    return url if url.lower().startswith(_WEB) and not re.search(r"\s", url) else None


def _moment(text: str) -> str | None:
    with contextlib.suppress(ValueError):
        return moment(text)
    return None
