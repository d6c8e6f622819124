"""Times as people and programs write them, made UTC ISO 8601 with a Z: the form of `Page.captured_at`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)  # as in web archives' addresses
_ISO = re.compile(r"\d{4}(-?)\d\d\1\d\d(?!\d)", re.ASCII)  # no weeks, no days of the year
#: ECMAScript, Date.prototype.toString: "Tue Mar 05 2024 10:11:12 GMT+0100 (Central European Standard Time)"
_JAVASCRIPT = re.compile(r"(?:\w+,? )?([A-Z][a-z]{2}) (\d\d?) (\d{4}) (\d\d:\d\d:\d\d) GMT([+-]\d{4})?(?: \(.*\))?")
#: RFC 5322, 3.3. Without the names of zones: the library takes those it does not know for UTC.
_MAIL = re.compile(
    r"(?:[A-Z][a-z]{2}, ?)?\d\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)?(?: (?:[+-]\d{4}|GMT|UTC?|Z))?(?: \(.*\))?",
    re.ASCII,
)


def moment(text: str) -> str:
    """A time as UTC, `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`.

    Understands ISO 8601, the 14 digits of web archives, RFC 5322 and JavaScript's. A time without a zone is taken
    as UTC, a day alone as its beginning. Raises `ValueError` for anything else.
    """
    stripped = text.strip()
    try:
        read = _read(stripped)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC).isoformat()[:-6] + "Z"
    except (ValueError, OverflowError, TypeError, IndexError):
        raise ValueError(f"not a date: {stripped[:60]!r}") from None


def _read(text: str) -> datetime:
    if digits := _DIGITS.fullmatch(text):
        return datetime.fromisoformat("{}-{}-{}T{}:{}:{}".format(*digits.groups()))
    if javascript := _JAVASCRIPT.fullmatch(text):
        month, day, year, time, offset = javascript.groups()
        return parsedate_to_datetime(f"{day} {month} {year} {time} {offset or '+0000'}")
    if _MAIL.fullmatch(text):
        return parsedate_to_datetime(text)
    if _ISO.match(text):
        return datetime.fromisoformat(text)
    raise ValueError(text)
