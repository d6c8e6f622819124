"""Live blogs: many short reports under the time of each, told while something happens.

A live blog is text, and is kept; but it is not one article, it grows through the day, and says so: `kind` is `live`.
Publishers say it themselves (schema.org `LiveBlogPosting`, in JSON-LD or microdata; AMP's `amp-live-list`); where they
do not, the shape of the page tells: times of day in short lines, the newest first, each with text of its own below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from archive.model import Field
from scraper.clean.examine import Examined
from scraper.clean.verdicts import Decided

KIND = "live"

_STAMPS = 6  # reports from which the shape of a page is a live blog's
_WORDS = 12  # of text that follow a stamp
_STAMP_WORDS, _STAMP_CHARS = 8, 60  # of a line that is a stamp
_RISING = 0.15  # share of the stamps that may be younger than the one before: at midnight, of pinned reports
_UNDER = 0.6  # share of the text that stands under stamps
_CLOCK = re.compile(
    r"(?<![\d:.])([01]?\d|2[0-3])(?:[:.]|\s?h\s?)([0-5]\d)(?!\d|[./]\d)(?:\s?([ap])\.?\s?m\b)?", re.IGNORECASE
)
_MINUTE = re.compile(r"^\W*(\d{1,3})(?:\s?\+\s?(\d{1,2}))?\s?['’′](?:\s?\+\s?(\d{1,2})['’′]?)?(?!\w)")


def live(found: Examined, decided: Decided) -> Field | None:
    """The field `kind` of a live blog, and who says that it is one; None where the page is none."""
    said = found.said.live or ("structure" if _reads_live(decided) else "")
    return Field(KIND, said) if said else None


def _reads_live(decided: Decided) -> bool:
    """Whether most of the kept text stands under times of day that fall."""
    texts = [block.text for block in decided.segments.blocks]
    at = [(i, minutes) for i, text in enumerate(texts) if (minutes := stamp(text)) is not None]
    if len(at) < _STAMPS:
        return False
    words = [text.count(" ") + 1 if keep else 0 for text, keep in zip(texts, decided.kept, strict=True)]
    ends = [*(i for i, _ in at[1:]), _after_last(words, [i for i, _ in at])]
    under = [sum(words[i + 1 : end]) for (i, _), end in zip(at, ends, strict=True)]
    told = [minutes for (_, minutes), some in zip(at, under, strict=True) if some >= _WORDS]
    if len(told) < _STAMPS or sum(some for some in under if some >= _WORDS) < _UNDER * sum(words):
        return False
    steps = [after - before for before, after in pairwise(told)]
    return sum(step > 0 for step in steps) <= max(1, _RISING * len(steps)) and len(set(told)) > _STAMPS // 2


def _after_last(words: Sequence[int], at: Sequence[int]) -> int:
    """Where the last report ends: it is given as many blocks as the longest of the others has."""
    longest = max((b - a for a, b in pairwise(at)), default=1)
    return min(len(words), at[-1] + longest)


def stamp(text: str) -> int | None:
    """The minutes of a line that is a time of day (`14:32`, `2.05 p. m.`, `18 h 30`) or of a match (`90+3'`)."""
    if len(text) > _STAMP_CHARS or text.count(" ") >= _STAMP_WORDS:
        return None
    if match := _MINUTE.match(text):
        return int(match[1]) + int(match[2] or match[3] or 0)
    clocks = list(_CLOCK.finditer(text))
    if len(clocks) != 1:
        return None
    hour, minute, half = int(clocks[0][1]), int(clocks[0][2]), (clocks[0][3] or "").lower()
    return (hour % 12 + 12 * (half == "p") if half else hour) * 60 + minute
