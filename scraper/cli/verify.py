"""`hemeroteca verify`: every byte, digest and row against each other."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from archive.errors import ArchiveError, ArchiveLocked
from scraper.cli.options import Common, common_options, json_option
from scraper.cli.progress import printable

if TYPE_CHECKING:
    from archive.verify import Progress

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
    intact records are taken.
    """
    if not repair:
        return examine(common, as_json=as_json)
    from scraper.cli.repair import rebuild

    return 0 if _sound(common) else rebuild(common, as_json=as_json)


def _sound(common: Common) -> bool:
    """Whether there is nothing to repair; a database that cannot even be opened is told in a line too."""
    from scraper.cli.repair import database_of

    if not database_of(common.folder).exists():
        return False
    try:
        return examine(common, as_json=False) == 0
    except ArchiveLocked:
        raise
    except ArchiveError as error:
        click.echo(f"hemeroteca: {error}", err=True)
        return False


def examine(common: Common, *, as_json: bool) -> int:
    """Look, tell, and return the exit code."""
    from archive.verify import Progress
    from archive.verify import verify as look

    last = Progress(0, 0, 0)

    def watch(progress: Progress) -> None:
        nonlocal last
        last = progress
        show(progress)

    findings = []
    with bar(common) as show:
        for finding in look(common.folder, watch):
            findings.append(finding)
            if not as_json:
                click.echo(printable(f"{finding.part}: {finding.where}: {finding.what}"))
    if as_json:
        report = {"archive": str(common.folder), "records": last.records, "bytes": last.size, "sound": not findings}
        click.echo(json.dumps({**report, "findings": [asdict(f) for f in findings]}, ensure_ascii=False))
    elif not findings and not common.quiet:
        click.echo(f"{common.folder}: sound; {last.records:,} records, {last.size / 1e6:,.1f} MB of WARC files checked")
    return DAMAGED if findings else 0


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
