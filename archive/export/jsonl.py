"""JSON lines: an object an article, UTF-8, nothing left out and nothing changed (https://jsonlines.org)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from archive.export.columns import columns_of

if TYPE_CHECKING:
    from archive.db.rows import ArticleRow


def jsonl(articles: Iterable[ArticleRow]) -> Iterator[bytes]:
    """A line an article."""
    for article in articles:
        yield json.dumps(columns_of(article), ensure_ascii=False).encode() + b"\n"
