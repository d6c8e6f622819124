"""More labelled dumps: the article of one page in the furniture of another.

A classifier learns from a thousand pages which article goes with which furniture, and on a site it never saw that is
wrong. Here each article stands once more between the menus, teasers and comments of another site, in its language and
its fold, its lines dealt out to the runs in which the other's stood, so that what stands within an article (captions,
boxes, links) stays within.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from bench.lines_data import Labelled, words
from scraper.clean.language import language_of

SPLICED = "+"  #: at the end of such a page's form
_FORMS = ("full", "part")
_WORDS, _LINES = 80, 4  # of an article that is worth it
_WHOLE = (0.9, 1.1)  # words of the lines labelled as text over those of the gold text: nothing missing, nothing else
_RING = 3  # pages of one language in a fold, at least


def spliced_pages(pages: Sequence[Labelled], folds: Sequence[int]) -> Iterator[tuple[Labelled, int]]:
    """Spliced pages with their folds, made of the whole pages among those given: about one for each."""
    for form in _FORMS:
        rings: dict[tuple[int, str], list[Labelled]] = defaultdict(list)
        for page, fold in zip(pages, folds, strict=True):
            if page.form == form and _whole(page):
                rings[fold, language_of(page.gold) or ""].append(page)
        for (fold, _), ring in sorted(rings.items()):
            yield from ((page, fold) for page in _around(ring))


def _whole(page: Labelled) -> bool:
    gold = len(words(page.gold))
    text = sum(len(words(line)) for line, flag in zip(page.lines, page.body, strict=True) if flag)
    return gold > _WORDS and sum(page.body) >= _LINES and _WHOLE[0] < text / gold < _WHOLE[1]


def _around(ring: list[Labelled]) -> Iterator[Labelled]:
    """Each page's article in the furniture of the next, in an order drawn by the pages' names."""
    ring.sort(key=lambda page: zlib.crc32(f"s{page.id}".encode()))
    if len(ring) >= _RING:
        for article, frame in zip(ring, [*ring[1:], ring[0]], strict=True):
            if article.site != frame.site:
                yield splice(article, frame)


def splice(article: Labelled, frame: Labelled) -> Labelled:
    """The text of one page in the place of the other's, with its title in the place of the other's title."""
    lines: list[tuple[str, int, float, int]] = []  # text, body, weight, title
    dealt = _dealt(article, frame)
    for i, line in enumerate(frame.lines):
        lines += [(article.lines[k], 1, article.weight[k], 0) for k in dealt.get(i, ())]
        if frame.body[i]:
            continue
        titled = bool(frame.title[i] and article.gold_title)
        lines.append((article.gold_title if titled else line, 0, frame.weight[i], int(titled)))
    text, body, weight, title = (list(column) for column in zip(*lines, strict=True))
    name = f"{article.id}{SPLICED}{frame.id}"
    form = article.form + SPLICED
    return Labelled(name, form, frame.site, text, body, weight, title, article.gold, article.gold_title)


def _dealt(article: Labelled, frame: Labelled) -> dict[int, list[int]]:
    """The article's lines of text by the first line of the frame's run of text in whose place they stand."""
    own = [i for i, flag in enumerate(article.body) if flag]
    places = np.flatnonzero(np.asarray(frame.body))
    runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    share = np.cumsum([0, *(len(run) for run in runs)]) / len(places)
    cuts = np.round(share * len(own)).astype(int).tolist()
    return {int(run[0]): own[begin:end] for run, (begin, end) in zip(runs, pairwise(cuts), strict=True)}
