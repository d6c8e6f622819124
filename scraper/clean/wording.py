"""Words that newspapers use around articles and words they use in them, learned from pages of many sites.

A line's score is the weighted sum of the terms it has: words, pairs of words, the word it begins and the one it ends
with. A term is known only where many sites use it, so that what a page is about says nothing. A line in a language
that nobody learned has no known term and scores 0: the shape of the page decides alone there.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archive.errors import RuleError

Matrix = NDArray[np.float32]

WORDING_COLUMNS = ("wording", "wording_known")
_HEAD, _TAIL = 45, 15  # words of a line that are looked at
_SMOOTH = 3.0  # so that one known word alone does not decide


@dataclass(frozen=True, slots=True)
class Wording:
    """The weight of each term, positive for what articles say; `digest` is the file's SHA-256, hex."""

    weights: Mapping[str, float]
    digest: str = ""

    def columns(self, lines: Sequence[Sequence[str]]) -> Matrix:
        """`WORDING_COLUMNS` for each line, given by its tokens in lower case: shape (len(lines), 2)."""
        out = np.zeros((len(lines), len(WORDING_COLUMNS)), dtype=np.float32)
        for i, line in enumerate(lines):
            known = [self.weights[term] for term in sorted(self.weights.keys() & terms(line))]
            if known:
                out[i, 0] = sum(known) / math.sqrt(len(known) + _SMOOTH)
                out[i, 1] = len(known) / len(line)
        return out


def terms(line: Sequence[str]) -> frozenset[str]:
    """The terms of a line of tokens: `word`, `word word`, `^first`, `^first second`, `last$`; numbers are all `0`."""
    return frozenset(_terms(line))


def _terms(line: Sequence[str]) -> Iterator[str]:
    words = ["0" if word.isdigit() else word for word in line]
    if len(words) > _HEAD + _TAIL:
        words = words[:_HEAD] + words[-_TAIL:]
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    yield from words
    yield from pairs
    yield from (f"^{word}" for word in words[:1] + pairs[:1])
    yield from (f"{word}$" for word in words[-1:])


def load_wording(path: Path) -> Wording:
    """Read a file of weights, a JSON object of numbers keyed by term; RuleError where it is none."""
    try:
        raw = path.read_bytes()
        weights = {str(term): float(weight) for term, weight in json.loads(raw).items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise RuleError(f"{path}: not a file of words and weights: {error!r}") from error
    return Wording(weights, hashlib.sha256(raw).hexdigest())
