"""What long work shows: a live line on a terminal, nothing in cron, failures always."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from scraper.cli.options import Common

if TYPE_CHECKING:
    from archive.model import Outcome
    from scraper.pipeline import Watch


def printable(text: str) -> str:
    """A text from a page or a file name without control characters: it must not steer the terminal."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _teller(common: Common, say: Callable[[str], None]) -> Watch:
    """Names pages that failed; with `--verbose` also those of which nothing came."""

    def tell(source: str, outcome: Outcome | None) -> None:
        if outcome is not None and outcome.complaint and (outcome.failed or common.verbose):
            say(printable(f"{source}: {outcome.complaint}"))

    return tell


@contextmanager
def watching(common: Common, what: str) -> Iterator[Watch]:
    """A watch for one job; `what` says in a word what is being done ("cleaning")."""
    if common.quiet or not sys.stderr.isatty():
        yield _teller(common, lambda text: click.echo(text, err=True))
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TextColumn("pages"))
    speed = TextColumn("{task.fields[speed]}", style="dim")
    with Progress(*columns, TimeElapsedColumn(), speed, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None, speed="")
        tell = _teller(common, lambda text: console.print(text, soft_wrap=True))

        def watch(source: str, outcome: Outcome | None) -> None:
            tell(source, outcome)
            rate = bar.tasks[0].speed
            bar.update(task, advance=1, speed=f"{rate:,.0f}/s" if rate else "")

        yield watch


@contextmanager
def telling(common: Common) -> Iterator[Callable[[str], None]]:
    """A line on a terminal that says what is being done; nothing elsewhere."""
    if common.quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    with console.status("") as status:
        yield lambda text: status.update(printable(text)[: max(20, console.width - 4)])
