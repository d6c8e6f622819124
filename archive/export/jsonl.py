"""JSON lines: an object an article, UTF-8, nothing left out and nothing changed (https://jsonlines.org).

Beside its columns each object tells the article's place among others: `cluster` and its `representative`, `revision`
(the number at its address), `revision_class`, `revision_facts`, and what persons `judged`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from archive.db import relations
from archive.export.columns import columns_of

if TYPE_CHECKING:
    from archive.export.chosen import Chosen


def jsonl(chosen: Chosen) -> Iterator[bytes]:
    """A line an article."""
    conn = chosen.reader.db.conn
    for article in chosen:
        row = columns_of(article) | relations.exported(conn, article.id)
        yield json.dumps(row, ensure_ascii=False).encode() + b"\n"
