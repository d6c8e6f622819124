"""What class names hint at: the words of `rules/hints.toml`, by their beginnings, and a bit a group."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archive.errors import RuleError

SHIPPED = Path(__file__).parent / "hints.toml"

_ATTRIBUTES = ("class", "id", "role", "itemprop", "data-component", "data-testid")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PART = re.compile(r"(?<![a-z])[a-z][a-z0-9]")
_BEGINNING = 2  # characters of a word by which it is looked up
_LONGEST = 300  # characters of names that are looked at


@dataclass(frozen=True, slots=True)
class Hints:
    """Groups of words in class names; `names[i]` is the group of bit `i`."""

    names: tuple[str, ...]
    digest: str
    words: Mapping[str, Sequence[tuple[str, int]]] = field(repr=False)  #: by beginning: words and bits, in order
    bits: Mapping[str, int] = field(repr=False)

    def of(self, attributes: Mapping[str, str | None], seen: dict[str, int]) -> int:
        """The groups an element's names belong to, as bits; 0 for none. `seen` remembers a page's names."""
        if not attributes:
            return 0
        named = " ".join(value for key in _ATTRIBUTES if (value := attributes.get(key)))[:_LONGEST]
        found = seen.get(named)
        if found is None:
            found = seen[named] = self.of_name(named)
        return found | self._hidden(attributes)

    def of_name(self, name: str) -> int:
        """The groups of one string of names."""
        plain = _CAMEL.sub("-", name).lower().replace("_", "-")
        found = end = 0
        for match in _PART.finditer(plain):
            at = match.start()
            if at >= end:  # a word may go on over several parts
                for word, bit in self.words.get(match[0], ()):
                    if plain.startswith(word, at):
                        found |= bit
                        end = at + len(word)
                        break
        return found

    def _hidden(self, attributes: Mapping[str, str | None]) -> int:
        style = attributes.get("style")
        if "hidden" in attributes or attributes.get("aria-hidden") == "true":
            return self.bits["hidden"]
        if style and "display:none" in style.replace(" ", "").lower():
            return self.bits["hidden"]
        return 0


def load_hints(path: Path = SHIPPED) -> Hints:
    """Read the groups; RuleError where the file is no table of lists of words."""
    try:
        raw = path.read_bytes()
        groups = tomllib.loads(raw.decode("utf-8"))
        bits = {name: 1 << number for number, name in enumerate(groups)}
        words = _by_beginning(groups, bits)
        return Hints(tuple(groups), hashlib.sha256(raw).hexdigest(), words, {"hidden": 0} | bits)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, AttributeError) as error:
        raise RuleError(f"{path}: hints are lists of words by group: {error}") from error


def _longest_first(words: list[str]) -> list[str]:
    return sorted(words, key=lambda word: (-len(word), word))


def _by_beginning(groups: Mapping[str, list[str]], bits: Mapping[str, int]) -> dict[str, list[tuple[str, int]]]:
    words: dict[str, list[tuple[str, int]]] = {}
    for name, group in groups.items():
        for word in _longest_first(group):
            if not _PART.match(word):
                raise TypeError(f"{word!r} does not begin with a small letter and another or a digit")
            words.setdefault(word[:_BEGINNING], []).append((word, bits[name]))
    return words
