"""The rows of `revisions`: what an address said over time, as `archive.settle.walk` decides it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from archive.db.rows import dump_json
from archive.reasons import Reason
from archive.revisions import RevisionClass, Version
from archive.settle import Capture, Classify, Decision, Revision, classifier

#: A row, in the order of `_COLUMNS`.
Row = tuple[Any, ...]

_COLUMNS = (
    *("url", "number", "article_id", "first_seen", "last_seen", "class", "reason", "facts", "recipe", "captures"),
    *("capture_id", "latest_capture_id"),
)
_READ = f"SELECT {', '.join(_COLUMNS)} FROM revisions"  # noqa: S608
_LISTED = f"{_READ} WHERE url IN (SELECT value FROM json_each(?)) ORDER BY url, number"  # noqa: S608
_PUT = f"INSERT OR REPLACE INTO revisions ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
_VERSION = """
SELECT captured_at, content_hash, cleanings.text_digest, fields, coalesce(
  (SELECT text FROM articles WHERE articles.text_digest = cleanings.text_digest),
  (SELECT text FROM texts WHERE texts.text_digest = cleanings.text_digest))
FROM captures JOIN cleanings ON capture_id = captures.id WHERE captures.id = ?
"""
_SAME = Decision(RevisionClass.UNCHANGED, "")


@dataclass(frozen=True, slots=True)
class Stood:
    """A capture as it was left when its address was last walked."""

    capture_id: int
    has_text: bool
    article_id: int | None
    reason: str | None
    error: str | None


def listed(db: Database, addresses: Collection[str]) -> dict[str, list[Row]]:
    """The stored rows of some addresses."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in db.conn.execute(_LISTED, (dump_json(sorted(addresses)),)):
        found[row[0]].append(row)
    return found


def remembered(stored: Sequence[Row], stood: Iterable[Stood], anew: Collection[int]) -> dict[int, Decision]:
    """What was decided of the captures of an address, but for those cleaned `anew`.

    Nothing where a capture has left since, or lost its text: then all is to be decided again.
    """
    starts = {row[10]: Decision(RevisionClass(row[5]), row[6], row[7]) for row in stored}
    found: dict[int, Decision] = {}
    carried = 0
    for one in stood:
        carried += one.article_id is not None
        if one.article_id is not None and not one.has_text:
            return {}
        if one.capture_id in anew or not one.has_text:
            continue
        if one.article_id is not None:
            found[one.capture_id] = starts.pop(one.capture_id, _SAME)
        elif one.reason == Reason.WORSE:
            found[one.capture_id] = Decision(RevisionClass.VARIANT, one.error or "")
    whole = carried == sum(row[9] for row in stored) and all(start in anew for start in starts)
    return found if whole else {}


def rows_of(url: str, revisions: Iterable[Revision[int]], article_of: Callable[[str], int]) -> list[Row]:
    """The rows of an address. `article_of` finds the article of a content hash."""
    return [
        (
            *(url, one.number, article_of(one.text), one.first.captured_at, one.latest.captured_at),
            *(one.decision.kind.value, one.decision.reason, one.decision.facts, one.latest.recipe, one.captures),
            *(one.first.key, one.latest.key),
        )
        for one in revisions
    ]


def put(db: Database, stored: Sequence[Row], rows: Sequence[Row]) -> None:
    """Bring the rows of an address in step; only those that changed are written."""
    before = set(stored)
    db.conn.executemany(_PUT, [row for row in rows if row not in before])
    if len(rows) < len(stored):
        db.conn.execute("DELETE FROM revisions WHERE url = ? AND number > ?", (stored[0][0], len(rows)))


def follow_captures(db: Database, captures: Collection[int]) -> None:
    """Some captures went to another row of `articles`: so do the revisions that they are the last of."""
    query = """
    UPDATE revisions SET article_id = (SELECT article_id FROM captures WHERE captures.id = latest_capture_id)
    WHERE url IN (SELECT address FROM captures WHERE id IN (SELECT value FROM json_each(?)))
    """
    db.conn.execute(query, (dump_json(sorted(captures)),))


def decider(db: Database, texts: Mapping[str, str]) -> Classify[int]:
    """Decides on captures by their stored cleanings; `texts` holds those of this batch, by text digest."""

    def read(capture: Capture[int]) -> Version:
        captured_at, known, digest, fields, text = db.conn.execute(_VERSION, (capture.key,)).fetchone()
        said = {name: given["value"] for name, given in json.loads(fields).items()}
        return Version(texts.get(digest, text or ""), said.get("title", ""), captured_at, said.get("published"), known)

    return classifier(read)
