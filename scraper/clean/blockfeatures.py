"""What the classifier sees of a block: its text, its place in the tree, what class names hint at, what others say.

No word of any language is a feature. Columns of the text itself come from `features.describe`, which serves the lines
of dumps as well; here are the columns only HTML has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scraper.clean.blocks import Block, Elements
from scraper.clean.candidates import Asked, Witness
from scraper.clean.features import Hits, Sheet, describe, shift
from scraper.clean.linefeatures import with_context
from scraper.clean.tags import AROUND
from scraper.clean.wording import WORDING_COLUMNS, Wording
from scraper.rules.hints import Hints

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_HEADING = {f"h{level}": 7.0 - level for level in range(1, 7)}
_KINDS = {"p": 0, "li": 1, "td": 2, "th": 2, "dd": 2, "dt": 2, "blockquote": 3, "figcaption": 4, "figure": 4, "div": 5}
_WRAPPER = 0.6  # share of the page's words from which an element's names say nothing of what is inside
_UP = 4  # elements above a block that are measured
WITNESS = "by_trafilatura"  #: the column of `with_witness`

SHOWN_COLUMNS = ("link_density", "heading", "is_p", "is_li", "is_cell", "is_quote", "is_figure", "is_div",
                 "by_publisher", "step", "in_article")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statements:
    """What the page and others say of it, to hold blocks against."""

    trafilatura: Asked  #: slow, and asked about doubtful pages alone
    publisher: Witness | None  #: the JSON-LD `articleBody`
    title: str = ""
    description: str = ""
    article: bool = False  #: whether the page calls itself an article
    live: str = ""  #: who says that it is a live blog


def block_sheet(
    blocks: Sequence[Block],
    elements: Elements,
    said: Statements,
    hits: Sequence[Hits],
    hints: Hints,
    wording: Wording,
) -> Sheet:
    """The features of blocks: one row a block, one named column a feature; `hits` are the phrase rules they fit."""
    texts = [block.text for block in blocks]
    place = np.array([block.element for block in blocks], dtype=np.intp)
    shown = _shown(blocks, elements, place, said)
    sheet = describe(texts, hits, shown, SHOWN_COLUMNS)
    spoken = wording.columns(sheet.tokens)
    sheet = with_context(sheet, texts, spoken)
    tree = _Tree(elements, sheet)
    parts = [
        (WORDING_COLUMNS, spoken),
        _flags(blocks, elements, place, tree, hints),
        tree.columns(place),
        _claims(texts, said),
        _around_witness(shown[:, SHOWN_COLUMNS.index("by_publisher")], sheet.words, "publisher"),
    ]
    return Sheet(
        columns=(*sheet.columns, *(name for names, _ in parts for name in names)),
        values=np.concatenate([sheet.values, *(values for _, values in parts)], axis=1),
        words=sheet.words,
    )


def with_witness(sheet: Sheet, blocks: Sequence[Block], said: Witness) -> Sheet:
    """The sheet with columns about what trafilatura has of each block and of those around it."""
    covered = np.array([said.covers(block.text) for block in blocks], dtype=np.float32)
    columns: dict[str, NDArray[np.generic]] = {WITNESS: covered}
    for by in (-2, -1, 1, 2):
        columns[f"{WITNESS}{by:+d}"] = shift(covered[:, None], by)[:, 0]
    parts = [_stack(columns), _around_witness(covered, sheet.words, "trafilatura")]
    return Sheet(
        columns=(*sheet.columns, *(name for names, _ in parts for name in names)),
        values=np.concatenate([sheet.values, *(values for _, values in parts)], axis=1),
        words=sheet.words,
        tokens=sheet.tokens,
    )


Named = tuple[tuple[str, ...], Matrix]


def _stack(columns: dict[str, NDArray[np.generic]]) -> Named:
    return tuple(columns), np.stack([np.asarray(c, dtype=np.float32) for c in columns.values()], axis=1)


def _shown(blocks: Sequence[Block], elements: Elements, place: Ints, said: Statements) -> Matrix:
    out = np.zeros((len(blocks), len(SHOWN_COLUMNS)), dtype=np.float32)
    article = 1 << AROUND.index("article")
    for i, block in enumerate(blocks):
        tag = elements.tag[block.element]
        out[i, 0] = min(1.0, block.linked / len(block.text))
        out[i, 1] = _HEADING.get(tag, 0.0)
        kind = _KINDS.get(tag)
        if kind is not None:
            out[i, 2 + kind] = 1.0
        out[i, 8] = said.publisher.covers(block.text) if said.publisher else -1.0
        out[i, 10] = elements.inside[block.element] & article != 0
    out[1:, 9] = [_steps(elements, a, b) for a, b in zip(place[:-1].tolist(), place[1:].tolist(), strict=True)]
    return out


def _steps(elements: Elements, a: int, b: int) -> int:
    """Edges between two elements of the tree, at most 20."""
    depth, parent = elements.depth, elements.parent
    steps = 0
    while a != b and steps < 20:
        steps += 1
        if depth[a] >= depth[b]:
            a = parent[a]
        else:
            b = parent[b]
    return steps


class _Tree:
    """Sums over subtrees: the blocks inside an element are a run, so a sum is a difference of running totals."""

    def __init__(self, elements: Elements, sheet: Sheet) -> None:
        self.elements = elements
        words = np.minimum(sheet.words, 200.0)
        linked = sheet.column("link_density").astype(np.float64)
        ends = sheet.column("ends_sentence") > 0
        prose = np.where((words >= 8) & (linked < 0.5) & (ends | (words >= 25)), words, 0.0)
        self.words, self.linked, self.prose = words, linked, prose
        self.parent = np.array(elements.parent, dtype=np.intp)
        self.first = np.array(elements.first, dtype=np.intp)
        self.end = np.array(elements.end, dtype=np.intp)
        self.depth = np.array(elements.depth, dtype=np.float64)
        self.sum_words = self._sums(words)
        self.sum_prose = self._sums(prose)
        self.sum_links = self._sums(words * linked)
        self.all_words = max(1.0, float(words.sum()))
        self.all_prose = max(1.0, float(prose.sum()))

    def _sums(self, values: Floats) -> Floats:
        total = np.concatenate([[0.0], np.cumsum(values)])
        return np.asarray(total[self.end] - total[self.first], dtype=np.float64)

    def columns(self, place: Ints) -> Named:
        """Where blocks stand in the tree, and what is around them."""
        out: dict[str, NDArray[np.generic]] = {"depth": self.depth[place]}
        at = place
        for level in range(1, _UP + 1):
            size = np.maximum(self.sum_words[at], 1.0)
            out[f"prose_share_{level}"] = self.sum_prose[at] / self.all_prose
            out[f"word_share_{level}"] = self.sum_words[at] / self.all_words
            out[f"prose_density_{level}"] = self.sum_prose[at] / size
            out[f"link_density_{level}"] = self.sum_links[at] / size
            out[f"blocks_{level}"] = np.log1p(self.end[at] - self.first[at])
            out[f"into_{level}"] = (np.arange(len(place)) - self.first[at]) / np.maximum(
                self.end[at] - self.first[at], 1
            )
            at = self.parent[at]
        out |= self._best(place, self._richest(place), "richest")
        out |= self._best(place, self._main(), "main")
        out |= self._alike(place)
        return _stack(out)

    def _richest(self, place: Ints) -> int:
        """The element with the most prose in its own blocks and its children's, as readability looks for it."""
        direct = np.bincount(place, weights=self.prose, minlength=len(self.parent))
        children = np.bincount(self.parent[place], weights=self.prose, minlength=len(self.parent))
        return int(np.argmax(direct + children))

    def _main(self) -> int:
        """The deepest element that holds most of the page's prose."""
        holds = self.sum_prose >= 0.7 * self.all_prose
        return int(np.argmax(np.where(holds, self.depth + 1.0, 0.0)))

    def _best(self, place: Ints, best: int, name: str) -> dict[str, NDArray[np.generic]]:
        index = np.arange(len(place))
        first, end = int(self.first[best]), int(self.end[best])
        steps = {element: _steps(self.elements, element, best) for element in set(place.tolist())}
        return {
            f"in_{name}": (index >= first) & (index < end),
            f"steps_{name}": np.array([steps[element] for element in place.tolist()]),
            f"from_{name}_first": np.clip(index - first, -40, 40),
            f"to_{name}_end": np.clip(end - index, -40, 40),
            f"{name}_prose": np.full(len(place), self.sum_prose[best] / self.all_prose),
        }

    def _alike(self, place: Ints) -> dict[str, NDArray[np.generic]]:
        """Sums over the blocks whose element and parent have the same tag and class."""
        name = self.elements.name
        signatures = [(name[e], name[self.elements.parent[e]]) for e in place.tolist()]
        numbers = {signature: n for n, signature in enumerate(dict.fromkeys(signatures))}
        which = np.array([numbers[signature] for signature in signatures], dtype=np.intp)
        count = np.bincount(which).astype(np.float64)
        words = np.bincount(which, weights=self.words)
        return {
            "alike": np.log1p(count)[which],
            "alike_words": (words / count)[which],
            "alike_prose": (np.bincount(which, weights=self.prose) / self.all_prose)[which],
            "alike_links": (np.bincount(which, weights=self.words * self.linked) / np.maximum(words, 1.0))[which],
        }


def _flags(blocks: Sequence[Block], elements: Elements, place: Ints, tree: _Tree, hints: Hints) -> Named:
    """What elements around a block are, and what their names hint at, near and far."""
    wrapper = (tree.sum_words > _WRAPPER * tree.all_words).tolist()
    far: list[int] = []
    for element, parent in enumerate(elements.parent):
        far.append(0 if wrapper[element] else elements.hints[element] | (far[parent] if element else 0))
    near = [elements.hints[e] | elements.hints[elements.parent[e]] if not wrapper[e] else 0 for e in range(len(far))]
    bits = [(near[e], far[e], elements.inside[e]) for e in place.tolist()]
    matrix = np.array(bits, dtype=np.int64).reshape(len(blocks), 3)
    columns: dict[str, NDArray[np.generic]] = {}
    for number, name in enumerate(hints.names):
        columns[f"near_{name}"] = matrix[:, 0] >> number & 1
        columns[f"far_{name}"] = matrix[:, 1] >> number & 1
    for number, name in enumerate(AROUND):
        columns[f"inside_{name}"] = matrix[:, 2] >> number & 1
    size = np.array([len(block.text) for block in blocks], dtype=np.float64)
    columns["strong"] = np.minimum(1.0, np.array([block.strong for block in blocks]) / size)
    columns["links"] = np.array([min(block.links, 20) for block in blocks])
    columns["pictures"] = np.array([min(block.pictures, 5) for block in blocks])
    columns["after_break"] = np.array([block.after_break for block in blocks])
    return _stack(columns)


def _claims(texts: Sequence[str], said: Statements) -> Named:
    """How a block compares with the page's title and description."""
    title, description = _words(said.title), _words(said.description)
    lead = said.description.strip().rstrip(".…")
    rows = []
    for text in texts:
        own = _words(text[:600])
        rows.append(
            (
                _share(own, title),
                _share(title, own),
                _share(own, description),
                _share(description, own),
                bool(lead) and (lead in text or text.strip().rstrip(".…") in lead),
            )
        )
    values = np.array(rows, dtype=np.float32).reshape(len(texts), 5)
    found = values[:, 1] > 0.85
    index = np.arange(len(texts))
    last = int(np.flatnonzero(found)[0]) if found.any() else -1
    since = np.clip(index - last, -60, 60) if last >= 0 else np.full(len(texts), -99)
    names_ = ("in_title", "has_title", "in_description", "has_description", "is_description", "since_title")
    return names_, np.concatenate([values, since[:, None].astype(np.float32)], axis=1)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.casefold().split())


def _share(of: frozenset[str], among: frozenset[str]) -> float:
    return len(of & among) / len(of) if of and among else 0.0


def _around_witness(covered: NDArray[np.float32], words: Floats, name: str) -> Named:
    """Where a block stands among those a witness has."""
    n = len(covered)
    has = covered > 0.6
    mass = np.where(has, words, 0.0)
    total = float(mass.sum())
    index = np.arange(n)
    long = np.flatnonzero(has & (words >= 6))
    first, last = (int(long[0]), int(long[-1])) if len(long) else (0, -1)
    return _stack(
        {
            f"{name}_words": np.full(n, np.log1p(total)),
            f"{name}_share": np.full(n, total / max(1.0, float(words.sum()))),
            f"{name}_before": (np.cumsum(mass) - mass) / max(total, 1.0),
            f"{name}_from_first": np.clip(index - first, -40, 40),
            f"{name}_to_last": np.clip(last - index, -40, 40),
        }
    )
