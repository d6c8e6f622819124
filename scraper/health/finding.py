"""What a decider answers: a finding with its evidence, that all is well, or that it cannot tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from archive.alarms import Code, Pulse

DAY = 86400.0


class Well(Enum):
    """No finding: what is usual came, or too little came to tell. An open alarm ends only with the first."""

    FINE = "fine"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something is wrong; `evidence` is a sentence with figures, for people."""

    code: Code
    evidence: str


Verdict = Finding | Well


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a source: its pulses by time, and since when an alarm of the kind in question is open.

    What came since then is no measure of what is usual.
    """

    pulses: Sequence[Pulse]
    since: float | None = None

    @property
    def open(self) -> bool:
        """Whether the alarm is open."""
        return self.since is not None


def share(part: int, whole: int) -> float:
    """A share from 0 to 1; 0 of nothing."""
    return part / whole if whole else 0.0


def differs(part: int, whole: int, usual_part: int, usual_whole: int) -> float:
    """How many standard deviations a share lies above a usual one (two proportions, pooled); negative below it."""
    if not whole or not usual_whole:
        return 0.0
    pooled = (part + usual_part) / (whole + usual_whole)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / whole + 1 / usual_whole))
    return (share(part, whole) - share(usual_part, usual_whole)) / spread if spread else 0.0


def span(seconds: float) -> str:
    """A time for people: `14 hours`, `9 days`."""
    count, unit = (round(seconds / 3600), "hour") if seconds < 2 * DAY else (round(seconds / DAY), "day")
    return f"{count} {unit}" + ("" if count == 1 else "s")


def percent(part: int, whole: int) -> str:
    """A share for people: `12 of 40 (30 %)`."""
    return f"{part:,} of {whole:,} ({100 * share(part, whole):.0f} %)"
