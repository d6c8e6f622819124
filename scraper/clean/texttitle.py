"""The title of a dump: the line that says it, and its words without the path to it and the site's name."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from archive.model import Page
from scraper.clean.bylines import find_byline
from scraper.clean.linemodel import Judged
from scraper.clean.structure import finished
from scraper.rules.lines import LineRules
from scraper.rules.phrases import fold

_TITLE_FROM = 0.4  # probability from which a line is believed to be the title
_TITLE_FROM_CLEAN = 0.45  # and on a page that seems to be nothing but text, where a heading is soon taken for it
_TITLE_WORDS = (1.0, 45.0)
_TWICE_SAID, _TWICE, _TWICE_WORDS, _TWICE_REACH, _SENTENCE_WORDS = 0.3, 0.75, 5.0, 8, 12.0
_SQUASHED, _PATH_ENDS = 10, 0.01  # letters of a line that another may hold; probability of a headline at a path's end
_CRUMBS_REACH, _CRUMB_WORDS, _CRUMBS_LINES = 6, 5, 400
_ARROW, _BAR = re.compile(r"\s+[»›>]\s+"), re.compile(r"\s+[|｜]\s+")
_HEADLINE_WORDS = 3  # that are left of a headline at least when its path goes
_TOP_LINES = 4
_NEAR_TITLE = 14  # lines around the beginning of the text in which a title is said twice
_SHORT_LINE = 160  # characters of a line of breadcrumbs


def find_title(page: Page, judged: Judged, rules: LineRules) -> int | None:
    """The line that is the title: the one a manifest names, else the one the classifier is sure of."""
    if page.title:
        wanted = fold(page.title)
        for number, line in enumerate(judged.lines):
            if fold(line) == wanted:
                return number
        return None
    named = _under_crumbs(judged, rules)
    if named is not None:
        return named
    score = judged.title + _TWICE_SAID * _said_twice(judged)
    best = int(np.argmax(score))
    low, high = _TITLE_WORDS
    sure = _TITLE_FROM if judged.furnished else _TITLE_FROM_CLEAN
    if score[best] >= sure and low <= judged.words[best] <= high:
        return _bare_headline(judged, best)
    return _above_byline(judged, rules)


def _bare_headline(judged: Judged, best: int) -> int:
    """The headline itself, where the likeliest line is its path (`Home > Blog > The headline`) or was cut with dots."""
    near = range(max(0, best - _TWICE_REACH), min(len(judged.lines), best + _TWICE_REACH + 1))
    own = _squashed(judged.lines[best])
    cut = judged.lines[best].endswith(("...", "…"))
    for i in near:
        words, other = judged.words[i], _squashed(judged.lines[i])
        if i == best or len(other) < _SQUASHED or words > _TITLE_WORDS[1] or not _open(judged.lines[i]):
            continue
        if cut and len(other) > len(own) and other.startswith(own):
            return i
        if words >= _HEADLINE_WORDS and len(other) < len(own) and own.endswith(other) and judged.title[i] >= _PATH_ENDS:
            return i
    return best


def _squashed(line: str) -> str:
    """Letters and digits alone."""
    return "".join(c for c in line if c.isalnum())


def _said_twice(judged: Judged) -> NDArray[np.float32]:
    """Flags unfinished lines over the first sentence that a shorter line near them says again: a headline is said in
    breadcrumbs, in a picture's text, for search engines.
    """
    out = np.zeros(len(judged.lines), dtype=np.float32)
    begin = _first_sentence(judged) or 0
    top = range(max(0, begin - _NEAR_TITLE), min(len(judged.lines), begin + _NEAR_TITLE))
    heads = [i for i in top if _TWICE_WORDS <= judged.words[i] <= _TITLE_WORDS[1] and _open(judged.lines[i])]
    told = {i: frozenset(fold(judged.lines[i])) for i in heads}
    for i in heads:
        shorter = (j for j in heads if j != i and len(told[j]) <= len(told[i]) and abs(i - j) <= _TWICE_REACH)
        if i <= begin and any(len(told[i] & told[j]) >= _TWICE * len(told[j]) for j in shorter):
            out[i] = 1.0
    return out


def _first_sentence(judged: Judged) -> int | None:
    """The first line of text that is a whole sentence of some length."""
    enough = judged.threshold
    sentences = (i for i, p in enumerate(judged.body) if p >= enough and finished(judged.lines[i]))
    return next((i for i in sentences if judged.words[i] >= _SENTENCE_WORDS), None)


def _open(line: str) -> bool:
    """Whether a line is no sentence: it has no full stop, or was cut short with dots."""
    return not finished(line) or line.endswith(("...", "…"))


def _under_crumbs(judged: Judged, rules: LineRules) -> int | None:
    """Breadcrumbs (`Home News The headline cut sh...`) over the text end with the headline, which stands whole a few
    lines below them.
    """
    top = judged.lines[: min(_CRUMBS_LINES, _first_sentence(judged) or 0)]
    folded = [fold(line) if len(line) <= 2 * _SHORT_LINE else () for line in top]
    for at, crumbs in enumerate(folded):
        if len(crumbs) <= _CRUMB_WORDS or not any(hit.kind == "line" for hit in rules.hits(crumbs[:1])):
            continue
        for i in range(at + 1, min(at + 1 + _CRUMBS_REACH, len(folded))):
            for size in range(min(len(folded[i]), len(crumbs) - 1), _CRUMB_WORDS - 1, -1):
                if crumbs[-size:] == folded[i][:size] and _open(judged.lines[i]):
                    return i
    return None


def _above_byline(judged: Judged, rules: LineRules) -> int | None:
    """An unfinished line at the very top with a byline below it is a headline, whatever else the page lacks."""
    byline = find_byline(judged.lines[:_TOP_LINES], rules.vocabulary)
    if byline is None or byline[0] == 0:
        return None
    above = byline[0] - 1
    return None if finished(judged.lines[above]) or not 3 <= judged.words[above] <= _TITLE_WORDS[1] else above


def without_path(line: str) -> str:
    """A headline without the breadcrumbs before it, and without the site's or section's name set off by a bar."""
    whole = " ".join(line.split())
    last = _ARROW.split(whole)[-1]
    longest = max(_BAR.split(last), key=lambda part: len(fold(part)))
    return longest if len(fold(longest)) >= _HEADLINE_WORDS else whole
