"""What a set of captures means: which text stands at an address, what changed there, who leads a text.

Pure and deterministic: the answer is a function of the *set* of captures, never of the order in which they came
(`docs/architecture.md`, "What a set of captures means"). The database applies these functions to what a batch
touched; `settle` applies them to everything, and both must agree.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Generic, Self, TypeAlias, TypeVar

from archive.identity import is_dump_urn
from archive.model import FIELDS, Field
from archive.phrases import Phrases
from archive.revisions import GROWING, HALF, RevisionClass, Version, classify

#: The source of fields that a person set by hand: no capture's own word wins over it.
PERSON = "person"
#: A new cleaning of the same bytes is a loss where it keeps under this share of the words.
LOSS = 0.8

Key = TypeVar("Key")

# Scripts written without spaces between words: each character counts as a word.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")


def count_words(text: str) -> int:
    """Runs of letters and digits; in scripts without spaces (Han, Kana, Thai, ...) each character is one."""
    return _WORD.subn("", text)[1]


def instant(moment: str) -> str:
    """A UTC time `YYYY-MM-DDTHH:MM:SS[.ffffff]Z` in a form that sorts by time, whatever fraction it carries."""
    whole, _, fraction = moment.removesuffix("Z").partition(".")
    return f"{whole}.{fraction.ljust(6, '0')}"


@dataclass(frozen=True, slots=True)
class Capture(Generic[Key]):
    """One capture and what its cleaning gave.

    `address` is what the page speaks for: the canonical address it claims, else its own. `content_hash` is None
    where cleaning gave a reason instead of a text. `fields` holds what this page itself says, `recipe` what cleaned
    it.
    """

    key: Key
    captured_at: str
    address: str
    source: str
    payload_digest: str
    content_hash: str | None = None
    words: int = 0
    fields: Mapping[str, Field] = field(default_factory=dict)
    recipe: str = ""

    @property
    def turn(self) -> tuple[str, str, str, str]:
        """Its place among the captures of one address."""
        return instant(self.captured_at), self.source, self.payload_digest, self.address

    @property
    def rank(self) -> tuple[str, str, str, str]:
        """Its place among the captures of one text; the first leads."""
        return instant(self.captured_at), self.address, self.source, self.payload_digest


@dataclass(frozen=True, slots=True)
class Decision:
    """What a capture is to the text that stands at its address, why in one line, and the facts that changed."""

    kind: RevisionClass
    reason: str
    facts: str = ""


#: Decides on two texts of one recipe at one address: the one that stands, a newer one, and what stood before.
Classify: TypeAlias = Callable[[Capture[Key], Capture[Key], Sequence[Capture[Key]]], Decision]

_FIRST = Decision(RevisionClass.FIRST, "the first text seen at this address")
_SAME = Decision(RevisionClass.UNCHANGED, "the same text")
_OURS = Decision(RevisionClass.UNCHANGED, "cleaned with other rules than what stands, so not compared")


def classifier(read: Callable[[Capture[Key]], Version]) -> Classify[Key]:
    """The decision of `archive.revisions`; `read` finds the text of a capture."""
    phrases = Phrases.shipped()

    def decide(before: Capture[Key], after: Capture[Key], earlier: Sequence[Capture[Key]]) -> Decision:
        found = classify(read(before), read(after), phrases, [read(capture) for capture in earlier])
        return Decision(found.kind, found.reason, str(found.facts))

    return decide


@dataclass(slots=True)
class Revision(Generic[Key]):
    """What stood at an address for a while. `text` is the content hash of its last capture, `captures` their number.

    `by_recipe`: the first capture that each recipe cleaned. Only after a `reclean` that was stopped is there more than
    one, or where a new cleaning would lose text; those are not compared with each other.
    """

    number: int
    decision: Decision
    first: Capture[Key]
    latest: Capture[Key]
    captures: int = 0
    by_recipe: dict[str, Capture[Key]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text that stood last."""
        return self.latest.content_hash or ""

    def join(self, capture: Capture[Key]) -> None:
        """Take in a capture that says the same."""
        self.latest = capture
        self.captures += 1
        self.by_recipe.setdefault(capture.recipe, capture)


@dataclass(slots=True)
class Walk(Generic[Key]):
    """What one address said: the captures that count for a text, those that are worse and why, and its revisions."""

    carried: dict[Key, str] = field(default_factory=dict)
    worse: dict[Key, Decision] = field(default_factory=dict)
    revisions: list[Revision[Key]] = field(default_factory=list)

    @property
    def current(self) -> str | None:
        """The text that stands now."""
        return self.revisions[-1].text if self.revisions else None

    def decide(self, capture: Capture[Key], classify: Classify[Key]) -> Decision:
        """What the next capture is to what stands."""
        if not self.revisions:
            return _FIRST
        standing = self.revisions[-1]
        before = standing.by_recipe.get(capture.recipe)
        if capture.content_hash in (standing.text, before.content_hash if before else None):
            return _SAME
        if before is not None:
            chain = self.revisions[-GROWING:-1]
            earlier = [past.by_recipe[capture.recipe] for past in chain if capture.recipe in past.by_recipe]
            return classify(before, capture, earlier)
        if capture.words < standing.latest.words * HALF:
            return Decision(RevisionClass.VARIANT, f"{capture.words} words instead of {standing.latest.words}")
        return _OURS

    def take(self, capture: Capture[Key], decision: Decision) -> None:
        """Note a capture with what was decided of it."""
        if decision.kind is RevisionClass.VARIANT:
            self.worse[capture.key] = decision
            return
        if decision.kind is not RevisionClass.UNCHANGED:
            self.revisions.append(Revision(len(self.revisions) + 1, decision, capture, capture))
        self.revisions[-1].join(capture)
        self.carried[capture.key] = capture.content_hash or ""


def walk(
    captures: Iterable[Capture[Key]],
    classify: Classify[Key],
    remembered: Mapping[Key, Decision] = MappingProxyType({}),
) -> Walk[Key]:
    """Walk the captures of one address by time: a text stands until another one, not worse, replaces it.

    `remembered` holds decisions of an earlier walk; they count as far as nothing new came before.
    """
    walked: Walk[Key] = Walk()
    intact = True
    for capture in sorted(captures, key=lambda c: c.turn):
        if capture.content_hash is None:
            continue
        known = remembered.get(capture.key) if intact else None
        intact = known is not None
        walked.take(capture, known or walked.decide(capture, classify))
    return walked


@dataclass(frozen=True, slots=True)
class Said(Generic[Key]):
    """A field of an article, who said it, and in which capture."""

    field: Field
    capture: Capture[Key]

    @property
    def rank(self) -> tuple[bool, tuple[str, str, str, str]]:
        """Its place among those that say the field: what a person set by hand comes first."""
        return self.field.source != PERSON, self.capture.rank


@dataclass(frozen=True, slots=True)
class Merged(Generic[Key]):
    """What the captures of one text say together.

    The text as stored is the lead's. `addressed` is the first capture with a real address; `latest` the last one.
    """

    lead: Capture[Key]
    latest: Capture[Key]
    addressed: Capture[Key] | None
    fields: Mapping[str, Said[Key]]

    @property
    def url(self) -> str | None:
        """The first real address; None where all captures are dumps without one."""
        return self.addressed.address if self.addressed else None

    @property
    def home(self) -> str:
        """The address whose current text replaces this one when it no longer stands."""
        return (self.addressed or self.lead).address

    @property
    def contributors(self) -> frozenset[Key]:
        """Captures that `merge` needs beside new ones: `merge(contributors + new) == merge(all + new)`."""
        given = {said.capture.key for said in self.fields.values()} | {self.lead.key, self.latest.key}
        return frozenset(given | ({self.addressed.key} if self.addressed else set()))


def merge(captures: Iterable[Capture[Key]]) -> Merged[Key]:
    """Fold the captures of one text, in any order, into what the article says. Raises ValueError for none."""
    lead: Capture[Key] | None = None
    latest: Capture[Key] | None = None
    addressed: Capture[Key] | None = None
    fields: dict[str, Said[Key]] = {}
    for capture in captures:
        lead = capture if lead is None or capture.rank < lead.rank else lead
        latest = capture if latest is None or capture.rank > latest.rank else latest
        if not is_dump_urn(capture.address) and (addressed is None or capture.rank < addressed.rank):
            addressed = capture
        for name, given in capture.fields.items():
            said = Said(given, capture)
            if given.value and (name not in fields or said.rank < fields[name].rank):
                fields[name] = said
    if lead is None or latest is None:
        raise ValueError("no captures to merge")
    return Merged(lead, latest, addressed, {name: fields[name] for name in FIELDS if name in fields})


@dataclass(frozen=True, slots=True)
class Standing(Generic[Key]):
    """One text among all: what it says, which captures carry it, and what replaced it (None while it stands)."""

    merged: Merged[Key]
    captures: frozenset[Key]
    superseded_by: str | None


@dataclass(frozen=True, slots=True)
class Settled(Generic[Key]):
    """What all captures mean: articles by content hash, worse captures, what each address said and says."""

    articles: Mapping[str, Standing[Key]]
    worse: frozenset[Key]
    current: Mapping[str, str]
    revisions: Mapping[str, Sequence[Revision[Key]]]

    @classmethod
    def of(cls, captures: Iterable[Capture[Key]], classify: Classify[Key]) -> Self:
        """Settle everything at once; the order of `captures` does not matter."""
        by_address: defaultdict[str, list[Capture[Key]]] = defaultdict(list)
        for capture in captures:
            by_address[capture.address].append(capture)
        walks = {address: walk(members, classify) for address, members in by_address.items()}
        carriers: defaultdict[str, list[Capture[Key]]] = defaultdict(list)
        for address, members in by_address.items():
            for capture in members:
                if (text := walks[address].carried.get(capture.key)) is not None:
                    carriers[text].append(capture)
        current = {address: done.current for address, done in walks.items() if done.current is not None}
        standing = set(current.values())
        articles = {}
        for text, members in carriers.items():
            merged = merge(members)
            replaced = None if text in standing else current[merged.home]
            articles[text] = Standing(merged, frozenset(c.key for c in members), replaced)
        worse = frozenset(key for done in walks.values() for key in done.worse)
        return cls(articles, worse, current, {address: walks[address].revisions for address in current})


def is_loss(words_before: int, words_after: int | None) -> bool:
    """Whether a new cleaning of a capture that had a text loses it: nothing came (None), or much less."""
    return words_after is None or words_after < words_before * LOSS
