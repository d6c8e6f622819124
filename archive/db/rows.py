"""The rows of `news.db` as frozen records, and the JSON and text forms their columns hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from archive.identity import content_hash, dump_urn, text_digest
from archive.model import FIELDS, Field, Location, Outcome, Page
from archive.reasons import Reason
from archive.settle import count_words

LISTS = frozenset({"authors", "tags"})
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

#: What a new cleaning of an archived capture did to it. `loss-kept`: it lost its text or much of it, so the old
#: cleaning stays; `loss-accepted`: the same, stored on demand; `gained`: there was a reason, now there is a text.
ChangeKind = Literal["same", "changed", "gained", "reason", "loss-kept", "loss-accepted"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A page whose record is written; its row may be committed once the file is synced."""

    page: Page
    location: Location


@dataclass(frozen=True, slots=True)
class KeptExchange:
    """What was made of an exchange. With a `page` it waits to be cleaned: `record(Kept(page, location), outcome)`.

    Without, its row waits for the commit, with the reason; `location` is None where nothing was received.
    """

    page: Page | None
    location: Location | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What one cleaning of one capture gave; `text` is None where it is read without its text."""

    recipe: str
    content_hash: str | None
    text_digest: str | None
    words: int | None
    fields: Mapping[str, Field]
    reason: str | None
    error: str | None
    claimed: str | None
    text: str | None = None
    refused: str | None = None

    @classmethod
    def of(cls, outcome: Outcome) -> Cleaning:
        """The row of an outcome."""
        recipe, article = outcome.recipe, outcome.article
        if article is None:
            return cls(recipe, None, None, None, {}, str(outcome.reason), _clean(outcome.error), None)
        text = storable(article.text)
        fields = {name: _storable_field(article.fields[name]) for name in FIELDS if name in article.fields}
        return cls(
            recipe,
            content_hash(text),
            text_digest(text),
            count_words(text),
            {name: given for name, given in fields.items() if given.value},
            None,
            None,
            _address(article.url) if article.url else None,
            text,
            _clean(article.refused),
        )


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """A row of `captures`; of inputs that could not be read, without location and digest."""

    id: int
    article_id: int | None
    source: str
    url: str | None
    captured_at: str
    reason: str | None
    error: str | None
    run_id: int
    payload_digest: str | None
    status: int | None
    purpose: str | None
    revisit_of: int | None
    location: Location | None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A row of `runs`: what a command did. `outcome` is None while it runs."""

    id: int
    command: str
    started: str
    finished: str | None
    outcome: str | None
    pages: int
    new: int
    duplicates: int
    unchanged: int
    failed: int
    rejected: int
    worse: int
    superseded: int


@dataclass(frozen=True, slots=True)
class Change:
    """What a new cleaning of a capture would do, or did; words and reasons are those of its cleanings."""

    kind: ChangeKind
    capture_id: int
    source: str
    url: str | None
    words_before: int | None
    words_after: int | None
    reason_before: str | None
    reason_after: str | None


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """A row of `articles`, its JSON columns read."""

    id: int
    url: str | None
    site: str | None
    title: str | None
    authors: tuple[str, ...]
    published: str | None
    modified: str | None
    language: str | None
    section: str | None
    tags: tuple[str, ...]
    description: str | None
    image: str | None
    text: str
    words: int
    content_hash: str
    first_seen: str
    last_seen: str
    recipe: str
    superseded_by: int | None
    field_sources: Mapping[str, Mapping[str, Any]]
    kind: str | None = None


def storable(text: str) -> str:
    """The text as SQLite can hold it: a lone surrogate (of a path, of a broken page) becomes its escape."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def address_of(page: Page) -> str:
    """`captures.url` of a page: its own address, else the URN of its payload."""
    return _address(page.url) if page.url else dump_urn(page.payload_digest)


def _address(url: str) -> str:
    """An address is looked up in JSON lists, which SQLite ends at a NUL."""
    return storable(url).replace("\0", "%00")


def dump_json(value: Any) -> str:
    """JSON as it is stored: compact, in UTF-8, keys in the order given."""
    return _COMPACT(value)


def fields_json(fields: Mapping[str, Field]) -> str:
    """`cleanings.fields`: `{name: {"value": ..., "source": ...}}`, in the order of `FIELDS`."""
    return dump_json({name: {"value": given.value, "source": given.source} for name, given in fields.items()})


def fields_of(stored: str) -> dict[str, Field]:
    """The fields of a cleaning, read back."""
    return {name: _field(given) for name, given in json.loads(stored).items()}


def _field(given: Mapping[str, Any]) -> Field:
    value = given["value"]
    return Field(tuple(value) if isinstance(value, list) else value, given["source"])


def _storable_field(given: Field) -> Field:
    if isinstance(given.value, str):
        return Field(storable(given.value), given.source)
    return Field(tuple(storable(value) for value in given.value if value), given.source)


def _clean(text: str | None) -> str | None:
    return storable(text) if text else None
