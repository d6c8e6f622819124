"""What was forgotten, as one run meets it: nothing of that is kept, and what comes again all the same is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlite_utils import Database

from archive.db import captures, forgotten
from archive.db.captures import Identity, Recorded
from archive.db.settlement import Batch, settle_batch
from archive.model import Page
from archive.tombstones import Depth, Tombstone

_GONE = frozenset({"drop", "erase"})


class Forgotten:
    """The tombstones of an archive. `met` counts pages that had been forgotten, `left_out` their records by file."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._stones = forgotten.load(db)
        self._reached: list[Tombstone] = []
        self.left_out: Counter[str] = Counter()
        self.met = 0

    def reload(self) -> None:
        """Read the tombstones again: others wrote some."""
        self._stones = forgotten.load(self._db)

    def bars(self, url: str | None = None, payload: str | None = None) -> bool:
        """Whether nothing of this address, or with this payload digest, may come back."""
        return self._stones.depth((url,), payload) in _GONE

    def bars_capture(self, identity: Identity) -> bool:
        """Whether a capture was forgotten, so that neither its bytes nor its row may come back."""
        payload, _, url, _ = identity
        return self.bars(url, payload)

    def meets(self, identity: Identity) -> bool:
        """The same, and it is counted."""
        gone = self.bars_capture(identity)
        self.met += gone
        return gone

    def meets_address(self, url: str) -> bool:
        """Whether an address was forgotten, and it is counted."""
        gone = self.bars(url)
        self.met += gone
        return gone

    def admit(self, row: Recorded, page: Page) -> Recorded | None:
        """The row of a cleaned page, hidden where that was said; None, and it is counted, where none may be."""
        text = row.cleaning.content_hash if row.cleaning else None
        depth = self._stones.depth((page.url, row.address), page.payload_digest, text)
        if depth is None or depth == "hide":
            return row if depth is None else captures.hidden(row)
        self.met += 1
        self.left_out[row.file] += 1
        stone = self._stones.by_bytes((page.url,), page.payload_digest, depth)
        if stone is not None:
            self._reached.append(stone)
        return None

    @property
    def wait(self) -> bool:
        """Whether there are tombstones that are not stored."""
        return bool(self._reached)

    def apply(self, now: str) -> None:
        """Store the tombstones that wait, and bring all rows in step; runs inside a transaction, which may fail."""
        forgotten.put(self._db, self._reached, now)
        self.enforce(now)

    def stored(self) -> None:
        """Let go of what waited: its transaction has ended well."""
        self._reached = []

    def enforce(self, now: str, *, anew: bool = False) -> None:
        """Bring all rows in step with tombstones that are new, or, where rows came, `anew`; in a transaction."""
        stones = forgotten.load(self._db)
        if stones != self._stones or (anew and stones):
            batch = Batch()
            forgotten.enforce(self._db, stones, batch, now)
            settle_batch(self._db, batch)
            self._stones = stones

    def notes_of(self, found: forgotten.Found, depth: Depth) -> Iterator[dict[str, Any]]:
        """The data of the `forget` notes by which what was found is forgotten."""
        return forgotten.notes_of(forgotten.stones_of(found, depth, self._stones.salt))
