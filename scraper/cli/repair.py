"""A new database from the WARC files alone: `hemeroteca verify --repair`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from archive.errors import ArchiveError
from scraper.cli.clock import utc_now
from scraper.cli.mirror import show_files
from scraper.cli.options import Common, Effort

TIMEOUT = 60.0  # seconds a page


def database_of(folder: Path) -> Path:
    """Where an archive's database lies."""
    from archive.db.connect import DATABASE

    return folder / DATABASE


def rebuild(common: Common, *, as_json: bool) -> dict[str, int]:
    """Set the database aside, make a new one, and say what is in it; returns the counts.

    It is no run of its own: the new database has the runs that the WARC files tell of, and no other.
    """
    from archive.store import Archive
    from scraper.cli.compose import Pace, cleaner
    from scraper.cli.progress import watching
    from scraper.cli.run import terminable
    from scraper.pipeline import finish_orphans

    if not (common.folder / "warcs").is_dir():
        raise ArchiveError(f"nothing to repair from: {common.folder / 'warcs'} is not there")
    aside = set_aside(common.folder, utc_now())
    if aside is not None:
        click.echo(f"hemeroteca: the old database is kept as {aside}", err=True)
    work = cleaner(common, Effort(jobs=os.cpu_count() or 1, timeout=TIMEOUT))
    with terminable(), Archive.open(common.folder, utc_now) as archive:
        for repair in archive.repairs:
            click.echo(f"hemeroteca: repaired: {repair.message}", err=True)
        with watching(common, "cleaning") as watch:
            finish_orphans(archive, work, Pace(), watch)
        show_files(archive)
        archive.finish_rebuild()
    with Archive.read(common.folder) as reader:
        counts = reader.counts()
    if not (as_json or common.quiet):
        what = ", ".join(f"{counts[name]:,} {name}" for name in ("articles", "captures", "runs"))
        click.echo(f"{common.folder}: news.db was built anew from {counts['warc_files']:,} WARC files: {what}")
    return counts


def set_aside(folder: Path, moment: str) -> Path | None:
    """Rename `news.db` and its WAL, under the archive's lock; None where there is no database.

    Raises ArchiveLocked while a run is on.
    """
    from archive.db.lock import Lock

    database = database_of(folder)
    lock = Lock(folder, f"repairing since {moment}")
    try:
        if not database.exists():
            return None
        stamp = moment.replace(":", "").replace("-", "").partition(".")[0]
        aside = database.with_name(f"{database.name}.{stamp}.bad")
        for suffix in ("-wal", "-shm", ""):
            part = database.with_name(database.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        return aside
    finally:
        lock.release()
