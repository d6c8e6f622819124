"""Texts of articles, cut into what is compared, and the last of them kept ready: many are compared with the same."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

import numpy as np
from sqlite_utils import Database

from archive.copies import Text, day_of

#: Texts held ready while nothing changes.
HELD = 250
#: Texts remembered, at some five kilobytes each.
REMEMBERED = 2_000


class Cuttings:
    """What texts were cut into lately, by content hash: that says all of it, so nothing here is ever out of date."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._texts: OrderedDict[str, tuple[Text, bytes]] = OrderedDict()

    def put(self, text: Text) -> None:
        """Remember a text; the one that was asked for longest ago is let go."""
        packed = np.fromiter(text.shingles, dtype=np.uint64, count=len(text.shingles)).tobytes()
        bare = replace(text, shingles=frozenset(), keys=frozenset(), day=None)
        self._texts[text.content_hash] = bare, packed
        self._texts.move_to_end(text.content_hash)
        if len(self._texts) > self._most:
            self._texts.popitem(last=False)

    def get(self, content_hash: str) -> Text | None:
        """A text as it is compared, without keys and day; None where it is not remembered."""
        if content_hash not in self._texts:
            return None
        self._texts.move_to_end(content_hash)
        bare, packed = self._texts[content_hash]
        return replace(bare, shingles=frozenset(np.frombuffer(packed, dtype=np.uint64).tolist()))


class HeldTexts:
    """Reads articles from an open database whose articles do not change meanwhile; `cuttings` outlive that."""

    def __init__(self, db: Database, cuttings: Cuttings) -> None:
        self._db = db
        self._cuttings = cuttings
        self._texts: OrderedDict[int, Text] = OrderedDict()

    def text(self, article_id: int) -> Text | None:
        """What of an article is compared; None where there is no such article."""
        if article_id in self._texts:
            self._texts.move_to_end(article_id)
            return self._texts[article_id]
        found = self._read(article_id)
        if found is None:
            return None
        self._texts[article_id] = found
        if len(self._texts) > HELD:
            self._texts.popitem(last=False)
        return found

    def _read(self, article_id: int) -> Text | None:
        query = "SELECT content_hash, published FROM articles WHERE id = ?"
        row = self._db.conn.execute(query, (article_id,)).fetchone()
        if row is None:
            return None
        content_hash, published = row
        if (known := self._cuttings.get(content_hash)) is not None:
            return replace(known, day=day_of(published))
        (text,) = self._db.conn.execute("SELECT text FROM articles WHERE id = ?", (article_id,)).fetchone()
        found = Text.stored(text, published, content_hash)
        self._cuttings.put(found)
        return found
