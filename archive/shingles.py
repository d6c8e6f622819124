"""What two texts are compared by: words, sets of word 3-grams, sampled keys that find candidates, numbers.

Pure and the same on every machine: hashes are BLAKE2b (RFC 7693), never Python's `hash`, which differs between
processes. Shingling and containment follow Broder, "On the resemblance and containment of documents" (1997), the
choice of keys Schleimer, Wilkerson and Aiken, "Winnowing: local algorithms for document fingerprinting" (2003): the
smallest hash of every window. Against one in sixteen by its low bits and the six smallest it needs as many keys, finds
passages of 50 to 120 words more surely (missed: 0.1 % against 0.5 %) and half as many strangers, because keys lie
evenly over a text. Any change here is a new `SHINGLING` number.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Sequence
from hashlib import blake2b
from heapq import nsmallest

SHINGLING = 1

#: Words in a shingle that is compared, and in one that is looked up.
COMPARED = 3
LOOKED_UP = 5
#: Looked-up shingles in a window, of which the smallest is a key: a passage of 29 words shared word for word is found.
WINDOW = 25
#: So many of the smallest are keys besides: short texts on one event share them though every passage was touched.
SMALLEST = 8
#: Characters of a text that count: more than any article, so that ten megabytes of noise cost a bounded time.
LONGEST = 2_000_000

# Scripts written without spaces between words: each character is a word.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Vowel signs and accents that stand alone belong to the word around them, though `\w` does not say so.
_MARKS = "\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
#: A word, as a regular expression.
WORD = rf"[{_UNSPACED}]|(?:[^\W{_UNSPACED}]|[{_MARKS}])+"
_WORD = re.compile(WORD)
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_SEPARATORS = str.maketrans("", "", ".,:/")


def fold(text: str) -> str:
    """NFKC and case folding; accents stay ("papa" is not "papá"). Only the first `LONGEST` characters."""
    return unicodedata.normalize("NFKC", text[:LONGEST]).casefold()


def words(text: str) -> list[str]:
    """The words of a folded text, without punctuation; in Han, Kana, Thai and the like a word a character."""
    return _WORD.findall(text)


def numbers(text: str) -> frozenset[str]:
    """The numbers of a folded text, without their separators: `1.250,5` and `1,250.5` are one."""
    return frozenset(number.translate(_SEPARATORS) for number in _NUMBER.findall(text))


def hashes(sequence: Sequence[str], size: int) -> list[int]:
    """Unsigned 64-bit hashes of all runs of `size` words, in order; empty where there are fewer words."""
    runs = [" ".join(run) for run in zip(*(sequence[start:] for start in range(size)), strict=False)]
    known = {run: _hash(run) for run in set(runs)}
    return [known[run] for run in runs]


def shingles(sequence: Sequence[str]) -> frozenset[int]:
    """The shingles two texts are compared by."""
    return frozenset(hashes(sequence, COMPARED))


def keys(sequence: Sequence[str]) -> frozenset[int]:
    """The keys a text is looked up by: the top 32 bits of a hash, signed, which SQLite stores in four bytes.

    Strangers meet by chance in a key of so few bits, 0.2 a text among a million; what is found is compared anyway.
    """
    looked_up = hashes(sequence, LOOKED_UP)
    chosen: set[int] = set()
    rising: deque[int] = deque()  # places of hashes, rising, that may yet be the smallest of a window
    for place, value in enumerate(looked_up):
        while rising and looked_up[rising[-1]] >= value:
            rising.pop()
        rising.append(place)
        if rising[0] <= place - WINDOW:
            rising.popleft()
        if place >= WINDOW - 1:
            chosen.add(looked_up[rising[0]])
    chosen.update(nsmallest(SMALLEST, set(looked_up)))
    return frozenset(key(value) for value in chosen)


def key(value: int) -> int:
    """The key of a looked-up shingle."""
    return (value >> 32) - (1 << 31)


def _hash(run: str) -> int:
    return int.from_bytes(blake2b(run.encode("utf-8", "backslashreplace"), digest_size=8).digest(), "big")


def containment(a: frozenset[int], b: frozenset[int]) -> float:
    """Shared shingles over those of the smaller set, 0 to 1; 0 where one is empty."""
    return share(len(a & b), min(len(a), len(b)))


def jaccard(a: frozenset[int], b: frozenset[int]) -> float:
    """Shared shingles over all, 0 to 1; 0 where both are empty."""
    shared = len(a & b)
    return share(shared, len(a) + len(b) - shared)


def share(part: int, whole: int) -> float:
    """A part of a whole; 0 of nothing."""
    return part / whole if whole else 0.0
