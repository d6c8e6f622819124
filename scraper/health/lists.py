"""Lists that fail: turned to HTML, out of reach, gone for good, forbidden by robots.txt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archive.alarms import Code, Pulse
from scraper.health.finding import DAY, Finding, Past, Verdict, Well, percent, share, span

HTML_FOR = DAY / 4  #: a page for maintenance stands shorter
OUT_FOR = DAY
GONE_FOR = 14 * DAY
RUNS = 2  #: one run alone is never enough
FORBIDDEN = 0.5  #: share of addresses from which robots.txt has turned against us
ALLOWED = 0.2  #: share up to which it had not


def turned_to_html(past: Past) -> Verdict:
    """Whether pages come where feeds and sitemaps used to be."""
    return _lasting(
        past.pulses,
        lambda pulse: pulse.lists_html > 0,
        HTML_FOR,
        lambda pulse, lasted: Finding(
            Code.FEED_HTML, f"{pulse.lists_html} of {pulse.lists} lists have been a page for {span(lasted)}"
        ),
    )


def unreachable(past: Past) -> Verdict:
    """Whether none of its lists can be read; what is gone for good is `finished`."""
    gone = _lasting(
        past.pulses,
        lambda pulse: 0 < pulse.lists == pulse.lists_gone,
        GONE_FOR,
        lambda pulse, lasted: Finding(Code.FINISHED, f"all its {pulse.lists} lists have been gone for {span(lasted)}"),
    )
    if isinstance(gone, Finding):
        return gone
    return _lasting(
        past.pulses,
        lambda pulse: 0 < pulse.lists == pulse.lists_failing,
        OUT_FOR,
        lambda pulse, lasted: Finding(
            Code.UNREACHABLE, f"none of its {pulse.lists} lists could be read for {span(lasted)}"
        ),
    )


def newly_forbidden(past: Past) -> Verdict:
    """Whether robots.txt forbids most of what it used to allow."""
    before = [pulse for pulse in past.pulses if past.since is None or pulse.at < past.since]
    now = [pulse for pulse in past.pulses[-RUNS:] if pulse.seen + pulse.lists]
    if len(now) < RUNS:
        return Well.UNSURE
    shares = [share(pulse.forbidden, pulse.seen + pulse.lists) for pulse in now]
    if not all(each >= FORBIDDEN for each in shares):
        return Well.FINE
    usual = before if past.open else before[:-RUNS]
    kept_out, of = sum(pulse.forbidden for pulse in usual), sum(pulse.seen + pulse.lists for pulse in usual)
    if not of or share(kept_out, of) > ALLOWED:
        return Well.UNSURE if past.open else Well.FINE
    last = now[-1]
    said = percent(last.forbidden, last.seen + last.lists)
    return Finding(
        Code.ROBOTS, f"robots.txt forbids {said} of its addresses and lists; before, {percent(kept_out, of)}"
    )


def _lasting(
    pulses: Sequence[Pulse],
    bad: Callable[[Pulse], bool],
    shortest: float,
    finding: Callable[[Pulse, float], Finding],
) -> Verdict:
    """A finding where the newest pulses are all bad, for so long and in at least `RUNS` runs."""
    if not pulses or not pulses[-1].lists:
        return Well.UNSURE
    streak = 0
    while streak < len(pulses) and bad(pulses[-1 - streak]):
        streak += 1
    if not streak:
        return Well.FINE
    lasted = pulses[-1].at - pulses[-streak].at
    return finding(pulses[-1], lasted) if streak >= RUNS and lasted >= shortest else Well.UNSURE
