"""`hemeroteca status`: how the archive stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from scraper.cli import alarms
from scraper.cli.clock import utc_now
from scraper.cli.crawl_view import crawl_json, crawl_lines
from scraper.cli.options import Common, common_options, json_option
from scraper.cli.progress import printable

if TYPE_CHECKING:
    from archive.alarms import Alarm
    from archive.store import Reader

RUNS = 10  #: runs shown
SITES = 20  #: sites shown, the longest silent first


@click.command()
@click.option("--ack", multiple=True, metavar="ALARM", help="Say that you know: CODE:SOURCE, CODE, or all.")
@click.option("--mute", multiple=True, metavar="ALARM", help="Say nothing of it until the day given by --until.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="The first day no longer muted.")
@json_option
@common_options
def status(ack: tuple[str, ...], mute: tuple[str, ...], until: datetime | None, as_json: bool, common: Common) -> int:
    """Show what is in the archive, the last runs, what failed, and what is wrong with which source.

    An alarm opens where a source is not as it used to be: silent, unreachable, feed-html, refused, missing, robots,
    blocked, broken, finished. It ends by itself when the source is as before. no-run says that no crawl has ended for
    twice the time after which the busiest source is due. While an alarm is open that nobody has acknowledged (--ack)
    or muted (--mute), the exit code is 1; with --quiet, for cron, nothing else is printed.

    \b
    Examples:
      hemeroteca status
      hemeroteca status --ack silent:example.org
      hemeroteca status --mute broken --until 2031-01-31
    """
    from archive.store import Archive
    from scraper.cli.compose import rules_folder
    from scraper.recipe import recipe_with

    now = utc_now()
    if ack or mute or until:
        alarms.judge(common, ack, mute, until.date() if until else None, now)
        return 0
    with Archive.read(common.folder) as reader:
        wrong = alarms.current(reader, now)
        loud = [alarm for alarm in wrong if alarm.loud(now)]
        if common.quiet and not as_json:
            click.echo("".join(f"hemeroteca: {line}\n" for line in alarms.shown(loud, now)), err=True, nl=False)
            return 1 if loud else 0
        found = look(reader, recipe_with(rules_folder(common.folder)))
        crawled = reader.last_crawl(), reader.stopped_patterns()
    if as_json:
        told = {"archive": str(common.folder), "alarms": alarms.as_rows(wrong, now), **found, **crawl_json(*crawled)}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo("\n".join([*text(common, found), *crawl_lines(*crawled), *_alarms(wrong, now)]))
    return 1 if loud else 0


def _alarms(wrong: Sequence[Alarm], now: str) -> Iterator[str]:
    if wrong:
        yield "Alarms (hemeroteca status --ack CODE:SOURCE says that you know):"
        yield from alarms.shown(wrong, now)


def look(reader: Reader, recipe: str) -> dict[str, Any]:
    """Everything `status` tells, as JSON has it."""
    runs = [asdict(run) for run, _ in zip(reader.runs(), range(RUNS), strict=False)]
    return {
        **reader.counts(),
        "copies": copies(reader),
        "cleaned_otherwise": reader.cleaned_otherwise(recipe),
        "reasons": reader.reasons(),
        "last_runs": runs,
        "silent_sites": [dict(site) for site in reader.sites()[:SITES]],
    }


def copies(reader: Reader) -> dict[str, Any]:
    """Copies, clusters and revisions in figures, and the hubs that most texts share."""
    from archive.db import relations

    conn = reader.db.conn
    return {
        **relations.figures(conn),
        "hub_keys": relations.count_hubs(conn),
        "hubs": [asdict(hub) for hub in relations.hubs(conn)],
    }


def text(common: Common, found: Mapping[str, Any]) -> Iterator[str]:
    """The same for a person."""
    yield f"{common.folder}"
    yield f"  {_many(found['articles'], 'article')} ({found['standing']:,} stand) of {_many(found['sites'], 'site')}"
    files = _many(found["warc_files"], "WARC file")
    yield f"  {_many(found['captures'], 'capture')} in {files}, {found['warc_bytes'] / 1e6:,.1f} MB"
    if found["cleaned_otherwise"]:
        count = found["cleaned_otherwise"]
        yield f"  {count:,} captures were cleaned with other rules than today's: try hemeroteca reclean"
    if found["reasons"]:
        yield "Nothing came of: " + ", ".join(f"{reason} {n:,}" for reason, n in found["reasons"].items())
    yield from _copies(found["copies"])
    if found["last_runs"]:
        yield "Last runs:"
        yield from map(_run, found["last_runs"])
    if found["silent_sites"]:
        yield "Sites, the longest silent first:"
        yield from map(_site, found["silent_sites"])


def _copies(found: Mapping[str, Any]) -> Iterator[str]:
    if found["clustered"]:
        clusters = _many(found["clusters"], "cluster")
        doubtful = f", {found['doubtful']:,} of them doubtful" if found["doubtful"] else ""
        yield f"Copies: {_many(found['clustered'], 'article')} in {clusters}{doubtful}"
    if found["changed"]:
        yield f"Revisions: {_many(found['changed'], 'address')} changed ({_many(found['revisions'], 'time')})"
    if found["waiting"]:
        yield f"Not yet compared: {_many(found['waiting'], 'article')}; the next run does it"
    if found["hub_keys"]:
        yield f"Hubs: {found['hub_keys']:,} runs of words in so many texts that a cleaning rule may be missing:"
        yield from (printable(f"  {hub['texts']:,}  {hub['words']}") for hub in found["hubs"])


def _run(run: Mapping[str, Any]) -> str:
    counts = (f"{run[name]:,} {name}" for name in ("pages", "new", "duplicates", "unchanged", "failed") if run[name])
    return printable(
        f"  {run['started'][:16]}  {run['outcome'] or 'running':<11}  {run['command']}  {', '.join(counts)}"
    )


def _site(site: Mapping[str, Any]) -> str:
    return printable("  " + "  ".join(str(value) for value in site.values() if value is not None))


def _many(count: int, what: str) -> str:
    plural = f"{what}es" if what.endswith("s") else f"{what}s"
    return f"{count:,} {what if count == 1 else plural}"
