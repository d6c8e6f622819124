"""Who wrote an article: names of persons, without introductions, roles, agencies, addresses and the site itself.

What a publisher declares is believed more readily than what stands in the page: one word can be a name there, and any
script. Wrong is worse than empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from scraper.clean.bylines import Words, counted, has_role, is_name, names, natural, persons_apart, strip_by, trimmed
from scraper.clean.jsonld import text_of, types
from scraper.rules.phrases import fold

_MOST = 12
_MOST_WORDS = 6
_LONGEST_LIST = 300
_LONGEST = 60  # characters of a name
_NO_NAME = re.compile(r"[@/\\<>{}\[\]=#]|https?:|www\.|\d{2,}|\.(?:com|net|org|de|es)\b", re.IGNORECASE)
_APART = re.compile(r"\s*(?:[,;|•·/&]|\s[-–—]\s|\n)\s*|\s+(?:and|y|und|et|e|och|og|en|ed)\s+(?=[A-ZÀ-ÞŠŽČ])")
_SENTENCE = re.compile(r"(?<=[^\W\d_A-Z]{2})\.\s")  # "Ana Roldán. Lima": a place behind the name
_ASIDE = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")


def declared_authors(value: Any, vocabulary: Mapping[str, Words], site_names: Iterable[str]) -> tuple[str, ...]:
    """Names out of a JSON-LD `author` or the text of a meta element; organisations and the site itself left out."""
    own = {_squash(name) for name in site_names if name}
    found = [
        name
        for said in _said(value, 3)
        for name in _persons(said, vocabulary, own)
        if _squash(name) not in own and not _is_nobody(name, vocabulary)
    ]
    return tuple(dict.fromkeys(found))[:_MOST]


def labelled_authors(
    meta: Mapping[str, Sequence[str]], vocabulary: Mapping[str, Words], site_names: Iterable[str]
) -> tuple[str, ...]:
    """Names out of the labels that a page gives for its card (`twitter:label1` says `Written by`)."""
    for number in (1, 2):
        labels, data = meta.get(f"twitter:label{number}", ()), meta.get(f"twitter:data{number}", ())
        if data and any(fold(label.rstrip(":")) in vocabulary["by"] for label in labels):
            return shown_authors(data, vocabulary, site_names)
    return ()


def shown_authors(marked: Sequence[str], vocabulary: Mapping[str, Words], site_names: Iterable[str]) -> tuple[str, ...]:
    """Names out of elements that are marked as an author's: less believed than what the head declares.

    Beside a name there may be a role, a button, who updated it; where letters have cases, a name has its capitals.
    """
    found = declared_authors(list(marked), vocabulary, site_names)
    return tuple(name for name in found if not _is_cased(name) or (is_name(name) and not has_role(name, vocabulary)))


def _is_cased(name: str) -> bool:
    return name.upper() != name.lower()


def _said(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, list) and depth:
        for item in value[:_MOST]:
            yield from _said(item, depth - 1)
    elif isinstance(value, dict):
        kinds = types(value)
        if not kinds or "person" in kinds or not kinds & {"organization", "newsmediaorganization", "corporation"}:
            name = value.get("name")
            yield from _said(name, depth - 1) if isinstance(name, list) else [text_of(name)]
    elif isinstance(value, str):
        yield text_of(value)


def _persons(said: str, vocabulary: Mapping[str, Words], own: Set[str]) -> Iterator[str]:
    said = " ".join(_ASIDE.sub("", said).split())
    if not said or len(said) > _LONGEST_LIST or "://" in said:
        return
    rest = strip_by(said, vocabulary)
    for part in _parts(rest if rest is not None else said, vocabulary, own):
        name = trimmed(part, " .:,-–—|\u200b")
        inner = strip_by(name, vocabulary)
        name = (inner if inner is not None else name).strip()
        if _may_be_name(name) and not _is_changer(name, vocabulary):
            yield natural(name) if len(name.split()) > 1 else name


def _parts(said: str, vocabulary: Mapping[str, Words], own: Set[str]) -> Iterator[str]:
    at = 0
    for match in persons_apart(_APART, said, vocabulary, own):
        yield said[at : match.start()]
        at = match.end()
    yield said[at:]


def _is_changer(name: str, vocabulary: Mapping[str, Words]) -> bool:
    """Whether a text speaks of who changed the article: `Updated by Otto von Stein`."""
    words = fold(name)
    return any(words[:size] in vocabulary["updated"] for size in (1, 2) if len(words) > size)


def _may_be_name(text: str) -> bool:
    if not text or len(text) > _LONGEST or counted(text.split()) > _MOST_WORDS or _NO_NAME.search(text):
        return False
    return sum(map(str.isalpha, text)) >= 2


def _is_nobody(name: str, vocabulary: Mapping[str, Words]) -> bool:
    words = fold(name)
    nobody = (vocabulary["roles"], vocabulary["agencies"], vocabulary["sections"], _NOBODY)
    return not words or any(words in names for names in nobody)


_NOBODY = frozenset({("admin",), ("administrator",), ("editor",), ("staff",), ("guest",), ("null",), ("undefined",)})


def byline_authors(lines: Sequence[str], vocabulary: Mapping[str, Words]) -> tuple[str, ...]:
    """Names out of lines marked as bylines: the first that says `By` and names, or that is a name and nothing else."""
    for line in lines:
        rest = strip_by(line, vocabulary)
        if rest is None:
            continue
        name = _SENTENCE.split(rest)[0]
        found = names(name, vocabulary) or ((name,) if is_name(name) else ())
        if found:
            return found
    for line in lines:
        if strip_by(line, vocabulary) is None and is_name(line) and not _is_nobody(line, vocabulary):
            return names(line, vocabulary)
    return ()


def _squash(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
