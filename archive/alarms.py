"""Alarms: the closed list of what can be wrong with a source, and the records that tell of it.

Silent, blocked, broken and finished are different words: nothing comes, somebody stands before the pages, the pages
come and are read wrongly, and the paper is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Code(StrEnum):
    """A code of the closed list; `.meaning` says it in a sentence."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Code:
        """A member is written `NAME = code, meaning`."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    SILENT = "silent", "its lists answer, and nothing new has come for longer than is usual for it"
    FINISHED = "finished", "nothing new for several times the usual, or its lists and front page are gone for good"
    UNREACHABLE = "unreachable", "none of its lists could be read for a day"
    FEED_HTML = "feed-html", "a page came where a feed or sitemap used to be"
    REFUSED = "refused", "more pages than before are refused (401, 403, 429, 451)"
    MISSING = "missing", "more pages than before are not there (404, 410)"
    ROBOTS = "robots", "robots.txt forbids what it used to allow"
    BLOCKED = "blocked", "challenges, walls, or the same page again and again come instead of articles"
    BROKEN = "broken", "pages come as before, and less is read from them: text, title, authors, date, a rule"
    NO_RUN = "no-run", "no crawl has ended within its timetable"


def code_of(word: str) -> Code:
    """The member of a word. Raises ValueError for one that is not in the list."""
    for code in Code:
        if code == word:
            return code
    raise ValueError(f"no alarm is called {word!r}")


@dataclass(frozen=True, slots=True)
class Pulse:
    """What one run saw of one source. Counts of pages are of those it fetched, not of lists.

    `origins` is, for title, authors and published, how many articles had the field from whom: `{"title": {"json-ld":
    12, "meta": 3}}`. `rules` counts the articles on which each site rule was used. `forbidden` are addresses and
    lists that robots.txt kept out. A page that goes missing counts once, not at the looks that make sure. `lists` and
    their troubles are those that the settings name, as they stand at the end of the run.
    """

    at: float  #: when the run began, seconds since the epoch
    seen: int = 0  #: addresses
    new: int = 0  #: articles that it published; edits of older ones do not count
    lists: int = 0
    lists_failing: int = 0
    lists_html: int = 0
    lists_gone: int = 0  #: 404, 410, or no such host
    forbidden: int = 0
    fetched: int = 0
    refused: int = 0
    missing: int = 0
    walls: int = 0  #: challenges and walls, by the phrases on them
    alike: int = 0  #: pages that are the same one under different addresses, where there are three or more
    answered: int = 0  #: pages that came with status 200
    articles: int = 0
    words: int = 0  #: of all articles together
    origins: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    rules: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something is wrong with a source (`source` is empty for the job itself), or was until `ended`.

    Times are UTC, ISO 8601; `muted_until` is a day. `evidence` is a sentence with figures.
    """

    code: Code
    source: str
    since: str
    last: str
    evidence: str
    acknowledged: str | None = None
    muted_until: str | None = None
    ended: str | None = None

    def loud(self, today: str) -> bool:
        """Whether it is open and nobody has said that they know."""
        return self.ended is None and self.acknowledged is None and not self.muted(today)

    def muted(self, today: str) -> bool:
        """Whether it is muted on a day (`YYYY-MM-DD`)."""
        return self.muted_until is not None and today < self.muted_until
