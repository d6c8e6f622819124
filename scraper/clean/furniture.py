"""What the site's other pages say of this one: learned lines go.

In HTML the rest is judged a second time without them: a template is most of many pages, and hides a short article from
the classifier. The second look may only lift sentences, to the average of both opinions: nothing is lost by it but what
was learned, and what is unsure stays as it was. In dumps it lifted readers' comments as often, and is not taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from archive.learned import fingerprint, in_company, rule_of
from archive.model import Fate
from scraper.clean.blockfeatures import Statements
from scraper.clean.blockmodel import BlockModel, Opinion, opinion
from scraper.clean.blocks import Block, Segments, readable
from scraper.clean.features import Hits
from scraper.clean.kit import Kit
from scraper.clean.linemodel import Judged, judge
from scraper.clean.structure import finished
from scraper.rules.learned import Furniture

Vector = NDArray[np.float32]
Verdict = tuple[Fate, str]
#: Of each line or block: the rule by which it is learned furniture, or None.
Rules = Sequence[str | None]

_UNSURE = 0.1  # an average that is higher by less leaves the first opinion as it was,
_LIFTED = 0.45  # and so does one below this


def learned_rules(lines: Sequence[str], known: Furniture) -> Rules:
    """Which lines of a page are its site's furniture: `learned:<fingerprint>`."""
    if not known.learned:
        return (None,) * len(lines)
    marks = [fingerprint(line) for line in lines]
    beside = in_company(marks, known.learned, known.pinned)
    return [rule_of(mark) if goes else None for mark, goes in zip(marks, beside, strict=True)]


def judge_without(lines: Sequence[str], rules: Rules, kit: Kit) -> Judged:
    """The opinion on a dump's lines; learned ones are neither text nor title."""
    whole = judge(lines, kit)
    if not any(rules):
        return whole
    gone = _gone(rules)
    return replace(whole, body=_without(whole.body, gone), title=_without(whole.title, gone))


def opinion_without(
    segments: Segments, rules: Rules, said: Statements, model: BlockModel, hits: Sequence[Hits]
) -> Opinion:
    """The opinion on each readable block; `rules` are of all blocks of the page, furniture among them."""
    blocks = readable(segments)
    whole = opinion(blocks.blocks, blocks.elements, said, model, hits)
    own = [rule for rule, block in zip(rules, segments.blocks, strict=True) if block.furniture is None]
    if not any(own):
        return whole
    shown = _shown(own, hits)
    averaged = whole.probability
    if shown.any():
        left = readable(replace(segments, blocks=_marked(segments, shown)))
        some = [found for found, show in zip(hits, shown, strict=True) if show]
        second = opinion(left.blocks, left.elements, said, model, some).probability
        averaged = _averaged([block.text for block in blocks.blocks], whole.probability, second, shown)
    return replace(whole, probability=_without(averaged, _gone(own)))


def named(verdict: Verdict, rule: str | None) -> Verdict:
    """A verdict that only the score or the page's shape explains, with the name of what was learned instead."""
    fate, told = verdict
    return (fate, rule) if rule and fate == "dropped" and told.startswith(("model ", "shape.")) else verdict


def _marked(segments: Segments, shown: NDArray[np.bool_]) -> tuple[Block, ...]:
    """The page's blocks, those that are not shown flagged as furniture."""
    show = iter(shown.tolist())
    return tuple(
        block if block.furniture is not None or next(show) else replace(block, furniture="learned")
        for block in segments.blocks
    )


def _shown(rules: Rules, hits: Sequence[Hits]) -> NDArray[np.bool_]:
    """What the second look sees: all but learned lines; those that announce what comes (comments, a list) tell more."""
    tells = [any(hit.kind in ("from", "pair") for hit in found) for found in hits]
    return np.array([rule is None or telling for rule, telling in zip(rules, tells, strict=True)], dtype=np.bool_)


def _gone(rules: Rules) -> NDArray[np.bool_]:
    return np.array([rule is not None for rule in rules], dtype=np.bool_)


def _averaged(lines: Sequence[str], whole: Vector, left: Vector, shown: NDArray[np.bool_]) -> Vector:
    """The first opinion, with sentences lifted to the average of both where the second is clearly higher."""
    out = whole.copy()
    for i, second in zip(np.flatnonzero(shown).tolist(), left.tolist(), strict=True):
        average = (float(whole[i]) + second) / 2
        if average - float(whole[i]) >= _UNSURE and average >= _LIFTED and finished(lines[i]):
            out[i] = average
    return out


def _without(values: Vector, gone: NDArray[np.bool_]) -> Vector:
    out = values.copy()
    out[gone] = 0.0
    return out
