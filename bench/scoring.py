"""The figures of `score.py`: word 4-gram shingles, precision and recall averaged over pages, F1 of the averages."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.lines_data import words


@dataclass(frozen=True)
class PageScore:
    precision: float
    recall: float
    f1: float
    answered: bool


@dataclass(frozen=True)
class Score:
    pages: int
    precision: float
    recall: float
    f1: float
    macro: float
    bad: float  # share of pages below 0.8


def shingles(text: str, n: int = 4) -> Counter[tuple[str, ...]]:
    found = words(text)
    return Counter(tuple(found[i : i + n]) for i in range(max(1, len(found) - n + 1)) if found[i : i + n])


def page_score(gold: str, predicted: str) -> PageScore:
    g, p = shingles(gold), shingles(predicted)
    common = sum((g & p).values())
    ng, np_ = sum(g.values()), sum(p.values())
    precision = common / np_ if np_ else 0.0
    recall = common / ng if ng else 1.0
    return PageScore(precision, recall, harmonic(precision, recall), bool(np_))


def harmonic(p: float, r: float) -> float:
    return 2 * p * r / (p + r) if p + r else 0.0


def average(scores: Iterable[PageScore]) -> Score:
    rows: Sequence[PageScore] = list(scores)
    precision = statistics.mean([s.precision for s in rows if s.answered] or [0.0])
    recall = statistics.mean(s.recall for s in rows)
    return Score(
        pages=len(rows),
        precision=precision,
        recall=recall,
        f1=harmonic(precision, recall),
        macro=statistics.mean(s.f1 for s in rows),
        bad=statistics.mean(s.f1 < 0.8 for s in rows),
    )
