"""What a search found, taken along: the forms of `hemeroteca export`, as pieces of a download.

What is written in order goes out article by article, whatever its size. What is written out of order is made in a
folder that goes with the answer, and is made here up to a size only; for more there is the command line.
"""

from __future__ import annotations

import re
import shlex
import sqlite3
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from datasette.utils import sqlite_timelimit

from archive.browse.respond import Refused, TooLong
from archive.errors import ArchiveError
from archive.export.captured import Captures
from archive.export.chosen import Chosen, choose
from archive.export.epub import write_epub
from archive.export.jsonl import jsonl
from archive.export.markdown import document
from archive.export.parquet import write_parquet
from archive.export.selection import Selection
from archive.export.spreadsheet import rows
from archive.export.subset import write_subset
from archive.export.wacz import Excerpt, Making, one_page, pages, write_wacz
from archive.store import Archive, Reader, software
from archive.terms import read

if TYPE_CHECKING:
    from archive.browse.search import Search

PIECE = 64 * 1024  #: bytes that are sent at a time, at least


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the export: `write` gives its bytes, in order or by way of a file in the folder it gets."""

    name: str  #: of the command `hemeroteca export`
    suffix: str
    title: str
    media_type: str
    write: Callable[[Chosen, str], Iterable[bytes]]
    most: int | None = None  #: articles, where it is made out of order


def _packed(write: Callable[[Chosen, Path, str], int]) -> Callable[[Chosen, str], Iterator[bytes]]:
    """A form that is written out of order: made in a folder of its own, then read from there."""

    def pieces(chosen: Chosen, now: str) -> Iterator[bytes]:
        with tempfile.TemporaryDirectory(prefix="hemeroteca-") as scratch:
            path = Path(scratch) / "made"
            write(chosen, path, now)
            with path.open("rb") as file:
                while piece := file.read(PIECE):
                    yield piece

    return pieces


def _in_order(write: Callable[[Chosen], Iterator[bytes]]) -> Callable[[Chosen, str], Iterator[bytes]]:
    return lambda chosen, _now: write(chosen)


def _wacz(chosen: Chosen, path: Path, now: str) -> int:
    making = Making(software(), now)
    return write_wacz([Excerpt(Captures.of(chosen), making)], pages(chosen), path, making)


def _parquet(chosen: Chosen, path: Path, _now: str) -> int:
    return write_parquet(chosen, path)


_FORMS = (
    Form("csv", "csv", "CSV, a table", "text/csv; charset=utf-8", _in_order(rows)),
    Form("jsonl", "jsonl", "JSON lines", "application/jsonl; charset=utf-8", _in_order(jsonl)),
    Form("parquet", "parquet", "Parquet", "application/vnd.apache.parquet", _packed(_parquet), 100_000),
    Form("markdown", "md", "Markdown", "text/markdown; charset=utf-8", _in_order(document)),
    Form("epub", "epub", "EPUB, a book", "application/epub+zip", _packed(write_epub), 2_000),
    Form("sqlite", "db", "SQLite", "application/vnd.sqlite3", _packed(write_subset), 20_000),
    Form("wacz", "wacz", "WACZ, the pages as archived", "application/wacz", _packed(_wacz), 1_000),
)


def forms() -> tuple[Form, ...]:
    """The forms that can be made here: Parquet needs pyarrow."""
    return tuple(form for form in _FORMS if form.name != "parquet" or find_spec("pyarrow") is not None)


def form_of(suffix: str) -> Form:
    """The form of a file name's ending, which must be one of them."""
    return next(form for form in _FORMS if form.suffix == suffix)


def selection_of(search: Search) -> Selection:
    """What a search takes, as an export says it. A search without a word in it leaves nothing out."""
    return Selection(
        sites=(search.site,) if search.site else (),
        first_day=search.start or None,
        last_day=search.end or None,
        language=search.language or None,
        query=search.q if read(search.q).terms else None,
        section=search.section or None,
        author=search.author or None,
    )


def command(form: Form, selection: Selection) -> str:
    """The command line that writes the same, for whoever copies it into a shell."""
    said = {"site": "".join(selection.sites), "from": selection.first_day, "to": selection.last_day}
    said |= {name: getattr(selection, name) for name in ("language", "section", "author", "query")}
    options = [f"--{name}={value}" for name, value in said.items() if value]
    return shlex.join(["hemeroteca", "export", form.name, f"{file_stem(selection)}.{form.suffix}", *options])


def file_stem(selection: Selection) -> str:
    """What the file is called: by what was looked for, in letters that every file system takes."""
    said = " ".join(filter(None, (selection.query, *selection.sites, selection.first_day)))
    plain = unicodedata.normalize("NFKD", said.lower()).encode("ascii", "ignore").decode()
    return "-".join(["hemeroteca", *re.findall(r"[a-z0-9]+", plain)])[:60].strip("-")


def taken(folder: Path, selection: Selection, form: Form, now: str, limit: int) -> Iterator[bytes]:
    """The bytes of a form. All of it happens in the thread that asks for the pieces.

    Raises TooLong where choosing takes more than `limit` milliseconds, Refused where there is too much for the form,
    ArchiveError where the archive cannot be read.
    """
    with Archive.read(folder) as reader:
        chosen = _chosen(reader, selection, limit)
        if form.most is not None and len(chosen) > form.most:
            says = f"This takes {len(chosen):,} articles along; {form.title} is made here of {form.most:,} at most. "
            raise Refused("Too much for this form", f"{says}Narrow the search, or run: {command(form, selection)}")
        if form.name == "epub" and not len(chosen):
            raise Refused("Nothing to read", "Nothing was found, and a book needs an article.")
        yield from larger(form.write(chosen, now))


def _chosen(reader: Reader, selection: Selection, limit: int) -> Chosen:
    with sqlite_timelimit(reader.db.conn, limit):
        try:
            return choose(reader, selection, "newest")
        except ArchiveError as error:
            if isinstance(error.__cause__, sqlite3.OperationalError) and "interrupted" in str(error.__cause__):
                raise TooLong from error
            raise


def capture_taken(folder: Path, capture_id: int, now: str) -> Iterator[bytes]:
    """A capture as a WACZ, with the one that holds its payload. Raises ArchiveError where it has no record."""
    making = Making(software(), now)
    with Archive.read(folder) as reader, tempfile.TemporaryDirectory(prefix="hemeroteca-") as scratch:
        capture = reader.capture(capture_id)
        if capture is None or capture.location is None:
            raise ArchiveError(f"capture {capture_id} has no record")
        path = Path(scratch) / "made"
        ids = [capture_id, *([capture.revisit_of] if capture.revisit_of else [])]
        write_wacz([Excerpt(Captures(reader, ids), making)], one_page(reader, capture), path, making)
        yield path.read_bytes()


def larger(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of `PIECE` at least, but for the last."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= PIECE:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)
