"""What was looked for, marked where it stands: snippets and highlights, accents and case folded as the index does."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from markupsafe import Markup

from archive.terms import Terms

_SNIPPET = 260  # characters


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
    return (Markup("…\u00a0") if start else Markup()) + part + ("" if end == len(text) else "\u00a0…")
