"""What the lines of one page share: words with its prose, phrases with other lines, whole lines with their doubles.

Language-free: the page itself says which words are frequent. Scripts without spaces are read as pairs of characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

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
    in_prose = Counter(word for i in np.flatnonzero(prose) for word in sets[i])
    on_page = Counter(word for line in sets for word in line)
    frequent = dict.fromkeys(word for word, _ in sorted(in_prose.items(), key=lambda kv: (-kv[1], kv[0]))[:_FREQUENT])
    whole = Counter(tuple(line) for line in words)
    seen: set[tuple[str, ...]] = set()
    first, last = _places(words)
    for i, line in enumerate(words):
        if not line:
            continue
        size, own, key = len(line), int(prose[i]), tuple(line)
        known = [word for word in line if in_prose[word] > own]
        rare = [word for word in line if len(word) > 4]
        grams = _grams(line)
        out[i] = (
            min(whole[key] - 1, 10),
            key in seen,
            len(known) / size,
            sum(in_prose[word] > own for word in rare) / len(rare) if rare else -1.0,
            sum(word in frequent for word in line) / size,
            sum(in_prose[word] for word in line) / size / max(1, int(prose.sum())),
            sum(first[gram] < i for gram in grams) / len(grams),
            sum(last[gram] > i for gram in grams) / len(grams),
            _echo(sets, i),
            sum(on_page[word] for word in line) / size / n,
        )
        seen.add(key)
    return out


def _grams(line: Sequence[str]) -> list[tuple[str, ...]]:
    if len(line) < 3:
        return [tuple(line)]
    return list(zip(line, line[1:], line[2:], strict=False))


def _places(words: Sequence[Sequence[str]]) -> tuple[dict[tuple[str, ...], int], dict[tuple[str, ...], int]]:
    """The first and the last line in which each three words stand together."""
    first: dict[tuple[str, ...], int] = {}
    last: dict[tuple[str, ...], int] = {}
    for i, line in enumerate(words):
        for gram in _grams(line):
            first.setdefault(gram, i)
            last[gram] = i
    return first, last


def _echo(sets: Sequence[frozenset[str]], i: int) -> float:
    """The share of a line's words that one line shortly before it also has: a second headline, a caption's double."""
    own = sets[i]
    if len(own) < 3:
        return 0.0
    return max((len(own & sets[j]) / len(own) for j in range(max(0, i - _NEAR), i) if len(sets[j]) >= 3), default=0.0)
