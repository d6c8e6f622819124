"""Doubtful blocks that stand where the article's text stands: they are kept if trafilatura has them too.

The classifier is unsure of quotations, of short lists and of a last paragraph behind a box; their place tells. Of what
leads on to the next paragraph, a subheading or an announcement, the place tells enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scraper.clean.blocks import Block, Segments
from scraper.clean.candidates import Witness
from scraper.clean.shape import CLOSERS, TERMINATORS
from scraper.clean.tags import HEADINGS

RULE = "trafilatura"
_HEADING = 0.25  # probability above which a heading right over a block of text is doubtful only
_DOUBT = 0.2  # probability above which a paragraph beside the text is doubtful only
_INSIDE = 0.1  # the same for a quotation or list item between two blocks of text
_MAIN = 0.6  # share of the kept words that make an element the article's own
_WORDS = 10  # of a paragraph
COVERED = 0.9  #: share of a block that trafilatura must have


def vouched(
    segments: Segments, probability: NDArray[np.float32], kept: Sequence[bool], said: Witness | None
) -> list[int]:
    """The blocks to keep besides those that are kept; `said` is None where trafilatura was not asked."""
    blocks = segments.blocks
    text = [i for i, keep in enumerate(kept) if keep]
    if not text:
        return []
    main = None if said is None else main_element(segments, kept)
    middle = range(text[0] + 1, text[-1])
    return [
        i
        for i, block in enumerate(blocks)
        if not kept[i]
        and not block.linked
        and (
            (i in middle and kept[i + 1] and probability[i] > _HEADING and _leads_on(segments, i))
            or (
                said is not None
                and main is not None
                and _belongs(segments, i, main, i in middle, float(probability[i]))
                and said.covers(block.text) >= COVERED
            )
        )
    ]


def _leads_on(segments: Segments, i: int) -> bool:
    """Whether a block is a heading, or announces something, beside the block that follows it."""
    elements, here, after = segments.elements, segments.blocks[i].element, segments.blocks[i + 1].element
    announces = segments.blocks[i].text.endswith((":", "："))
    return (announces or elements.tag[here] in HEADINGS) and elements.parent[here] == elements.parent[after]


def _belongs(segments: Segments, i: int, main: int, in_middle: bool, probability: float) -> bool:
    """Whether a paragraph stands in the article's element, or a bare quotation or list item inside it."""
    elements, block = segments.elements, segments.blocks[i]
    if elements.tag[block.element] not in ("p", "li"):
        return False
    parent = elements.parent[block.element]
    if parent == main:
        return probability > _DOUBT and _is_paragraph(block)
    bare = not elements.hints[block.element] and not elements.hints[parent]
    return elements.parent[parent] == main and in_middle and bare and probability > _INSIDE


def main_element(segments: Segments, kept: Sequence[bool]) -> int | None:
    """The element whose children hold most of the kept words, if one does."""
    words: Counter[int] = Counter()
    for block, keep in zip(segments.blocks, kept, strict=True):
        if keep:
            words[segments.elements.parent[block.element]] += block.words
    main, most = words.most_common(1)[0] if words else (0, 0)
    return main if most and most >= _MAIN * words.total() else None


def _is_paragraph(block: Block) -> bool:
    return block.words >= _WORDS and block.text.rstrip(CLOSERS).endswith(tuple(TERMINATORS))
