"""What a person types into the search box, as terms; whatever it is, it is a valid search.

Words must all stand in the title or text; `"several words"` is a phrase, `word*` a beginning. A word becomes a quoted
string of FTS5 (https://sqlite.org/fts5.html#fts5_strings), in which nothing is syntax. The index has no words for
scripts that put no space between them, nor for signs: such terms are looked for as they stand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

MAX_TERMS = 24
_TERM = re.compile(r'"([^"]*)(?:"(\*?)|$)|([^\s"]+)')
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
#: Han, kana, Thai, Lao, Khmer, Burmese.
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003ffff]"
)
_SNIPPET = 260  # characters


@dataclass(frozen=True, slots=True)
class Term:
    """One thing looked for; `literal` where the index has no words for it."""

    text: str
    prefix: bool = False
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """All that is looked for; `cut` where more was typed than is taken."""

    terms: tuple[Term, ...]
    cut: bool = False

    @property
    def match(self) -> str:
        """The FTS5 expression; empty where nothing is looked for in the index."""
        return " ".join(
            '"' + term.text.replace('"', '""') + '"' + "*" * term.prefix for term in self.terms if not term.literal
        )

    @property
    def literals(self) -> tuple[str, ...]:
        """What must stand in title or text as it is."""
        return tuple(term.text for term in self.terms if term.literal)

    @property
    def has_prefix(self) -> bool:
        """Whether a beginning is looked for: dear where it is common."""
        return any(term.prefix for term in self.terms)


def read(typed: str) -> Terms:
    """What was typed, as terms; signs of ASCII that stand alone are left out."""
    found = list(_terms(_CONTROL.sub(" ", typed)))
    return Terms(tuple(found[:MAX_TERMS]), len(found) > MAX_TERMS)


def _terms(typed: str) -> Iterator[Term]:
    for phrase, star, word in _TERM.findall(typed):
        text = phrase.strip() if phrase else word.rstrip("*")
        prefix = bool(star) if phrase else word.endswith("*")
        if not text or (text.isascii() and not _has_word(text)):
            continue
        literal = not _has_word(text) or _SPACELESS.search(text) is not None
        yield Term(text, prefix and not literal, literal)


def _has_word(text: str) -> bool:
    return any(character.isalnum() for character in text)


def like(literal: str) -> str:
    """A LIKE pattern (with ESCAPE '\\') for a text that stands anywhere."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", literal) + "%"


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c))
    return plain.lower()


def fold(text: str) -> tuple[str, list[int]]:
    """A text without accents and case, as the index reads it, and where each of its characters was before."""
    parts, places = [], []
    for place, character in enumerate(text):
        plain = _folded(character)
        parts.append(plain)
        places.extend([place] * len(plain))
    return "".join(parts), [*places, len(text)]


def _pattern(terms: Terms) -> re.Pattern[str] | None:
    kinds = []
    for term in terms.terms:
        if term.literal:
            kinds.append(re.escape(fold(term.text)[0]))
            continue
        tokens = re.findall(r"[^\W_]+", fold(term.text)[0])
        if tokens:
            end = "" if term.prefix else r"(?![^\W_])"
            kinds.append(r"(?<![^\W_])" + r"[\W_]+".join(map(re.escape, tokens)) + end)
    return re.compile("|".join(kinds)) if kinds else None


def marked(text: str, terms: Terms) -> Markup:
    """A text with what was looked for marked; all of it escaped."""
    pattern = _pattern(terms)
    spans = [] if pattern is None else _spans(text, pattern)
    out, at = Markup(), 0
    for start, end in spans:
        out += Markup("{}<mark>{}</mark>").format(text[at:start], text[start:end])
        at = end
    return out + text[at:]


def _spans(text: str, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    folded, places = fold(text)
    found = [(places[match.start()], places[match.end() - 1] + 1) for match in pattern.finditer(folded) if match[0]]
    spans: list[tuple[int, int]] = []
    for start, end in found:
        if not spans or start >= spans[-1][1]:
            spans.append((start, end))
    return spans


def snippet(text: str, terms: Terms) -> Markup:
    """The part of a text around the first place of what was looked for, that marked; else its beginning."""
    pattern = _pattern(terms)
    first = _spans(text, pattern)[:1] if pattern else []
    start = max(0, first[0][0] - _SNIPPET // 3) if first else 0
    if start:
        space = text.find(" ", start, first[0][0])
        start = start if space < 0 else space + 1
    end = min(len(text), start + _SNIPPET)
    if end < len(text):
        space = text.rfind(" ", start + _SNIPPET // 2, end)
        end = end if space < 0 else space
    part = marked(text[start:end].replace("\n", " "), terms)
    return (Markup("… ") if start else Markup()) + part + ("" if end == len(text) else " …")
