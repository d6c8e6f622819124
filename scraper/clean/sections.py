"""Sections of a page that are no part of its article, by where they stand.

The looks follow trafilatura, and trafilatura is led astray by the page: where they decide in the glance's place they
may keep a section that stands outside of the article's element (terms of republication, teasers with their first lines,
the shop's questions and answers), since the witness took it along, or leave the rest of a list, since it is short.
There the glance has a say.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scraper.clean.blockmodel import THRESHOLD
from scraper.clean.blocks import Elements, Segments
from scraper.clean.candidates import Witness
from scraper.clean.vouched import COVERED, main_element

APART = "shape.apart"  #: the rule by which a section outside of the article's element goes
FOLLOWING = "shape.following"  #: the rule by which the articles go that follow the page's own
_OWN = 80  # words of the page's own article from which another one may follow
_LONGEST = 60  # words of a block that count in its section's mean
_ARTICLE = 60  # words that are a short article


def adjoining(segments: Segments, glance: NDArray[np.float32], kept: Sequence[bool], said: Witness) -> list[int]:
    """The blocks to keep besides those that are kept: the glance and the witness have them, and they stand right
    beside a kept block, under the same element, or beside one that is kept for that."""
    blocks, parent = segments.blocks, segments.elements.parent
    with_them = list(kept)
    wanted = [
        not keep and not block.linked and p >= THRESHOLD and said.covers(block.text) >= COVERED
        for keep, block, p in zip(kept, blocks, glance.tolist(), strict=True)
    ]
    under = [parent[block.element] for block in blocks]
    for order in (range(1, len(blocks)), range(len(blocks) - 2, -1, -1)):
        for i in order:
            beside = i - order.step
            if wanted[i] and with_them[beside] and under[i] == under[beside]:
                with_them[i] = True
    return [i for i, keep in enumerate(with_them) if keep and not kept[i]]


def apart(segments: Segments, glance: NDArray[np.float32], kept: Sequence[bool]) -> list[int]:
    """The kept blocks to drop: in sections outside of the article's element that the glance, on the whole, rejects.

    The article's element is the one of the blocks that the glance has too, if they are enough for an article: teasers
    may outweigh a short one.
    """
    agreed = [keep and p >= THRESHOLD for keep, p in zip(kept, glance.tolist(), strict=True)]
    size = sum(block.words for block, both in zip(segments.blocks, agreed, strict=True) if both)
    main = main_element(segments, agreed if size >= _ARTICLE else kept)
    if main is None:
        return []
    elements = segments.elements
    sections: dict[int, list[int]] = {}
    for i, block in enumerate(segments.blocks):
        if kept[i] and not elements.first[main] <= i < elements.end[main]:
            sections.setdefault(_section(elements, block.element, main), []).append(i)
    gone: list[int] = []
    for section in sections.values():
        words = [min(segments.blocks[i].words, _LONGEST) for i in section]
        if np.average(glance[section], weights=words) < THRESHOLD:
            gone += section
    return gone


def following(segments: Segments, kept: Sequence[bool], title_at: int) -> list[int]:
    """The kept blocks to drop: of the articles that a page shows below its own, so that nobody stops reading.

    Each begins with a heading as the page's own title is one: of a class that it has, under another element of such.
    """
    blocks, elements = segments.blocks, segments.elements
    title = blocks[title_at].element
    above = elements.parent[title]
    if elements.tag[title] != "h1" or all(elements.name[element].endswith(".") for element in (title, above)):
        return []
    words = 0
    for i in range(title_at + 1, len(blocks)):
        at = blocks[i].element
        over = elements.parent[at]
        begins = over != above and _alike(elements, at, title) and _alike(elements, over, above)
        if begins and words >= _OWN and blocks[i].text != blocks[title_at].text:
            return [k for k in range(i, len(blocks)) if kept[k]]
        words += blocks[i].words if kept[i] else 0
    return []


def _alike(elements: Elements, one: int, other: int) -> bool:
    """Whether two elements have the same tag, and a class in common or none at all."""
    (tag, _, said), (other_tag, _, others) = (elements.name[element].partition(".") for element in (one, other))
    return tag == other_tag and (said == others or not set(said.split()).isdisjoint(others.split()))


def _section(elements: Elements, element: int, main: int) -> int:
    """The outermost element around a block that the article's element is not inside of."""
    while element:
        above = elements.parent[element]
        if elements.first[above] <= elements.first[main] and elements.end[main] <= elements.end[above]:
            break
        element = above
    return element
