"""Words as rules compare them: without case, accents, punctuation and the digits' values.

`LEER MÁS »`, `Leer más` and `leer mas...` are one phrase; `hace 5 minutos` and `hace 12 minutos` are too, since a run
of digits reads `#`. A colon between a word and what follows it stays (`Foto: ...`), for words that may also begin a
sentence. A phrase is looked up by its first or last word, so that hundreds of phrases cost a dictionary
look-up a line, and no regular expression can run away.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
Place = Literal["is", "starts", "ends", "has"]
PLACES: tuple[Place, ...] = ("is", "starts", "ends", "has")

_WORD = re.compile(r"\d+|[^\W\d_]+|(?<=[^\W\d_]):(?=\s+\S)")
_BY_LAST: frozenset[Place] = frozenset({"ends"})


def fold_phrase(text: str) -> tuple[str, ...]:
    """The words of a rule's phrase, in which `#` stands for any number and a colon at the end for a colon."""
    words = fold(text.replace("#", "0"))
    return (*words, ":") if text.endswith(":") and words else words


def fold(text: str) -> tuple[str, ...]:
    """The words of a text, folded; a run of digits is `#`."""
    lower = text.casefold()
    if not lower.isascii():
        lower = "".join(c for c in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(c))
    return tuple("#" if word[0].isdigit() else word for word in _WORD.findall(lower))


@dataclass(frozen=True, slots=True)
class Phrase:
    """Folded words, the place in the line where they must stand, and the most words such a line may have."""

    words: tuple[str, ...]
    place: Place
    max_words: int

    def fits(self, line: Sequence[str]) -> bool:
        """Whether a folded line has the phrase in its place."""
        size = len(self.words)
        if not size <= len(line) <= self.max_words:
            return False
        if self.place != "starts" and ":" in line:
            line = _without_colons(line)
        if self.place == "is":
            return len(line) == size and tuple(line) == self.words
        if self.place == "starts":
            return tuple(line[:size]) == self.words
        if self.place == "ends":
            return tuple(line[-size:]) == self.words
        return any(tuple(line[i : i + size]) == self.words for i in range(len(line) - size + 1))


def _without_colons(line: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in line if word != ":")


class PhraseIndex(Generic[T]):
    """Phrases with what they stand for, found by a line's words in time linear in the line."""

    def __init__(self, entries: Iterable[tuple[Phrase, T]]) -> None:
        tables: dict[Place, dict[str, list[tuple[Phrase, T]]]] = {place: {} for place in PLACES}
        self.max_words = 0
        for phrase, value in entries:
            key = phrase.words[-1 if phrase.place in _BY_LAST else 0]
            tables[phrase.place].setdefault(key, []).append((phrase, value))
            self.max_words = max(self.max_words, phrase.max_words)
        self._tables: Mapping[Place, Mapping[str, list[tuple[Phrase, T]]]] = tables

    def find(self, line: Sequence[str]) -> Iterator[T]:
        """What the phrases in a folded line stand for; whole lines first, then beginnings, ends and middles."""
        if not line or len(line) > self.max_words:
            return
        for place in PLACES:
            table = self._tables[place]
            keys: Sequence[str] = line if place == "has" else line[-1:] if place in _BY_LAST else line[:1]
            for key in dict.fromkeys(keys):
                for phrase, value in table.get(key, ()):
                    if phrase.fits(line):
                        yield value
