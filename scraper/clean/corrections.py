"""What a person set by hand for a page, applied to what its cleaning gave: the last word, and shown as such. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from archive.learned import fingerprint
from archive.model import Article, Field, Line, Outcome
from archive.reasons import Reason
from archive.settle import PERSON

NO_ARTICLE = "a person said that this is no article"

Value = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's word on the page of an address.

    `fields` are among `archive.model.FIELDS`. `furniture` and `text` are lines that are the one or the other, whatever
    rule or classifier decided; case and punctuation do not count. `article` False: the page is no article.
    """

    url: str
    fields: Mapping[str, Value] = field(default_factory=dict)
    furniture: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    article: bool = True

    @property
    def empty(self) -> bool:
        """Whether it says nothing."""
        return self.article and not (self.fields or self.furniture or self.text)


def corrected(outcome: Outcome, said: Correction) -> Outcome:
    """The outcome with a person's word on it. Fields of a page that holds no article have nowhere to go."""
    lines = tuple(_line(line, said) for line in outcome.lines)
    if not said.article:
        gone = tuple(replace(x, fate="dropped", rule=PERSON) if x.fate == "kept" else x for x in lines)
        return Outcome(outcome.recipe, reason=Reason.NO_ARTICLE, error=NO_ARTICLE, lines=gone)
    before = outcome.article
    if lines == outcome.lines:
        text = before.text if before else ""
    else:
        text = "\n".join(line.text.strip() for line in lines if line.fate == "kept")
    if before is None and not text:
        return outcome
    if not text:
        return Outcome(outcome.recipe, reason=Reason.NO_ARTICLE, error="all its text is furniture", lines=lines)
    own = {name: Field(value, PERSON) for name, value in said.fields.items()}
    fields = {**(before.fields if before else {}), **own}
    return Outcome(outcome.recipe, Article(text, fields, before.url if before else None), lines=lines)


def _line(line: Line, said: Correction) -> Line:
    if not (said.furniture or said.text):
        return line
    mark = fingerprint(line.text)
    if line.fate == "kept" and mark and mark in map(fingerprint, said.furniture):
        return replace(line, fate="dropped", rule=PERSON)
    if line.fate != "kept" and mark and mark in map(fingerprint, said.text):
        return replace(line, fate="kept", rule=PERSON)
    return line
