"""The shape of lines: counts of kinds of characters, for all lines of a page at once.

Language-free: Unicode categories, not words. Scripts without spaces (Han, kana, Thai, Lao, Khmer, Burmese) count two
characters as a word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

HEAD, TAIL = 2000, 400  #: characters looked at from a line's beginning and end
TERMINATORS = ".!?…。！？؟।։።۔"
CLOSERS = "\"'”’»«)]}›』」】） \u00a0*"
_OPENERS = "\"'“‘«‹„¿¡([–—-「『"
_SEPARATORS = "|•·›»/→>"

LOWER, UPPER, LETTER, MARK, DIGIT, SPACE, PUNCTUATION, SYMBOL, UNSPACED = range(9)
_CLASSES = 9
_BY_CATEGORY = {"Ll": LOWER, "Lu": UPPER, "Lt": UPPER, "Cc": SPACE}
_BY_INITIAL = {"L": LETTER, "M": MARK, "N": DIGIT, "Z": SPACE, "P": PUNCTUATION, "S": SYMBOL, "C": SYMBOL}
_UNSPACED_RANGES = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x9FFF))

SHAPE_COLUMNS = (
    "chars",
    "words",
    "word_length",
    "upper",
    "capitalised",
    "digits",
    "punctuation",
    "symbols",
    "unspaced",
    "all_caps",
    "ends_sentence",
    "ends_colon",
    "ends_ellipsis",
    "sentences",
    "commas",
    "starts_upper",
    "starts_lower",
    "starts_digit",
    "starts_opener",
    "separators",
    "glued",
    "quotes",
    "brackets",
    "question",
    "exclamation",
    "at",
    "hash",
    "copyright",
    "url",
    "clock",
)


@cache
def _table() -> NDArray[np.int8]:
    """Class of every code point of the basic plane; the planes above are letters (CJK) or symbols (emoji)."""
    table = np.empty(0x10000, dtype=np.int8)
    for point in range(0x10000):
        category = unicodedata.category(chr(point))
        table[point] = _BY_CATEGORY.get(category, _BY_INITIAL[category[0]])
    for start, end in _UNSPACED_RANGES:
        part = table[start : end + 1]
        part[(part == LETTER) | (part == MARK)] = UNSPACED
    return table


def clip(line: str) -> str:
    """The part of a line that is looked at: its beginning and end. Line breaks inside (HTML blocks) become spaces."""
    short = line if len(line) <= HEAD + TAIL else line[:HEAD] + line[-TAIL:]
    return short.replace("\n", " ")


def shapes(lines: Sequence[str]) -> Matrix:
    """`SHAPE_COLUMNS` for each of the clipped, stripped lines: shape (len(lines), len(SHAPE_COLUMNS)), float32."""
    counts, starts, capitals, glued = _count(lines)
    chars = np.maximum(counts.sum(axis=1), 1.0)
    letters = np.maximum(counts[:, [LOWER, UPPER, LETTER, UNSPACED]].sum(axis=1), 1.0)
    words = starts + counts[:, UNSPACED] * 0.5
    spaced = np.maximum(words, 1.0)
    cased = counts[:, LOWER] + counts[:, UPPER]
    columns = [
        np.log1p(chars),
        np.log1p(words),
        np.minimum(letters / spaced, 30.0),
        counts[:, UPPER] / letters,
        capitals / spaced,
        counts[:, DIGIT] / chars,
        counts[:, PUNCTUATION] / chars,
        counts[:, SYMBOL] / chars,
        counts[:, UNSPACED] / letters,
        (cased > 2) & (counts[:, LOWER] == 0),
    ]
    marks = np.array([_marks(line) for line in lines], dtype=np.float32).reshape(len(lines), -1)
    marks[:, 3:5] /= spaced[:, None]
    ratio = np.stack([np.asarray(c, dtype=np.float32) for c in columns], axis=1)
    joints = np.minimum(glued, 20.0)[:, None]
    return np.concatenate([ratio, marks[:, :10], joints, marks[:, 10:]], axis=1).astype(np.float32)


def word_counts(matrix: Matrix) -> NDArray[np.float64]:
    """Words of each line, out of its shape."""
    return np.expm1(matrix[:, SHAPE_COLUMNS.index("words")].astype(np.float64))


def _count(lines: Sequence[str]) -> tuple[NDArray[np.float64], ...]:
    """Characters by class, word starts, capitalised word starts, and lower-to-upper joints, a line a row."""
    n = len(lines)
    joined = "\n".join(lines) + "\n"
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kinds = _table()[np.minimum(codes, 0xFFFF)].astype(np.int64)
    kinds[codes > 0xFFFF] = SYMBOL
    kinds[(codes >= 0x20000) & (codes < 0x40000)] = UNSPACED
    breaks = codes == 10
    row = np.cumsum(breaks) - breaks
    counts = np.bincount(row * _CLASSES + kinds, minlength=n * _CLASSES).reshape(n, _CLASSES).astype(np.float64)
    counts[:, SPACE] -= 1
    wordlike = (kinds <= DIGIT) & (kinds != UNSPACED)
    before = np.concatenate([[False], wordlike[:-1]])
    start = wordlike & ~before
    upper = kinds == UPPER
    lower_before = np.concatenate([[False], (kinds == LOWER)[:-1]])

    def per_line(flags: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.bincount(row[flags], minlength=n).astype(np.float64)

    return counts, per_line(start), per_line(start & upper), per_line(upper & lower_before)


def _marks(line: str) -> tuple[float, ...]:
    """What single characters tell: the line's end, its beginning, and signs within."""
    bare = line.rstrip(CLOSERS)
    last, first = bare[-1:], line[:1]
    inside = sum(map(bare.count, ".!?。！？؟।"))
    return (
        last != "" and last in TERMINATORS,
        last in (":", "："),
        bare.endswith(("...", "…")),
        min(inside, 50),
        min(line.count(",") + line.count("，") + line.count("、") + line.count("،"), 80),
        first.isupper(),
        first.islower(),
        first.isdigit(),
        first != "" and first in _OPENERS,
        min(sum(map(line.count, _SEPARATORS)), 20),
        min(sum(map(line.count, '"“”«»„')), 20),
        min(line.count("(") + line.count("["), 20),
        "?" in line or "？" in line or "؟" in line,
        "!" in line or "！" in line,
        "@" in line,
        "#" in line,
        "©" in line or "(c)" in line or "(C)" in line,
        "://" in line or "www." in line,
        _has_clock(line),
    )


def _has_clock(line: str) -> bool:
    """Whether an hour such as 9:05 or 21.30h is in the beginning of a line."""
    head = line[:200]
    at = head.find(":")
    while at > 0:
        if head[at - 1].isdigit() and head[at + 1 : at + 3].isdigit():
            return True
        at = head.find(":", at + 1)
    return False
