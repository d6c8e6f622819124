"""Pages that hold no article, and why: told by what was kept, and by what the page says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from archive.reasons import Reason
from scraper.clean.shape import SHAPE_COLUMNS, clip, shapes, word_counts
from scraper.clean.structure import finished
from scraper.rules.lines import LineRules
from scraper.rules.phrases import fold

#: Words of text up to which a page that says such a thing is believed; more is an article with a notice on it.
_BELIEVED = {
    Reason.BLOCKED: 60,
    Reason.CAPTCHA: 60,
    Reason.NEEDS_JAVASCRIPT: 60,
    Reason.ERROR_PAGE: 60,
    Reason.CONSENT: 40,
    Reason.PAYWALL: 80,
}
_SAID_IN_TEXT = 3  # the notice is itself the text: so many times longer pages are believed
_FEW = 12  # words below which nothing is an article
_SENTENCE = 7  # words from which a line that ends like a sentence is prose
_READ = 400  # lines searched for a page's own words
_LONGEST = 600  # characters of such a line


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a page is no article, for the table and for people."""

    reason: Reason
    message: str


def rejected(kept: Sequence[str], lines: Sequence[str], rules: LineRules) -> Rejection | None:
    """None where the kept lines are an article."""
    if _plainly_text(kept):
        return None
    shape = shapes([clip(line) for line in kept]) if kept else np.zeros((0, len(SHAPE_COLUMNS)), dtype=np.float32)
    words = word_counts(shape)
    total = float(words.sum())
    said = _says(kept, total / _SAID_IN_TEXT, rules) or _says(lines, total, rules)
    if said is not None:
        return said
    if not kept:
        return Rejection(Reason.NO_ARTICLE, f"none of {len(lines)} lines reads like an article")
    sentences = (shape[:, SHAPE_COLUMNS.index("ends_sentence")] > 0) & (words >= _SENTENCE)
    if total < _FEW:
        return Rejection(Reason.STUB, f"{total:.0f} words of text")
    if not sentences.any() and total < 10 * _FEW:
        return Rejection(Reason.NO_ARTICLE, f"{len(kept)} lines without a sentence")
    return None


def _plainly_text(kept: Sequence[str]) -> bool:
    """Whether so much prose is kept that no notice would be believed."""
    words = [line.count(" ") + 1 for line in kept]
    prose = any(count > _SENTENCE and finished(line) for count, line in zip(words, kept, strict=True))
    return prose and sum(words) > 2 * _SAID_IN_TEXT * max(_BELIEVED.values())


def _says(lines: Sequence[str], words: float, rules: LineRules) -> Rejection | None:
    if words > max(_BELIEVED.values()):
        return None
    for line in lines[:_READ]:
        if len(line) > _LONGEST:
            continue
        for rule in rules.hits(fold(line)):
            if rule.reason is not None and words <= _BELIEVED.get(rule.reason, 0):
                return Rejection(rule.reason, f"{rule.id}: {line.strip()[:120]}")
    return None
