"""What changed at an address from one text to the next: `classify`. `archive.settle` walks captures with it.

Only texts of one recipe may be compared: two cleanings of one page differ more often than a newsroom edits. Pure; the
answer is one of a closed list and one line for people. The thresholds are reasoned, not measured: no set of stored
versions of real pages could be had.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from archive import shingles
from archive.copies import day_of
from archive.facts import Facts, facts_changed
from archive.identity import content_hash
from archive.phrases import Phrases, first, plain, plain_words

CLASSING = 2

#: A text of fewer words may be a stub.
STUB_WORDS = 30
#: A text with under this share of the words before was cut; with a wall's phrase in it, already under `WALLED`.
CUT = 0.60
WALLED = 0.90
#: A text with under this share of the words before is no revision, whatever it holds, unless it is another article.
HALF = 0.50
#: So many words are an article by themselves: where it is another one, it stands, though shorter by half.
ENOUGH = 100
#: Containment of word 3-grams under which an address with another title, or another date, holds another article.
OTHER_TITLE = 0.20
OTHER_DATE = 0.40
OTHER_DAYS = 2
#: So many texts, each the one before with more, within so long, run live.
GROWING = 3
GROWING_WITHIN = timedelta(hours=24)
KEPT = 0.80


class RevisionClass(StrEnum):
    """What became of a page. `UNCHANGED` and `VARIANT` are no revisions.

    A `VARIANT` is less than the newsroom wrote (a wall, an error page, a cut-off): what stands stays. The full text
    that comes after one is an `IMPROVEMENT`.
    """

    FIRST = "first"
    UNCHANGED = "unchanged"
    TOUCH = "touch"
    EDIT = "edit"
    CORRECTION = "correction"
    LIVE = "live"
    IMPROVEMENT = "improvement"
    VARIANT = "variant"
    OTHER_ARTICLE = "other-article"


@dataclass(frozen=True, slots=True)
class Version:
    """One capture's text. `captured_at` is UTC as in `Page`; `published` ISO 8601 as precise as the page is."""

    text: str
    title: str = ""
    captured_at: str = ""
    published: str | None = None
    content_hash: str = ""  #: of the text; computed where it is not given

    def __post_init__(self) -> None:
        if not self.content_hash:
            object.__setattr__(self, "content_hash", content_hash(self.text))


@dataclass(frozen=True, slots=True)
class Classified:
    """The class of a change, why in one line, and the facts that are not the same."""

    kind: RevisionClass
    reason: str
    facts: Facts = field(default_factory=Facts)

    @property
    def is_revision(self) -> bool:
        """Whether the new text stands from then on."""
        return self.kind not in (RevisionClass.UNCHANGED, RevisionClass.VARIANT)

    def __str__(self) -> str:
        return f"{self.kind}: {self.reason}" + (f" ({self.facts})" if self.facts else "")


def classify(before: Version, after: Version, phrases: Phrases, earlier: Sequence[Version] = ()) -> Classified:
    """Class the change from the text that stands to a newer one. `earlier`: what stood before it, oldest first."""
    if before.content_hash == after.content_hash:
        return Classified(RevisionClass.UNCHANGED, "the same text")
    pair = _Pair.of(before, after)
    facts = facts_changed(before.text, after.text, phrases.openers)
    for look in (_variant, _improvement, _other_article, _live, _correction):
        found = look(pair, phrases, earlier)
        if found is not None:
            return Classified(found[0], found[1], Facts() if found[0] is RevisionClass.VARIANT else facts)
    read_whole = max(len(before.text), len(after.text)) <= shingles.LONGEST
    same_words = read_whole and plain_words(before.text) == plain_words(after.text)
    if same_words and not (facts.numbers_before or facts.numbers_after):
        return Classified(RevisionClass.TOUCH, "only case, punctuation or accents changed", facts)
    gone, come = pair.gone, pair.come
    return Classified(RevisionClass.EDIT, f"{_counted(gone, 'word')} gone, {_counted(come, 'word')} new", facts)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two versions, and what is asked of them more than once."""

    before: Version
    after: Version
    words_before: list[str]
    words_after: list[str]

    @classmethod
    def of(cls, before: Version, after: Version) -> _Pair:
        return cls(before, after, *(shingles.words(shingles.fold(version.text)) for version in (before, after)))

    @property
    def turned(self) -> _Pair:
        return _Pair(self.after, self.before, self.words_after, self.words_before)

    @property
    def containment(self) -> float:
        before, after = (shingles.shingles(shingles.hashes(words)) for words in (self.words_before, self.words_after))
        return shingles.containment(before, after)

    @property
    def gone(self) -> int:
        return (Counter(self.words_before) - Counter(self.words_after)).total()

    @property
    def come(self) -> int:
        return (Counter(self.words_after) - Counter(self.words_before)).total()


_Found = tuple[RevisionClass, str] | None


def _variant(pair: _Pair, phrases: Phrases, earlier: Sequence[Version]) -> _Found:
    """A stub, a wall, an error page, a cut-off or much less text in place of the text that stands."""
    fragment = _fragment(pair, phrases, WALLED)
    if fragment is not None:
        return RevisionClass.VARIANT, fragment
    size, was = len(pair.words_after), len(pair.words_before)
    if size >= HALF * was or (size >= ENOUGH and _other_article(pair, phrases, earlier)):
        return None
    return RevisionClass.VARIANT, f"much less text: {size} words instead of {was}"


def _improvement(pair: _Pair, phrases: Phrases, _earlier: Sequence[Version]) -> _Found:
    """The full text in place of a stub, a wall, an error page or a cut-off."""
    fragment = _fragment(pair.turned, phrases, CUT)
    return None if fragment is None else (RevisionClass.IMPROVEMENT, f"the full text after {fragment}")


def _fragment(pair: _Pair, phrases: Phrases, walled: float) -> str | None:
    """Why the newer text is less than the newsroom wrote; None where it is not, or nothing in it says so."""
    size, was = len(pair.words_after), len(pair.words_before)
    after, before = plain(pair.after.text), plain(pair.before.text)
    share = f"{size} words instead of {was}"
    error = first(phrases.error, plain(f"{pair.after.title} {pair.after.text}"))
    if error and size < CUT * was:
        return f'an error page: "{error}", {share}'
    wall = first(tuple(phrase for phrase in phrases.wall if phrase not in before), after)
    if wall and size < walled * was:
        return f'a wall: "{wall}", {share}'
    if size < min(STUB_WORDS, CUT * was):
        return f"a stub: {share}"
    begins = pair.words_after[: size - 3] == pair.words_before[: size - 3]
    if size < CUT * was and begins and not _finished(pair.after.text):
        return f"a text cut off in a sentence: {share}"
    return None


def _other_article(pair: _Pair, _phrases: Phrases, _earlier: Sequence[Version]) -> _Found:
    """Another article at a reused address."""
    share = pair.containment
    told = f"{share:.0%} of the word runs shared"
    if share < OTHER_TITLE and not _common_title(pair.before.title, pair.after.title):
        return RevisionClass.OTHER_ARTICLE, f"{told}, and no word of the title"
    was, now = day_of(pair.before.published), day_of(pair.after.published)
    if was and now and share < OTHER_DATE and (days := abs((now - was).days)) > OTHER_DAYS:
        return RevisionClass.OTHER_ARTICLE, f"{told}, published {days} days apart"
    return None


def _live(pair: _Pair, phrases: Phrases, earlier: Sequence[Version]) -> _Found:
    """A page that runs live: it says so, or it grows and grows."""
    phrase = phrases.says_live(pair.after.title)
    if phrase and pair.gone + pair.come:
        return RevisionClass.LIVE, f'its title says "{phrase}"'
    chain = [*earlier, pair.before, pair.after][-GROWING:]
    if len(chain) < GROWING:
        return None
    first_seen, last_seen = _moment(chain[0].captured_at), _moment(chain[-1].captured_at)
    quick = first_seen.year > 1 and last_seen - first_seen <= GROWING_WITHIN
    if quick and all(_grows(one, other) for one, other in pairwise(chain)):
        return RevisionClass.LIVE, f"{GROWING} texts within a day, each the one before with more"
    return None


def _correction(pair: _Pair, phrases: Phrases, _earlier: Sequence[Version]) -> _Found:
    """A change that the newsroom marks as a correction."""
    was = Counter(phrases.corrections(pair.before.title, pair.before.text))
    marks = Counter(phrases.corrections(pair.after.title, pair.after.text)) - was
    return (RevisionClass.CORRECTION, f'marked as one: "{min(marks)}"') if marks else None


def _grows(one: Version, other: Version) -> bool:
    pair = _Pair.of(one, other)
    return len(pair.words_after) > len(pair.words_before) and pair.containment >= KEPT


_TITLE_WORD = 4
_END = re.compile(r"[.!?。！？][\"'»”’)\]]*\s*$")


def _finished(text: str) -> bool:
    return bool(_END.search(text.rstrip()[-20:])) and not text.rstrip().endswith(("...", "[...]", "(...)"))


def _common_title(before: str, after: str) -> bool:
    """Whether two titles share a word of four letters or more; a missing title shares none."""
    one, other = (
        {word for word in plain_words(title) if len(word) >= _TITLE_WORD or not word.isascii()}
        for title in (before, after)
    )
    return not one.isdisjoint(other)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _moment(captured_at: str) -> datetime:
    """A UTC time that sorts; the year 1 for none."""
    try:
        moment = datetime.fromisoformat(captured_at)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
