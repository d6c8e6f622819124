"""Features of a line and its neighbours: what the classifiers of text lines and of HTML blocks see.

Everything is written over a sequence of strings, so that the lines of a dump and the blocks of a page are described
alike; a caller adds columns of its own (link density, tag) as an extra matrix, which is shown for the neighbours too.
No word of any language is a feature: shape, place, what the page's own prose looks like, and hits of phrase rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scraper.clean.lexis import LEXIS_COLUMNS, lexis, tokens
from scraper.clean.shape import SHAPE_COLUMNS, clip, shapes, word_counts
from scraper.rules.lines import LineRule, LineRules
from scraper.rules.phrases import fold

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]
Hits = tuple[LineRule, ...]
Named = tuple[tuple[str, ...], Matrix]

_LONGEST_PHRASE_LINE = 1000  # characters: a longer line is prose, whatever it says
_LONG = 12  # words from which a line counts as long
_FAR = 60  # lines beyond which a distance no longer grows

RULE_COLUMNS = (
    "rule_line",
    "rule_caption",
    "rule_byline",
    "rule_date",
    "rule_from",
    "rule_pair",
    "rule_page",
    "numbers",
)
#: What a rule is about: its id behind the language. Rules about the same thing share a column.
TOPICS = {
    "read-more": "more",
    "teaser-button": "more",
    "also-read": "also",
    "also-read-below": "also",
    "most-read": "list",
    "related": "list",
    "tags": "list",
    "comments": "comments",
    "newsletter": "newsletter",
    "appeal": "newsletter",
    "share": "share",
    "menu": "menu",
    "rights": "copyright",
    "copyright": "copyright",
    "contributors": "copyright",
    "source": "copyright",
    "small-print": "copyright",
    "cookie-notice": "copyright",
    "credit": "caption",
    "caption": "caption",
    "byline": "byline",
    "date": "date",
    "author-note": "author",
}
TOPIC_COLUMNS = tuple(dict.fromkeys(TOPICS.values()))
_NEIGHBOURS = (-4, -3, -2, -1, 1, 2, 3, 4)
_SHOWN = (
    "words",
    "ends_sentence",
    "capitalised",
    "digits",
    "doubles",
    "overlap_prose",
    "function_words",
    "starts_lower",
    "rule_line",
    "rule_from",
    "rule_byline",
    "said_before",
)  #: columns shown for the neighbours as well
_WINDOWS = (2, 5, 15)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Features of a page's lines: one row a line, one named column a feature. `words` is the count of each line."""

    columns: tuple[str, ...]
    values: Matrix
    words: Floats
    tokens: Sequence[Sequence[str]] = ()

    def column(self, name: str) -> NDArray[np.float32]:
        """One feature of all lines."""
        column: NDArray[np.float32] = self.values[:, self.columns.index(name)]
        return column


def rule_hits(lines: Sequence[str], rules: LineRules) -> list[Hits]:
    """The phrase rules that fit each line; lines too long for any phrase have none."""
    return [rules.hits(fold(line)) if len(line) <= _LONGEST_PHRASE_LINE else () for line in lines]


def describe(
    lines: Sequence[str],
    hits: Sequence[Hits],
    extra: Matrix | None = None,
    extra_columns: Sequence[str] = (),
) -> Sheet:
    """All features of a page's non-blank lines, in order; `extra` has a row a line, named by `extra_columns`."""
    clipped = [clip(line) for line in lines]
    shape = shapes(clipped)
    words = word_counts(shape)
    ends = shape[:, SHAPE_COLUMNS.index("ends_sentence")] > 0
    prose = ((words >= _LONG) & ends) | (words >= 2 * _LONG)
    told = [tokens(line) for line in clipped]
    vocabulary = lexis(told, prose)
    own = np.concatenate([shape, vocabulary, _rules(hits, clipped)], axis=1)
    names: tuple[str, ...] = (*SHAPE_COLUMNS, *LEXIS_COLUMNS, *RULE_COLUMNS)
    shown = list(_SHOWN)
    if extra is not None:
        own = np.concatenate([own, extra.astype(np.float32)], axis=1)
        names += tuple(extra_columns)
        shown += extra_columns
    parts = [
        (names, own),
        _page(words, prose, own[:, names.index("doubles")]),
        _place(words, prose),
        _since(own[:, names.index("rule_from")]),
        _windows({"words": np.log1p(words), "prose": prose, "doubles": own[:, names.index("doubles")] > 0}),
        _topics(hits),
        _beside(own[:, [names.index(name) for name in shown]], shown),
    ]
    return Sheet(
        columns=tuple(name for part, _ in parts for name in part),
        values=np.concatenate([values for _, values in parts], axis=1).astype(np.float32),
        words=words,
        tokens=told,
    )


def _topics(hits: Sequence[Hits]) -> Named:
    """Which topics' phrases a line has, and how far the last and the next line with each is."""
    place = {topic: i for i, topic in enumerate(TOPIC_COLUMNS)}
    own = np.zeros((len(hits), len(place)), dtype=np.bool_)
    for i, found in enumerate(hits):
        for rule in found:
            topic = TOPICS.get(rule.id.partition(".")[2])
            if topic is not None:
                own[i, place[topic]] = True
    columns: dict[str, NDArray[np.generic]] = {}
    for topic, i in place.items():
        columns[f"topic_{topic}"] = own[:, i]
        columns[f"since_{topic}"] = _distance(own[:, i])
        columns[f"until_{topic}"] = _distance(own[::-1, i])[::-1]
    return _stack(columns)


def _rules(hits: Sequence[Hits], lines: Sequence[str]) -> Matrix:
    out = np.zeros((len(lines), len(RULE_COLUMNS)), dtype=np.float32)
    for i, found in enumerate(hits):
        for rule in found:
            out[i, _rule_column(rule)] = 1.0
        out[i, 7] = any(c.isdigit() for c in lines[i][:60])
    return out


def _rule_column(rule: LineRule) -> int:
    if rule.kind != "line":
        return {"from": 4, "pair": 5, "page": 6}[rule.kind]
    return {"caption": 1, "byline": 2, "date": 3}.get(rule.fate, 0)


def _stack(columns: dict[str, NDArray[np.generic]]) -> Named:
    return tuple(columns), np.stack([np.asarray(c, dtype=np.float32) for c in columns.values()], axis=1)


def _page(words: Floats, prose: NDArray[np.bool_], doubles: Matrix) -> Named:
    """What kind of page it is, the same for all its lines."""
    n, total = len(words), max(1.0, float(words.sum()))
    values = {
        "page_lines": np.log1p(n),
        "page_words": np.log1p(total),
        "page_prose_lines": prose.sum() / n,
        "page_prose_words": words[prose].sum() / total,
        "page_median": np.median(words),
        "page_long_median": np.median(words[prose]) if prose.any() else 0.0,
        "page_doubles": (doubles > 0).sum() / n,
        "page_prose": np.log1p(prose.sum()),
    }
    return _stack({name: np.full(n, value) for name, value in values.items()})


def _place(words: Floats, prose: NDArray[np.bool_]) -> Named:
    """Where a line stands: in the page, among its prose, and beside its densest run of prose."""
    n = len(words)
    index = np.arange(n)
    weight = np.where(prose, words, 0.0)
    total = max(1.0, float(weight.sum()))
    begin, end = _densest(words, prose)
    inside = (index >= begin) & (index < end)
    return _stack(
        {
            "from_top": np.log1p(index),
            "from_bottom": np.log1p(n - 1 - index),
            "relative": index / max(1, n - 1),
            "prose_before": (np.cumsum(weight) - weight) / total,
            "prose_after": (total - np.cumsum(weight)) / total,
            "to_prose_before": _distance(prose),
            "to_prose_after": _distance(prose[::-1])[::-1],
            "in_run": inside,
            "to_run_begin": np.clip(index - begin, -_FAR, _FAR),
            "to_run_end": np.clip(end - 1 - index, -_FAR, _FAR),
            "run_share": np.full(n, weight[begin:end].sum() / total),
            "run_words": np.full(n, np.log1p(weight[begin:end].sum())),
        }
    )


def _densest(words: Floats, prose: NDArray[np.bool_]) -> tuple[int, int]:
    """The run of lines with the greatest sum, where prose counts its words and any other line costs some."""
    gain = np.where(prose, np.minimum(words, 120.0), -8.0)
    total = np.concatenate([[0.0], np.cumsum(gain)])
    lowest = np.minimum.accumulate(total)
    end = int(np.argmax(total - lowest))
    begin = int(np.argmin(total[: end + 1]))
    return begin, max(end, begin + 1)


def _distance(flags: NDArray[np.bool_]) -> Floats:
    """Lines since the last flagged one before each line, at most `_FAR`."""
    index = np.arange(len(flags))
    last = np.maximum.accumulate(np.where(flags, index, -_FAR - 1))
    before = np.concatenate([[-_FAR - 1], last[:-1]])
    gap: NDArray[np.float64] = np.minimum(index - before, _FAR).astype(np.float64)
    return gap


def _since(cut: Matrix) -> Named:
    """Distance to the lines that usually end an article."""
    flags = cut > 0
    return _stack(
        {
            "since_from": _distance(flags),
            "until_from": _distance(flags[::-1])[::-1],
            "froms_before": np.minimum(np.cumsum(flags) - flags, 8),
        }
    )


def window_mean(values: NDArray[np.generic], before: int, after: int) -> Floats:
    """Mean over the lines from `before` back to `after` on (-1 leaves the line itself out), cut at the page's ends."""
    n = len(values)
    total = np.concatenate([[0.0], np.cumsum(values.astype(np.float64))])
    index = np.arange(n)
    low, high = np.clip(index - before, 0, n), np.clip(index + after + 1, 0, n)
    size = np.maximum(high - low, 1).astype(np.float64)
    return np.asarray((total[high] - total[low]) / size, dtype=np.float64)


def _windows(series: dict[str, NDArray[np.generic]]) -> Named:
    columns: dict[str, NDArray[np.generic]] = {}
    for name, values in series.items():
        for size in _WINDOWS:
            columns[f"{name}_{size}_before"] = window_mean(values, size, 0)
            columns[f"{name}_{size}_after"] = window_mean(values, 0, size)
    return _stack(columns)


def shift(values: Matrix, by: int) -> Matrix:
    """The rows of the line `by` lines further on; -1 beyond the page's ends."""
    out = np.full_like(values, -1.0)
    if by > 0:
        out[:-by] = values[by:]
    else:
        out[-by:] = values[:by]
    return out


def _beside(values: Matrix, names: Sequence[str]) -> Named:
    """The shown columns of the neighbours."""
    columns = tuple(f"{name}{by:+d}" for by in _NEIGHBOURS for name in names)
    return columns, np.concatenate([shift(values, by) for by in _NEIGHBOURS], axis=1)
