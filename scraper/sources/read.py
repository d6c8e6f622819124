"""From the paths of a command line to pages: each file as its kind asks, whatever goes wrong told as `Unread`."""

from __future__ import annotations

import io
import logging
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from archive.errors import UsageError
from archive.model import Page, Unread
from archive.reasons import Reason
from scraper.clean.decode import sniff_media_type
from scraper.sources.files import STDIN, Entry, Kind, expect_paths, kind_of, source_of, walk
from scraper.sources.given import Refused, Said, SourceOptions, page_from, refusal
from scraper.sources.gz import opened, read_file, read_stream, unpacked_file, unpacking
from scraper.sources.manifest import Manifest, load_manifest
from scraper.sources.mhtml import unfold
from scraper.sources.saved import saved
from scraper.sources.sidecar import sidecar
from scraper.sources.tables import rows_of_csv, rows_of_json
from scraper.sources.wacz import pages_of_wacz
from scraper.sources.warcfiles import pages_of_warc

_LOG = logging.getLogger(__name__)
_MIME = re.compile(rb"(?i)(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,40}?content-type:\s*multipart/related")
_MIME_HEAD = 4 * 1024

_Rows = Callable[[BinaryIO, str, SourceOptions], Iterator[Page | Unread]]


def pages(paths: Sequence[str], options: SourceOptions) -> Iterator[Page | Unread]:
    """The pages under the paths, lazily, in an order that depends on names alone, one in memory at a time.

    Files that are no input (by their ending, in folders) and WARC records that are no page are counted, and told
    once at the end as a warning of this module's logger. Rows of the manifest whose file is not there come last.

    Raises, before anything is read, `UsageError` for a path that is not there or a table without a column named,
    and `SettingsError` for a manifest that cannot be understood.
    """
    expect_paths(paths)
    _expect_columns(paths, options)
    return _Reading(options, load_manifest(options.manifest)).run(paths)


def _expect_columns(paths: Sequence[str], options: SourceOptions) -> None:
    for path in paths:
        is_table = kind_of(path) in {Kind.CSV, Kind.JSON_LINES} and not Path(path).is_dir()
        if is_table and not options.has_column:
            raise UsageError(f"{source_of(path)}: a table; say where its pages lie with --text-column or --html-column")


@dataclass(frozen=True)
class _Reading:
    """One walk over the inputs, and what it left out."""

    options: SourceOptions
    manifest: Manifest
    left_out: Counter[str] = field(default_factory=Counter)

    def run(self, paths: Sequence[str]) -> Iterator[Page | Unread]:
        for entry in walk(paths, self._skip):
            try:
                yield from self._read(entry)
            except Refused as refused:
                yield Unread(entry.source, refused.reason, str(refused))
        for path, words in self.manifest.missing.items():
            error = f"the manifest {self.options.manifest} names it, and it is not there"
            yield Unread(source_of(path), Reason.MISSING, error, words.url)
        if self.left_out:
            what = ", ".join(f"{count} {name}" for name, count in self.left_out.most_common(8))
            _LOG.warning("left out, being no pages: %s", what)

    def _skip(self, path: Path) -> None:
        """A file that is no input; what lies beside a page to tell of it is not worth a word."""
        if not self._is_manifest(path) and not _is_sidecar(path):
            ending = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
            self.left_out[ending.lower() or "without an ending"] += 1

    def _count(self, media_type: str) -> None:
        self.left_out[media_type.partition(";")[0].strip().lower()] += 1

    def _is_manifest(self, path: Path) -> bool:
        return self.manifest.path is not None and os.path.realpath(path) == self.manifest.path

    def _read(self, entry: Entry) -> Iterator[Page | Unread]:
        if entry.error:
            raise refusal(entry.error)
        if entry.path is None:
            yield from self._stdin()
        elif not self._is_manifest(entry.path):
            yield from self._file(entry.path, entry)

    def _file(self, path: Path, entry: Entry) -> Iterator[Page | Unread]:
        match entry.kind:
            case Kind.WARC:
                yield from pages_of_warc(path, entry.source, self.options, self._count)
            case Kind.WACZ:
                yield from pages_of_wacz(path, entry.source, self.options, self._count)
            case Kind.CSV | Kind.JSON_LINES if not self.options.has_column:
                self._skip(path)
            case Kind.CSV:
                yield from self._table(path, entry.source, rows_of_csv)
            case Kind.JSON_LINES:
                yield from self._table(path, entry.source, rows_of_json)
            case _:
                body = read_file(path, self.options.max_bytes)
                yield self._page(entry.source, body, path.name, path)

    def _page(self, source: str, body: bytes, name: str, path: Path | None) -> Page:
        """The page that a body is. Who is believed: the manifest, then the sidecar, then the page itself."""
        if not body:
            raise Refused(Reason.EMPTY, "the file is empty")
        if body.startswith(b"WARC/"):
            raise Refused(Reason.UNREADABLE, "a WARC file; it is read under a name that ends in .warc or .warc.gz")
        outside = (self.manifest.of(path), sidecar(path)) if path else ()
        said = [words for words in outside if words is not None]
        if kind_of(name) is Kind.MHTML or _MIME.match(body[:_MIME_HEAD]):
            root, charset, own = unfold(body)
            return page_from(source, root, "text/html", [*said, own], self.options.now, charset)
        media_type = sniff_media_type(body, name)
        own = saved(body) if media_type == "text/html" else Said("page")
        return page_from(source, body, media_type, [*said, own], self.options.now)

    def _table(self, path: Path, source: str, rows: _Rows) -> Iterator[Page | Unread]:
        with opened(path) as file, unpacking():
            try:
                yield from rows(unpacked_file(file), source, self.options)
            except OSError as error:
                raise refusal(error) from None

    def _stdin(self) -> Iterator[Page | Unread]:
        body = read_stream(self.options.stdin or sys.stdin.buffer, self.options.max_bytes)
        if body and self.options.has_column:
            rows = rows_of_json if body.lstrip().startswith(b"{") else rows_of_csv
            yield from rows(io.BytesIO(body), STDIN, self.options)
        else:
            yield self._page(STDIN, body, "", None)


def _is_sidecar(path: Path) -> bool:
    """Whether a page lies beside a `.json` file."""
    endings = (*Kind.PAGE.value, *Kind.MHTML.value)
    return path.suffix.lower() == ".json" and any(os.path.lexists(path.with_suffix(ending)) for ending in endings)
