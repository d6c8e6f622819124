"""Alarms on the command line: shown by `status`, acknowledged and muted there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.options import Common
from scraper.cli.progress import printable

if TYPE_CHECKING:
    from archive.alarms import Alarm
    from archive.store import Reader

ALL = "all"


def current(reader: Reader, now: str) -> list[Alarm]:
    """The open alarms, and whether the job itself is late, first."""
    from archive.errors import SettingsError
    from archive.moments import seconds_of
    from scraper.health.heartbeat import late
    from scraper.settings import load_settings

    try:
        settings = load_settings(reader.folder)
        since = settings.path.stat().st_mtime
    except (SettingsError, OSError):
        return reader.health.alarms()
    every = [source.every for source in settings.sources]
    overdue = late(seconds_of(reader.health.last_crawl()), since, every, seconds_of(now) or 0.0)
    return [*([overdue] if overdue else []), *reader.health.alarms()]


def shown(alarms: Sequence[Alarm], today: str) -> Iterator[str]:
    """The alarms for a person; `!` marks those that nobody has acknowledged."""
    for alarm in sorted(alarms, key=lambda alarm: not alarm.loud(today)):
        mark = "!" if alarm.loud(today) else " "
        known = f"  (acknowledged {alarm.acknowledged[:10]})" if alarm.acknowledged else ""
        known = f"  (muted until {alarm.muted_until})" if alarm.muted(today) else known
        yield printable(f"{mark} {alarm.code:<11}  {alarm.source}  since {alarm.since[:10]}: {alarm.evidence}{known}")


def as_rows(alarms: Sequence[Alarm], today: str) -> list[dict[str, Any]]:
    """The alarms as JSON has them."""
    return [{**asdict(alarm), "loud": alarm.loud(today)} for alarm in alarms]


def judge(common: Common, acknowledge: Sequence[str], mute: Sequence[str], until: date | None, now: str) -> None:
    """Write down what a person says of open alarms, in a run of its own, so that a rebuild knows it too."""
    from archive.errors import UsageError
    from archive.store import Archive
    from scraper.cli.clock import utc_now
    from scraper.cli.run import command_line

    if bool(mute) != (until is not None):
        raise UsageError("--mute and --until belong together: --mute CODE:SOURCE --until 2031-01-31")
    with Archive.read(common.folder) as reader:
        open_ = reader.health.alarms()
    judged = [replace(alarm, acknowledged=now) for alarm in _chosen(acknowledge, open_)]
    judged += [replace(alarm, muted_until=until.isoformat()) for alarm in _chosen(mute, open_) if until]
    with Archive.open(common.folder, utc_now) as archive:
        archive.start_run(command_line())
        for alarm in judged:
            archive.note("alarm", asdict(alarm))
        archive.finish_run("ok")
    if not common.quiet:
        for alarm in judged:
            what = f"muted until {alarm.muted_until}" if alarm.muted_until else "acknowledged"
            click.echo(printable(f"{alarm.code}:{alarm.source}: {what}"))


def tell_outside(alarms: Sequence[Alarm], command: str | None, ping_url: str | None) -> None:
    """Give alarms to the operator's command, and tell a watch outside of a good end; what fails is a line on stderr."""
    from scraper.health.hooks import ping, run_command

    failed = [run_command(command, alarms) if command and alarms else None, ping(ping_url) if ping_url else None]
    for line in filter(None, failed):
        click.echo(printable(f"hemeroteca: {line}"), err=True)


def _chosen(names: Sequence[str], alarms: Sequence[Alarm]) -> Iterator[Alarm]:
    """The open alarms that are named `CODE:SOURCE`, `CODE` or `all`. Raises UsageError for a name of none."""
    from archive.errors import UsageError

    for name in names:
        code, _, source = name.partition(":")
        found = [a for a in alarms if name == ALL or (a.code == code and source in ("", a.source))]
        if not found:
            there = ", ".join(f"{alarm.code}:{alarm.source}" for alarm in alarms) or "none at all"
            raise UsageError(f"no alarm {name} is open; there is {there}")
        yield from found
