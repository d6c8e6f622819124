"""An article as the columns that others rely on: the same in every tabular format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive.db.rows import ArticleRow

#: In the order in which they are written.
COLUMNS = (
    *("id", "url", "site", "title", "authors", "published", "modified", "language", "section", "tags"),
    *("description", "image", "text", "words", "content_hash", "first_seen", "last_seen", "recipe", "kind"),
)


def columns_of(article: ArticleRow) -> dict[str, Any]:
    """An article by column; `authors` and `tags` are lists."""
    lists = {"authors": list(article.authors), "tags": list(article.tags)}
    return {name: lists[name] if name in lists else getattr(article, name) for name in COLUMNS}
