"""JSON lines: an object an article, UTF-8, nothing left out and nothing changed (https://jsonlines.org).

Beside its columns each object tells the article's place among others: `cluster` and its `representative`, `revision`
(the number at its address), `revision_class`, `revision_facts`, and what persons `judged`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from archive.db import relations
from archive.export.columns import columns_of

if TYPE_CHECKING:
    from archive.db.rows import ArticleRow
    from archive.export.chosen import Chosen


def jsonl(chosen: Chosen) -> Iterator[bytes]:
    """A line an article."""
    for article in chosen:
        yield line_of(article, relations.exported(chosen.reader.db.conn, article.id))


def line_of(article: ArticleRow, place: Mapping[str, Any]) -> bytes:
    """The line of an article and of its place among others."""
    return json.dumps({**columns_of(article), **place}, ensure_ascii=False).encode() + b"\n"
