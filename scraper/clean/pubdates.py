"""When an article was published and changed, as precise as its page says and never after its capture.

A day stays a day, and an hour without an offset gets none. Midnight to the second is how publishing systems write a
day, and is read as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from scraper.clean.dates import moments, readings

_ISO = re.compile(
    r"\s*(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?(?!\d)",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"\s*(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{4})?)?\s*$")
_EPOCH = re.compile(r"\s*(\d{10})(\d{3})?\s*$")
_IN_URL = re.compile(
    r"/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?=[/_+-]|$)|[/_-]((?:19|20)\d{2})(\d{2})(\d{2})(?=\D|$)"
)
_LATEST_ZONE = timedelta(hours=14)  # the clock of an unsaid zone may be so far ahead of UTC
_FIRST_YEAR = 1800
_LONGEST = 80  # characters of a date


def stated(text: str, months: Mapping[str, int]) -> str | None:
    """A date as the web writes it, in ISO 8601: ISO, compact ISO, RFC 5322, seconds since 1970, or in words."""
    text = text.strip()[:_LONGEST]
    if match := _ISO.match(text) or _COMPACT.match(text):
        return _iso(*match.groups())
    if match := _EPOCH.match(text):
        return datetime.fromtimestamp(int(match[1]), UTC).isoformat()
    return _by_mail(text) or next((found.iso for found in moments(text, months)), None)


def _iso(
    year: str, month: str, day: str, hour: str | None, minute: str | None, second: str | None, zone: str | None
) -> str | None:
    try:
        moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        return None
    if moment.year < _FIRST_YEAR:
        return None
    if hour is None or (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        return moment.date().isoformat()
    clock = moment.isoformat(timespec="seconds" if second else "minutes")
    return clock + _offset(zone)


def _offset(zone: str | None) -> str:
    if zone is None:
        return ""
    if zone.upper() in ("Z", "UTC", "GMT"):
        return "+00:00"
    return f"{zone[:3]}:{zone[-2:]}"


def _by_mail(text: str) -> str | None:
    """RFC 5322, section 3.3: `Fri, 22 Dec 2023 10:05:00 +0100`; a zone in letters is none but GMT."""
    if not re.match(r"\s*[A-Za-z]{3},\s+\d", text):
        return None
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if not re.search(r"([+-]\d{4}|GMT|UTC)\s*$", text):
        found = found.replace(tzinfo=None)
    return found.isoformat()


def in_url(url: str) -> str | None:
    """The day in an address such as `/2023/12/22/`."""
    match = _IN_URL.search(url)
    if match is None:
        return None
    year, month, day = match.group(1, 2, 3) if match[1] else match.group(4, 5, 6)
    return _iso(year, month, day, None, None, None, None)


def in_folders(url: str) -> str | None:
    """The same where the day is folders of its own: digits inside a name may be those of a draft."""
    match = _IN_URL.search(url)
    return in_url(url) if match is not None and match[1] else None


def not_after(moment: str | None, captured_at: str) -> str | None:
    """The moment, or None where it lies after the capture (UTC); a day or an unsaid zone gets the benefit of doubt."""
    if moment is None:
        return None
    try:
        captured = datetime.fromisoformat(captured_at.replace("Z", "+00:00"))
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC) - _LATEST_ZONE
    return moment if found <= captured + timedelta(minutes=5) else None


def told_apart(texts: Iterable[str], day: str) -> str | None:
    """The first date in numbers that can be read two ways, one of which is a day known from elsewhere: that reading."""
    return next((found.iso for text in texts for found in readings(text) if found.day == day), None)


def local_day(moment: str, modified: str | None, days: Iterable[str]) -> str | None:
    """The day that the newsroom itself gives a moment, where the moment cannot: None where the moment stands.

    `days` are those that the page's address and visible dates name. A moment in UTC is of the day before or after for
    a newsroom far from Greenwich; one that equals the last change is that of the change, not of the publication.
    """
    own = date.fromisoformat(moment[:10])
    for day in days:
        apart = (date.fromisoformat(day) - own).days
        if moment.endswith("+00:00") and abs(apart) == 1:
            return day
        if moment == modified and apart < 0:
            return day
    return None


def first_stated(texts: Iterable[str], months: Mapping[str, int], captured_at: str) -> str | None:
    """The first of some texts that is a date, and not after the capture."""
    for text in texts:
        found = not_after(stated(text, months), captured_at)
        if found is not None:
            return found
    return None
