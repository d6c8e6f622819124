"""A run that writes: opened, repaired, recorded, ended, summed up. And its rehearsal."""

from __future__ import annotations

import json
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING

import click

from archive.errors import HemerotecaError
from scraper.cli.clock import utc_now
from scraper.cli.compose import Pace
from scraper.cli.mirror import show_files
from scraper.cli.options import Common
from scraper.cli.progress import watching

if TYPE_CHECKING:
    from archive.model import Page, Unread
    from archive.store import Archive, RunSummary
    from scraper.pipeline import CleanMap, Watch

#: What a command does with an open archive.
Body = Callable[["Archive", Pace, "Watch"], None]


def command_line() -> str:
    """What was typed, for the run's row."""
    return shlex.join(["hemeroteca", *sys.argv[1:]])


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: what was done is committed first."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def recorded(common: Common, clean: CleanMap, body: Body, *, as_json: bool) -> int:
    """Do a command's work in a run of the archive and print its summary; returns the exit code."""
    began = time.monotonic()
    summary = in_run(common, clean, body)
    from scraper.cli.summary import print_summary

    print_summary(common, summary, time.monotonic() - began, as_json=as_json)
    return 1 if summary.failed else 0


def in_run(
    common: Common,
    clean: CleanMap,
    body: Body,
    command: str | None = None,
    *,
    about: Mapping[str, str] | None = None,
    shown: Callable[[Common, str], AbstractContextManager[Watch]] = watching,
) -> RunSummary:
    """Open the archive, repair it, do the work, end the run with how it went.

    `command` is what the archive notes of what was typed; all of it by default. `about` is said in the warcinfo of
    the run's files, `shown` is who looks on. Whatever stops the work, what was recorded until then is committed.
    """
    from archive.store import Archive
    from scraper.pipeline import finish_orphans

    with terminable(), Archive.open(common.folder, utc_now) as archive:
        for repair in archive.repairs:
            click.echo(f"hemeroteca: repaired: {repair.message}", err=True)
        archive.start_run(command or command_line(), about)
        try:
            with shown(common, "cleaning") as watch:
                finish_orphans(archive, clean, Pace(), watch)
                body(archive, Pace(), watch)
            show_files(archive)
        except KeyboardInterrupt:
            archive.finish_run("interrupted")
            raise
        except BaseException:
            with suppress(HemerotecaError):  # the first error is the one to tell
                archive.finish_run("failed")
            raise
        summary = archive.finish_run("ok")
        if archive.passed_over and not common.quiet:
            pages = f"{archive.passed_over:,} page" + ("" if archive.passed_over == 1 else "s")
            click.echo(f"hemeroteca: left out {pages} that had been forgotten", err=True)
        return summary


def dry(items: Iterable[Page | Unread], clean: CleanMap, common: Common, *, as_json: bool) -> int:
    """Do everything but store, and print what would be stored; returns the exit code."""
    from archive.db.connect import DATABASE
    from archive.store import Archive
    from scraper.pipeline import rehearse

    with watching(common, "rehearsing") as watch:
        if (common.folder / DATABASE).exists():
            with Archive.read(common.folder) as reader:
                counts = rehearse(reader, items, clean, watch)
        else:
            counts = rehearse(None, items, clean, watch)
    if as_json:
        click.echo(json.dumps({"archive": str(common.folder), "dry_run": True, **counts}))
    elif not common.quiet:
        click.echo("dry run, nothing stored: " + ", ".join(f"{n} {what}" for what, n in counts.items()))
    return 1 if counts["failed"] else 0
