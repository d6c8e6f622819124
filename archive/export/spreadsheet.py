"""CSV (RFC 4180, UTF-8) that is safe to open in a spreadsheet.

A cell that starts like a formula gets an apostrophe in front, so that no page can make a reader's spreadsheet
compute or fetch: `=`, `+`, `-`, `@`, their full-width forms, tab and line breaks, also behind spaces, which some
spreadsheets drop (https://owasp.org/www-community/attacks/CSV_Injection). For the text to the letter there is JSON
lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from archive.export.columns import COLUMNS, columns_of

if TYPE_CHECKING:
    from archive.db.rows import ArticleRow

#: What a cell must not start with.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
_SPACES = " \u00a0\u200b\ufeff"


def rows(articles: Iterable[ArticleRow]) -> Iterator[bytes]:
    """The line of names, then a row an article; authors and tags are joined by `; `."""
    yield _line(COLUMNS)
    for article in articles:
        yield _line([_cell(value) for value in columns_of(article).values()])


def _cell(value: Any) -> str | int | None:
    if isinstance(value, list):
        value = "; ".join(value)
    if not isinstance(value, str):
        return value  # type: ignore[no-any-return]  # a number, or nothing
    plain = value.replace("\0", "")  # some spreadsheets drop it, others end the cell there
    return "'" + plain if plain.startswith(FORMULA) or plain.lstrip(_SPACES).startswith(FORMULA) else plain


def _line(values: Iterable[Any]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue().encode()
