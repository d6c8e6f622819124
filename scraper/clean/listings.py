"""Lists of links outside of the article: set aside before anything costly looks at the page.

A third of a news page's blocks are such (menus, teasers, most-read lists); hardly one in a thousand of them is text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scraper.clean.blocks import Block, Segments
from scraper.clean.shape import CLOSERS, TERMINATORS

Floats = NDArray[np.float64]

RULE = "links"  #: the rule such blocks are dropped by
_BLOCKS = 3  # that make a list
_LINKED = 0.8  # share of its words that are links
_SENTENCE = 8  # words from which a block that ends like a sentence is prose
_PROSE = 20  # words from which any block is


@dataclass(frozen=True, slots=True)
class Listings:
    """The segments with such blocks marked as furniture, and the outermost elements that hold them."""

    segments: Segments
    elements: tuple[int, ...]


def set_aside(segments: Segments) -> Listings:
    """Mark every list of links that holds no prose and is not inside the element richest in prose."""
    blocks, elements = segments.blocks, segments.elements
    if not blocks:
        return Listings(segments, ())
    words = np.array([0.0 if b.furniture else float(b.words) for b in blocks])
    linked = np.array([min(1.0, b.linked / len(b.text)) for b in blocks])
    prose = np.array([_is_prose(b) for b in blocks], dtype=np.float64)
    first, end = np.array(elements.first), np.array(elements.end)
    size = _between(words, first, end)
    lists = (_between(prose, first, end) == 0) & (end - first >= _BLOCKS)
    lists &= _between(words * linked, first, end) >= _LINKED * np.maximum(size, 1.0)
    rich = _richest(segments, words * prose)
    inside = (first >= first[rich]) & (end <= end[rich])
    outermost = _outermost(np.flatnonzero(lists & ~inside).tolist(), elements.end, elements.first)
    return Listings(_marked(segments, outermost), tuple(outermost))


def _is_prose(block: Block) -> bool:
    if block.furniture or 2 * block.linked >= len(block.text):
        return False
    words = block.words
    if words == 1:  # a script without spaces
        words = len(block.text) // 2 if not block.text.isascii() else 1
    return words >= _PROSE or (words >= _SENTENCE and block.text.rstrip(CLOSERS).endswith(tuple(TERMINATORS)))


def _richest(segments: Segments, weight: Floats) -> int:
    """The element with the most prose in its own blocks and its children's."""
    place = np.array([block.element for block in segments.blocks], dtype=np.intp)
    parent = np.array(segments.elements.parent, dtype=np.intp)
    direct = np.bincount(place, weights=weight, minlength=len(parent))
    return int(np.argmax(direct + np.bincount(parent[place], weights=weight, minlength=len(parent))))


def _between(values: Floats, first: NDArray[np.intp], end: NDArray[np.intp]) -> Floats:
    total = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(total[end] - total[first], dtype=np.float64)


def _outermost(found: Sequence[int], end: Sequence[int], first: Sequence[int]) -> list[int]:
    """Elements none of which is inside another: in document order an outer one comes before its inner ones."""
    out: list[int] = []
    for element in found:
        if not out or first[element] >= end[out[-1]]:
            out.append(element)
    return out


def _marked(segments: Segments, elements: Sequence[int]) -> Segments:
    blocks = list(segments.blocks)
    for element in elements:
        for i in range(segments.elements.first[element], segments.elements.end[element]):
            if blocks[i].furniture is None:
                blocks[i] = replace(blocks[i], furniture=RULE)
    return replace(segments, blocks=tuple(blocks))
