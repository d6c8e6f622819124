"""`hemeroteca export`: the archive in other forms."""

from __future__ import annotations

from pathlib import Path

import click

from scraper.cli.options import Common, common_options


@click.group()
def export() -> None:
    """Take the archive along in another form."""


@export.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE")
@common_options
def sqlite(target: Path, common: Common) -> None:
    """Copy news.db into FILE, whole and consistent, also while a run is on.

    Copying the archive's folder by hand is safe only while no run is on. FILE must not be there yet.

    \b
    Example:
      hemeroteca export sqlite backup/news-2025-07-12.db
    """
    from archive.export.sqlite import export_sqlite

    size = export_sqlite(common.folder, target)
    if not common.quiet:
        click.echo(f"{target}: {size:,} bytes")
