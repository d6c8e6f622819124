"""Lines that look alike: lists, comments and teasers repeat a shape, prose does not.

The shape of a short line is how its words are written: capitals, small letters, numbers, and the sign it ends with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

RHYTHM_COLUMNS = ("alike_near", "alike_page", "alike_before", "alike_after", "alike_beat")
_SHORT = 14  # words up to which a line has a shape
_NEAR = 12  # lines on either side
_FAR = 30


def rhythm(lines: Sequence[str]) -> Matrix:
    """`RHYTHM_COLUMNS` for each line: lines of its shape near it and in the page, steps to the one before and after,
    and whether the two steps are the same.
    """
    out = np.zeros((len(lines), len(RHYTHM_COLUMNS)), dtype=np.float32)
    out[:, 2:4] = _FAR
    where: dict[str, list[int]] = defaultdict(list)
    for i, line in enumerate(lines):
        shape = _shape(line)
        if shape:
            where[shape].append(i)
    for places in where.values():
        at = np.array(places)
        near = np.searchsorted(at, at + _NEAR, "right") - np.searchsorted(at, at - _NEAR, "left") - 1
        out[at, 0] = near
        out[at, 1] = (len(at) - 1) / len(lines)
        steps = np.minimum(np.diff(at), _FAR)
        out[at[1:], 2] = steps
        out[at[:-1], 3] = steps
    out[:, 4] = (out[:, 2] == out[:, 3]) & (out[:, 2] < _FAR)
    return out


def _shape(line: str) -> str:
    """One sign a word, runs of the same sign as one, and the line's last character where it is no letter."""
    words = line.split(None, _SHORT)
    if len(words) > _SHORT:
        return ""
    signs: list[str] = []
    for word in words:
        sign = _sign(word)
        if not signs or signs[-1] != sign:
            signs.append(sign)
    end = line[-1:]
    return "".join(signs) + ("" if end.isalnum() else end)


def _sign(word: str) -> str:
    first = next((c for c in word if c.isalnum()), "")
    if not first:
        return word[:1]
    if first.isdigit():
        return "0"
    if first.isupper():
        return "A" if len(word) > 1 and word.isupper() else "C"
    return "c"
