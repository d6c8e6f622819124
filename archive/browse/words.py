"""Values as words for people: dates as precise as they are, figures, and which addresses may be linked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_OPENING = 90  # characters
_TOLD = 300  # characters that tell which way a text runs
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d:\d\d)(?::\d\d)?(?:[.,]\d+)?(.*))?)?)?", re.ASCII)


def date(moment: str | None) -> str:
    """An ISO 8601 date as it is said: what it does not tell is not told, and its offset stays as it was given."""
    match = _DATE.fullmatch((moment or "").strip())
    if not match:
        return moment or ""
    year, month, day, time, zone = match.groups()
    if month and not 1 <= int(month) <= len(_MONTHS):
        return moment or ""
    said = " ".join(part for part in (day and str(int(day)), month and _MONTHS[int(month) - 1], year) if part)
    if not time:
        return said
    zone = "UTC" if zone == "Z" else zone
    return f"{said}, {time} {zone}".strip()


def named(row: Any) -> str:
    """What an article is called: its title, else how its text begins. `row` has both, by attribute or by key."""
    title, text = (row["title"], row["text"]) if isinstance(row, Mapping) else (row.title, row.text)
    if title:
        return str(title)
    opening = " ".join(text.split())
    return opening if len(opening) <= _OPENING else opening[:_OPENING].rpartition(" ")[0] + " …"


def direction(row: Any) -> str:
    """Which way an article runs, for `dir`: as most letters at its beginning do (UAX #9). `row` as for `named`."""
    title, text = (row["title"], row["text"]) if isinstance(row, Mapping) else (row.title, row.text)
    ways = [unicodedata.bidirectional(letter) for letter in f"{title or ''} {text}"[:_TOLD]]
    return "rtl" if ways.count("R") + ways.count("AL") > ways.count("L") else "ltr"


def number(value: int) -> str:
    """A figure with its thousands apart."""
    return f"{value:,}".replace(",", "\u202f")


def size(value: int) -> str:
    """Bytes as people count them."""
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value} {unit}"
        value = round(value / 1000)
    return f"{value} GB"


def is_web(address: str | None) -> bool:
    """Whether an address may be made a link: http or https with a host, no `javascript:`, no `data:`."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
