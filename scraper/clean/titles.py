"""The title of an article, without the site's name glued on: where headings and head agree with each other."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
_SEPARATOR = re.compile(r"\s+[|\-–—•·:»«/~]{1,3}\s+|\s*[|｜ㅣ│]\s*")
_MAX_TITLE = 400  # characters; longer is a paragraph
_AGREE = 0.6  # share of words two sayings of one title have in common


@dataclass(frozen=True, slots=True)
class Saying:
    """One statement of the title, and who made it."""

    text: str
    source: str


def choose_title(headings: Sequence[str], sayings: Sequence[Saying], site_names: Iterable[str]) -> Saying | None:
    """The title, or None where nothing says it.

    `headings` are the page's `h1` in order, `sayings` what the head says, the most trusted first. A heading that the
    head agrees with wins: it is what the reader saw, and carries no site name. A heading alone is believed where it
    is the only one and long enough; else the head is, with the site's name taken off.
    """
    names = frozenset(filter(None, map(_squash, site_names)))
    heads = [h for h in map(_tidy, headings) if h and len(h) <= _MAX_TITLE and _squash(h) not in names]
    clean = [Saying(_without_site(_tidy(s.text), names, heads), s.source) for s in sayings if s.text.strip()]
    clean = [s for s in clean if s.text and _squash(s.text) not in names]
    agreed = max(heads, key=lambda h: _agreement(h, clean), default="")
    if agreed and _agreement(agreed, clean) >= _AGREE:
        return Saying(_trimmed(agreed, clean, names), "html")
    if len(heads) == 1 and len(_words(heads[0])) >= (4 if clean else 1):
        return Saying(_without_site(heads[0], names, ()), "html")
    if clean:
        return clean[0]
    return Saying(heads[0], "html") if heads else None


def _tidy(text: str) -> str:
    return " ".join(html.unescape(text).replace("\u200b", "").replace("\u00ad", "").split())


def _agreement(heading: str, sayings: Sequence[Saying]) -> float:
    """How far a heading is said elsewhere: 1 and more for a heading that stands in a statement word for word."""
    own = _words(heading)
    if not own:
        return 0.0
    best = 0.0
    for saying in sayings:
        other = _words(saying.text)
        common = len(set(own) & set(other))
        share = common / max(1, len(set(own) | set(other)))
        if len(own) >= 2 and f" {' '.join(own)} " in f" {' '.join(other)} ":
            share = max(share, 0.6 + 0.4 * len(own) / len(other) if len(own) >= 3 else share)
        elif len(other) >= 4 and f" {' '.join(other)} " in f" {' '.join(own)} ":
            share = max(share, _AGREE)
        best = max(best, share)
    return best


def _trimmed(heading: str, sayings: Sequence[Saying], names: frozenset[str]) -> str:
    """A heading without a section's, column's or site's name that a statement of the title leaves out."""
    own = _words(heading)
    for saying in sayings:
        other = _words(saying.text)
        if 3 <= len(other) < len(own) and own[-len(other) :] == other:
            start = [match.start() for match in _WORD.finditer(heading)][-len(other) :]
            if start:
                return heading[_opening(heading, start[0]) :]
    return _without_site(
        heading, names, [s.text for s in sayings if len(_words(s.text)) >= 4 and s.source == "json-ld"]
    )


def _opening(text: str, at: int) -> int:
    """The place of the quotes or brackets right before a word."""
    while at > 0 and not text[at - 1].isspace() and not text[at - 1].isalnum():
        at -= 1
    return at


def _without_site(text: str, names: frozenset[str], others: Sequence[str]) -> str:
    """`text` without parts at its ends, set off by a bar or dash, that are the site's name or that others lack."""
    for other in others:
        if len(_words(other)) >= 3 and len(other) < len(text) and _squash(text).startswith(_squash(other)):
            tail = text[len(other) :]
            if _SEPARATOR.match(tail) or (text.startswith(other) and _SEPARATOR.match(tail.rstrip() + " ")):
                return other
    while True:
        shorter = _one_part_less(text, names)
        if shorter == text:
            return text
        text = shorter


def _one_part_less(text: str, names: frozenset[str]) -> str:
    cuts = list(_SEPARATOR.finditer(text))
    if not cuts:
        return text
    last, first = cuts[-1], cuts[0]
    if _is_site(text[last.end() :], names):
        return text[: last.start()]
    if _is_site(text[: first.start()], names):
        return text[first.end() :]
    for cut in cuts:  # a name may hold a dash: "BBC News - Business"
        if _is_site(text[cut.end() :], names):
            return text[: cut.start()]
    return text


def _is_site(part: str, names: frozenset[str]) -> bool:
    own = _squash(part)
    if len(own) < 2:
        return True
    return any(own == name or (len(own) >= 4 and (own in name or (len(name) >= 4 and name in own))) for name in names)


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _squash(text: str) -> str:
    """Letters and digits alone, without accents and case: `The Daily World` and `thedailyworld` are one name."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if c.isalnum())
