"""Silent and finished: how long nothing new may not come, by how often a source publishes.

The measure is the third longest pause of the last eight weeks, or of as long as it takes to have four pauses: a
weekend comes eight times in eight weeks and is usual, one holiday or outage is not. A pause at the same time of the
year counts where the past reaches so far: a paper that closes in August is expected to close in August. Only watched
time counts: a computer that was off heard nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from archive.alarms import Code, Pulse
from scraper.health.finding import DAY, Finding, Past, Verdict, Well, span

RECENT = 56 * DAY
YEAR = 365 * DAY
SEASON = 21 * DAY  #: a pause of last year counts if it began within so many days of this one
SHORTEST = DAY  #: nobody is silent before
YOUNG = 28 * DAY  #: so long its weekends are not known yet ...
SHORTEST_YOUNG = 7 * DAY  #: ... and so long nobody is silent before
SLACK = 3 * DAY  #: what is granted on top of a usual pause ...
SHARE = 0.3  #: ... or this share of the pause, where that is longer ...
MOST = 1.5  #: ... at most so many times the pause: one in a thousand of a paper without hours is over twice the usual
FINISHED = 60 * DAY  #: nobody is finished before
TIMES = 3.0  #: ... nor before so many times the pause that makes it silent
FEW = 4  #: pauses that have to be known
WATCHED = 3.0  #: times the usual time between two runs: what is longer was not watched ...
UNWATCHED = 0.3 * DAY  #: ... if it is longer than this, too
NEVER = 7 * DAY  #: a source that never brought anything is told then


def silence(past: Past) -> Verdict:
    """Whether nothing has come for too long while its lists could be read."""
    pulses = past.pulses
    if not pulses or not _readable(pulses[-1]):
        return Well.UNSURE
    watch = _watched(pulses)
    came = [n for n, pulse in enumerate(pulses) if pulse.new]
    if not came:
        return _never(watch[-1])
    quiet = watch[-1] - watch[came[-1]]
    usual = _usual(pulses, watch, came)
    if usual is None:
        return _too_little_known(quiet)
    shortest = SHORTEST_YOUNG if watch[-1] < YOUNG else SHORTEST
    limit = max(shortest, usual + min(MOST * usual, max(SLACK, SHARE * usual)))
    if quiet <= limit:
        return Well.FINE
    said = f"nothing new for {span(quiet)}; its usual pauses are up to {span(usual)}"
    return Finding(Code.FINISHED if quiet > max(FINISHED, TIMES * limit) else Code.SILENT, said)


def _readable(pulse: Pulse) -> bool:
    """Whether at least one of its lists could be read; what cannot be read is another finding."""
    return pulse.lists_failing < pulse.lists or not pulse.lists


def _watched(pulses: Sequence[Pulse]) -> list[float]:
    """The watched seconds before each pulse."""
    steps = [later.at - earlier.at for earlier, later in pairwise(pulses)]
    longest = max(UNWATCHED, WATCHED * median(steps)) if steps else 0.0
    watch, total = [0.0], 0.0
    for (earlier, _), step in zip(pairwise(pulses), steps, strict=True):
        total += min(step, longest) if _readable(earlier) else 0.0
        watch.append(total)
    return watch


def _usual(pulses: Sequence[Pulse], watch: Sequence[float], came: Sequence[int]) -> float | None:
    """The pause that is usual now, in seconds; None where too little is known."""
    pauses = [(pulses[one].at, watch[other] - watch[one]) for one, other in pairwise(came)]
    now = pulses[-1].at
    recent = [length for begun, length in pauses if begun >= now - RECENT]
    known = recent if len(recent) >= FEW else [length for _, length in pauses[-FEW:]]
    if len(known) < FEW:
        return None
    usual = sorted(known)[-3]
    last = pulses[came[-1]].at
    seasonal = [length for begun, length in pauses if abs(last - begun - YEAR) <= SEASON]
    return max(usual, *seasonal) if seasonal else usual


def _never(watched: float) -> Verdict:
    if watched < NEVER:
        return Well.UNSURE
    return Finding(Code.SILENT, f"nothing has come from it in the {span(watched)} since it was added")


def _too_little_known(quiet: float) -> Verdict:
    """A source with few articles yet: a month is too long for any that gave some."""
    if quiet < FINISHED:
        return Well.UNSURE
    return Finding(Code.SILENT, f"nothing new for {span(quiet)}, after very little before")
