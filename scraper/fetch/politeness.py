"""The manners of one host: when it may be asked next. Pure: a state, an answer and the time give the next state.

Between two requests lie the source's delay, what robots.txt asks for, and twice the time the server takes to answer,
whichever is longest, counted from the end of the last answer. 429 and 503 double the wait each time, with a random
part on top, and never less than Retry-After (RFC 9110, 10.2.3). A host that keeps failing is left alone for forty
minutes, then longer; that outlives the run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random
from urllib.parse import urlsplit

SLOWNESS = 2.0  #: times the answer time: the share of a slow server that is left to others
LONGEST_DELAY = 600.0  #: seconds, whatever robots.txt asks for
LONGEST_ADAPTED = 60.0  #: seconds of delay that a slow server can bring about
BACK_OFF = 30.0  #: seconds, doubled with each 429 or 503 in a row
LONGEST_BACK_OFF = 3600.0  #: seconds
LONGEST_RETRY_AFTER = 24 * 3600.0  #: seconds
PATIENCE = 5  #: failures, or 429 and 503, in a row
REST = 2400.0  #: seconds, doubled with each rest in a row; the first is over when cron comes again in an hour
LONGEST_REST = 24 * 3600.0  #: seconds
_SMOOTHING = 0.3  # of the newest answer time in the running mean


@dataclass(frozen=True, slots=True)
class Answer:
    """How an exchange went: `status` is None where nothing came; `seconds` is how long the server took."""

    status: int | None
    seconds: float
    retry_after: str | None = None

    @property
    def pushed_back(self) -> bool:
        """Whether the server asks for fewer requests."""
        return self.status in (429, 503)

    @property
    def failed(self) -> bool:
        """Whether the server could not answer."""
        return self.status is None or (self.status >= 500 and self.status != 503)

    @property
    def in_vain(self) -> bool:
        """Whether it is the server that is in trouble, and not what it was asked for."""
        return self.pushed_back or self.failed


@dataclass(frozen=True, slots=True)
class Manners:
    """The state of a host. Times are seconds since the epoch, spans seconds.

    `next_at`: not before; `answer`: the running mean of its answer times; `failures` and `pushed`: in a row; `rests`:
    times it was left alone since it last answered well; `resting_until`: nothing is asked of it before.
    """

    delay: float
    next_at: float = 0.0
    answer: float = 0.0
    failures: int = 0
    pushed: int = 0
    rests: int = 0
    resting_until: float = 0.0

    @property
    def pause(self) -> float:
        """Seconds between the end of an answer and the next request; 0 where the source's delay is 0: it is yours."""
        if not self.delay:
            return 0.0
        return max(min(self.delay, LONGEST_DELAY), min(SLOWNESS * self.answer, LONGEST_ADAPTED))

    def wait(self, now: float) -> float:
        """Seconds until it may be asked."""
        return max(0.0, self.next_at - now, self.resting_until - now)

    def rests_at(self, now: float) -> bool:
        """Whether it is left alone: nothing is to be asked of it in this run."""
        return self.resting_until > now

    def asked_for(self, delay: float | None) -> Manners:
        """With the delay that another source or robots.txt asks for: the longest counts, from the last answer on."""
        if delay is None or delay <= self.delay:
            return self
        longer = replace(self, delay=delay)
        return replace(longer, next_at=self.next_at + longer.pause - self.pause) if self.next_at else longer

    def begun(self, now: float) -> Manners:
        """The state while a request that began `now` is under way: another one next to it keeps the distance too."""
        return replace(self, next_at=max(self.next_at, now + self.pause))

    def after(self, answer: Answer, now: float, random: Random) -> Manners:
        """The state after an answer that ended `now`."""
        if answer.pushed_back:
            return self._pushed_back(answer, now, random)
        if answer.failed:
            return self._failed(now, random)
        mean = answer.seconds if not self.answer else self.answer + _SMOOTHING * (answer.seconds - self.answer)
        calm = replace(self, answer=mean, failures=0, pushed=0, rests=0, resting_until=0.0)
        return replace(calm, next_at=now + calm.pause)

    def _pushed_back(self, answer: Answer, now: float, random: Random) -> Manners:
        pushed = self.pushed + 1
        wait = min(BACK_OFF * 2.0 ** (pushed - 1), LONGEST_BACK_OFF) * (1 + random.random() / 2)
        told = retry_after(answer.retry_after, now)
        after = replace(self, pushed=pushed, next_at=now + max(wait, told or 0.0, self.pause))
        return after._rested(now, random) if pushed >= PATIENCE else after

    def _failed(self, now: float, random: Random) -> Manners:
        failures = self.failures + 1
        wait = min(max(self.pause, 1.0) * 2.0 ** (failures - 1), LONGEST_BACK_OFF) * (1 + random.random() / 2)
        after = replace(self, failures=failures, next_at=now + (wait if self.delay else 0.0))
        return after._rested(now, random) if failures >= PATIENCE else after

    def _rested(self, now: float, random: Random) -> Manners:
        rest = min(REST * 2.0 ** min(self.rests, 20), LONGEST_REST) * (1 + random.random() / 4)
        until = max(now + rest, self.next_at)
        return replace(self, failures=0, pushed=0, rests=self.rests + 1, resting_until=until)


def host_of(url: str) -> str:
    """Name and port of an address, whatever its scheme: what manners are kept by."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def retry_after(value: str | None, now: float) -> float | None:
    """Seconds that a Retry-After field asks for, as a number or a date (RFC 9110, 10.2.3); None where it says none."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    aware: datetime = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(aware.timestamp() - now, 0.0), LONGEST_RETRY_AFTER)
