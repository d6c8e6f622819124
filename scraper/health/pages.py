"""Pages that come otherwise than they used to: refused, missing, blocked, broken.

Each is a share of the newest pages against the share of those before. The newest are those of the last runs that make
up `ENOUGH`, no older than two weeks; a rise has to be large and more than chance (two proportions, 4 standard
deviations). What came since an alarm opened is never taken for usual.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from archive.alarms import Code, Pulse
from scraper.health.finding import DAY, Finding, Past, Verdict, Well, differs, percent, share

ENOUGH = 20  #: pages that are looked at as the newest
FEWEST = 8  #: pages below which nothing can be told
KNOWN = 30  #: pages that have to be known from before
RECENT = 14 * DAY
BEFORE = 90 * DAY
LARGE = 0.25  #: a share that rose or fell by so much
SURE = 4.0  #: standard deviations
MOSTLY = 0.5  #: what most articles had may be missed
LOST = 0.4  #: ... where under this part of its share is left
SHORT = 0.4  #: an article's mean length, against that of before

FIELDS = {"title": "title", "authors": "authors", "published": "date"}

Count = Callable[[Pulse], int]


@dataclass(frozen=True, slots=True)
class Window:
    """The newest pulses with enough of something in them, and those before."""

    now: Sequence[Pulse]
    before: Sequence[Pulse]

    def sums(self, count: Count) -> tuple[int, int]:
        """A count over both."""
        return sum(map(count, self.now)), sum(map(count, self.before))


def refused(past: Past) -> Verdict:
    """Whether more pages are refused than before."""
    return _risen(past, Code.REFUSED, lambda pulse: pulse.refused, lambda pulse: pulse.fetched, "were refused")


def missing(past: Past) -> Verdict:
    """Whether more pages are missing than before."""
    return _risen(past, Code.MISSING, lambda pulse: pulse.missing, lambda pulse: pulse.fetched, "were not there")


def blocked(past: Past) -> Verdict:
    """Whether walls come instead of pages, told by their phrases or by all pages being the same one."""
    walls = _risen(past, Code.BLOCKED, lambda pulse: pulse.walls, lambda pulse: pulse.answered, "were walls")
    if isinstance(walls, Finding):
        return walls
    alike = _risen(past, Code.BLOCKED, lambda pulse: pulse.alike, lambda pulse: pulse.answered, "were the same page")
    return alike if isinstance(alike, Finding) else _worse(walls, alike)


def broken(past: Past) -> Verdict:
    """Whether less is read from pages than before: their text, a field by where it came from, a site rule."""
    window = window_of(past, _readable)
    if window is None:
        return Well.UNSURE
    losses = [*_lost_text(window), *_lost_length(window), *_lost_fields(window), *_lost_rules(window)]
    if losses:
        return Finding(Code.BROKEN, "; ".join(losses))
    return Well.FINE


def window_of(past: Past, count: Count) -> Window | None:
    """The newest pulses with `ENOUGH` of a count, and those before; None where either has too little to tell."""
    pulses = past.pulses
    if not pulses:
        return None
    newest, at, total = pulses[-1].at, len(pulses), 0
    while at and total < ENOUGH and pulses[at - 1].at > newest - RECENT:
        at -= 1
        total += count(pulses[at])
    end = pulses[at].at if at < len(pulses) else newest
    end = min(end, past.since) if past.since is not None else end
    before = [pulse for pulse in pulses[:at] if end - BEFORE <= pulse.at < end]
    if total < FEWEST or sum(map(count, before)) < KNOWN:
        return None
    return Window(pulses[at:], before)


def _risen(past: Past, code: Code, part: Count, whole: Count, what: str) -> Verdict:
    window = window_of(past, whole)
    if window is None:
        return Well.UNSURE
    (now, usual), (of, of_usual) = window.sums(part), window.sums(whole)
    risen = share(now, of) - share(usual, of_usual)
    if risen >= LARGE and differs(now, of, usual, of_usual) >= SURE:
        return Finding(code, f"{percent(now, of)} of the newest pages {what}; before, {percent(usual, of_usual)}")
    return Well.UNSURE if past.open and risen >= LARGE / 2 else Well.FINE


def _readable(pulse: Pulse) -> int:
    """Pages from which something could be read: what is no wall."""
    return max(0, pulse.answered - pulse.walls)


def _lost_text(window: Window) -> Iterator[str]:
    (now, usual), (of, of_usual) = window.sums(lambda pulse: pulse.articles), window.sums(_readable)
    fallen = share(usual, of_usual) - share(now, of)
    if fallen >= LARGE and -differs(now, of, usual, of_usual) >= SURE:
        yield f"{percent(now, of)} of the newest pages gave an article; before, {percent(usual, of_usual)}"


def _lost_length(window: Window) -> Iterator[str]:
    (now, usual), (of, of_usual) = window.sums(lambda pulse: pulse.words), window.sums(lambda pulse: pulse.articles)
    if of < FEWEST or of_usual < KNOWN:
        return
    length, usual_length = now / of, usual / of_usual
    if length < SHORT * usual_length:
        yield f"articles have {length:.0f} words; before, {usual_length:.0f}"


def _lost_fields(window: Window) -> Iterator[str]:
    """Fields by who said them: a meta element that fills in does not hide a byline that is lost."""
    of, of_usual = window.sums(lambda pulse: pulse.articles)
    for field, called in FIELDS.items():
        origins = {origin for pulse in window.before for origin in pulse.origins.get(field, {})}
        for origin in sorted(origins):
            now, usual = window.sums(_from(field, origin))
            if _is_lost(now, of, usual, of_usual):
                yield f"{called} from {origin} on {percent(now, of)}; before, {percent(usual, of_usual)}"


def _lost_rules(window: Window) -> Iterator[str]:
    of, of_usual = window.sums(lambda pulse: pulse.articles)
    for rule in sorted({rule for pulse in window.before for rule in pulse.rules}):
        now, usual = window.sums(_by_rule(rule))
        if _is_lost(now, of, usual, of_usual):
            yield f"rule {rule} was used on {percent(now, of)}; before, {percent(usual, of_usual)}"


def _is_lost(now: int, of: int, usual: int, of_usual: int) -> bool:
    """Whether what most had is gone from most."""
    if of < FEWEST or of_usual < KNOWN or share(usual, of_usual) < MOSTLY:
        return False
    return share(now, of) < LOST * share(usual, of_usual) and -differs(now, of, usual, of_usual) >= SURE


def _from(field: str, origin: str) -> Count:
    return lambda pulse: _in(pulse.origins.get(field, {}), origin)


def _by_rule(rule: str) -> Count:
    return lambda pulse: _in(pulse.rules, rule)


def _in(counts: Mapping[str, int], name: str) -> int:
    return counts.get(name, 0)


def _worse(one: Verdict, other: Verdict) -> Verdict:
    return Well.UNSURE if Well.UNSURE in (one, other) else Well.FINE
