"""Parquet: read back where pyarrow is installed, one clear line where it is not."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

import pytest

from archive.errors import UsageError
from archive.export.chosen import choose
from archive.export.columns import COLUMNS, columns_of
from archive.export.parquet import write_parquet
from archive.export.selection import Selection
from archive.store import Archive


def test_parquet_holds_the_rows_or_says_what_it_needs(samples: Path, tmp_path: Path) -> None:
    target = tmp_path / "news.parquet"
    with Archive.read(samples) as reader:
        articles = list(choose(reader, Selection()))
    if importlib.util.find_spec("pyarrow") is None:
        with pytest.raises(UsageError, match=r"needs pyarrow: pip install 'hemeroteca\[parquet\]'"):
            write_parquet(articles, target)
        assert list(tmp_path.iterdir()) == []
    else:
        assert write_parquet(articles, target) == target.stat().st_size
        table = importlib.import_module("pyarrow.parquet").read_table(target)
        assert tuple(table.column_names) == COLUMNS
        assert table.to_pylist() == [columns_of(article) for article in articles]
