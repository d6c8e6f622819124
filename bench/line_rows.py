"""All pages' lines in one table, to train on: features, targets, weights and folds."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from bench.learn_words import Learner
from bench.lines_data import Labelled, folder_pages, line_pages
from bench.more_pages import more_pages
from bench.spliced_pages import SPLICED, spliced_pages
from scraper.clean.features import Sheet, rule_hits
from scraper.clean.linefeatures import line_sheet
from scraper.clean.wording import Wording
from scraper.rules.lines import load_line_rules

#: `sites` are many pages of few sites, old, and their gold has oddities of its own.
FORM_WEIGHT = {"full": 1.0, "part": 1.0, "gold": 0.7, "es": 3.0, "brief": 0.5, "menu": 0.5, "sites": 0.4,
               "sites-part": 0.4, "es-part": 1.0, "full" + SPLICED: 0.5, "part" + SPLICED: 0.5}  # fmt: skip
FAR = 25  # lines from the article beyond which furniture is plain, and every sixth line of it is enough to learn from
THIN = 6
WORDLESS = 5  # one page in so many is learned from a second time with no word known, as in a language nobody learned
_WORDLESS_FORMS = frozenset({"full", "part", "es", "menu"})
_UNTITLED_FORMS = frozenset({"gold", "brief", "menu"})
_UNSAID = 0.3  # weight of a page whose title stands in no line
_MARK = "*"  # at the end of such a page's form


@dataclass
class Rows:
    """All pages' lines in one table; `slices` says which rows are whose.

    `wording` was learned from all pages, `taught` for each fold from the others.
    """

    pages: list[Labelled]
    sheets: list[Sheet]
    slices: list[slice]
    fold: np.ndarray
    body: np.ndarray
    title: np.ndarray
    weight: np.ndarray
    title_weight: np.ndarray
    far: np.ndarray
    wording: Wording
    taught: list[Wording]

    def thinned(self) -> np.ndarray:
        """How many lines each row stands for; 0 for those not learned from."""
        chosen = ~self.far | (np.arange(len(self.far)) % THIN == 0)
        return np.where(self.far, THIN, 1) * chosen

    def without(self, dropped: Sequence[int]) -> Rows:
        """The same with no weight on the text of some pages, given by number; their titles still count."""
        weight = self.weight.copy()
        for number in dropped:
            weight[self.slices[number]] = 0.0
        return replace(self, weight=weight)


def gather(folder: Path, folds: int) -> Rows:
    """The lines of all forms of a bench folder; each page's words are weighed by what other folds taught."""
    pages = read_pages(folder)
    part = fold_of([page.site for page in pages], folds)
    learner = Learner(pages)
    learned = learner.by_fold(part, folds)
    rules, none = load_line_rules(), Wording({})
    sheets = []
    rows = []
    parts = part.tolist()
    for page, number in chain(zip(pages, parts, strict=True), spliced_pages(pages, parts)):
        hits = rule_hits(page.lines, rules)
        sheets.append(line_sheet(page.lines, hits, learned[number]))
        rows.append(page)
        if page.form in _WORDLESS_FORMS and zlib.crc32(page.id.encode()) % WORDLESS == 0:
            sheets.append(line_sheet(page.lines, hits, none))
            rows.append(replace(page, form=page.form + _MARK))
    return _table(rows, sheets, learner.learn(), learned)


def _table(pages: list[Labelled], sheets: list[Sheet], wording: Wording, taught: list[Wording]) -> Rows:
    ends = np.cumsum([len(page.lines) for page in pages])
    weights = [_weights(page, sheet) for page, sheet in zip(pages, sheets, strict=True)]
    return Rows(
        pages,
        sheets,
        [slice(end - len(page.lines), end) for page, end in zip(pages, ends, strict=True)],
        np.repeat(fold_of([page.site for page in pages], len(taught)), [len(page.lines) for page in pages]),
        np.concatenate([page.body for page in pages]),
        np.concatenate([_one_title(page) for page in pages]),
        np.concatenate([w[0] for w in weights]),
        np.concatenate([w[1] for w in weights]),
        np.concatenate([_far(page) for page in pages]),
        wording,
        taught,
    )


def fold_of(sites: Sequence[str], folds: int) -> np.ndarray:
    """The fold of each page: all pages of a site are in one."""
    return np.array([zlib.crc32(name.encode()) % folds for name in sites])


def read_pages(folder: Path) -> list[Labelled]:
    """The labelled dumps of a bench folder, and those made of its HTML."""
    return [page for page in _pages(folder) if page.lines]


def _pages(folder: Path) -> Iterator[Labelled]:
    yield from folder_pages(folder)
    if (folder / "es" / "labels.json").exists():
        yield from line_pages(folder / "es")
    yield from more_pages(folder)


def _far(page: Labelled) -> np.ndarray:
    """Lines far from all that is article or title."""
    index = np.arange(len(page.lines))
    near = np.flatnonzero(np.asarray(page.body) + np.asarray(page.title))
    if page.form.startswith("menu") or not len(near):
        return np.zeros(len(page.lines), dtype=bool)
    after = np.searchsorted(near, index)
    left = index - near[np.maximum(after - 1, 0)]
    right = near[np.minimum(after, len(near) - 1)] - index
    return np.minimum(np.abs(left), np.abs(right)) > FAR


def _one_title(page: Labelled) -> np.ndarray:
    """Of several lines that say the title, the last before the text is it."""
    out = np.zeros(len(page.lines), dtype=int)
    found = [i for i, flag in enumerate(page.title) if flag]
    if found:
        first = next((i for i, flag in enumerate(page.body) if flag), len(page.lines))
        before = [i for i in found if i < first]
        out[before[-1] if before else found[0]] = 1
    return out


def _weights(page: Labelled, sheet: Sheet) -> tuple[np.ndarray, np.ndarray]:
    """A page counts as a page, whatever its length; within it a line counts by the root of its words."""
    line = np.sqrt(np.minimum(sheet.words, 150.0) + 1.0) * np.asarray(page.weight)
    form = FORM_WEIGHT[page.form.removesuffix(_MARK)]
    kept = line[np.asarray(page.body) > 0].sum()
    scale = form * 20.0 / max(20.0, kept)
    flags = np.asarray(page.title)
    title = np.where((flags > 0) & (_one_title(page) == 0), 0.0, 1.0)
    return line * scale, title * form * _title_weight(page)


def _title_weight(page: Labelled) -> float:
    """A gold title that no line says teaches little: the page has another one. Without a gold title, nothing."""
    if sum(page.title) or page.form.removesuffix(_MARK) in _UNTITLED_FORMS:
        return 1.0
    return _UNSAID if page.gold_title else 0.0
