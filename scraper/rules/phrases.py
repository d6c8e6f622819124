"""Words as rules compare them: without case, accents, punctuation and the digits' values.

`LEER MÁS »`, `Leer más` and `leer mas...` are one phrase; `hace 5 minutos` and `hace 12 minutos` are too, since a run
of digits reads `#`. A colon between a word and what follows it stays (`Foto: ...`) for phrases that begin a line or
stand within it: it tells a label from a word of the sentence. A phrase is looked up by its first or last word, so that
hundreds of phrases cost a dictionary look-up a line, and no regular expression can run away.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
Place = Literal["is", "starts", "ends", "has"]
PLACES: tuple[Place, ...] = ("is", "starts", "ends", "has")

#: A colon may stand apart from its word, as in French.
_WORD = re.compile(r"\d+|[^\W\d_]+|(?:(?<=[^\W\d_])|(?<=[^\W\d_]\s)):(?=\s+\S)")
_ACCENT = re.compile("[\u0300-\u036f]+")


def fold_phrase(text: str) -> tuple[str, ...]:
    """The words of a rule's phrase, in which `#` stands for any number and a colon at the end for a colon."""
    words = fold(text.replace("#", "0"))
    return (*words, ":") if text.endswith(":") and words else words


def fold(text: str) -> tuple[str, ...]:
    """The words of a text, folded; a run of digits is `#`."""
    lower = text.casefold()
    if not lower.isascii():
        lower = _ACCENT.sub("", unicodedata.normalize("NFKD", lower))
    return tuple("#" if word[0].isdigit() else word for word in _WORD.findall(lower))


@dataclass(frozen=True, slots=True)
class Phrase:
    """Folded words, the place in the line where they must stand, and the most words such a line may have."""

    words: tuple[str, ...]
    place: Place
    max_words: int

    def fits(self, line: tuple[str, ...]) -> bool:
        """Whether a folded line has the phrase in its place."""
        size = len(self.words)
        if not size <= len(line) <= self.max_words:
            return False
        if self.place != "starts" and ":" in line and ":" not in self.words:
            line = _without_colons(line)
        if self.place == "is":
            return line == self.words
        if self.place == "starts":
            return line[:size] == self.words
        if self.place == "ends":
            return line[-size:] == self.words
        return any(line[i : i + size] == self.words for i in range(len(line) - size + 1))


def _without_colons(line: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in line if word != ":")


class PhraseIndex(Generic[T]):
    """Phrases with what they stand for, found by a line's words in time linear in the line."""

    def __init__(self, entries: Iterable[tuple[Phrase, T]]) -> None:
        self.max_words = 0
        self._whole: dict[tuple[str, ...], list[T]] = {}
        self._begin: dict[str, list[tuple[Phrase, T]]] = {}
        self._end: dict[str, list[tuple[Phrase, T]]] = {}
        self._within: dict[str, list[tuple[Phrase, T]]] = {}
        self._labels: dict[str, list[tuple[Phrase, T]]] = {}
        for phrase, value in entries:
            self.max_words = max(self.max_words, phrase.max_words)
            if phrase.place == "is":
                self._whole.setdefault(phrase.words, []).append(value)
            elif phrase.place == "starts":
                self._begin.setdefault(phrase.words[0], []).append((phrase, value))
            elif phrase.place == "ends":
                self._end.setdefault(phrase.words[-1], []).append((phrase, value))
            else:
                within = self._labels if ":" in phrase.words else self._within
                within.setdefault(phrase.words[0], []).append((phrase, value))

    def find(self, line: tuple[str, ...]) -> Iterator[T]:
        """What the phrases in a folded line stand for; whole lines first, then beginnings, ends and middles."""
        if not line or len(line) > self.max_words:
            return
        bare = _without_colons(line) if ":" in line else line
        yield from self._whole.get(bare, ())
        for phrase, value in self._begin.get(line[0], ()):
            if phrase.fits(line):
                yield value
        for phrase, value in self._end.get(bare[-1], ()):
            if phrase.fits(bare):
                yield value
        yield from _inside(bare, self._within)
        if bare is not line:
            yield from _inside(line, self._labels)


def _inside(line: tuple[str, ...], phrases: dict[str, list[tuple[Phrase, T]]]) -> Iterator[T]:
    """What the phrases stand for that a line has anywhere; they are given by their first word."""
    for i, word in enumerate(line):
        for phrase, value in phrases.get(word, ()):
            if len(line) <= phrase.max_words and line[i : i + len(phrase.words)] == phrase.words:
                yield value
