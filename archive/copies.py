"""Whether one text is a copy of another: `decide`, a pure function of two texts and the days they appeared.

Containment of word 3-grams, not Jaccard: news is copied cut, extended and inside other articles (Broder 1997). Words
alone fail on wire copy, where bond issues, market reports and results share most words and no fact; so the numbers
of the smaller text must be in the larger one, and the further apart the days, the more is asked. The bars were
measured on 1,381 labelled pairs of Reuters-21578 and 363 planted Spanish ones (`bench/dedup.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Literal, Self

from archive import shingles
from archive.identity import content_hash, normalise

DECISION = 2
#: Stored with each edge: what a text was cut into, and what was asked of two.
RULE = f"{shingles.SHINGLING}.{DECISION}"

#: Texts of fewer words are told apart by their hash alone: a notice of one sentence is a formula.
FEWEST_WORDS = 30
#: One text is an excerpt of the other where that has over so many times its shingles.
EXCERPT = 2
#: Dates at most so many days apart are near: an agency's copy runs within the day. Over so many they are far.
NEAR_DAYS = 1
FAR_DAYS = 3


class Relation(StrEnum):
    """What two texts are to each other. Only `COPY` and `EXCERPT` are edges; a look-alike is counted."""

    COPY = "copy"
    EXCERPT = "excerpt"
    LOOK_ALIKE = "look-alike"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Bar:
    """What is asked of a pair: shared shingles, containment, and the share of the smaller text's numbers.

    `slope` asks for more containment the more numbers are missing: `containment + slope * (1 - numbers)`; `run` for so
    many shared shingles for each number that is missing.
    """

    shared: int
    containment: float
    numbers: float
    slope: float = 0.0
    run: int = 0

    def passes(self, found: Verdict) -> bool:
        """Whether a pair clears it."""
        numbers = found.numbers
        enough = found.containment >= self.containment + self.slope * (1 - numbers)
        long = found.shared >= max(self.shared, self.run * (found.fewer_numbers - found.shared_numbers))
        return long and enough and numbers >= self.numbers


NEAR = Bar(shared=15, containment=0.45, numbers=0.60)
#: A date is missing, or a few days lie between.
UNDATED = Bar(shared=15, containment=0.525, numbers=0.75, slope=0.5)
#: A text of fifty words that comes again on another day with the same numbers is a formula, not a copy.
FAR = Bar(shared=50, containment=0.60, numbers=0.85)
#: At any time: so long a run of words is no formula, and where one fact of two was set right it is still a copy.
LONG = Bar(shared=100, containment=0.85, numbers=0.50)
#: At any time: one number or two in hundreds of shared words are not what a text is about, a page's counter perhaps.
SPARSE = Bar(shared=200, containment=0.80, numbers=0, run=150)


@dataclass(frozen=True, slots=True)
class Text:
    """What of a text is compared. `keys` is empty for one too short to have copies, so that it is never looked up."""

    content_hash: str
    words: int
    shingles: frozenset[int]
    keys: frozenset[int]
    numbers: frozenset[str]
    day: date | None = None

    @classmethod
    def of(cls, text: str, published: str | None = None, known_hash: str | None = None) -> Self:
        """Read a text as stored and its `published`, ISO 8601 as precise as the page is.

        However it is spelled: what normalisation takes for one (`archive.identity`) has the same words.
        """
        return cls._read(text, published, known_hash or content_hash(text), looked_up=True)

    @classmethod
    def stored(cls, text: str, published: str | None, known_hash: str) -> Self:
        """Read a text that is in the index already and is only compared, for half the cost: `keys` is empty."""
        return cls._read(text, published, known_hash, looked_up=False)

    @classmethod
    def _read(cls, text: str, published: str | None, known_hash: str, *, looked_up: bool) -> Self:
        folded = shingles.fold(normalise(text))
        words = shingles.hashes(shingles.words(folded))
        return cls(
            known_hash,
            len(words),
            shingles.shingles(words),
            shingles.keys(words) if looked_up and len(words) >= FEWEST_WORDS else frozenset(),
            shingles.numbers(folded),
            day_of(published),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What two texts are to each other, and why.

    `containment` and `jaccard` of word 3-grams, 0 to 1; `shared` of them, a count; `shared_numbers` of the
    `fewer_numbers` different ones in the text that has fewer; `days` apart, None where a date is missing;
    `excerpt` names the shorter text of an excerpt.
    """

    relation: Relation
    containment: float
    jaccard: float
    shared: int
    shared_numbers: int
    fewer_numbers: int
    days: int | None
    excerpt: Literal["a", "b"] | None = None
    rule: str = RULE

    @property
    def is_edge(self) -> bool:
        """Whether the pair is kept as an edge."""
        return self.relation in (Relation.COPY, Relation.EXCERPT)

    @property
    def numbers(self) -> float:
        """The share of the smaller text's numbers that the other has; 1 where it has none."""
        return self.shared_numbers / self.fewer_numbers if self.fewer_numbers else 1.0


def decide(a: Text, b: Text) -> Verdict:
    """Judge two texts. `decide(b, a)` is the same but for the letter in `excerpt`."""
    shared = len(a.shingles & b.shingles)
    small, large = sorted((len(a.shingles), len(b.shingles)))
    found = Verdict(
        relation=Relation.DIFFERENT,
        containment=shingles.share(shared, small),
        jaccard=shingles.share(shared, small + large - shared),
        shared=shared,
        shared_numbers=len(a.numbers & b.numbers),
        fewer_numbers=min(len(a.numbers), len(b.numbers)),
        days=abs((a.day - b.day).days) if a.day and b.day else None,
    )
    if a.content_hash == b.content_hash:
        return _with(found, Relation.COPY)
    if min(a.words, b.words) < FEWEST_WORDS or shared < NEAR.shared or found.containment < NEAR.containment:
        return found
    if not clears(found, found.days):
        return _with(found, Relation.LOOK_ALIKE)
    if large > EXCERPT * small:
        return _with(found, Relation.EXCERPT, "a" if len(a.shingles) == small else "b")
    return _with(found, Relation.COPY)


def clears(found: Verdict, days: int | None) -> bool:
    """Whether the evidence is enough for two texts so many days apart; None: a date is missing."""
    bars = [LONG, SPARSE, UNDATED if days is None or days <= FAR_DAYS else FAR]
    if days is not None and days <= NEAR_DAYS:
        bars.append(NEAR)
    return any(bar.passes(found) for bar in bars)


def day_of(published: str | None) -> date | None:
    """The day in an ISO 8601 date or time, as its own place counts; None where it names none or is no date."""
    try:
        return date.fromisoformat((published or "")[:10])
    except ValueError:
        return None


def _with(found: Verdict, relation: Relation, excerpt: Literal["a", "b"] | None = None) -> Verdict:
    return replace(found, relation=relation, excerpt=excerpt)
