"""A new cleaning of an archived capture: what it changes, and whether it may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlite_utils import Database

from archive.db import captures
from archive.db.rows import Change, ChangeKind, Cleaning, storable
from archive.db.settlement import Batch
from archive.errors import ArchiveError
from archive.model import Line, Outcome
from archive.settle import is_loss


@dataclass(frozen=True, slots=True)
class Restated:
    """A new cleaning that waits for the commit. `before` is the one it replaces."""

    capture_id: int
    before: Cleaning
    after: Cleaning
    removals: tuple[Line, ...]


def change_of(
    db: Database, capture_id: int, outcome: Outcome, *, accept_losses: bool
) -> tuple[Change, Restated | None]:
    """What a new outcome changes, and what is to be stored: None where nothing is, or the loss is not accepted."""
    before, row = captures.cleaning_of(db, capture_id), captures.row_of(db, capture_id)
    if before is None or row is None:
        raise ArchiveError(f"capture {capture_id} has no cleaning; `hemeroteca verify` tells more")
    after = Cleaning.of(outcome)
    if after.claimed == row.url:
        after = replace(after, claimed=None)
    same_lines = _stored(outcome.removals) == captures.removals_of(db, capture_id)
    kind = _kind(before, after, same_lines=same_lines, accept_losses=accept_losses)
    change = Change(kind, capture_id, row.source, row.url, before.words, after.words, before.reason, after.reason)
    if kind == "loss-kept" or (kind == "same" and before.recipe == after.recipe):
        return change, None
    return change, Restated(capture_id, before, after, outcome.removals)


def _kind(before: Cleaning, after: Cleaning, *, same_lines: bool, accept_losses: bool) -> ChangeKind:
    if before.words is not None and is_loss(before.words, after.words):
        return "loss-accepted" if accept_losses else "loss-kept"
    if before.words is None and after.words is not None:
        return "gained"
    if before.words is None and (before.reason, before.error) != (after.reason, after.error):
        return "reason"
    equal = replace(before, recipe="") == replace(after, recipe="", text=None)
    return "same" if equal and same_lines else "changed"


def _stored(removals: Sequence[Line]) -> list[tuple[int, str, str, str]]:
    return [(line.number, storable(line.text), storable(line.rule), line.fate) for line in removals]


def put_restated(db: Database, restated: Restated, batch: Batch) -> None:
    """Store a new cleaning, and note in the batch what it touches."""
    before = captures.speaks_for(db, restated.capture_id)
    captures.replace(db, restated.capture_id, restated.after, restated.removals)
    address = captures.speaks_for(db, restated.capture_id)
    batch.add(before, restated.after)
    batch.add(address, restated.after)
    if address != before:
        batch.left.add(before)
    batch.restated.add(restated.capture_id)
    if restated.before.text_digest is not None:
        batch.digests.add(restated.before.text_digest)
