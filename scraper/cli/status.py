"""`hemeroteca status`: how the archive stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.crawl_view import crawl_json, crawl_lines
from scraper.cli.options import Common, common_options, json_option
from scraper.cli.progress import printable

if TYPE_CHECKING:
    from archive.store import Reader

RUNS = 10  #: runs shown
SITES = 20  #: sites shown, the longest silent first


@click.command()
@json_option
@common_options
def status(as_json: bool, common: Common) -> None:
    """Show what is in the archive, the last runs, what failed, and which sites have gone silent."""
    from archive.store import Archive
    from scraper.clean.kit import load_kit
    from scraper.cli.compose import rules_folder

    recipe = load_kit(rules_folder(common.folder)).recipe
    with Archive.read(common.folder) as reader:
        found = look(reader, recipe)
        crawled = reader.last_crawl(), reader.stopped_patterns()
    if as_json:
        told = {"archive": str(common.folder), **found, **crawl_json(*crawled)}
        click.echo(json.dumps(told, ensure_ascii=False))
    elif not common.quiet:
        click.echo("\n".join([*text(common, found), *crawl_lines(*crawled)]))


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
