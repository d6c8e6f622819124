"""What an address comes to in a run: a closed list, of which each address that a run sees gets exactly one.

A run sees an address when a list names it, or when its turn for another look has come. Two sources that name one
address each count it: it is fetched for the one that saw it first, and `known` to the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from archive.reasons import Reason

#: What is known of where an article stands now.
Standing = Literal["online", "missing", "gone", "moved", "walled"]


class Ending(StrEnum):
    """A member of the closed list; `.meaning` says it in a sentence."""

    meaning: str

    def __new__(cls, code: str, meaning: str = "") -> Ending:
        """A member is written `NAME = code, meaning`."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    NEW = "new", "fetched for the first time, and its text was not in the archive"
    CHANGED = "changed", "fetched again, and its text is another than before"
    UNCHANGED = "unchanged", "fetched again: the same text, or the server said that nothing changed"
    KNOWN = "known", "fetched in an earlier run, or for another source, and not due"
    TOO_OLD = "too-old", "published before the day from which this source is kept"
    ROBOTS = "robots", "robots.txt forbids it, or its rights are reserved (noarchive, TDM)"
    FILTERED = "filtered", "left out by a pattern, which is named"
    BLOCKED = "blocked", "a challenge, a wall or a refusal came instead of the page"
    FAILED = "failed", "the server or the page failed, or the page could not be cleaned"
    NOT_ARTICLE = "not-article", "fetched, and no article is on it"
    DUPLICATE = "duplicate", "fetched for the first time, and its text was an article already, or it leads to one"
    GONE = "gone", "an article that stood there is missing now (404, 410)"
    WAITING = (
        "waiting",
        "found, and left for a later run: no budget, time, patience of the host, or robots.txt was to be had",
    )


#: Reasons that mean that somebody stands before the page.
WALLS = frozenset({Reason.BLOCKED, Reason.CONSENT, Reason.CAPTCHA, Reason.NEEDS_JAVASCRIPT, Reason.PAYWALL})
#: Reasons that mean that the publisher reserves its rights.
RIGHTS = frozenset({Reason.NOARCHIVE, Reason.RESERVED})
_REFUSED = frozenset({401, 402, 403, 407, 429, 451})
_MISSING = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Before:
    """What was known of an address: its visits so far, and the text that stood there."""

    visits: int = 0
    content_hash: str | None = None
    words: int = 0


@dataclass(frozen=True, slots=True)
class Came:
    """What a visit brought: the last status of its chain (None for no answer), and what cleaning gave.

    `known_text`: the text is an article of the archive already, at this or another address.
    """

    status: int | None
    reason: Reason | None = None
    failed: bool = False
    content_hash: str | None = None
    words: int = 0
    known_text: bool = False


def ending_of(came: Came, before: Before) -> Ending:
    """What a visit comes to."""
    if came.status == 304:
        return Ending.UNCHANGED
    if came.status in _MISSING:
        return Ending.GONE if before.content_hash else Ending.FAILED
    if came.status in _REFUSED or came.reason in WALLS:
        return Ending.BLOCKED
    if came.reason in RIGHTS:
        return Ending.ROBOTS
    if came.status is None or came.status >= 300 or came.failed:
        return Ending.FAILED
    if came.content_hash is None:
        return Ending.NOT_ARTICLE
    return _of_text(came, before)


def _of_text(came: Came, before: Before) -> Ending:
    """A text came: against the one that stood there, if any. A stub after a full text changes nothing."""
    if before.content_hash is None:
        return Ending.DUPLICATE if came.known_text else Ending.NEW
    same = came.content_hash == before.content_hash or shrank(came, before)
    return Ending.UNCHANGED if same else Ending.CHANGED


def shrank(came: Came, before: Before) -> bool:
    """Whether what came is so much less than the text that stood there that it is taken for a part of it."""
    return came.words * 2 < before.words


def standing_of(came: Came, before: Before, was: Standing | None) -> Standing | None:
    """Where the article stands after a visit: gone once 404 or 410 came twice in a row; None where nobody knows."""
    if came.status in _MISSING:
        return "gone" if was in ("missing", "gone") else "missing"
    if came.reason is Reason.PAYWALL or (came.content_hash is not None and shrank(came, before)):
        return "walled"
    if came.status == 304:
        return was if was in ("moved", "walled") else "online"
    if came.status is not None and came.status < 300 and not came.failed and came.reason not in WALLS:
        return "online"
    return was


@dataclass(slots=True)
class Tally:
    """The endings of one source in one run; `patterns` takes FILTERED apart. `seen` is the number of addresses."""

    endings: Counter[Ending] = field(default_factory=Counter)
    patterns: Counter[str] = field(default_factory=Counter)
    seen: int = 0

    def see(self) -> None:
        """One more address that has to end."""
        self.seen += 1

    def end(self, ending: Ending, pattern: str = "") -> None:
        """One address ended. `pattern` says which one left it out, and only with FILTERED."""
        self.endings[ending] += 1
        if ending is Ending.FILTERED:
            self.patterns[pattern or "?"] += 1

    @property
    def fits(self) -> bool:
        """Whether every address that was seen ended once."""
        return self.seen == self.endings.total()


def eaten_by(endings: Mapping[str, int]) -> str | None:
    """Of a source that brought nothing new: the step that most of its addresses ended at; None where there are none.

    `known` is named only where nothing else happened: it is what a site without news looks like.
    """
    if endings.get(Ending.NEW) or endings.get(Ending.CHANGED):
        return None
    rest = {name: n for name, n in endings.items() if n and name not in (Ending.KNOWN, Ending.UNCHANGED)}
    if not rest:
        return Ending.KNOWN.value if any(endings.values()) else None
    return str(max(rest, key=lambda name: (rest[name], name)))
