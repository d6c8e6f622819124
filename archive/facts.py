"""The facts that differ between two texts: numbers and names, which a reader of corrections looks for first."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from archive.phrases import bare
from archive.shingles import LONGEST

_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_NAME = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Facts:
    """Numbers and names that are in one text and not in the other, sorted. A name is a capitalised word."""

    numbers_before: tuple[str, ...] = ()
    numbers_after: tuple[str, ...] = ()
    names_before: tuple[str, ...] = ()
    names_after: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any((self.numbers_before, self.numbers_after, self.names_before, self.names_after))

    def __str__(self) -> str:
        told = (
            _told("number", self.numbers_before, self.numbers_after),
            _told("name", self.names_before, self.names_after),
        )
        return "; ".join(part for part in told if part)


def facts_changed(before: str, after: str, openers: frozenset[str]) -> Facts:
    """What two texts do not share. `openers`: words, `bare`, that are no names where they open a sentence.

    Numbers count as they are written and as often, without NFKC: 10² is not 102. Names are known by their capital, so
    that scripts without capitals have none, and in German every noun is one.
    """
    one, other = (unicodedata.normalize("NFC", text[:LONGEST]) for text in (before, after))
    was, now = Counter(_NUMBER.findall(one)), Counter(_NUMBER.findall(other))
    words_one, words_other = ({word.casefold() for word in _NAME.findall(text)} for text in (one, other))
    gone = _names(one, openers) - words_other
    come = _names(other, openers) - words_one
    return Facts(_sorted(was - now), _sorted(now - was), tuple(sorted(gone)), tuple(sorted(come)))


def _names(text: str, openers: frozenset[str]) -> set[str]:
    """Capitalised words, case folded, that do not stand in the text in small letters and open no sentence by habit."""
    found = _NAME.findall(text)
    small = {word for word in found if word[0].islower()}
    names = {word.casefold() for word in found if word[0].isupper()}
    return {name for name in names if name not in small and bare(name) not in openers}


def _sorted(counted: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(counted))


def _told(what: str, before: Sequence[str], after: Sequence[str]) -> str:
    if not before and not after:
        return ""
    names = f"{what}s" if max(len(before), len(after)) > 1 else what
    if before and after:
        return f"{names} {_few(before)} became {_few(after)}"
    return f"{names} gone: {_few(before)}" if before else f"new {names}: {_few(after)}"


def _few(items: Sequence[str]) -> str:
    """At most four, so that a reason stays one line."""
    return ", ".join(items[:4]) + (f" and {len(items) - 4} more" if len(items) > 4 else "")
