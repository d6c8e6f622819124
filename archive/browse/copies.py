"""What the pages of an article show of its copies: who ran it first, where else it ran, what each changed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from markupsafe import Markup

from archive.db.relations import ClusterOf, Copy, cluster_of, copies_of, count_copies
from archive.diff import diff
from archive.diffview import page as rendered

#: Copies beside the article, and on a page of them.
BESIDE = 8
PAGE = 20


@dataclass(frozen=True, slots=True)
class Near:
    """The copies of an article: its cluster (None where it has none), the first few of `total`, and who ran it first.

    `first` is the id, title, site and date of the cluster's representative.
    """

    cluster: ClusterOf | None
    copies: tuple[Copy, ...]
    total: int
    first: tuple[int, str | None, str | None, str | None] | None


@dataclass(frozen=True, slots=True)
class Compared:
    """A copy, its text, and what changed from the article to it as HTML; None where only the spelling differs."""

    copy: Copy
    text: str
    changes: Markup | None

    @property
    def title(self) -> str | None:
        """The copy's title."""
        return self.copy.title


def near(conn: sqlite3.Connection, article_id: int, limit: int = BESIDE, offset: int = 0) -> Near:
    """The copies of an article."""
    cluster = cluster_of(conn, article_id)
    if cluster is None:
        return Near(None, (), 0, None)
    query = "SELECT id, title, site, published FROM articles WHERE id = ?"
    first = tuple(conn.execute(query, (cluster.representative,)).fetchone())
    found = tuple(copies_of(conn, article_id, limit, offset))
    return Near(cluster, found, count_copies(conn, article_id), first)


def compared(conn: sqlite3.Connection, article_id: int, number: int) -> tuple[Near, tuple[Compared, ...]]:
    """A page of the copies of an article, numbered from 1, with what each changed."""
    found = near(conn, article_id, PAGE, (number - 1) * PAGE)
    query = "SELECT text FROM articles WHERE id = ?"
    text = conn.execute(query, (article_id,)).fetchone()[0]
    others = [conn.execute(query, (copy.id,)).fetchone()[0] for copy in found.copies]
    pairs = zip(found.copies, others, strict=True)
    return found, tuple(Compared(copy, other, changes(text, other, f"copy-{copy.id}-")) for copy, other in pairs)


def changes(before: str, after: str, name: str) -> Markup | None:
    """What changed between two texts, as HTML whose ids begin with `name`; None where nothing but spelling did."""
    found = diff(before, after)
    return None if found.is_empty else Markup(rendered(found, name=name))  # noqa: S704  # `diffview` escapes
