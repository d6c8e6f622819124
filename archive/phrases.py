"""The phrases behind the classes of revisions: read from `revisions.toml`, compared without case and accents."""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from importlib.resources import files
from typing import Self

from archive import shingles

LANGUAGES = ("es", "en", "pt", "fr", "de", "it")
_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_PARTS = re.compile(r"[|:–—·•()\[\]]|\s-\s|\.\s")
_CLOSES = re.compile(r"\s*(?:[:.\-–—(\[|/]|$)")


def plain(text: str) -> str:
    """Words without case and accents, a space around each: `" fe de errores "` is looked for in it."""
    return f" {' '.join(plain_words(text))} "


def plain_words(text: str) -> list[str]:
    """The words of a text without case and accents."""
    return shingles.words(bare(text))


def bare(text: str) -> str:
    """A text without case, accents and width: NFKD, combining accents dropped, case folded."""
    decomposed = unicodedata.normalize("NFKD", text[: shingles.LONGEST])
    return _ACCENTS.sub("", decomposed).casefold()


@dataclass(frozen=True, slots=True)
class Phrases:
    """What newsrooms write: each phrase as `plain` gives it."""

    corrected: tuple[str, ...]
    opens_correction: re.Pattern[str]
    live: tuple[str, ...]
    live_parts: frozenset[str]
    wall: tuple[str, ...]
    error: tuple[str, ...]
    openers: frozenset[str]

    @classmethod
    @functools.cache
    def shipped(cls) -> Self:
        """The phrases of `revisions.toml`; read once."""
        table = tomllib.loads(files("archive").joinpath("revisions.toml").read_text("utf-8"))
        corrections = [table[language]["corrections"] for language in LANGUAGES]
        opening = sorted({plain(phrase).strip() for one in corrections for phrase in one["opening"]}, key=len)
        return cls(
            corrected=tuple(plain(phrase) for one in corrections for phrase in one["anywhere"]),
            opens_correction=re.compile(rf"\W*({'|'.join(map(re.escape, reversed(opening)))})\b(.*)", re.DOTALL),
            live=tuple(map(plain, table["live"]["anywhere"])),
            live_parts=frozenset(map(plain, table["live"]["part"])),
            wall=tuple(map(plain, table["wall"]["phrases"])),
            error=tuple(map(plain, table["error"]["phrases"])),
            openers=frozenset(bare(word) for word in table["openers"]["words"]).union(*map(str.split, opening)),
        )

    def corrections(self, title: str, text: str) -> list[str]:
        """The marks of a correction in a title and a text, as often as they stand there."""
        words = plain(text)
        found = [phrase.strip() for phrase in self.corrected for _ in range(words.count(phrase))]
        for line in (title, *text.split("\n")):
            match = self.opens_correction.match(bare(line[:200]))
            if match and _CLOSES.match(match[2]):
                found.append(match[1])
        return sorted(found)

    def says_live(self, title: str) -> str | None:
        """The phrase by which a title says that its page runs live; None where it does not."""
        parts = (plain(part) for part in _PARTS.split(title))
        return first(self.live, plain(title)) or next((part.strip() for part in parts if part in self.live_parts), None)


def first(phrases: tuple[str, ...], words: str) -> str | None:
    """The first of some phrases that stands in `plain` words; None where none does."""
    return next((phrase.strip() for phrase in phrases if phrase in words), None)
