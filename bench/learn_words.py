"""Learn which words newspapers use in articles and which around them: the weights of `scraper/clean/wording.py`.

Two logistic regressions, a line a sample: the first (L1) chooses the terms, the second (L2) weighs those. A term is
considered where pages of many sites have it, so that the names in the news are left out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from bench.lines_data import Labelled
from scraper.clean.lexis import tokens
from scraper.clean.shape import clip
from scraper.clean.wording import Wording, terms

SITES = 22  # that must use a term
FORMS = {"full": 1.0, "part": 1.0, "es": 3.0, "menu": 0.5, "sites": 0.4, "sites-part": 0.4, "es-part": 1.0}
_SMOOTH = 3.0  # as in `Wording.columns`
_CHOOSING, _WEIGHING = 0.3, 0.5  # inverse strength of the two penalties
_LEAST = 0.05  # weight below which a term is not stored
_SEED = 7  # of the order in which the solver takes the terms


class Learner:
    """The lines of all pages as a sparse matrix of terms; `learn` takes the pages to learn from."""

    def __init__(self, pages: Sequence[Labelled]) -> None:
        self.names = sorted(_common(pages))
        place = {name: i for i, name in enumerate(self.names)}
        ends, columns = [0], []
        for found in _lines(pages):
            columns += sorted(place[term] for term in found if term in place)
            ends.append(len(columns))
        ones = np.ones(len(columns), dtype=np.float64)
        self.has = sp.csr_matrix((ones, columns, ends), shape=(len(ends) - 1, len(self.names)))
        self.sizes = [len(page.lines) for page in pages]
        self.body = np.concatenate([page.body for page in pages])
        self.weight = np.concatenate([_weights(page) for page in pages])

    def learn(self, chosen: np.ndarray | None = None) -> Wording:
        """The weights of the terms, from all lines or those flagged in `chosen`."""
        rows = self.weight > 0
        if chosen is not None:
            rows &= chosen
        sparse = LogisticRegression(C=_CHOOSING, l1_ratio=1, solver="liblinear", tol=1e-3, random_state=_SEED)
        few = np.flatnonzero(np.abs(self._fit(sparse, rows, np.arange(len(self.names)))) > _LEAST / 2)
        dense = LogisticRegression(C=_WEIGHING, solver="liblinear", tol=1e-3, random_state=_SEED)
        weights = self._fit(dense, rows, few)
        kept = ((self.names[i], round(float(w), 2)) for i, w in zip(few, weights, strict=True) if abs(w) >= _LEAST)
        return Wording(dict(kept))

    def by_fold(self, part: np.ndarray, folds: int) -> list[Wording]:
        """For each fold the weights that the other folds teach; `part` is the fold of each page."""
        rows = np.repeat(part, self.sizes)
        return [self.learn(rows != number) for number in range(folds)]

    def _fit(self, model: LogisticRegression, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        has = self.has[rows][:, columns]
        size = np.asarray(has.sum(axis=1)).ravel()
        model.fit(sp.diags(1 / np.sqrt(size + _SMOOTH)) @ has, self.body[rows], sample_weight=self.weight[rows])
        return np.asarray(model.coef_[0])


def _lines(pages: Sequence[Labelled]) -> Iterator[frozenset[str]]:
    return (terms(tokens(clip(line))) for page in pages for line in page.lines)


def _common(pages: Sequence[Labelled]) -> set[str]:
    sites: dict[str, set[str]] = defaultdict(set)
    for page in pages:
        if page.form in ("full", "es", "sites"):
            for found in _lines([page]):
                for term in found:
                    if len(sites[term]) < SITES:
                        sites[term].add(page.site)
    return {term for term, users in sites.items() if len(users) >= SITES}


def _weights(page: Labelled) -> np.ndarray:
    size = np.sqrt(np.minimum([len(line.split()) for line in page.lines], 150.0))
    return size * np.array(page.weight) * FORMS.get(page.form, 0.0) * 20.0 / max(20, sum(page.body))


def write_taught(taught: Sequence[Wording], folder: Path) -> None:
    """What each fold is judged with, a folder a fold, which is made; the models go beside."""
    for number, wording in enumerate(taught):
        (folder / str(number)).mkdir(parents=True, exist_ok=True)
        write_words(wording, folder / str(number) / "words.json")


def write_words(wording: Wording, path: Path) -> None:
    """A term a line, in the order of the alphabet, so that a change can be read."""
    rows = (f"{json.dumps(term, ensure_ascii=False)}: {weight}" for term, weight in sorted(wording.weights.items()))
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
