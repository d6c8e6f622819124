"""The health of all sources at the end of a crawl: pulses taken, past read, deciders asked, alarms kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from archive.alarms import Alarm
from archive.moments import iso
from scraper.health.examine import examine

if TYPE_CHECKING:
    from archive.store import Archive
    from scraper.settings import Source


def after_crawl(archive: Archive, sources: Sequence[Source], now: float) -> list[Alarm]:
    """Examine the sources that this run crawled; returns the alarms that opened, went on or ended.

    Call it in the run, when all is recorded and before `finish_run`. `sources` are all that the settings name: an
    alarm of one that is no longer among them ends. `now` is in seconds since the epoch.
    """
    pulses = archive.take_pulses({source.name: source.places for source in sources})
    health, moment = archive.health, iso(now)
    open_, known = health.alarms(), {source.name: source for source in sources}
    changed = [replace(alarm, ended=moment) for alarm in open_ if alarm.source and alarm.source not in known]
    for name, pulse in pulses.items():
        if name in known:
            past = [*health.past(name, now), pulse]
            own = [alarm for alarm in open_ if alarm.source == name]
            changed += examine(name, past, own, moment, known[name].muted_until)
    archive.note_health(pulses, changed)
    return changed


def opened(changed: Sequence[Alarm], now: float) -> list[Alarm]:
    """Of the alarms that changed, those that this run found first: what somebody has to be told."""
    return [alarm for alarm in changed if alarm.since == iso(now) and alarm.ended is None]
