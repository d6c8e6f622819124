"""Moments as the deciders reckon with them, and as the archive holds them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DAY_IN_PATH = re.compile(r"(?<!\d)((?:19|20)\d\d)([/_-]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")


def iso(seconds: float) -> str:
    """UTC, ISO 8601 with microseconds and a Z: the form of every time in the archive."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def seconds_of(moment: str | None) -> float | None:
    """Seconds since the epoch of an ISO 8601 date or time; a time without a zone is UTC. None where it is none."""
    if not moment:
        return None
    try:
        parsed = datetime.fromisoformat(moment.strip())
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def day_in(url: str) -> float | None:
    """The end of the day that an address names in its path (`/2026/11/24/`, `2026-11-24`, `20261124`), else None."""
    match = _DAY_IN_PATH.search(url)
    if match is None:
        return None
    return seconds_of(f"{match[1]}-{match[3]}-{match[4]}T23:59:59")
