"""Which parts of two sequences match, in bounded time: the longest common runs, as a diff needs them.

Cohen's "patience" order: parts that stand once in each are anchors, as many as lie in the same order; between them the
same again; where there is none, Myers' "An O(ND) difference algorithm" (1986) for few differences. What is still
unmatched when the budget is spent counts as replaced, so hostile input costs no more than a long article.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

#: Items looked at, per item of the input and besides, before what is left counts as replaced.
BUDGET = 6
LEAST = 2_000
#: Differences that Myers' search goes to.
DIFFERENCES = 200

Span = tuple[int, int, int, int]  # a[from:to] against b[from:to]
Match = tuple[int, int]


def matches(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Match]:
    """Places `(i, j)` with `a[i] == b[j]`, rising in both."""
    found: list[Match] = []
    budget = BUDGET * (len(a) + len(b)) + LEAST
    spans: list[Span] = [(0, len(a), 0, len(b))]
    while spans:
        span = spans.pop()
        budget -= span[1] - span[0] + span[3] - span[2]
        ends, inner = _trim(a, b, span)
        found.extend(ends)
        a_from, a_to, b_from, b_to = inner
        if a_from == a_to or b_from == b_to or budget < 0:
            continue
        anchors = _anchors(a, b, inner)
        if anchors:
            found.extend(anchors)
            spans.extend(_between(anchors, inner))
        else:
            few, spent = _few_differences(a, b, inner, budget)
            found.extend(few)
            budget -= spent
    return sorted(found)


def changes(found: Sequence[Match], size_a: int, size_b: int) -> Iterator[Span]:
    """The spans between matches, in order, one or both sides of each not empty; what lies between them is the same."""
    at_a = at_b = 0
    for i, j in (*found, (size_a, size_b)):
        if i > at_a or j > at_b:
            yield at_a, i, at_b, j
        at_a, at_b = i + 1, j + 1


def _trim(a: Sequence[Hashable], b: Sequence[Hashable], span: Span) -> tuple[list[Match], Span]:
    """What a span has in common at its start and end, and what is left of it."""
    a_from, a_to, b_from, b_to = span
    found: list[Match] = []
    while a_from < a_to and b_from < b_to and a[a_from] == b[b_from]:
        found.append((a_from, b_from))
        a_from, b_from = a_from + 1, b_from + 1
    while a_from < a_to and b_from < b_to and a[a_to - 1] == b[b_to - 1]:
        a_to, b_to = a_to - 1, b_to - 1
        found.append((a_to, b_to))
    return found, (a_from, a_to, b_from, b_to)


def _anchors(a: Sequence[Hashable], b: Sequence[Hashable], span: Span) -> list[Match]:
    """The longest rising run of items that stand once in each side of a span."""
    a_from, a_to, b_from, b_to = span
    in_a, in_b = Counter(a[a_from:a_to]), Counter(b[b_from:b_to])
    place = {b[j]: j for j in range(b_from, b_to) if in_b[b[j]] == 1}
    pairs = [(i, place[a[i]]) for i in range(a_from, a_to) if in_a[a[i]] == 1 and a[i] in place]
    return _rising(pairs)


def _rising(pairs: list[Match]) -> list[Match]:
    """The longest run of pairs that rises in both: patience sorting."""
    tops: list[int] = []
    holders: list[int] = []
    below: list[int] = []
    for at, (_, j) in enumerate(pairs):
        pile = bisect_left(tops, j)
        below.append(holders[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [j]
        holders[pile : pile + 1] = [at]
    run: list[Match] = []
    at = holders[-1] if holders else -1
    while at >= 0:
        run.append(pairs[at])
        at = below[at]
    return run[::-1]


def _between(anchors: list[Match], span: Span) -> Iterator[Span]:
    a_from, a_to, b_from, b_to = span
    for i, j in anchors:
        if i > a_from and j > b_from:
            yield a_from, i, b_from, j
        a_from, b_from = i + 1, j + 1
    if a_to > a_from and b_to > b_from:
        yield a_from, a_to, b_from, b_to


def _few_differences(a: Sequence[Hashable], b: Sequence[Hashable], span: Span, budget: int) -> tuple[list[Match], int]:
    """Myers' greedy search, and what it cost; no match where the sides differ in more than it goes to."""
    a_from, a_to, b_from, b_to = span
    width, height = a_to - a_from, b_to - b_from
    if set(a[a_from:a_to]).isdisjoint(b[b_from:b_to]):
        return [], width + height
    furthest = {1: 0}
    trace: list[dict[int, int]] = []
    spent = width + height
    for differences in range(min(width + height, DIFFERENCES) + 1):
        trace.append(furthest.copy())
        for diagonal in range(-differences, differences + 1, 2):
            start = x = _start(furthest, diagonal, differences)
            while x < width and x - diagonal < height and a[a_from + x] == b[b_from + x - diagonal]:
                x += 1
            furthest[diagonal] = x
            spent += x - start + 1
            if x >= width and x - diagonal >= height:
                return [(a_from + i, b_from + j) for i, j in _walk_back(trace, width, height)], spent
        if spent > budget:
            break
    return [], spent


def _goes_down(furthest: dict[int, int], diagonal: int, differences: int) -> bool:
    """Whether a diagonal is entered down from the one above, or right from the one below: whichever lies further."""
    if diagonal in (-differences, differences):
        return diagonal == -differences
    return furthest[diagonal - 1] < furthest[diagonal + 1]


def _start(furthest: dict[int, int], diagonal: int, differences: int) -> int:
    down = _goes_down(furthest, diagonal, differences)
    return furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1


def _walk_back(trace: list[dict[int, int]], x: int, y: int) -> Iterator[Match]:
    """The matches on the way to `(x, y)`, last first. `trace[d]`: what was reached before the d-th difference."""
    for differences in range(len(trace) - 1, -1, -1):
        diagonal = x - y
        start = _start(trace[differences], diagonal, differences)
        while x > start:
            x, y = x - 1, y - 1
            yield x, y
        if _goes_down(trace[differences], diagonal, differences):
            y -= 1
        else:
            x -= 1
