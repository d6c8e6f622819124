"""The rows of `shingle_keys`: which texts have a key, clustered by key and then by content hash.

A text is named by the first eight hexadecimal digits of its content hash, as four bytes; so the order of the names is
the order of the hashes, the anchors of a hub lie at its start, and no row depends on the ids that articles happened to
get. Texts of one name (among a million, some two hundred share theirs) are all what it stands for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlite_utils import Database

#: Hexadecimal digits of a content hash in a name.
DIGITS = 8
_HALF = 1 << (4 * DIGITS - 1)


class TablePostings:
    """`archive.candidates.Postings` over the table, in the transaction that is open on its connection."""

    def __init__(self, db: Database, digits: int = DIGITS) -> None:
        self._db = db
        self._digits = digits

    def name(self, content_hash: str) -> str:
        """What a text is called here."""
        return content_hash[: self._digits]

    def insert(self, rows: Iterable[tuple[int, str]]) -> None:
        """Note that texts have keys."""
        numbered = ((key, self._number(text)) for key, text in rows)
        self._db.conn.executemany("INSERT OR IGNORE INTO shingle_keys (key, text) VALUES (?, ?)", numbered)

    def delete(self, rows: Iterable[tuple[int, str]]) -> None:
        """Take that back."""
        numbered = ((key, self._number(text)) for key, text in rows)
        self._db.conn.executemany("DELETE FROM shingle_keys WHERE key = ? AND text = ?", numbered)

    def smallest(self, key: int, count: int) -> Sequence[str]:
        """The texts of a key with the smallest names: the first rows of its run in the table."""
        query = "SELECT text FROM shingle_keys WHERE key = ? ORDER BY text LIMIT ?"
        return [self._name(row[0]) for row in self._db.conn.execute(query, (key, count))]

    def every(self, key: int) -> Iterator[str]:
        """All texts of a key."""
        rows = self._db.conn.execute("SELECT text FROM shingle_keys WHERE key = ? ORDER BY text", (key,)).fetchall()
        return (self._name(row[0]) for row in rows)

    def holds(self, key: int, text: str) -> bool:
        """Whether a text has a key here."""
        query = "SELECT 1 FROM shingle_keys WHERE key = ? AND text = ?"
        return self._db.conn.execute(query, (key, self._number(text))).fetchone() is not None

    def articles(self, name: str) -> list[int]:
        """The articles that have a name, by id."""
        query = "SELECT id FROM articles WHERE content_hash >= ?1 AND content_hash < ?1 || 'g' ORDER BY id"
        return [article_id for (article_id,) in self._db.conn.execute(query, (name,))]

    def _number(self, name: str) -> int:
        return int(name[: self._digits], 16) - _HALF

    def _name(self, number: int) -> str:
        return name_of(number, self._digits)


def name_of(number: int, digits: int = DIGITS) -> str:
    """What the text behind a number of the table is called."""
    return f"{number + _HALF:0{digits}x}"
