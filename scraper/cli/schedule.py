"""`hemeroteca schedule`: what makes cron or systemd run the crawl."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from scraper.cli.options import Common, common_options

FORMS = ("cron", "service", "timer")


@click.command()
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[cron|service|timer] [-- CRAWL-OPTIONS...]")
@click.option(
    "--every",
    metavar="TIME",
    help="How often: 5m to 1d. Without it, as often as sources.toml wants its busiest source.",
)
@click.option("--system", is_flag=True, help="A service of the system that runs as you, not one of your session.")
@common_options
def schedule(words: tuple[str, ...], every: str | None, system: bool, common: Common) -> None:
    """Print a crontab line, or a systemd service or timer, that runs the crawl of an archive.

    What is printed works as it is: all paths are absolute and nothing of your environment is needed. The minute is
    another for each archive, so that not all crawls of the world begin at the full hour. A run that is still on when
    the next one starts is left alone: the second one ends at once with code 3.

    Options for the crawl follow after --.

    \b
    Examples:
      (crontab -l; hemeroteca schedule) | crontab -
      hemeroteca schedule cron --every 30m -- --max-time 25m
      hemeroteca schedule service > ~/.config/systemd/user/hemeroteca.service
      hemeroteca schedule timer > ~/.config/systemd/user/hemeroteca.timer
      systemctl --user enable --now hemeroteca.timer
    """
    import getpass

    from scraper.timetable import Timetable, crontab, pace, service, timer

    form, crawl_options = _understood(words)
    archive = str(common.folder.absolute())
    table = Timetable(
        command=(*_program(), "crawl", "--archive", archive, *crawl_options),
        archive=archive,
        minutes=pace(_wanted(every, common.folder)),
        user=getpass.getuser() if system else None,
    )
    forms = {"cron": crontab, "service": service, "timer": timer}
    click.echo(forms[form](table), nl=False)


def _understood(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The form, cron where none is named, and the options for the crawl."""
    from archive.errors import UsageError

    if not words or words[0].startswith("-"):
        return "cron", words
    if words[0] not in FORMS:
        raise UsageError(f"{words[0]}: one of {', '.join(FORMS)} is needed")
    return words[0], words[1:]


def _program() -> tuple[str, ...]:
    """How this program is called, with absolute paths."""
    called = Path(sys.argv[0]).absolute()
    if called.name == "hemeroteca" and called.is_file():
        return (str(called),)
    return (sys.executable, "-m", "scraper.cli")


def _wanted(every: str | None, archive: Path) -> float:
    """Seconds between two runs: as asked for, else the shortest `every` of the sources, else an hour."""
    from archive.errors import SettingsError, UsageError
    from scraper.settings import duration, load_settings

    if every is not None:
        seconds = duration(every)
        if seconds is None or not 300 <= seconds <= 86400:
            raise UsageError(f'--every {every}: a time from "5m" to "1d" is needed')
        return seconds
    try:
        paces = [source.every for source in load_settings(archive).sources]
    except SettingsError:
        return 3600.0
    return min(paces, default=3600.0)
