"""Whether a line goes on about what the lines around it are about: paragraphs of one article do, teasers do not.

Language-free: a word counts by how rare it is among the page's lines, and is looked for among the lines close by.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

_REACHES = (2, 6, 20)  # lines within which a word is looked for
COHERENCE_COLUMNS = tuple(f"same_words_{reach}_{side}" for side in ("before", "after") for reach in _REACHES)


def coherence(lines: Sequence[Sequence[str]]) -> Matrix:
    """`COHERENCE_COLUMNS` for each line, given by its tokens: the share of its rare words said close by, 0 to 1."""
    chosen = [sorted({word for word in line if len(word) > 3 or not word.isascii()}) for line in lines]
    count = Counter(word for words in chosen for word in words)
    weight = {word: math.log((1.0 + len(lines)) / times) for word, times in count.items()}
    keys = [tuple(line) for line in lines]
    before = _one_way(chosen, keys, weight)
    after = _one_way(chosen[::-1], keys[::-1], weight)[::-1]
    return np.concatenate([before, after], axis=1)


def _one_way(chosen: Sequence[Sequence[str]], keys: Sequence[tuple[str, ...]], weight: dict[str, float]) -> Matrix:
    """The columns of one side; a line that says the very same is passed over."""
    out = np.zeros((len(chosen), len(_REACHES)), dtype=np.float32)
    last: dict[str, int] = {}
    for i, words in enumerate(chosen):
        found = [0.0] * len(_REACHES)
        total = 0.0
        for word in words:
            own = weight[word]
            total += own
            at = last.get(word)
            last[word] = i
            if at is None or keys[at] == keys[i]:
                continue
            for k, reach in enumerate(_REACHES):
                if i - at <= reach:
                    found[k] += own
        if total:
            out[i] = [share / total for share in found]
    return out
