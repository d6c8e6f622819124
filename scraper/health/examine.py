"""All deciders over one source: from its pulses and open alarms to what opens, goes on and ends. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from archive.alarms import Alarm, Code, Pulse
from archive.moments import seconds_of
from scraper.health.finding import Finding, Past, Verdict, Well
from scraper.health.lists import newly_forbidden, turned_to_html, unreachable
from scraper.health.pages import blocked, broken, missing, refused
from scraper.health.silence import silence


@dataclass(frozen=True, slots=True)
class Decider:
    """What decides, the codes it may answer with, and those beside which it cannot tell: they are decided before."""

    decide: Callable[[Past], Verdict]
    codes: tuple[Code, ...]
    deaf: frozenset[Code] = frozenset()


DECIDERS: Sequence[Decider] = (
    Decider(unreachable, (Code.UNREACHABLE, Code.FINISHED)),
    Decider(turned_to_html, (Code.FEED_HTML,)),
    Decider(newly_forbidden, (Code.ROBOTS,)),
    Decider(refused, (Code.REFUSED,)),
    Decider(missing, (Code.MISSING,)),
    Decider(blocked, (Code.BLOCKED,)),
    Decider(broken, (Code.BROKEN,)),
    # the articles of a source that refuses, blocks or has broken do not come through, whether or not it publishes
    Decider(silence, (Code.SILENT, Code.FINISHED), frozenset({Code.REFUSED, Code.BLOCKED, Code.BROKEN})),
)


def examine(
    source: str, pulses: Sequence[Pulse], alarms: Iterable[Alarm], now: str, muted_until: date | None = None
) -> list[Alarm]:
    """The alarms of a source that change: new ones, those that go on (with today's evidence), and those that end.

    `alarms` are its open ones. A finding that names another word of its decider ends the first: what was silent and
    is finished is no longer silent. A source that is muted in the settings opens none.
    """
    open_ = {alarm.code: alarm for alarm in alarms}
    findings: dict[Code, Finding] = {}
    unsure: set[Code] = set()
    for decider in DECIDERS:
        codes = decider.codes
        since = min((seconds_of(open_[code].since) or 0.0 for code in codes if code in open_), default=None)
        hears = decider.deaf.isdisjoint(findings.keys() | (unsure & open_.keys()))
        verdict = decider.decide(Past(pulses, since)) if hears else Well.UNSURE
        if isinstance(verdict, Finding):
            findings.setdefault(verdict.code, verdict)
        elif verdict is Well.UNSURE:
            unsure.update(codes)
    return list(_changed(source, findings, unsure, open_, now, muted_until))


def _changed(
    source: str,
    findings: Mapping[Code, Finding],
    unsure: set[Code],
    open_: Mapping[Code, Alarm],
    now: str,
    muted_until: date | None,
) -> Iterator[Alarm]:
    for code, finding in findings.items():
        if code in open_:
            yield replace(open_[code], last=now, evidence=finding.evidence)
        elif muted_until is None or now[:10] >= muted_until.isoformat():
            yield Alarm(code, source, since=now, last=now, evidence=finding.evidence)
    for code, alarm in open_.items():
        if code not in findings and code not in unsure:
            yield replace(alarm, ended=now)
