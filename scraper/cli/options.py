"""The options that commands share, handed to them as one frozen record a group."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from archive.export.selection import Selection

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Common:
    """What every command takes: the archive's folder, and how much it says."""

    folder: Path
    quiet: bool
    verbose: bool


@dataclass(frozen=True, slots=True)
class Given:
    """What was said of dumps on the command line: where their address and date are, and in which column they lie."""

    manifest: Path | None
    text_column: str | None
    html_column: str | None


@dataclass(frozen=True, slots=True)
class Effort:
    """How many processes clean, and how many seconds each page may take."""

    jobs: int
    timeout: float


_COMMON = (
    click.option(
        "--archive",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        default="hemeroteca-data",
        envvar="HEMEROTECA_ARCHIVE",
        show_default=True,
        show_envvar=True,
        help="The archive's folder.",
    ),
    click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors (for cron)."),
    click.option("-v", "--verbose", is_flag=True, help="Tell more."),
)
_GIVEN = (
    click.option(
        "--manifest",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="CSV or JSON lines that give path, url, captured_at, title, source of the dumps.",
    ),
    click.option("--text-column", metavar="NAME", help="In CSV or JSON lines: the column that holds a page as text."),
    click.option("--html-column", metavar="NAME", help="In CSV or JSON lines: the column that holds a page as HTML."),
)
_EFFORT = (
    click.option(
        "-j",
        "--jobs",
        type=click.IntRange(min=1),
        default=os.cpu_count() or 1,
        show_default="one a core",
        help="Processes that clean.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0.1),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="The longest that one page may take to clean.",
    ),
)

_SELECTION = (
    click.option("--site", "sites", multiple=True, metavar="HOST", help="Only articles of this site (repeatable)."),
    click.option("--from", "first_day", metavar="DAY", help="Published on this day or later: a day, month or year."),
    click.option("--to", "last_day", metavar="DAY", help="Published on this day or earlier; leaves out undated ones."),
    click.option("--language", metavar="TAG", help="Only articles in this language; `es` takes `es-PE` too."),
    click.option("--query", metavar="WORDS", help='Words that all stand in title or text; "a phrase", begin*.'),
    click.option(
        "--since-run", type=click.IntRange(min=1), metavar="ID", help="Only what this run, or a later one, found first."
    ),
    click.option("--section", metavar="NAME", help="Only articles of this section, as the archive writes it."),
    click.option("--author", metavar="NAME", help="Only articles of this author, as the archive writes it."),
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Store nothing; say what would be stored.")


def _packed(name: str, record: type[Any], decorators: tuple[Callable[[Any], Any], ...]) -> Callable[[Command], Command]:
    """A decorator that adds options to a command and hands it their values as one record, under `name`."""
    keys = tuple(record.__dataclass_fields__)

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def packed(**values: Any) -> Any:
            values[name] = record(**{key: values.pop(key) for key in keys})
            return command(**values)

        for option in reversed(decorators):
            option(packed)
        return packed  # type: ignore[return-value]

    return decorate


common_options = _packed("common", Common, _COMMON)
given_options = _packed("given", Given, _GIVEN)
effort_options = _packed("effort", Effort, _EFFORT)
selection_options = _packed("selection", Selection, _SELECTION)
