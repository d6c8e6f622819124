"""What befalls papers besides outages, and what a person has to be told of it: walls, a broken template, silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from archive.alarms import Alarm
    from bench.world.stories import Paper

_HOUR, _DAY = 60, 24 * 60

#: The code of the alarm that it has to open. `blocked`: a challenge comes instead of each article, with status 200.
#: `broken`: the template has lost the text, and nothing of what the head of a page says. `silent`: nothing comes.
Kind = Literal["blocked", "broken", "silent"]

SHORTEST = 10  #: days that a world of troubles lasts: nobody is silent before a week is over
LONGEST_WALL = 30 * _HOUR
#: Minutes within which it has to be told. A paper so young is silent after a week.
TOLD_WITHIN: Mapping[Kind, int] = {"blocked": _DAY, "broken": 2 * _DAY, "silent": 8 * _DAY}
CALM_WITHIN = 2 * _DAY  #: minutes after which an alarm has to be over when what it told of is


@dataclass(frozen=True, slots=True)
class Trouble:
    """One of them, in minutes of the world; without `until` it stays."""

    kind: Kind
    since: int
    until: int | None = None

    def lasts(self, now: int) -> bool:
        """Whether it is there at a moment."""
        return self.since <= now and (self.until is None or now < self.until)


def troubles(papers: int, days: int) -> dict[int, Trouble]:
    """The troubles of a world, by the number of a paper; none in one too small or too short for them."""
    if papers < 4 or days < SHORTEST:
        return {}
    return {
        0: Trouble("blocked", _hour(days, 0.5), _hour(days, 0.5) + LONGEST_WALL),
        1: Trouble("broken", _hour(days, 0.6)),
        2: Trouble("silent", _hour(days, 0.15)),
    }


def misjudged(
    papers: Iterable[Paper], opened: Sequence[tuple[int, Alarm]], ended: Sequence[tuple[int, Alarm]], last: int
) -> Iterator[str]:
    """Alarms (with the minute at which they opened or ended) that tell of nothing, or twice; troubles not told in time.

    `last` is the minute of the last run.
    """
    known = {paper.ip: paper.trouble for paper in papers if paper.trouble is not None}
    for at, alarm in opened:
        if not _justified(known.get(alarm.source), alarm.code, at):
            yield f"false alarm at minute {at}: {alarm.source} {alarm.code}: {alarm.evidence}"
    for source, trouble in known.items():
        mine = [at for at, alarm in opened if (alarm.source, alarm.code) == (source, trouble.kind)]
        limit = trouble.since + TOLD_WITHIN[trouble.kind]
        if limit <= last and not any(trouble.since <= at <= limit for at in mine):
            yield f"not told: {source} is {trouble.kind} since minute {trouble.since}, alarms at {mine}"
        if len(mine) > 1:
            yield f"told {len(mine)} times: {source} is {trouble.kind} since minute {trouble.since}: {mine}"
        calm = None if trouble.until is None else trouble.until + CALM_WITHIN
        over = [at for at, alarm in ended if (alarm.source, alarm.code) == (source, trouble.kind)]
        if calm is not None and calm <= last and not any(at <= calm for at in over):
            yield f"not over: {source} is not {trouble.kind} since minute {trouble.until}, ended at {over}"


def _justified(trouble: Trouble | None, code: str, at: int) -> bool:
    return trouble is not None and trouble.kind == code and trouble.lasts(at)


def _hour(days: int, share: float) -> int:
    return int(days * 24 * share) * _HOUR
