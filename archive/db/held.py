"""Texts of articles, cut into what is compared, and the last few held ready: many are compared with the same ones."""

from __future__ import annotations

from collections import OrderedDict

from sqlite_utils import Database

from archive.copies import Text

#: Texts held ready.
HELD = 250


class HeldTexts:
    """Reads articles from an open database whose articles do not change meanwhile."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._texts: OrderedDict[int, Text] = OrderedDict()

    def text(self, article_id: int) -> Text | None:
        """What of an article is compared; None where there is no such article."""
        if article_id in self._texts:
            self._texts.move_to_end(article_id)
            return self._texts[article_id]
        query = "SELECT text, published, content_hash FROM articles WHERE id = ?"
        row = self._db.conn.execute(query, (article_id,)).fetchone()
        if row is None:
            return None
        found = self._texts[article_id] = Text.stored(*row)
        if len(self._texts) > HELD:
            self._texts.popitem(last=False)
        return found
