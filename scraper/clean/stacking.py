"""The second look: each line's features, with what the first look thought of the lines around it.

Stacked generalisation (Wolpert, 1992) along a sequence: the first classifier's probabilities, out of fold in training,
become features of the second; windows and the heaviest run of likely lines stand for the structure of an article.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from scraper.clean.features import Sheet, shift, window_mean

Vector = NDArray[np.float32]

_REACH = 6  # neighbours whose probability is shown, on either side
_FAR = 60
_WINDOWS = (3, 8, 20)


def stack(sheet: Sheet, body: Vector, title: Vector) -> Sheet:
    """The sheet with columns about the first look's probabilities of being text and of being the title."""
    n = len(body)
    words = np.minimum(sheet.words, 100.0)
    likely = body > 0.5
    mass = body * words
    total = max(1e-6, float(mass.sum()))
    begin, end = heaviest_run(body, words)
    index = np.arange(n)
    best = int(np.argmax(title))
    columns: dict[str, NDArray[np.generic]] = {
        "p_body": body,
        "p_title": title,
        "p_title_best": np.full(n, title[best]),
        "is_best_title": index == best,
        "from_title": np.clip(index - best, -_FAR, _FAR),
        "titles_before": np.maximum.accumulate(title),
        "titles_after": np.maximum.accumulate(title[::-1])[::-1],
        "mass_before": (np.cumsum(mass) - mass) / total,
        "mass_after": (total - np.cumsum(mass)) / total,
        "mass": np.full(n, np.log1p(total)),
        "page_likely": np.full(n, float(likely.mean())),
        "page_sure": np.full(n, float(np.abs(body - 0.5).mean())),
        "in_heaviest": (index >= begin) & (index < end),
        "to_heaviest_begin": np.clip(index - begin, -_FAR, _FAR),
        "to_heaviest_end": np.clip(end - 1 - index, -_FAR, _FAR),
        "likely_before": _gap(likely),
        "likely_after": _gap(likely[::-1])[::-1],
        "out_share_before": np.cumsum(~likely) / (index + 1),
        "out_share_after": np.cumsum(~likely[::-1])[::-1] / (n - index),
    }
    for size in _WINDOWS:
        columns[f"p_{size}_before"] = window_mean(body, size, -1)
        columns[f"p_{size}_after"] = window_mean(body, -1, size)
        around = window_mean(mass, size, size) / np.maximum(window_mean(words, size, size), 1e-6)
        columns[f"p_{size}_weighted"] = around
    for by in range(1, _REACH + 1):
        for sign in (-by, by):
            columns[f"p_body{sign:+d}"] = shift(body[:, None], sign)[:, 0]
            if by <= 3:
                columns[f"p_title{sign:+d}"] = shift(title[:, None], sign)[:, 0]
    columns |= _vocabulary(sheet, body, best)
    values = np.stack([np.asarray(column, dtype=np.float32) for column in columns.values()], axis=1)
    return Sheet(
        columns=(*sheet.columns, *columns),
        values=np.concatenate([sheet.values, values], axis=1),
        words=sheet.words,
        tokens=sheet.tokens,
    )


def _vocabulary(sheet: Sheet, body: Vector, best: int) -> dict[str, NDArray[np.generic]]:
    """Whether a line speaks the words of the likely text or those of the rest, and shares words with the title.

    For each word the odds of its lines being text, without the line itself; a line has the mean of their logarithms.
    """
    inside: dict[str, float] = {}
    outside: dict[str, float] = {}
    chosen = [frozenset(word for word in line if len(word) > 3 or not word.isascii()) for line in sheet.tokens]
    for words, p in zip(chosen, body.tolist(), strict=True):
        for word in words:
            inside[word] = inside.get(word, 0.0) + p
            outside[word] = outside.get(word, 0.0) + 1.0 - p
    title = chosen[best]
    odds = np.zeros(len(body), dtype=np.float32)
    known = np.zeros(len(body), dtype=np.float32)
    titled = np.zeros(len(body), dtype=np.float32)
    for i, (words, p) in enumerate(zip(chosen, body.tolist(), strict=True)):
        if not words:
            continue
        total = 0.0
        seen = 0
        for word in sorted(words):
            yes, no = max(0.0, inside[word] - p), max(0.0, outside[word] - 1.0 + p)
            if yes + no > 0.5:
                seen += 1
                total += math.log((yes + 0.3) / (no + 0.3))
        odds[i] = total / seen if seen else 0.0
        known[i] = seen / len(words)
        titled[i] = len(words & title) / len(title) if title and i != best else 0.0
    smooth = window_mean(odds, 2, 2)
    return {"word_odds": odds, "word_odds_around": smooth, "word_known": known, "title_words": titled}


def heaviest_run(body: Vector, words: NDArray[np.float64]) -> tuple[int, int]:
    """First line and the line after the last of the run with the greatest sum of (p - 0.4) x (words + 3)."""
    gain = (body.astype(np.float64) - 0.4) * (words + 3.0)
    total = np.concatenate([[0.0], np.cumsum(gain)])
    end = int(np.argmax(total - np.minimum.accumulate(total)))
    begin = int(np.argmin(total[: end + 1]))
    return begin, max(end, begin + 1)


def _gap(flags: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Lines since the last flagged one before each line."""
    index = np.arange(len(flags))
    last = np.maximum.accumulate(np.where(flags, index, -_FAR - 1))
    before = np.concatenate([[-_FAR - 1], last[:-1]])
    gap: NDArray[np.float64] = np.minimum(index - before, _FAR).astype(np.float64)
    return gap
