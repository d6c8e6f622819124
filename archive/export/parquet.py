"""Parquet, for data frames: authors and tags as lists. Needs pyarrow, which is not installed by itself."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import UsageError
from archive.export.columns import COLUMNS, columns_of
from archive.export.output import new_file

if TYPE_CHECKING:
    from archive.db.rows import ArticleRow

_ROWS = 2_000  # in memory at a time: a row group
_TYPES = {"id": "int64", "words": "int64"}  # all others are strings
_LISTS = ("authors", "tags")


def write_parquet(articles: Iterable[ArticleRow], target: Path) -> int:
    """Write a new file and return its size in bytes.

    Raises UsageError where pyarrow or the folder is missing or the file is there, ArchiveError where it cannot be
    written.
    """
    arrow, parquet = _pyarrow()
    types = ((name, _TYPES.get(name, "string")) for name in COLUMNS)
    schema = arrow.schema([(name, arrow.list_(arrow.string()) if name in _LISTS else kind) for name, kind in types])
    left = iter(articles)
    with new_file(target) as unfinished:
        with parquet.ParquetWriter(unfinished, schema, compression="zstd") as out:
            while rows := [columns_of(article) for article in islice(left, _ROWS)]:
                out.write_table(arrow.Table.from_pylist(rows, schema=schema))
        return unfinished.stat().st_size


def _pyarrow() -> tuple[Any, Any]:
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise UsageError("parquet needs pyarrow: pip install 'hemeroteca[parquet]', or take jsonl") from None
