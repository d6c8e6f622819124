"""The rows of `shingle_keys`: which texts have a key, clustered by key and then by content hash.

A text is named by the first twelve hexadecimal digits of its content hash, as six bytes; so the order of the names is
the order of the hashes, the anchors of a hub lie at its start, and no row depends on the ids that articles happened to
get. Two texts of one name (among a million, one chance in three hundred) are both what it stands for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlite_utils import Database

#: Hexadecimal digits of a content hash in a name.
DIGITS = 12
_HALF = 1 << (4 * DIGITS - 1)


class TablePostings:
    """`archive.candidates.Postings` over the table, in the transaction that is open on its connection."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def insert(self, key: int, text: str) -> None:
        """Note that a text has a key."""
        self._db.conn.execute("INSERT OR IGNORE INTO shingle_keys (key, text) VALUES (?, ?)", (key, _number(text)))

    def delete(self, key: int, text: str) -> None:
        """Take that back."""
        self._db.conn.execute("DELETE FROM shingle_keys WHERE key = ? AND text = ?", (key, _number(text)))

    def some(self, key: int, limit: int) -> Sequence[str]:
        """Texts of a key, at most `limit`."""
        return self.anchors(key, limit)

    def anchors(self, key: int, count: int) -> Sequence[str]:
        """The texts of a key with the smallest content hash: the first rows of its run in the table."""
        query = "SELECT text FROM shingle_keys WHERE key = ? ORDER BY text LIMIT ?"
        return [_name(row[0]) for row in self._db.conn.execute(query, (key, count))]

    def every(self, key: int) -> Iterator[str]:
        """All texts of a key."""
        rows = self._db.conn.execute("SELECT text FROM shingle_keys WHERE key = ? ORDER BY text", (key,)).fetchall()
        return (_name(row[0]) for row in rows)

    def hubs(self, cap: int) -> Iterator[tuple[int, int]]:
        """Keys of more than `cap` texts and how many they have, largest first. Reads the whole table."""
        query = "SELECT key, count(*) FROM shingle_keys GROUP BY key HAVING count(*) > ? ORDER BY 2 DESC, 1"
        yield from self._db.conn.execute(query, (cap,))


def _number(name: str) -> int:
    return int(name[:DIGITS], 16) - _HALF


def _name(number: int) -> str:
    return f"{number + _HALF:0{DIGITS}x}"
