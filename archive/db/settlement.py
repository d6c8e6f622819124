"""What `archive.settle` decides, applied to what one batch touched.

A batch touches addresses: those of its captures. Each is walked anew; captures that join, leave or change their text
touch texts, whose articles are merged anew. Where captures only joined, the ones that made the article say what it
says stand for all the others, so that a text on a hundred thousand addresses costs no more than one on two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlite_utils import Database

from archive.db import articles, claims, revisions, upkeep
from archive.db.articles import Wording
from archive.db.held import Cuttings
from archive.db.rows import Cleaning, dump_json, fields_of
from archive.reasons import Reason
from archive.settle import Capture, Walk, merge, walk

_AT_ADDRESSES = """
SELECT captures.id, captured_at, address, source, payload_digest, cleanings.content_hash, cleanings.words,
       cleanings.recipe, article_id, articles.content_hash, captures.reason, cleanings.reason, captures.error,
       cleanings.error
FROM captures JOIN cleanings ON capture_id = captures.id LEFT JOIN articles ON articles.id = article_id
WHERE address IN (SELECT value FROM json_each(?)) ORDER BY address
"""
_BY_ID = """
SELECT captures.id, captured_at, address, source, payload_digest, content_hash, words, fields
FROM captures JOIN cleanings ON capture_id = captures.id WHERE captures.id IN (SELECT value FROM json_each(?))
"""
#: The captures that carry an article, with what their pages say.
BY_ARTICLE = """
SELECT captures.id, captured_at, address, source, payload_digest, content_hash, words, fields
FROM captures JOIN cleanings ON capture_id = captures.id WHERE article_id = ?
"""
_STANDING = """
SELECT id, superseded_by, (SELECT CASE WHEN EXISTS (SELECT 1 FROM addresses WHERE article_id = articles.id) THEN NULL
  ELSE (SELECT article_id FROM addresses WHERE addresses.url = coalesce(
    articles.url, (SELECT address FROM captures WHERE captures.id = lead_capture_id))) END)
FROM articles WHERE id IN (SELECT value FROM json_each(?))
"""


@dataclass(frozen=True, slots=True)
class Effects:
    """What settling a batch did to articles: which no longer stand, which stand again, which are no more."""

    fallen: frozenset[int]
    risen: frozenset[int]
    gone: frozenset[int]


@dataclass(slots=True)
class Batch:
    """What a batch stored, and, while it is settled, what that touched.

    `addresses`: of its captures, and those that restated ones spoke for before. `restated`: captures with a new
    cleaning; `left`: addresses that a capture has left. `texts`: by text digest, those it brought; `digests`: those it
    brought or took away.
    """

    addresses: set[str] = field(default_factory=set)
    restated: set[int] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    digests: set[str] = field(default_factory=set)
    joined: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    stale: set[str] = field(default_factory=set)
    moved: list[tuple[int, int, str | None]] = field(default_factory=list)
    left_behind: set[int] = field(default_factory=set)

    def add(self, address: str, cleaning: Cleaning) -> None:
        """Note a cleaning that was stored, and the address its capture speaks for."""
        self.addresses.add(address)
        if cleaning.text_digest is not None and cleaning.text is not None:
            self.texts[cleaning.text_digest] = cleaning.text
            self.digests.add(cleaning.text_digest)


def settle_batch(db: Database, batch: Batch, cuttings: Cuttings | None = None) -> Effects:
    """Bring articles, captures, addresses and what follows from them in step with a batch.

    Runs inside the transaction that stored it. `cuttings` are of earlier batches, see `archive.db.upkeep.follow`.
    """
    claims.disown(db, batch.addresses, batch.left, batch.restated)
    stored = revisions.listed(db, batch.addresses)
    walked = dict(_walk_addresses(db, batch, stored))
    current = dict.fromkeys(batch.addresses) | {address: one.current for address, one in walked.items()}
    _save_texts(db, batch)
    _carry_ids(db, batch, current)
    joined = sorted(batch.joined, key=lambda text: min(batch.joined[text]))  # ids in the order of captures
    ids = {text: _put_article(db, text, batch) for text in [*joined, *sorted(batch.stale - set(joined))]}
    near = _carried_at(db, batch.addresses) | {article_id for article_id in ids.values() if article_id is not None}
    _put_addresses(db, current, ids)
    gone = _sweep(db, batch)
    fallen, risen = _stand(db, near - gone)
    _put_texts(db, batch)
    _put_revisions(db, stored, walked, batch)
    upkeep.follow(db, cuttings=cuttings)
    return Effects(frozenset(fallen), frozenset(risen), frozenset(gone))


def _walk_addresses(
    db: Database, batch: Batch, stored: Mapping[str, Sequence[revisions.Row]]
) -> Iterator[tuple[str, Walk[int]]]:
    """Walk each touched address; captures whose text or reason is another than before are noted and detached."""
    rows = db.conn.execute(_AT_ADDRESSES, (dump_json(sorted(batch.addresses)),))
    decide = revisions.decider(db, batch.texts)
    changes: list[tuple[str | None, str | None, bool, int]] = []
    for address, group in groupby(rows, key=lambda row: row[2]):
        members = list(group)
        stood = (revisions.Stood(row[0], row[5] is not None, row[8], row[10], row[12]) for row in members)
        past = stored.get(address, ())
        known = {} if address in batch.left else revisions.remembered(past, stood, batch.restated)
        walked = walk((address_capture(row) for row in members), decide, known)
        for row in members:
            changes.extend(_compare(row, walked, batch))
        yield address, walked
    query = "UPDATE captures SET reason = ?, error = ?, article_id = iif(?, NULL, article_id) WHERE id = ?"
    db.conn.executemany(query, changes)


def address_capture(row: Sequence[Any]) -> Capture[int]:
    """The first eight columns of `_AT_ADDRESSES` as `archive.settle.walk` wants them."""
    key, captured_at, address, source, digest, content_hash, words, recipe = row[:8]
    return Capture(key, captured_at, address, source, digest, content_hash, words or 0, {}, recipe)


def _compare(
    row: tuple[Any, ...], walked: Walk[int], batch: Batch
) -> Iterator[tuple[str | None, str | None, bool, int]]:
    article_id, text_before, reason_before, own_reason, error_before, own_error = row[8:]
    capture_id = row[0]
    text = walked.carried.get(capture_id)
    reason, error = own_reason, own_error
    if (worse := walked.worse.get(capture_id)) is not None:
        reason, error = Reason.WORSE.value, worse.reason
    moves = text != text_before
    if moves and text is not None:
        batch.joined[text].add(capture_id)
    if moves and text_before is not None:
        batch.stale.add(text_before)
        batch.moved.append((capture_id, article_id, text))
    if not moves and text is not None and capture_id in batch.restated:
        batch.stale.add(text)
    if moves or (reason, error) != (reason_before, error_before):
        yield reason, error, moves, capture_id


def _put_revisions(
    db: Database, stored: Mapping[str, Sequence[revisions.Row]], walked: Mapping[str, Walk[int]], batch: Batch
) -> None:
    """Note what each walked address said; one that says nothing any more has no revisions."""
    query = "SELECT id FROM articles WHERE content_hash = ?"

    def article_of(text: str) -> int:
        return int(db.conn.execute(query, (text,)).fetchone()[0])

    for address in sorted(stored.keys() | walked.keys()):
        said = walked[address].revisions if address in walked else ()
        revisions.put(db, stored.get(address, ()), revisions.rows_of(address, said, article_of))
    revisions.follow_captures(db, batch.left_behind)


def _save_texts(db: Database, batch: Batch) -> None:
    """Hold the texts of articles that may be changed or deleted: another capture may still need them."""
    rows = db.conn.execute(
        "SELECT text_digest, text FROM articles WHERE content_hash IN (SELECT value FROM json_each(?))",
        (dump_json(sorted(batch.stale)),),
    )
    batch.texts.update(rows)


def _carry_ids(db: Database, batch: Batch, current: dict[str, str | None]) -> None:
    """Where the lead of an article moves to a text that has no article, the row goes along, and keeps its id.

    A text may become free because its own article moves on: hence again, until nothing more moves.
    """
    waiting = [(lead, article_id, text) for lead, article_id, text in batch.moved if text is not None]
    while True:
        moved = [move for move in waiting if _carry(db, batch, current, *move)]
        if not moved:
            return
        waiting = [move for move in waiting if move not in moved]


def _carry(db: Database, batch: Batch, current: dict[str, str | None], lead: int, article_id: int, text: str) -> bool:
    """Give an article the hash its lead moved to; captures and addresses left behind become those of a new one."""
    query = """
    SELECT content_hash FROM articles WHERE id = ? AND lead_capture_id = ?
      AND NOT EXISTS (SELECT 1 FROM articles WHERE content_hash = ?)
    """
    row = db.conn.execute(query, (article_id, lead, text)).fetchone()
    if row is None:
        return False
    detach = "UPDATE captures SET article_id = NULL WHERE article_id = ? RETURNING id"
    left_behind = {capture for (capture,) in db.conn.execute(detach, (article_id,)).fetchall()}
    if left_behind:
        batch.joined[row[0]] |= left_behind
        batch.left_behind |= left_behind
    for (address,) in db.conn.execute("SELECT url FROM addresses WHERE article_id = ?", (article_id,)):
        current.setdefault(address, row[0])
        batch.addresses.add(address)
    db.conn.execute("UPDATE articles SET content_hash = ? WHERE id = ?", (text, article_id))
    batch.stale.add(text)
    return True


def _put_article(db: Database, text: str, batch: Batch) -> int | None:
    """Merge the captures of a text into its row; None, with the row left for `_sweep`, where it has none."""
    found = articles.row_before(db, text)
    members = list(batch.joined.get(text, ()))
    captures = _captures(db, found, members, whole=text in batch.stale)
    try:
        merged = merge(captures)
    except ValueError:
        return None
    wording = _wording(db, merged.lead.key, found, batch)
    values = articles.columns_of(text, merged, wording)
    batch.digests.add(wording.text_digest)
    if found is None:
        article_id = articles.insert(db, values)
    else:
        article_id, before = found
        batch.texts[before["text_digest"]] = before["text"]
        batch.digests.add(before["text_digest"])
        articles.update(db, article_id, before, values)
    db.conn.executemany("UPDATE captures SET article_id = ? WHERE id = ?", [(article_id, m) for m in members])
    return article_id


def _captures(
    db: Database, found: tuple[int, dict[str, Any]] | None, joined: Iterable[int], *, whole: bool
) -> Iterator[Capture[int]]:
    ids = set(joined)
    if found is not None and whole:
        yield from map(capture_of, db.conn.execute(BY_ARTICLE, (found[0],)))
    elif found is not None:
        ids |= articles.contributors_of(found[1])
    yield from map(capture_of, db.conn.execute(_BY_ID, (dump_json(list(ids)),)))


def capture_of(row: tuple[Any, ...]) -> Capture[int]:
    """A row of `BY_ARTICLE` as `archive.settle` wants it."""
    return Capture(*(*row[:7], fields_of(row[7])))


def _wording(db: Database, lead: int, found: tuple[int, dict[str, Any]] | None, batch: Batch) -> Wording:
    query = "SELECT text_digest, words, recipe FROM cleanings WHERE capture_id = ?"
    digest, words, recipe = db.conn.execute(query, (lead,)).fetchone()
    if found is not None and found[1]["text_digest"] == digest:
        text = found[1]["text"]
    elif digest in batch.texts:
        text = batch.texts[digest]
    else:
        (text,) = db.conn.execute("SELECT text FROM texts WHERE text_digest = ?", (digest,)).fetchone()
    return Wording(text, digest, words, recipe)


def _carried_at(db: Database, addresses: Collection[str]) -> set[int]:
    query = """
    SELECT DISTINCT article_id FROM captures
    WHERE address IN (SELECT value FROM json_each(?)) AND article_id IS NOT NULL
    """
    return {row[0] for row in db.conn.execute(query, (dump_json(list(addresses)),))}


def _put_addresses(db: Database, current: dict[str, str | None], ids: dict[str, int | None]) -> None:
    """Note what stands at each touched address; one that says nothing any more goes."""
    query = "SELECT id FROM articles WHERE content_hash = ?"
    stands, silent = [], []
    for address, text in current.items():
        if text is None:
            silent.append((address,))
        else:
            stands.append((address, ids.get(text) or db.conn.execute(query, (text,)).fetchone()[0]))
    db.conn.executemany("DELETE FROM addresses WHERE url = ?", silent)
    db.conn.executemany(
        "INSERT INTO addresses VALUES (?, ?) ON CONFLICT DO UPDATE SET article_id = excluded.article_id "
        "WHERE article_id <> excluded.article_id",
        stands,
    )


def _sweep(db: Database, batch: Batch) -> set[int]:
    """Delete articles that no capture carries any more."""
    query = """
    DELETE FROM articles WHERE content_hash IN (SELECT value FROM json_each(?))
      AND NOT EXISTS (SELECT 1 FROM captures WHERE article_id = articles.id) RETURNING id, text_digest
    """
    rows = db.conn.execute(query, (dump_json(sorted(batch.stale)),)).fetchall()
    batch.digests.update(digest for _, digest in rows)
    return {article_id for article_id, _ in rows}


def _stand(db: Database, near: Collection[int]) -> tuple[set[int], set[int]]:
    """Set `superseded_by` of articles whose addresses were touched; returns those that fell and those that rose."""
    rows = db.conn.execute(_STANDING, (dump_json(sorted(near)),)).fetchall()
    changed = [(after, article_id) for article_id, before, after in rows if before != after]
    db.conn.executemany("UPDATE articles SET superseded_by = ? WHERE id = ?", changed)
    fallen = {article_id for article_id, before, after in rows if before is None and after is not None}
    risen = {article_id for article_id, before, after in rows if before is not None and after is None}
    return fallen, risen


def _put_texts(db: Database, batch: Batch) -> None:
    """Keep in `texts` what a cleaning gave and no article holds, and nothing else."""
    query = """
    SELECT value, EXISTS (SELECT 1 FROM articles WHERE text_digest = value),
           EXISTS (SELECT 1 FROM cleanings WHERE text_digest = value) FROM json_each(?)
    """
    rows = db.conn.execute(query, (dump_json(sorted(batch.digests)),)).fetchall()
    spare = [digest for digest, shown, used in rows if used and not shown]
    others = [(digest,) for digest, shown, used in rows if shown or not used]
    db.conn.executemany("DELETE FROM texts WHERE text_digest = ?", others)
    db.conn.executemany(
        "INSERT OR IGNORE INTO texts VALUES (?, ?)",
        [(digest, batch.texts[digest]) for digest in spare if digest in batch.texts],
    )
