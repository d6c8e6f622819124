"""Dates as lists and addresses give them: a day lasts until it ends."""

from __future__ import annotations

import re

from archive.moments import seconds_of

_DAY_IN_PATH = re.compile(r"(?<!\d)((?:19|20)\d\d)([/_-]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")


def day_in(url: str) -> float | None:
    """The end of the day that an address names in its path (`/2026/11/24/`, `2026-11-24`, `20261124`), else None."""
    match = _DAY_IN_PATH.search(url)
    if match is None:
        return None
    return seconds_of(f"{match[1]}-{match[3]}-{match[4]}T23:59:59")


def latest(moment: str | None) -> float | None:
    """The latest moment that an ISO 8601 date or time can mean: a day is over at its end. None where it is none."""
    if moment is not None and len(moment.strip()) == len("2026-11-24"):
        return seconds_of(f"{moment.strip()}T23:59:59")
    return seconds_of(moment)
