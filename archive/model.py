"""The records that all rooms speak. Standard library only; frozen, and safe to send between processes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from archive.reasons import FAILURES, Reason

MediaType = Literal["text/plain", "text/html"]

#: Who said when a page was captured: a manifest row, a sidecar file, the page itself (a browser's
#: `saved from url` comment, SingleFile, MHTML), its WARC record, our own fetch, or nobody (the clock of the run).
DatedBy = Literal["manifest", "sidecar", "page", "warc", "fetch", "clock"]

#: What became of a line: it stayed in the text, it was taken as a field, or it was dropped.
Fate = Literal["kept", "title", "byline", "date", "section", "description", "caption", "dropped"]

FIELDS = (
    "title",
    "authors",
    "published",
    "modified",
    "language",
    "section",
    "tags",
    "description",
    "image",
    "kind",
)  #: the article's fields besides `url` and `text`, in the order they are shown


@dataclass(frozen=True, slots=True)
class Page:
    """One capture, before cleaning.

    `body` is what is cleaned: the entity with transfer and content encodings undone. `message` is the HTTP
    response as it was received (head and body), where there was one; a dump or a file has none, and its
    `body` is what is archived. `captured_at` is UTC, `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`.
    """

    source: str
    body: bytes
    media_type: MediaType
    captured_at: str
    dated_by: DatedBy
    url: str | None = None
    charset: str | None = None  #: declared outside the body (HTTP header, MHTML part), else None
    status: int | None = None
    title: str | None = None  #: given with the page (manifest, sidecar, table), else None
    source_name: str | None = None  #: the `source` column of a manifest: the name of a feed or paper
    message: bytes | None = None
    payload_digest: str = ""  #: `sha256:` and hex, over the entity as encoded by the sender (RFC 9110, 8.4)

    def __post_init__(self) -> None:
        if not self.payload_digest:
            digest = "sha256:" + hashlib.sha256(self.body).hexdigest()
            object.__setattr__(self, "payload_digest", digest)


#: Why a response ends before its end (WARC/1.1, 5.13): its size, its time, a lost connection, or something else.
Truncated = Literal["length", "time", "disconnect", "unspecified"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP exchange as it went over the wire: one request, and what came back of its response.

    `request` and `response` are the bytes sent and received, heads and framing included; `response` is empty where
    nothing came and may end anywhere. `started` is UTC, as in `Page.captured_at`, and dates the records. Where the
    bytes of the wire could not be had, the heads were put together again from what the client tells, and `rebuilt`
    is set (HTTP/2 has no such bytes). `error` says in a line for people why it did not end well.
    """

    url: str
    started: str
    request: bytes
    response: bytes = b""
    ip: str | None = None  #: the address connected to, IPv4 or IPv6
    milliseconds: int = 0  #: from the start to the last byte
    protocol: Literal["http/1.1", "h2"] = "http/1.1"
    tls: str | None = None  #: `TLSv1.3 TLS_AES_256_GCM_SHA384`: version and cipher suite; None over plain TCP
    truncated: Truncated | None = None
    error: str | None = None
    rebuilt: bool = False
    via: str | None = None  #: the address that led here
    hops: str = ""  #: how it was found, a letter a step (Heritrix): L link, R redirect, E embed, P precondition


#: What something was fetched for: to be cleaned, to be read for links (`front` is a front or section page), or for
#: the rules of its host (`robots`: robots.txt, tdmrep.json).
Purpose = Literal["page", "feed", "sitemap", "front", "robots"]


@dataclass(frozen=True, slots=True)
class Wire:
    """What is known of a fetch beside what it brought: columns of `captures`, null for dumps; see `Exchange`."""

    purpose: Purpose
    ip: str | None = None
    milliseconds: int = 0
    protocol: Literal["http/1.1", "h2"] = "http/1.1"
    tls: str | None = None
    truncated: Truncated | None = None
    rebuilt: bool = False
    via: str | None = None
    hops: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """An input that never became a page: nothing of it can be archived, but it is counted and told."""

    source: str
    reason: Reason
    error: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a dump, or one block of an HTML page, and what became of it.

    `number` counts from 1: the line of the decoded text, or the block in document order. `rule` names what
    decided: a phrase rule (`es.most-read`), a site rule (`site:example.org/related`), the classifier with its
    score (`model 0.03`), a field (`field.title`).
    """

    number: int
    text: str
    fate: Fate
    rule: str

    def __reduce__(self) -> tuple[type[Line], tuple[int, str, Fate, str]]:
        """A page has hundreds of lines: pickled by their fields they travel four times as fast as by default."""
        return Line, (self.number, self.text, self.fate, self.rule)


@dataclass(frozen=True, slots=True)
class Field:
    """A value and who said it: `json-ld`, `meta`, `rule`, `text`, `manifest`, `url`, `model`."""

    value: str | tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Article:
    """What a page says, without its furniture.

    `text` is paragraphs and headings joined by a newline. `fields` holds only what is known, keyed by the
    names in `FIELDS`; `authors` and `tags` are tuples, all others strings. `kind` is there where the page is not one
    article: `live`, a live blog. `url` is the canonical address the page may claim, else None. `refused`, for people:
    the address that it claims in vain, and why.
    """

    text: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    url: str | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What cleaning a page gave: an article, or a reason why not; and every line with its fate.

    Exactly one of `article` and `reason` is set. `error` is a message for people, only beside a reason.
    `recipe` is the digest of cleaner, libraries, rules and model that made it.
    """

    recipe: str
    article: Article | None = None
    reason: Reason | None = None
    error: str | None = None
    lines: tuple[Line, ...] = ()

    def __post_init__(self) -> None:
        if (self.article is None) == (self.reason is None):
            raise ValueError("an outcome has an article or a reason, never both or neither")

    @property
    def removals(self) -> tuple[Line, ...]:
        """The lines that are not part of the text, in order, each with its rule."""
        return tuple(line for line in self.lines if line.fate != "kept")

    @property
    def failed(self) -> bool:
        """Whether the page could not be read or cleaned (exit code 1); that it holds no article is an answer."""
        return self.reason in FAILURES

    @property
    def complaint(self) -> str | None:
        """`reason: message` in one line for people; None where there is an article."""
        if self.reason is None:
            return None
        return f"{self.reason}: {self.error or self.reason.meaning}"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a record lies: `file` relative to the archive's `warcs/`, `offset` and `length` of its gzip member."""

    file: str
    offset: int
    length: int
