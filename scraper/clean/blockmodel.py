"""The decision block by block: a glance, and on doubtful pages two looks that know what trafilatura says as well.

The second look sees what the first thought of the neighbours. The glance decides most pages alone, at less cost and no
worse: where it is sure, the witness is more often wrong than the trees.

Stacked generalisation (Wolpert, 1992) along the page and up its tree: the first look's probabilities, out of fold in
training, become features of the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scraper.clean.blockfeatures import Statements, block_sheet, with_witness
from scraper.clean.blocks import Block, Elements
from scraper.clean.features import Hits, Sheet, shift, window_mean
from scraper.clean.forest import Forest
from scraper.clean.promise import flattened, log_odds, promising
from scraper.clean.wording import Wording
from scraper.rules.hints import Hints

Vector = NDArray[np.float32]
Floats = NDArray[np.float64]

#: The probability from which a block is likely.
THRESHOLD = 0.5
_LEAST = 0.1  # below which none is kept, whatever it promises

#: The doubt up to which the glance decides alone.
SURE = 0.075
_LONGEST, _SHORTEST = 100.0, 30.0  # words of a block, and of a page's text, that count for doubt

_STUB, _TIMES = 150.0, 4.0  # words that are hardly an article, and how many times as many the glance has

_REACH = 4  # neighbours whose probability is shown, on either side
_UP = 4  # elements above a block whose probability is shown
_WINDOWS = (2, 6, 15)


@dataclass(frozen=True, slots=True)
class BlockModel:
    """The trees of all looks, what class names hint at, and what newspapers say in articles and around them."""

    glance: Forest
    first: Forest
    second: Forest
    hints: Hints
    wording: Wording


@dataclass(frozen=True, slots=True)
class Opinion:
    """For each block the probability that it is part of the article's text, and its words.

    `glance` is what the glance said where two looks decided in its place; None where it decided alone.
    """

    probability: Vector
    words: Floats
    glance: Vector | None = None

    @property
    def likely(self) -> list[bool]:
        """Which blocks are likely."""
        return [bool(p >= THRESHOLD) for p in self.probability]

    @property
    def worthwhile(self) -> list[bool]:
        """The likely blocks, and beside them, on a page that is hard to judge (a list, a recipe), those that promise
        more than they cost, if the glance does not think less of them. Where none is likely, none promises anything."""
        likely = self.likely
        if not any(likely):
            return likely
        worth = max(_LEAST, promising(flattened(log_odds(self.probability)), self.words))
        agreed = self.probability if self.glance is None else np.minimum(self.probability, self.glance)
        return [keep or bool(p >= worth) for keep, p in zip(likely, flattened(log_odds(agreed)), strict=True)]


def opinion(
    blocks: Sequence[Block], elements: Elements, said: Statements, model: BlockModel, hits: Sequence[Hits]
) -> Opinion:
    """What the trees say of a page's blocks; `hits` are the phrase rules each fits."""
    if not blocks:
        return Opinion(np.zeros(0, dtype=np.float32), np.zeros(0))
    sheet = block_sheet(blocks, elements, said, hits, model.hints, model.wording)
    glance = model.glance.predict(sheet.values, sheet.columns)
    if doubt(glance, sheet.words) <= SURE:
        return Opinion(glance, sheet.words)
    sheet = with_witness(sheet, blocks, said.trafilatura())
    first = model.first.predict(sheet.values, sheet.columns)
    again = second_look(sheet, first, blocks, elements)
    second = model.second.predict(again.values, again.columns)
    if said.article and is_stub(second, glance, sheet.words):
        return Opinion(glance, sheet.words)
    return Opinion(second, sheet.words, glance)


def doubt(probability: Vector, words: Floats) -> float:
    """How unsure the glance is of a page: words expected to be judged wrong, as a share of the likely text."""
    weight = np.minimum(words, _LONGEST)
    wrong = float((weight * np.minimum(probability, 1.0 - probability)).sum())
    return wrong / max(float(weight[probability > 0.5].sum()), _SHORTEST)


def is_stub(second: Vector, glance: Vector, words: Floats) -> bool:
    """Whether the looks keep a stub of what the glance takes for the text: the witness found the wrong element."""
    weight = np.minimum(words, _LONGEST)
    kept, seen = (float(weight[p >= THRESHOLD].sum()) for p in (second, glance))
    return 0 < kept < _STUB and seen >= _TIMES * kept


def second_look(sheet: Sheet, first: Vector, blocks: Sequence[Block], elements: Elements) -> Sheet:
    """The sheet with columns about the first look's probabilities around each block: beside it and above it."""
    n = len(first)
    words = np.minimum(sheet.words, 100.0)
    mass = first.astype(np.float64) * words
    total = max(1e-6, float(mass.sum()))
    likely = np.flatnonzero((first > 0.5) & (words >= 6))
    begin, end = (int(likely[0]), int(likely[-1])) if len(likely) else (0, n - 1)
    index = np.arange(n)
    columns: dict[str, NDArray[np.generic]] = {
        "p": first,
        "p_before": (np.cumsum(mass) - mass) / total,
        "p_after": (total - np.cumsum(mass)) / total,
        "p_share": np.full(n, total / max(1.0, float(words.sum()))),
        "p_sure": np.full(n, float(np.abs(first - 0.5).mean())),
        "p_from_begin": np.clip(index - begin, -40, 40),
        "p_to_end": np.clip(end - index, -40, 40),
    }
    for size in _WINDOWS:
        columns[f"p_{size}_before"] = window_mean(first, size, -1)
        columns[f"p_{size}_after"] = window_mean(first, -1, size)
        around = window_mean(words, size, size)
        columns[f"p_{size}_weighted"] = window_mean(mass, size, size) / np.maximum(around, 1e-6)
    for by in range(1, _REACH + 1):
        for sign in (-by, by):
            columns[f"p{sign:+d}"] = shift(first[:, None], sign)[:, 0]
    columns |= _above(mass, words, blocks, elements)
    values = np.stack([np.asarray(column, dtype=np.float32) for column in columns.values()], axis=1)
    return Sheet((*sheet.columns, *columns), np.concatenate([sheet.values, values], axis=1), sheet.words)


def _above(mass: Floats, words: Floats, blocks: Sequence[Block], elements: Elements) -> dict[str, NDArray[np.generic]]:
    """The weighted mean probability inside the elements above a block, and in blocks that look like it."""
    first, end = np.array(elements.first), np.array(elements.end)
    parent = np.array(elements.parent)
    inside = _between(mass, first, end) / np.maximum(_between(words, first, end), 1.0)
    share = _between(mass, first, end) / max(1e-6, float(mass.sum()))
    at = np.array([block.element for block in blocks], dtype=np.intp)
    names = [(elements.name[e], elements.name[elements.parent[e]]) for e in at.tolist()]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    which = np.array([numbers[name] for name in names], dtype=np.intp)
    alike = np.bincount(which, weights=mass) / np.maximum(np.bincount(which, weights=words), 1.0)
    out: dict[str, NDArray[np.generic]] = {"p_alike": alike[which]}
    for level in range(1, _UP + 1):
        out[f"p_inside_{level}"] = inside[at]
        out[f"p_share_{level}"] = share[at]
        at = parent[at]
    return out


def _between(values: Floats, first: NDArray[np.intp], end: NDArray[np.intp]) -> Floats:
    total = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(total[end] - total[first], dtype=np.float64)
