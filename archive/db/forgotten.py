"""The table `tombstones`: what was forgotten, what of the rows that concerns, and that it goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlite_utils import Database

from archive.db.rows import dump_json
from archive.db.settlement import Batch
from archive.errors import UsageError
from archive.identity import is_dump_urn, site_of
from archive.reasons import Reason
from archive.tombstones import DEPTHS, Depth, Tombstone, Tombstones, digest_of

#: Tombstones that one note holds.
NOTE = 5_000

_ROWS = """
SELECT captures.id, url, address, payload_digest, content_hash,
       capture_id IS NOT NULL AND cleanings.reason IS NOT 'hidden'
FROM captures LEFT JOIN cleanings ON capture_id = captures.id
"""
_ADDRESSED = """
SELECT id FROM captures WHERE url IN (SELECT value FROM json_each(?1))
UNION SELECT id FROM captures WHERE address IN (SELECT value FROM json_each(?1))
"""
# What only captures of this set have: a payload or a text that others carry too stays.
_PAYLOADS = """
SELECT DISTINCT payload_digest FROM captures WHERE id IN (SELECT value FROM json_each(?1))
  AND payload_digest IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM captures AS other WHERE other.payload_digest = captures.payload_digest
                  AND other.id NOT IN (SELECT value FROM json_each(?1)))
"""
_TEXTS = """
SELECT DISTINCT content_hash FROM cleanings WHERE capture_id IN (SELECT value FROM json_each(?1))
  AND content_hash IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM cleanings AS other WHERE other.content_hash = cleanings.content_hash
                  AND other.capture_id NOT IN (SELECT value FROM json_each(?1)))
"""
#: Other tables that may name what is forgotten, and where: addresses, payload digests, content hashes.
_NAMING = {
    "judgements": ("a", "b", "a_payload", "b_payload"),
    "crawl_addresses": ("url", "content_hash"),
    "crawl_lists": ("url",),
    "crawl_patterns": ("example",),
    "crawl_robots": ("authority",),
}
_PUT = """
INSERT INTO tombstones (kind, digest, salt, depth, at) VALUES (:kind, :digest, :salt, :depth, :at)
ON CONFLICT (kind, digest) DO UPDATE SET depth = excluded.depth, at = excluded.at, erased = 0
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks to forget: an address, an article, or all of a site."""

    kind: Literal["url", "article", "site"]
    value: str


@dataclass(frozen=True, slots=True)
class Found:
    """What of the archive that is: captures by id, articles that no other capture carries, addresses."""

    captures: tuple[int, ...]
    articles: int
    addresses: tuple[str, ...]
    payloads: tuple[str, ...]
    texts: tuple[str, ...]
    site: str | None = None


def find(db: Database, wanted: Wanted) -> Found:
    """What is to be forgotten. Raises UsageError where nothing of it is here.

    Of an address, all that was captured there, and all that speaks for the same address; of an article, all at its
    addresses, earlier and later texts too.
    """
    ids = sorted(_of_site(db, wanted.value) if wanted.kind == "site" else _of_addresses(db, wanted))
    if not ids:
        raise UsageError(f"nothing of {wanted.value} is here")
    listed = dump_json(ids)
    addresses = "SELECT url, address FROM captures WHERE id IN (SELECT value FROM json_each(?))"
    real = {a for row in db.conn.execute(addresses, (listed,)) for a in row if a and not is_dump_urn(a)}
    texts = tuple(row[0] for row in db.conn.execute(_TEXTS, (listed,)))
    query = "SELECT count(*) FROM articles WHERE content_hash IN (SELECT value FROM json_each(?))"
    return Found(
        captures=tuple(ids),
        articles=db.conn.execute(query, (dump_json(texts),)).fetchone()[0],
        addresses=tuple(sorted(real)),
        payloads=tuple(row[0] for row in db.conn.execute(_PAYLOADS, (listed,))),
        texts=texts,
        site=wanted.value if wanted.kind == "site" else None,
    )


def _of_addresses(db: Database, wanted: Wanted) -> set[int]:
    if wanted.kind == "url":
        query, value = "SELECT url, address FROM captures WHERE url = ?1 OR address = ?1", wanted.value
    else:
        query, value = "SELECT url, address FROM captures WHERE article_id = ?1", wanted.value
    addresses = {address for row in db.conn.execute(query, (value,)) for address in row if address}
    return {row[0] for row in db.conn.execute(_ADDRESSED, (dump_json(sorted(addresses)),))}


def _of_site(db: Database, site: str) -> set[int]:
    rows = db.conn.execute("SELECT id, url, address FROM captures WHERE url IS NOT NULL")
    return {row[0] for row in rows if site in (site_of(row[1]), site_of(row[2]))}


def stones_of(found: Found, depth: Depth, salt: str) -> Iterator[Tombstone]:
    """The tombstones by which what was found is known again: of a site its name stands for its addresses."""
    things: list[tuple[Any, str]] = [("payload", digest) for digest in found.payloads]
    things += [("text", digest) for digest in found.texts]
    if found.site is not None:
        things.append(("site", found.site))
    else:
        things += [("address", address) for address in found.addresses]
    return (Tombstone(kind, digest_of(salt, kind, value), salt, depth) for kind, value in things)


def notes_of(stones: Iterable[Tombstone]) -> Iterator[dict[str, Any]]:
    """The data of the `forget` notes that keep tombstones."""
    left = sorted(stones)
    for at in range(0, len(left), NOTE):
        part = left[at : at + NOTE]
        depth, salt = part[0].depth, part[0].salt
        yield {"depth": depth, "salt": salt, "digests": [[stone.kind, stone.digest] for stone in part]}


def apply(db: Database, data: Mapping[str, Any], at: str) -> None:
    """A `forget` note: its tombstones. One that is there and as deep stays as it is."""
    salt, depth = str(data["salt"]), data["depth"]
    rank = DEPTHS.index(depth)
    for kind, digest in data["digests"]:
        row = db.conn.execute("SELECT depth FROM tombstones WHERE kind = ? AND digest = ?", (kind, digest)).fetchone()
        if row is None or DEPTHS.index(row[0]) < rank:
            db.conn.execute(_PUT, {"kind": kind, "digest": digest, "salt": salt, "depth": depth, "at": at})


def put(db: Database, stones: Iterable[Tombstone], at: str) -> None:
    """Tombstones that follow from others: of a page that came again in other bytes."""
    for stone in stones:
        apply(db, {"salt": stone.salt, "depth": stone.depth, "digests": [[stone.kind, stone.digest]]}, at)


def load(db: Database) -> Tombstones:
    """All tombstones."""
    rows = db.conn.execute("SELECT kind, digest, salt, depth FROM tombstones")
    return Tombstones(Tombstone(*row) for row in rows)


def enforce(db: Database, stones: Tombstones, batch: Batch, now: str) -> None:
    """Bring all rows in step with the tombstones, and note in the batch what that touches.

    Hidden captures keep their row, and nothing of what their cleaning gave. The others go; where they were known by
    their text or by the address they claim, they are known by their bytes from now on.
    """
    hidden, gone = [], []
    known_by: set[Tombstone | None] = set()
    for capture_id, url, address, payload, text, shown in db.conn.execute(_ROWS):
        depth = stones.depth((url, address), payload, text)
        if depth == "hide" and shown:
            hidden.append(capture_id)
        elif depth in {"drop", "erase"}:
            gone.append(capture_id)
            known_by.update({stones.by_bytes((url,), payload, depth)} - {None})
    put(db, filter(None, known_by), now)
    for capture_id in (*hidden, *gone):
        _touch(db, capture_id, batch)
    for capture_id in hidden:
        hide(db, capture_id, batch)
    db.conn.execute("DELETE FROM captures WHERE id IN (SELECT value FROM json_each(?))", (dump_json(gone),))
    _forget_elsewhere(db, stones)


def _forget_elsewhere(db: Database, stones: Tombstones) -> None:
    """Delete the rows of other tables that name what is gone."""
    for table, columns in _NAMING.items():
        for column in columns:
            values = db.conn.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL")  # noqa: S608
            gone = [(value,) for (value,) in values if stones.depth((value,), value, value) in {"drop", "erase"}]
            db.conn.executemany(f"DELETE FROM {table} WHERE {column} = ?", gone)  # noqa: S608


def _touch(db: Database, capture_id: int, batch: Batch) -> None:
    query = """
    SELECT address, cleanings.text_digest, articles.content_hash
    FROM captures LEFT JOIN cleanings ON capture_id = captures.id LEFT JOIN articles ON articles.id = article_id
    WHERE captures.id = ?
    """
    address, text, article = db.conn.execute(query, (capture_id,)).fetchone()
    batch.addresses.update({address} - {None})
    batch.digests.update({text} - {None})
    batch.stale.update({article} - {None})


def hide(db: Database, capture_id: int, batch: Batch) -> None:
    """Take away what the cleaning of a capture gave; what it speaks for stays, so that it is found again."""
    db.conn.execute("DELETE FROM removals WHERE capture_id = ?", (capture_id,))
    db.conn.execute(
        "UPDATE cleanings SET content_hash = NULL, text_digest = NULL, words = NULL, fields = '{}', error = NULL, "
        "refused = NULL, reason = ? WHERE capture_id = ?",
        (Reason.HIDDEN.value, capture_id),
    )
    db.conn.execute("UPDATE captures SET error = NULL WHERE id = ?", (capture_id,))
    batch.restated.add(capture_id)
