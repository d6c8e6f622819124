"""Which pieces of a page to keep when it is not sure what they are: as many as promise the most, all in all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]

#: Trees are surer of themselves, and a little more in favour, than they may be on a site they never saw, and the pieces
#: of a page are misjudged together. The two numbers (as Platt's of 1999) were chosen out of fold.
_FLATTER, _SHIFT = 0.7, -0.3
_CLIPPED = 1e-4  # probability below which, and above one less which, none is believed


def log_odds(probability: Vector) -> Vector:
    """The logarithm of p / (1 - p)."""
    clipped = np.clip(probability, _CLIPPED, 1.0 - _CLIPPED)
    return np.asarray(np.log(clipped / (1.0 - clipped)), dtype=np.float32)


def flattened(odds: Vector) -> Vector:
    """The probability to believe where trees give these log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-(_FLATTER * odds + _SHIFT))), dtype=np.float32)


def promising(body: Vector, words: NDArray[np.float64]) -> float:
    """The probability from which keeping a piece adds to the sum of expected precision and recall over words.

    Of the likeliest pieces (lines or blocks) those are kept that make C/K + C/G greatest: C expected right words of K
    kept ones, G expected words of article. There a piece of w words and probability p adds p w/G to recall, and takes
    (C/K - p) w/K from precision: it is worth it from p = C/K G/(G + K) on. (Half of the best F1 where K = G; see
    Lipton, Elkan and Naryanaswamy, "Optimal Thresholding of Classifiers to Maximize F1 Measure", 2014.)
    """
    order = np.argsort(-body, kind="stable")
    size = words[order] + 0.5
    right = np.cumsum(body[order] * size)
    kept = np.cumsum(size)
    article = max(1e-9, right[-1])
    best = int(np.argmax(right / kept + right / article))
    precision = right[best] / kept[best]
    return float(precision * article / (article + kept[best]))
