"""Names of authors out of a byline: `Por Ana de la Cruz y Otto von Stein, corresponsales` gives two names.

What stays is what looks like a person's name; a role, an agency, a place or a date never becomes an author, and a line
that holds anything else is no byline at all: wrong is worse than empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set

from scraper.rules.phrases import fold

Words = frozenset[tuple[str, ...]]

_LONGEST = 240  # characters of a byline
_MOST_AUTHORS = 12
_MOST_WORDS = 6  # words of one name, particles apart
_PARTS, _MOST_PARTS = re.compile(r"[|•·]"), 3  # of a line that names its author between place and date
_MOST_LONE = 3  # words of a name that no word introduces, particles apart
_JOINED = re.compile(r"[a-zß-öø-ÿ]{4}[A-ZÀ-ÖØ-Þ]")  # "KleinRedakteur": two words that lost what parted them
_ASIDE_WORDS = 8  # words beside a name from which a line speaks of the person
_CUT = re.compile(r"\s*(?:[|•·;]|\s[-–—]\s|\d|\(|\s(?:[Ff]or|para|avec|with|con|per|für|in|en|im|at|à)\s)")
_BETWEEN = re.compile(r"\s*(?:,|&|\+|/)\s*|\s+(?:y|e|i|and|und|et|og|och|en|ed|a)\s+")
_NAME_WORD = re.compile(r"^[^\W\d_][^\W\d_'’.\-]*(?:['’.\-][^\W\d_'’.\-]*)*\.?$")
_SURNAMES = re.compile(r"\s+(?:y|i|e)\s+")  # what joins two surnames of one person in Spanish, Catalan, Portuguese
_JOINT = re.compile(r"(?<=[^\W\d_A-ZÀ-Þ])(?=[A-ZÀ-Þ])")  # a small letter right before a capital one
#: Words inside names that are written small.
_PARTICLES = frozenset(
    [
        "de",
        "del",
        "della",
        "delle",
        "di",
        "da",
        "do",
        "das",
        "dos",
        "du",
        "des",
        "der",
        "den",
        "van",
        "von",
        "vom",
        "zu",
        "zur",
        "y",
        "e",
        "i",
        "la",
        "las",
        "los",
        "le",
        "el",
        "al",
        "ap",
        "af",
        "bin",
        "ibn",
        "ben",
        "st",
        "of",
    ]
)

_ARTICLES = frozenset({("la",), ("el",), ("los",), ("las",), ("the",), ("le",), ("les",), ("die",), ("das",), ("il",)})


def strip_by(line: str, vocabulary: Mapping[str, Words]) -> str | None:
    """What follows the words that introduce an author, or None where none do."""
    words = _unglued(line[:_LONGEST], vocabulary).split()
    for size in (3, 2, 1):
        if len(words) > size and fold(" ".join(words[:size]).rstrip(":")) in vocabulary["by"]:
            return " ".join(words[size:])
    return None


def names(text: str, vocabulary: Mapping[str, Words]) -> tuple[str, ...]:
    """The persons named in a byline without its introduction; empty where a part cannot be a name."""
    whole = _unglued(trimmed(text[:_LONGEST], " .:,-–—|"), vocabulary)
    head = _undated(_CUT.split(whole, maxsplit=1)[0], vocabulary)
    out: list[str] = []
    for part in _persons(head, vocabulary):
        name = trimmed(part, " .:,@")
        folded = fold(name)
        if not folded or folded in vocabulary["roles"] or folded in vocabulary["agencies"]:
            continue
        if not is_name(name) or has_role(name, vocabulary):
            if out:
                break  # "Ana Roldán, enviada especial a Lima": names first, then what they do
            return ()
        out.append(natural(name))
    return tuple(dict.fromkeys(out))[:_MOST_AUTHORS]


def trimmed(text: str, marks: str) -> str:
    """A name without what stands around it; the dot of an initial at its end stays (`Daniela Cerdas E.`)."""
    whole = " ".join(text.split()).lstrip(marks)
    name = whole.rstrip(marks)
    initial = len(name) > 2 and name[-2] == " " and name[-1].isupper()
    return name + "." if initial and whole[len(name) :].startswith(".") else name


def _unglued(line: str, vocabulary: Mapping[str, Words]) -> str:
    """`ByAna RoldánPublished` with the spaces that the page's layout stood for."""
    stamps = vocabulary["published"] | vocabulary["updated"] | vocabulary["months"] | vocabulary["roles"]
    words = []
    for word in line.split():
        first, *rest = _JOINT.split(word, maxsplit=1)
        glued = rest and (fold(first) in vocabulary["by"] or fold(rest[0].rstrip(":.")) in stamps)
        words.append(f"{first} {rest[0]}" if glued else word)
    return " ".join(words)


def _undated(head: str, vocabulary: Mapping[str, Words]) -> str:
    """`Ana Roldán Publicado Jul` without what begins a date line, `Ana Roldán December` without the month."""
    words = head.split()
    stamps = vocabulary["published"] | vocabulary["updated"]
    stamped = (i for i, w in enumerate(words) if w not in _PARTICLES and fold(w.rstrip(":")) in stamps)
    end = next(stamped, len(words))
    while end > 2 and fold(words[end - 1]) in vocabulary["months"]:
        end -= 1
    return " ".join(words[:end])


def _persons(head: str, vocabulary: Mapping[str, Words]) -> list[str]:
    """The parts of an enumeration: a comma behind the last `and` begins what is no person, an agency or a place."""
    parts: list[str] = []
    at = 0
    closing = False
    for match in persons_apart(_BETWEEN, head, vocabulary):
        parts.append(head[at : match.start()])
        comma = "," in match.group()
        if closing and comma:
            return parts
        closing = closing or not comma
        at = match.end()
    return [*parts, head[at:]]


def persons_apart(
    between: re.Pattern[str], text: str, vocabulary: Mapping[str, Words], own: Set[str] = frozenset()
) -> list[re.Match[str]]:
    """Where `between` parts two persons: not within `Luis Paz y Sanz`, who has two surnames.

    A person has a given name and a surname. One word alone behind `y` is nobody's name beside a whole one, but the
    second surname of it; unless it is a role, an agency, letters that stand for one, or what the site calls its `own`.
    """
    found = list(between.finditer(text))
    begins = [0, *(match.end() for match in found)]
    ends = [*(match.start() for match in found), len(text)]
    parts = [text[begin:end].strip(" .:") for begin, end in zip(begins, ends, strict=True)]
    return [
        match
        for match, before, after in zip(found, parts, parts[1:], strict=False)
        if after.casefold() in own
        or not (_SURNAMES.fullmatch(match.group()) and is_name(before) and _is_surname(after, before, vocabulary))
    ]


def _is_surname(word: str, before: str, vocabulary: Mapping[str, Words]) -> bool:
    folded = fold(word)
    known = any(folded in vocabulary[kind] for kind in ("roles", "agencies", "sections", "published", "updated"))
    capital = word[:1].isupper() and (not word.isupper() or before.isupper())
    return len(folded) == 1 and not known and capital and bool(_NAME_WORD.match(word))


def is_name(text: str) -> bool:
    """Whether a text looks like one person's name: two to six words with capitals, small ones only as particles."""
    words = text.split()
    if not len(words) >= 2 or counted(words) > _MOST_WORDS or len(text) > 60:
        return False
    if not all(_NAME_WORD.match(word) for word in words):
        return False
    if fold(words[0]) in _ARTICLES or words[-1].islower() or sum(word[0].isupper() for word in words) < 2:
        return False
    return all(word[0].isupper() or word.lower() in _PARTICLES for word in words)


def counted(words: Sequence[str]) -> int:
    """How many words of a name count: `María del Carmen de la Vega` has three."""
    return sum(word not in _PARTICLES for word in words)


def has_role(name: str, vocabulary: Mapping[str, Words]) -> bool:
    """`Money Reporter`, `Ana Roldán Globe Correspondent`: where a name ends and a role begins, nobody says."""
    words = name.split()
    return any(fold(" ".join(words[-size:])) in vocabulary["roles"] for size in range(1, len(words)))


def natural(name: str) -> str:
    """`ANA ROLDÁN` as `Ana Roldán`; any other writing stays."""
    if not name.isupper():
        return name
    return " ".join(w.lower() if w.lower() in _PARTICLES and i else w.title() for i, w in enumerate(name.split()))


def find_byline(lines: Sequence[str], vocabulary: Mapping[str, Words]) -> tuple[int, tuple[str, ...]] | None:
    """The first line that introduces authors (`By ...`), and their names."""
    for number, line in enumerate(lines):
        rest = strip_by(line, vocabulary)
        if rest is None or len(line) > _LONGEST:
            continue
        found = names(rest, vocabulary)
        if found:
            return number, found
    return None


def lone_name(
    lines: Sequence[str], page: Sequence[str], vocabulary: Mapping[str, Words]
) -> tuple[int, tuple[str, ...]] | None:
    """The one line that is a person's name and nothing else: an author, unless the rest of the page speaks of them.

    `lines` stand between headline and text, `page` is all of it. Two such names are a list of something, and none is
    taken; a person whom other lines mention may be the one whom the article is about. Buttons and headings are written
    like names in some languages: their words stand in small letters elsewhere on the page.
    """
    small = {word for line in page for word in line.split() if word.islower()}
    found: dict[tuple[str, ...], tuple[int, tuple[str, ...]]] = {}
    for number, line in enumerate(lines):
        parts = [part.strip() for part in _PARTS.split(line)]
        named = [part for part in parts if _is_lone(part, small, vocabulary)]
        if len(named) == 1 and len(parts) <= _MOST_PARTS and (author := names(named[0], vocabulary)):
            found.setdefault(fold(named[0]), (number, author))
    if len(found) != 1:
        return None
    (said, answer), *_ = found.items()
    own = " ".join(said)
    others = (words for words in map(fold, page) if len(words) > len(said) + _ASIDE_WORDS)
    return None if any(own in " ".join(words) for words in others) else answer


def _is_lone(text: str, small: Set[str], vocabulary: Mapping[str, Words]) -> bool:
    """Whether a text is so surely a name that it needs no `by`: two or three words that are nothing but names."""
    words = [word for word in text.split() if word.lower() not in _PARTICLES]
    if not is_name(text) or not 2 <= len(words) <= _MOST_LONE or len({word.casefold() for word in words}) < len(words):
        return False
    if fold(text) in vocabulary["sections"] or any(fold(word) in vocabulary["agencies"] for word in words):
        return False
    return not any(word.casefold() in small or _JOINED.search(word) for word in words)
