"""The edge where the time of day comes in."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> str:
    """The moment, UTC, ISO 8601 with microseconds and a Z: the form of every time in the archive."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
