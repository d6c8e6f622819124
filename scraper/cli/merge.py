"""`hemeroteca merge`: two archives become one."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.options import Common, Effort, common_options, json_option
from scraper.cli.progress import printable

if TYPE_CHECKING:
    from archive.db.union import United
    from archive.store import Archive

TIMEOUT = 60.0  # seconds a page, of those a killed run left

_SAID = {
    "files": "WARC files taken over",
    "runs": "runs",
    "captures": "captures",
    "changed": "captures that the other has earlier or cleaned better",
    "unread": "inputs that could not be read",
    "forgotten": "captures left out, being forgotten",
}


@click.command()
@click.argument("other", type=click.Path(path_type=Path, file_okay=False))
@json_option
@common_options
def merge(other: Path, as_json: bool, common: Common) -> int:
    """Take the archive OTHER in: all of its captures, articles, runs and rules; OTHER stays as it is.

    Nothing is fetched or cleaned anew. WARC files are taken over byte for byte. An article that both have keeps its
    earliest first_seen and all its captures. What either has forgotten is forgotten. Both ways the same comes of it,
    and again it changes nothing; stopped, it is finished by the next run.

    Rules of its folder rules/, sources.toml and corrections.toml are added to ours. Where both say something else of
    the same thing ours stands, and a line says so.

    \b
    Example:
      hemeroteca merge /mnt/laptop/hemeroteca-data
    """
    from archive.errors import UsageError
    from archive.handwritten import unite
    from archive.store import Archive
    from scraper.cli.compose import cleaner
    from scraper.cli.run import in_run

    with Archive.read(other):  # what is wrong with it is told before a run begins
        if common.folder.is_dir() and common.folder.samefile(other):
            raise UsageError(f"{other} is this very archive")
    work = _Work(other, common)
    effort = Effort(jobs=os.cpu_count() or 1, timeout=TIMEOUT)
    in_run(common, cleaner(common, effort), work)
    told = list(unite(common.folder, other))
    for line in told:
        click.echo(f"hemeroteca: {printable(line)}", err=True)
    (done,) = work.done
    if as_json:
        click.echo(
            json.dumps({"archive": str(common.folder), "other": str(other), **asdict(done), "differences": told})
        )
    elif not common.quiet:
        click.echo("\n".join(_text(common, other, done)))
    return 0


def _text(common: Common, other: Path, done: United) -> Iterator[str]:
    counts = {name: count for name, count in asdict(done).items() if count}
    if not counts:
        yield f"{common.folder}: nothing new in {other}"
        return
    yield f"{common.folder}: {other} is taken in"
    yield from (f"{count:8,} {_SAID[name]}" for name, count in counts.items())


@dataclass(frozen=True)
class _Work:
    """What the run does, and what came of it."""

    other: Path
    common: Common
    done: list[United] = field(default_factory=list)

    def __call__(self, archive: Archive, _pace: object, _watch: object) -> None:
        with _copying(self.common) as watch:
            self.done.append(archive.merge(self.other, watch))


@contextmanager
def _copying(common: Common) -> Iterator[Callable[[int], None]]:
    """A line that counts bytes, where somebody looks."""
    if common.quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, SpinnerColumn, TextColumn, TransferSpeedColumn

    columns = (SpinnerColumn(), TextColumn("copying"), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda size: bar.update(task, advance=size)
