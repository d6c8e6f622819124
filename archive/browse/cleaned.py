"""The page as it came: the lines that were kept and those that were removed, in order.

The database holds the removed lines with their numbers, and the text, whose lines are the kept ones in order but have
no numbers. The kept lines take the numbers that are free between the removed ones. Which of those are blank lines (of
a dump they have numbers, and are no lines of the page) is read from the archived bytes; where these cannot tell, the
free numbers are filled from the front, and the view says that places are a guess.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from archive.model import Fate, Line

KEPT = "text"  #: what stands in place of a rule at a kept line

_CLEANED = """
SELECT cleanings.reason, cleanings.error, coalesce(
  (SELECT text FROM articles WHERE articles.text_digest = cleanings.text_digest LIMIT 1),
  (SELECT text FROM texts WHERE texts.text_digest = cleanings.text_digest)) FROM cleanings WHERE capture_id = ?
"""
_REMOVED = "SELECT line, text, fate, rule FROM removals WHERE capture_id = ? ORDER BY nth"
_LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The lines of a page; `exact` where the place of every line is known, not guessed."""

    lines: tuple[Line, ...]
    exact: bool
    reason: str | None
    error: str | None


def cleaned(conn: sqlite3.Connection, capture_id: int, body: bytes | None) -> Cleaned | None:
    """The newest cleaning of a capture; `body` is its dump, None for other pages. None where it has no cleaning."""
    row = conn.execute(_CLEANED, (capture_id,)).fetchone()
    if row is None:
        return None
    reason, error, text = tuple(row)
    removed = [Line(n, line, fate, rule) for n, line, fate, rule in conn.execute(_REMOVED, (capture_id,))]
    kept = [] if text is None else [line for line in text.split("\n") if line.strip()]
    lines, exact = merged(removed, kept, None if body is None else numbered(body))
    return Cleaned(tuple(lines), exact, reason, error)


def numbered(body: bytes) -> tuple[int, ...]:
    """The numbers (from 1) of the lines of a dump that are not blank."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = body.decode("utf-16", "replace")
    else:
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = body.decode("latin-1").replace("\x85", "…")  # an ellipsis in windows-1252
    return tuple(number for number, line in enumerate(_LINE_ENDS.split(text), 1) if line.strip())


def merged(removed: Sequence[Line], kept: Sequence[str], numbers: Collection[int] | None) -> tuple[list[Line], bool]:
    """Removed and kept lines in one order, and whether it is certain. Every line given is there once."""
    taken = {line.number for line in removed}
    free = [] if numbers is None else [number for number in numbers if number not in taken]
    exact = len(free) == len(kept) and (numbers is None or taken <= set(numbers))
    if numbers is None:
        free = list(_free(taken, len(kept)))
        exact = True  # blocks of a page are numbered without gaps
    if len(free) != len(kept):
        free = list(_free(taken, len(kept)))
    fate: Fate = "kept"
    placed = [Line(number, text, fate, KEPT) for number, text in zip(free, kept, strict=True)]
    # a removed line stands before a kept one of the same number, and removed ones stay in their own order
    return sorted([*removed, *placed], key=lambda line: line.number), exact


def _free(taken: Collection[int], count: int) -> Iterator[int]:
    number = 0
    while count:
        number += 1
        if number not in taken:
            yield number
            count -= 1
