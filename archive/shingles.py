"""What two texts are compared by: words, sets of word 3-grams, sampled keys that find candidates, numbers.

Pure and the same on every machine: a word's hash is BLAKE2b (RFC 7693), never Python's `hash`, which differs between
processes; a run's is mixed from those of its words, which costs a third of hashing every run. Shingling and containment
follow Broder, "On the resemblance and containment of documents" (1997), the choice of keys Schleimer, Wilkerson and
Aiken, "Winnowing: local algorithms for document fingerprinting" (2003): the smallest hash of every window. Against one
in sixteen by its low bits and the six smallest it needs as many keys, finds passages of 50 to 120 words more surely
(missed: 0.1 % against 0.5 %) and half as many strangers, because keys lie evenly over a text. Any change here is a new
`SHINGLING` number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

SHINGLING = 2

#: 64 bits each: of words, or of runs of words.
Hashes = NDArray[np.uint64]

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
_ORDER = np.uint64(0x9E3779B97F4A7C15)  # odd: so that a run is not the same run backwards
_STEPS = ((np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)), (np.uint64(27), np.uint64(0x94D049BB133111EB)))
_LAST = np.uint64(31)


def fold(text: str) -> str:
    """NFKC and case folding; accents stay ("papa" is not "papá"). Only the first `LONGEST` characters."""
    return unicodedata.normalize("NFKC", text[:LONGEST]).casefold()


def words(text: str) -> list[str]:
    """The words of a folded text, without punctuation; in Han, Kana, Thai and the like a word a character."""
    return _WORD.findall(text)


def numbers(text: str) -> frozenset[str]:
    """The numbers of a folded text, without their separators: `1.250,5` and `1,250.5` are one."""
    return frozenset(number.translate(_SEPARATORS) for number in _NUMBER.findall(text))


def hashes(sequence: Sequence[str]) -> Hashes:
    """The hash of each word, in order."""
    known = {word: _hash(word) for word in set(sequence)}
    return np.fromiter((known[word] for word in sequence), dtype=np.uint64, count=len(sequence))


def runs(hashed: Hashes, size: int) -> Hashes:
    """The hashes of all runs of `size` words, in order, from those of the words; empty where there are fewer."""
    left = max(0, len(hashed) - size + 1)
    run = np.zeros(left, dtype=np.uint64)
    for at in range(size):
        run = _mixed(run * _ORDER + hashed[at : at + left])
    return run


def _mixed(value: Hashes) -> Hashes:
    """Each bit depends on all: the end of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
    generators", 2014)."""
    for shift, factor in _STEPS:
        value = (value ^ (value >> shift)) * factor
    return value ^ (value >> _LAST)


def shingles(hashed: Hashes) -> frozenset[int]:
    """The shingles two texts are compared by, from the hashes of their words."""
    return frozenset(runs(hashed, COMPARED).tolist())


def keys(hashed: Hashes) -> frozenset[int]:
    """The keys a text is looked up by, from the hashes of its words: the top 32 bits of a run's hash, signed, which
    SQLite stores in four bytes.

    Strangers meet by chance in a key of so few bits, 0.2 a text among a million; what is found is compared anyway.
    """
    looked_up = runs(hashed, LOOKED_UP)
    smallest = np.unique(looked_up)[:SMALLEST]
    windows = len(looked_up) - WINDOW + 1
    if windows <= 0:
        return frozenset(map(key, smallest.tolist()))
    least = looked_up[:windows]
    for at in range(1, WINDOW):
        least = np.minimum(least, looked_up[at : at + windows])
    return frozenset(map(key, {*least.tolist(), *smallest.tolist()}))


def key(value: int) -> int:
    """The key of a looked-up shingle."""
    return (value >> 32) - (1 << 31)


def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "backslashreplace"), digest_size=8).digest(), "big")


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
