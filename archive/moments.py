"""Moments in the two forms they have: seconds since the epoch to reckon with, and ISO 8601 to store."""

from __future__ import annotations

from datetime import UTC, datetime


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
