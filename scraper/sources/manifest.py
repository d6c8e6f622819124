"""A manifest: CSV or JSON lines that say of files (`path`) their url, captured_at, title, source.

The user's own table, and so read strictly: what cannot be understood is an error that names file, line and column,
before anything is archived. A path is looked for beside the manifest, then in the working folder.
"""

from __future__ import annotations

import csv
import difflib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from archive.errors import SettingsError
from scraper.clean.decode import Undecodable, decode
from scraper.sources.given import Refused, Said
from scraper.sources.gz import read_file
from scraper.sources.sidecar import said

COLUMNS = ("path", "url", "captured_at", "title", "source")
_MAX_BYTES = 1024 * 1024 * 1024
_DELIMITERS = (",", ";", "\t")


class Manifest:
    """What is said of each file; `missing` are the paths of rows whose file is not there, in order."""

    def __init__(self, rows: Mapping[str, Said], missing: Mapping[str, Said], path: Path | None = None) -> None:
        self._rows = rows
        self.missing = missing
        self.path = os.path.realpath(path) if path else None

    def of(self, path: Path) -> Said | None:
        """What is said of a file, by any of its names."""
        return self._rows.get(os.path.realpath(path)) if self._rows else None


def load_manifest(path: Path | None) -> Manifest:
    """The manifest of a run; an empty one for None. Raises `SettingsError`."""
    if path is None:
        return Manifest({}, {})
    rows: dict[str, Said] = {}
    missing: dict[str, Said] = {}
    for line, fields in _rows(path, _text(path)):
        given, words = _understood(path, line, fields)
        found = _found(path, given)
        known, key = (rows, found) if found else (missing, given)
        if known.get(key, words) != words:
            raise SettingsError(f"{path}: line {line}: path: {given!r} is there twice, and not with the same words")
        known[key] = words
    return Manifest(rows, missing, path)


def _text(path: Path) -> str:
    try:
        return decode(read_file(path, _MAX_BYTES), "text/plain", None).text
    except (Refused, Undecodable) as error:
        raise SettingsError(f"{path}: {error}") from None


def _rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    return _json_rows(path, text) if text.lstrip().startswith("{") else _csv_rows(path, text)


def _json_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                fields = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise SettingsError(f"{path}: line {number}: not JSON: {error}") from None
            if not isinstance(fields, dict):
                raise SettingsError(f"{path}: line {number}: not an object of {', '.join(COLUMNS)}")
            _known(path, number, fields)
            yield number, fields


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    header = text.lstrip("\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=header.count)  # the comma where none is there
    reader = csv.reader(text.split("\n"), delimiter=delimiter, strict=True)
    try:
        names = [name.strip() for name in next((row for row in reader if row), [])]
        _known(path, reader.line_num, dict.fromkeys(names))
        for row in reader:
            if len(row) > len(names):
                raise SettingsError(f"{path}: line {reader.line_num}: {len(row)} fields under {len(names)} columns")
            if any(row):
                yield reader.line_num, dict(zip(names, row, strict=False))
    except csv.Error as error:
        raise SettingsError(f"{path}: line {reader.line_num}: {error}") from None


def _known(path: Path, line: int, fields: Mapping[str, Any]) -> None:
    for name in fields:
        if name not in COLUMNS:
            close = difflib.get_close_matches(name, COLUMNS, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(COLUMNS)}"
            raise SettingsError(f"{path}: line {line}: unknown column {name!r}; {hint}")
    if "path" not in fields:
        raise SettingsError(f"{path}: line {line}: the column 'path' is missing")


def _understood(path: Path, line: int, fields: Mapping[str, Any]) -> tuple[str, Said]:
    given = fields.get("path")
    if not isinstance(given, str) or not given.strip() or "\x00" in given:
        raise SettingsError(f"{path}: line {line}: path: not a path: {given!r}")
    try:
        return given.strip(), said(fields, "manifest")
    except ValueError as error:
        raise SettingsError(f"{path}: line {line}: {error}") from None


def _found(manifest: Path, given: str) -> str | None:
    places = (manifest.parent / given, Path(given))
    return next((os.path.realpath(path) for path in places if path.exists()), None)
