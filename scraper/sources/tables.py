"""Tables with a page in a column: JSON lines and CSV, packed or not, read row by row.

The source of a row is `FILE#PATH` where the row has a path of its own, else `FILE#N`, N counting rows from 1.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, BinaryIO

from archive.errors import SettingsError
from archive.model import MediaType, Page, Unread
from archive.reasons import Reason
from scraper.clean.decode import Undecodable, decode
from scraper.clean.encodings import CODECS
from scraper.sources.given import Refused, SourceOptions, page_from
from scraper.sources.sidecar import said

_SAMPLE = 64 * 1024
_DELIMITERS = (",", ";", "\t", "|")
_ROW_BESIDES = 1024 * 1024  # bytes a row may have besides its page
_ESCAPED = 6  # JSON may write a character as \uXXXX


def rows_of_json(stream: BinaryIO, source: str, options: SourceOptions) -> Iterator[Page | Unread]:
    """The pages of JSON lines. A row that is wrong is an `Unread`, and the next one is read."""
    limit = _ESCAPED * options.max_bytes + _ROW_BESIDES
    number = 0
    for line in _lines(stream, limit):
        if line is not None and not line.strip(b" \t\r\n\xef\xbb\xbf"):
            continue
        number += 1
        if line is None:
            yield Unread(f"{source}#{number}", Reason.TOO_LARGE, f"row {number} has more than {limit:,} bytes")
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Unread(f"{source}#{number}", Reason.DAMAGED, f"row {number} is not JSON: {error}")
            continue
        if isinstance(fields, dict):
            yield _row(fields, source, number, options)
        else:
            yield Unread(f"{source}#{number}", Reason.DAMAGED, f"row {number} is not an object")


def rows_of_csv(stream: BinaryIO, source: str, options: SourceOptions) -> Iterator[Page | Unread]:
    """The pages of a CSV file (a seekable one) with a line of column names.

    Where its quoting breaks or a field is too large, one `Unread` says so and ends it: what follows could be
    anything. Raises `SettingsError` where a column that was asked for is not there.
    """
    csv.field_size_limit(options.max_bytes + _ROW_BESIDES)  # the module's default is less than a page
    number = 0
    try:
        for number, row in enumerate(_csv_rows(stream, options)):
            if number == 0:
                names = row
                _expect_columns(names, source, options)
            else:
                yield _row(dict(zip(names, row, strict=False)), source, number, options)
    except csv.Error as error:
        reason = Reason.TOO_LARGE if "field larger" in str(error) else Reason.DAMAGED
        yield Unread(f"{source}#{number + 1}", reason, f"row {number + 1}: {error}; the rest of the file was not read")


def _csv_rows(stream: BinaryIO, options: SourceOptions) -> Iterator[list[str]]:
    lines = _text_lines(stream, 2 * options.max_bytes + _ROW_BESIDES)
    first = next(lines, "")
    delimiter = max(_DELIMITERS, key=first.count)
    yield from filter(None, csv.reader(chain([first], lines), delimiter=delimiter, strict=True))


def _text_lines(stream: BinaryIO, limit: int) -> Iterator[str]:
    """The lines of a text, decoded as its beginning shows. Raises `Refused` where it is none."""
    sample = stream.read(_SAMPLE)
    stream.seek(0)
    try:
        charset = decode(sample, "text/plain", None).charset
    except Undecodable as error:
        raise Refused(error.reason, error.message) from None
    codec = "utf-8-sig" if charset == "utf-8" else CODECS[charset]
    text = io.TextIOWrapper(stream, encoding=codec, errors="replace", newline="")
    try:
        while line := text.readline(limit).removeprefix("\ufeff"):
            if len(line) >= limit:
                raise csv.Error(f"field larger than field limit: a line of more than {limit:,} characters")
            yield line.replace("\x00", "")
    finally:
        text.detach()


def _lines(stream: BinaryIO, limit: int) -> Iterator[bytes | None]:
    """Lines of at most `limit` bytes; None for a longer one."""
    while line := stream.readline(limit):
        if len(line) < limit or line.endswith(b"\n"):
            yield line
            continue
        while (rest := stream.readline(_SAMPLE)) and not rest.endswith(b"\n"):
            pass
        yield None


def _expect_columns(names: list[str], source: str, options: SourceOptions) -> None:
    wanted = [name for name in (options.html_column, options.text_column) if name is not None]
    if not any(name in names for name in wanted):
        there = ", ".join(names)[:200]
        raise SettingsError(f"{source}: line 1: no column {' or '.join(map(repr, wanted))}; there are {there}")


def _row(fields: Mapping[str, Any], source: str, number: int, options: SourceOptions) -> Page | Unread:
    own_path = fields.get(options.path_column)
    name = f"{source}#{own_path if isinstance(own_path, str) and own_path.strip() else number}"
    try:
        body, media_type = _body(fields, options)
        words = said(
            fields,
            "manifest",
            url=options.url_column,
            captured_at=options.captured_column,
            title=options.title_column,
            source=options.source_column,
        )
    except Refused as error:
        return Unread(name, error.reason, f"row {number}: {error}")
    except ValueError as error:
        return Unread(name, Reason.DAMAGED, f"row {number}: {error}")
    return page_from(name, body, media_type, [words], options.now, charset="utf-8")


def _body(fields: Mapping[str, Any], options: SourceOptions) -> tuple[bytes, MediaType]:
    """The page of a row: HTML where it has any, else text."""
    columns: tuple[tuple[str | None, MediaType], ...] = (
        (options.html_column, "text/html"),
        (options.text_column, "text/plain"),
    )
    for column, media_type in columns:
        text = fields.get(column) if column is not None else None
        if text is None or text == "":
            continue
        if not isinstance(text, str):
            raise Refused(Reason.DAMAGED, f"{column}: not a text: {str(text)[:60]!r}")
        body = text.encode("utf-8", "replace")  # JSON can hold lone surrogates
        if len(body) > options.max_bytes:
            raise Refused(Reason.TOO_LARGE, f"{column}: more than {options.max_bytes:,} bytes, the limit for a page")
        return body, media_type
    wanted = " or ".join(repr(column) for column, _ in columns if column is not None)
    raise Refused(Reason.EMPTY, f"nothing in the column {wanted}")
