"""`hemeroteca verify`: every byte, digest and row against each other."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from archive.errors import ArchiveError, ArchiveLocked
from scraper.cli.options import Common, common_options, json_option
from scraper.cli.progress import printable

if TYPE_CHECKING:
    from archive.verify import Finding, Progress

DAMAGED = 3


@click.command()
@click.option("--repair", is_flag=True, help="Where something is wrong: build news.db anew from the WARC files.")
@json_option
@common_options
def verify(repair: bool, as_json: bool, common: Common) -> int:
    """Check every WARC byte, digest and database row against each other.

    Walks from article to capture to WARC record to digest, and back: any change of one byte in a WARC file or in an
    article's text is found. Nothing is changed. Exit code 3 where something is wrong; each finding is a line on
    stdout.

    With --repair a database that is wrong or missing is set aside (news.db.<time>.bad) and a new one is made from
    the WARC files alone: articles, captures and removed lines, cleaned with the rules of today, and the runs and the
    inputs that could not be read, of which notes are kept there. Bytes that are lost in a WARC file stay lost; its
    intact records are taken. Then all is checked once more: what is still wrong is told, with exit code 3.
    """
    if not repair:
        return examine(common, as_json=as_json)
    from scraper.cli.repair import database_of, rebuild

    if database_of(common.folder).exists() and _sound(common, as_json=as_json):
        return 0
    counts = rebuild(common, as_json=as_json)
    return examine(common, as_json=as_json, about={"rebuilt": True, **counts})


def _sound(common: Common, *, as_json: bool) -> bool:
    """Whether there is nothing to repair; what is wrong is told, and so is a database that cannot even be opened."""
    try:
        looked = look(common, shown=not as_json)
    except ArchiveLocked:
        raise
    except ArchiveError as error:
        click.echo(f"hemeroteca: {error}", err=True)
        return False
    if not looked.findings:
        report(common, looked, as_json=as_json)
    return not looked.findings


def examine(common: Common, *, as_json: bool, about: Mapping[str, Any] = MappingProxyType({})) -> int:
    """Look, tell, and return the exit code. `about` goes into the JSON."""
    looked = look(common, shown=not as_json)
    report(common, looked, as_json=as_json, about=about)
    return DAMAGED if looked.findings else 0


@dataclass(frozen=True)
class Looked:
    """What a look at the archive found, and how much there was to look at."""

    findings: tuple[Finding, ...]
    records: int
    size: int


def look(common: Common, *, shown: bool) -> Looked:
    """Look at everything; where it is `shown`, each finding is a line as soon as it is known."""
    from archive.verify import Progress
    from archive.verify import verify as check

    last = Progress(0, 0, 0)

    def watch(progress: Progress) -> None:
        nonlocal last
        last = progress
        show(progress)

    findings = []
    with bar(common) as show:
        for finding in check(common.folder, watch):
            findings.append(finding)
            if shown:
                click.echo(printable(f"{finding.part}: {finding.where}: {finding.what}"))
    return Looked(tuple(findings), last.records, last.size)


def report(common: Common, looked: Looked, *, as_json: bool, about: Mapping[str, Any] = MappingProxyType({})) -> None:
    """The last line: all of it as JSON, or that all is well."""
    if as_json:
        sound = {"records": looked.records, "bytes": looked.size, "sound": not looked.findings}
        found = {"findings": [asdict(finding) for finding in looked.findings]}
        click.echo(json.dumps({"archive": str(common.folder), **about, **sound, **found}, ensure_ascii=False))
    elif not looked.findings and not common.quiet:
        megabytes = f"{looked.size / 1e6:,.1f} MB"
        click.echo(f"{common.folder}: sound; {looked.records:,} records, {megabytes} of WARC files checked")


@contextmanager
def bar(common: Common) -> Iterator[Callable[[Progress], None]]:
    """A progress bar over the bytes, where somebody looks."""
    if common.quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("verifying"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None)
        yield lambda progress: shown.update(task, total=progress.size, completed=progress.done)
