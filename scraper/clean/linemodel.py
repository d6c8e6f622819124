"""What the classifiers think of each line of a text: probability of being article, probability of being its title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scraper.clean.features import Hits, rule_hits
from scraper.clean.kit import Kit
from scraper.clean.linefeatures import line_sheet
from scraper.clean.promise import flattened, log_odds, promising
from scraper.clean.stacking import stack

Vector = NDArray[np.float32]

_LEAST, _MOST = 0.1, 0.6  # bounds of the probability from which a line of a page with furniture is kept
_LENIENT = 0.04  # and from this one on a page that seems to be hardly more than article
_BARE = 0.015  # and from this one of a bare text, whose lists look like furniture
_NO_TITLE, _NO_FURNITURE, _PROSE = 0.3, 0.05, 0.3  # a bare text: chosen out of fold, as the other numbers here
_SURELY_NOT, _FEW = 0.004, 0.03  # probability of sure furniture, and the share of such lines a bare text may have
_CLEAN_FROM, _CLEAN_TO = 0.9, 1.0  # share of likely words in the page: from furniture to none


@dataclass(frozen=True, slots=True)
class Judged:
    """The non-blank lines of a page with the phrase rules they hit and the two probabilities of each."""

    lines: tuple[str, ...]
    hits: tuple[Hits, ...]
    words: NDArray[np.float64]
    body: Vector
    title: Vector

    @property
    def furnished(self) -> bool:
        """Whether there is more on the page than article."""
        return not self.bare and likely_share(self.body, self.words) < (_CLEAN_FROM + _CLEAN_TO) / 2

    @property
    def threshold(self) -> float:
        """The probability from which a line is kept; lower where nearly all the page is article anyway."""
        return _BARE if self.bare else threshold(self.body, self.words)

    @property
    def bare(self) -> bool:
        """Whether the page looks like nothing but a text: no headline, hardly a phrase or a line of sure furniture,
        mostly prose.
        """
        furniture = sum(any(rule.kind != "page" for rule in hits) for hits in self.hits)
        return (
            float(self.title.max()) < _NO_TITLE
            and furniture <= _NO_FURNITURE * len(self.lines)
            and float(np.mean(self.body < _SURELY_NOT)) <= _FEW
            and likely_share(self.body, self.words) > _PROSE
        )


def judge(lines: Sequence[str], kit: Kit) -> Judged:
    """Run both looks of the classifiers over non-blank, stripped lines."""
    hits = rule_hits(lines, kit.lines)
    model = kit.text
    sheet = line_sheet(lines, hits, model.wording)
    first_body = model.first_body.predict(sheet.values, sheet.columns)
    first_title = model.first_title.predict(sheet.values, sheet.columns)
    second = stack(sheet, first_body, first_title)
    return Judged(
        lines=tuple(lines),
        hits=tuple(hits),
        words=sheet.words,
        body=together(first_body, model.body.predict(second.values, second.columns)),
        title=model.title.predict(second.values, second.columns),
    )


def together(first: Vector, second: Vector) -> Vector:
    """The probability that both looks give: the mean of their log-odds, flattened."""
    return flattened((log_odds(first) + log_odds(second)) / 2.0)


def likely_share(body: Vector, words: NDArray[np.float64]) -> float:
    """The share of the page's words that is article, as far as the classifier knows."""
    weight = np.minimum(words, 60.0) + 1.0
    return float((body * weight).sum() / weight.sum())


def threshold(body: Vector, words: NDArray[np.float64]) -> float:
    """From which probability on a line of this page is kept.

    With furniture around, the one that promises the most precision and recall together: low on a page that is hard to
    judge. And a clean text fed in must come out whole: where most words are surely article, doubt speaks for the line.
    """
    even = min(_MOST, max(_LEAST, promising(body, words)))
    clean = min(1.0, max(0.0, (likely_share(body, words) - _CLEAN_FROM) / (_CLEAN_TO - _CLEAN_FROM)))
    return even + (_LENIENT - even) * clean
