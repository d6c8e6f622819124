"""What the lines of one page share: words with its prose, phrases with other lines, whole lines with their doubles.

Language-free: the page itself says which words are frequent. Scripts without spaces are read as pairs of characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_MOST_WORDS = 80  # words of a line that are compared
_FREQUENT = 40  # how many of the prose's most frequent words count as its function words
_NEAR = 12  # how many lines back a headline's double is looked for

LEXIS_COLUMNS = (
    "doubles",
    "is_later_double",
    "overlap_prose",
    "overlap_rare",
    "function_words",
    "function_rank",
    "said_before",
    "said_after",
    "echo_near",
    "spread",
)


def tokens(line: str) -> list[str]:
    """The first words of a line in lower case, or pairs of characters where the script has no spaces."""
    found = _WORD.findall(line.lower()[: _MOST_WORDS * 12])[:_MOST_WORDS]
    if not _UNSPACED.search(line):
        return found
    out: list[str] = []
    for word in found:
        if _UNSPACED.search(word):
            out += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
        else:
            out.append(word)
    return out[: _MOST_WORDS * 2]


def lexis(words: Sequence[Sequence[str]], prose: NDArray[np.bool_]) -> Matrix:
    """`LEXIS_COLUMNS` for each line of a page, given by its tokens; `prose` flags the long, sentence-like ones."""
    n = len(words)
    out = np.zeros((n, len(LEXIS_COLUMNS)), dtype=np.float32)
    sets = [frozenset(line) for line in words]
    in_prose = Counter(chain.from_iterable(sets[i] for i in np.flatnonzero(prose).tolist()))
    on_page = Counter(chain.from_iterable(sets))
    frequent = dict.fromkeys(word for word, _ in sorted(in_prose.items(), key=lambda kv: (-kv[1], kv[0]))[:_FREQUENT])
    whole = Counter(tuple(line) for line in words)
    seen: set[tuple[str, ...]] = set()
    grams = [_grams(line) for line in words]
    first, last = _places(grams)
    in_prose_of, flags, paragraphs = in_prose.get, prose.tolist(), max(1, int(prose.sum()))
    for i, line in enumerate(words):
        if not line:
            continue
        size, own, key = len(line), int(flags[i]), tuple(line)
        counts = [in_prose_of(word, 0) for word in line]
        rare = [count for word, count in zip(line, counts, strict=True) if len(word) > 4]
        three = grams[i]
        out[i] = (
            min(whole[key] - 1, 10),
            key in seen,
            len([count for count in counts if count > own]) / size,
            len([count for count in rare if count > own]) / len(rare) if rare else -1.0,
            len([word for word in line if word in frequent]) / size,
            sum(counts) / size / paragraphs,
            len([gram for gram in three if first[gram] < i]) / len(three),
            len([gram for gram in three if last[gram] > i]) / len(three),
            _echo(sets, i),
            sum(map(on_page.__getitem__, line)) / size / n,
        )
        seen.add(key)
    return out


def _grams(line: Sequence[str]) -> list[tuple[str, ...]]:
    if len(line) < 3:
        return [tuple(line)]
    return list(zip(line, line[1:], line[2:], strict=False))


def _places(
    grams: Sequence[Sequence[tuple[str, ...]]],
) -> tuple[dict[tuple[str, ...], int], dict[tuple[str, ...], int]]:
    """The first and the last line in which each three words stand together."""
    last = {gram: i for i, line in enumerate(grams) for gram in line}
    first = {gram: len(grams) - 1 - i for i, line in enumerate(reversed(grams)) for gram in line}
    return first, last


def _echo(sets: Sequence[frozenset[str]], i: int) -> float:
    """The share of a line's words that one line shortly before it also has: a second headline, a caption's double."""
    own = sets[i]
    if len(own) < 3:
        return 0.0
    common = [len(own & other) for other in sets[max(0, i - _NEAR) : i] if len(other) >= 3]
    return max(common, default=0) / len(own)
