"""`hemeroteca export`: the archive in other forms."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.export.selection import Selection
from scraper.cli.options import Common, common_options, selection_options

if TYPE_CHECKING:
    from archive.export.chosen import Chosen

STDOUT = Path("-")
target_argument = click.argument("target", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE")


@click.group()
@click.pass_context
def export(ctx: click.Context) -> None:
    """Take the archive along in another form.

    FILE must not be there yet, and appears under its name only when it is whole; `-` is stdout. Options such as
    --site and --query choose articles as a search does, and are the same for all forms. Articles that another text
    replaced at their address are left out, but for a whole copy (sqlite without options).
    """
    from scraper.cli.run import terminable

    ctx.with_resource(terminable())  # so that nothing unfinished stays behind


@export.command()
@target_argument
@selection_options
@common_options
def jsonl(target: Path, selection: Selection, common: Common) -> None:
    """Write a JSON object an article, nothing left out.

    \b
    Examples:
      hemeroteca export jsonl news.jsonl --site example.org --from 2025-07
      hemeroteca export jsonl - --query '"toque de queda"' | jq -r .title
    """
    from archive.export.jsonl import jsonl as lines

    _write(lines, target, selection, common)


@export.command()
@target_argument
@selection_options
@common_options
def csv(target: Path, selection: Selection, common: Common) -> None:
    """Write a table (RFC 4180, UTF-8) that is safe to open in a spreadsheet.

    A cell that starts like a formula (= + - @, tab, line break) gets an apostrophe in front. Authors and tags are
    joined by `; `. For the text to the letter take jsonl.

    \b
    Example:
      hemeroteca export csv july.csv --from 2025-07 --to 2025-07
    """
    from archive.export.spreadsheet import rows

    _write(rows, target, selection, common)


@export.command()
@target_argument
@selection_options
@common_options
def markdown(target: Path, selection: Selection, common: Common) -> None:
    """Write one document, where FILE ends in .md or is `-`; else a folder with a file an article.

    The folder holds SITE/YYYY/YYYY-MM-DD-title-ID.md, each with its fields in front as YAML.

    \b
    Examples:
      hemeroteca export markdown drought.md --query sequía
      hemeroteca export markdown notes/ --language es
    """
    from archive.export.markdown import document, write_folder

    if target == STDOUT or target.suffix == ".md":
        _write(document, target, selection, common)
    else:
        _write_to(write_folder, target, selection, common)


@export.command()
@target_argument
@selection_options
@common_options
def sqlite(target: Path, selection: Selection, common: Common) -> None:
    """Copy news.db into FILE, whole and consistent, also while a run is on.

    Copying the archive's folder by hand is safe only while no run is on. FILE must not be there yet. Options choose
    articles: FILE is then a database of the same tables and views with these articles, their captures, and the lines
    that were removed; `datasette FILE` opens it.

    \b
    Examples:
      hemeroteca export sqlite backup/news-2025-07-12.db
      hemeroteca export sqlite drought.db --query sequía
    """
    from archive.export.sqlite import export_sqlite
    from archive.export.subset import write_subset
    from scraper.cli.clock import utc_now

    if not selection.everything:
        _write_to(lambda chosen, path: write_subset(chosen, path, utc_now()), _a_file(target), selection, common)
        return
    size = export_sqlite(common.folder, _a_file(target))
    if not common.quiet:
        click.echo(f"{target}: {size:,} bytes")


@export.command()
@target_argument
@selection_options
@common_options
def wet(target: Path, selection: Selection, common: Common) -> None:
    """Write the texts as WARC conversion records, as Common Crawl does. FILE ends in .warc.wet.gz.

    Each record holds the title on a line of its own, then the text; it names the record it was made from, the
    address and date of the capture, and the language (ISO 639-3).

    \b
    Example:
      hemeroteca export wet news.warc.wet.gz
    """
    from archive.export.wet import checked_name
    from archive.export.wet import wet as records
    from scraper.cli.clock import utc_now

    name = None if target == STDOUT else checked_name(target, common.folder)
    _write(lambda chosen: records(chosen, utc_now(), _software(), name), target, selection, common)


@export.command()
@target_argument
@selection_options
@common_options
def cdxj(target: Path, selection: Selection, common: Common) -> None:
    """Write an index of the WARC records (CDXJ), sorted, for replay tools such as pywb.

    Without options it holds every record of the finished WARC files, else the captures of the chosen articles.

    \b
    Example:
      hemeroteca export cdxj index.cdxj
    """
    from archive.export.captured import Captures
    from archive.export.cdxj import cdxj_of_captures, cdxj_of_files
    from archive.export.chosen import choose
    from archive.store import Archive

    with Archive.read(common.folder) as reader:
        if selection.everything and not reader.withholds:
            lines = cdxj_of_files(_finished(common))
        else:
            lines = cdxj_of_captures(Captures.of(choose(reader, selection)))
        size = _stream(lines, target)
    _say(target, f"{size:,} bytes", common)


@export.command()
@target_argument
@selection_options
@common_options
def wacz(target: Path, selection: Selection, common: Common) -> None:
    """Write a WACZ file: archived pages, index and texts in one zip that ReplayWeb.page opens.

    Without options it holds the finished WARC files whole; else, and where something was hidden or dropped, the
    captures of the chosen articles, each record byte for byte. The articles are its pages, with their texts for
    full-text search.

    \b
    Example:
      hemeroteca export wacz drought.wacz --query sequía --from 2025
    """
    from archive.export.captured import Captures
    from archive.export.wacz import Excerpt, Making, WholeFile, pages, write_wacz
    from scraper.cli.clock import utc_now

    making = Making(_software(), utc_now())

    def write(chosen: Chosen, path: Path) -> int:
        everything = selection.everything and not chosen.reader.withholds
        whole = [WholeFile(path) for path in _finished(common)] if everything else []
        return write_wacz(whole or [Excerpt(Captures.of(chosen), making)], pages(chosen), path, making)

    _write_to(write, _a_file(target), selection, common)


@export.command()
@target_argument
@selection_options
@common_options
def parquet(target: Path, selection: Selection, common: Common) -> None:
    """Write a table for data frames (pandas, DuckDB, R). Needs pyarrow: pip install 'hemeroteca[parquet]'.

    \b
    Example:
      hemeroteca export parquet news.parquet
    """
    from archive.export.parquet import write_parquet

    _write_to(write_parquet, _a_file(target), selection, common)


@export.command()
@target_argument
@selection_options
@common_options
def epub(target: Path, selection: Selection, common: Common) -> None:
    """Write a book to read: a chapter an article, by day of publication.

    \b
    Example:
      hemeroteca export epub week.epub --from 2025-07-07 --to 2025-07-13
    """
    from archive.export.epub import write_epub
    from scraper.cli.clock import utc_now

    _write_to(lambda chosen, path: write_epub(chosen, path, utc_now()), _a_file(target), selection, common)


def _a_file(target: Path) -> Path:
    if target == STDOUT:
        raise click.UsageError("this form is written out of order and cannot go to stdout; name a FILE")
    return target


def _finished(common: Common) -> tuple[Path, ...]:
    """The finished WARC files; says which are left out, since a run is on or was killed."""
    from archive.export.cdxj import closed_files
    from archive.store import WARCS
    from archive.warc import warc_files

    files = closed_files(common.folder)
    for path in sorted(set(warc_files(common.folder / WARCS)) - set(files)):
        click.echo(f"{path}: left out, since its run has not ended", err=True)
    return files


def _write(form: Callable[[Chosen], Iterator[bytes]], target: Path, selection: Selection, common: Common) -> None:
    """Write the chosen articles in a form to the target, which is a file or stdout."""
    _write_to(lambda chosen, path: _stream(form(chosen), path), target, selection, common)


def _stream(pieces: Iterator[bytes], target: Path) -> int:
    from archive.export.output import write_file, write_stream

    return write_stream(pieces, sys.stdout.buffer) if target == STDOUT else write_file(pieces, target)


def _write_to(write: Callable[[Chosen, Path], int], target: Path, selection: Selection, common: Common) -> None:
    """Choose articles, have them written, and say how many."""
    from archive.export.chosen import choose
    from archive.store import Archive

    with Archive.read(common.folder) as reader:
        chosen = choose(reader, selection)
        size = write(chosen, target)
    count = len(chosen)
    _say(target, f"{count:,} article{'' if count == 1 else 's'}, {size:,} bytes", common)


def _say(target: Path, what: str, common: Common) -> None:
    """Talk goes to stderr: stdout may be the export."""
    if not common.quiet:
        click.echo(f"{'stdout' if target == STDOUT else target}: {what}", err=True)


def _software() -> str:
    """Name and version, as WARC files say it."""
    from scraper.cli.versions import describe

    return describe(everything=False).replace(" ", "/")
