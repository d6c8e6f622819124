"""What a person types as a search, as terms; whatever it is, it is a valid search. Pages and exports share it.

Words must all stand in the title or text; `"several words"` is a phrase, `word*` a beginning. A word becomes a quoted
string of FTS5 (https://sqlite.org/fts5.html#fts5_strings), in which nothing is syntax. The index has no words for
scripts that put no space between them, nor for signs: such terms are looked for as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_TERMS = 24
_TERM = re.compile(r'"([^"]*)(?:"(\*?)|$)|([^\s"]+)')
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
#: Han, kana, Thai, Lao, Khmer, Burmese.
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003ffff]"
)


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
