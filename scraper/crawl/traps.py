"""Places that swallow a crawl: endless calendars, one article under ever new slugs, one text under ever new addresses.

Pure. An address has a *shape*, its path with what varies taken out. A shape whose addresses never give an article, or
give the same text again and again, is stopped: as a pattern, which is told and stays stopped until a person lets it
go.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

SAME_TEXT = 5  #: addresses of a host with one and the same text
SAME_ID = 3  #: addresses with one and the same number in them, and one text
BARREN = 30  #: pages of a shape that gave no article at all
FRUITFUL = 0.2  #: of a shape's pages: so many different texts, and it is no trap

_NUMBER = re.compile(r"\d+")
_ID = re.compile(r"\d{4,}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the archive counted of one shape of one host, over all runs."""

    pages: int = 0
    articles: int = 0
    texts: int = 0  #: of the articles, those that were new when they came


@dataclass(frozen=True, slots=True)
class Stop:
    """A pattern that is to be stopped, and why, for people."""

    pattern: str
    why: str


def shape_of(url: str) -> str:
    """Host, and path with numbers as `{n}` and slugs as `{slug}`; the names of its parameters, sorted.

    A slug is a segment of several words; one or two words are likely a section and stay.
    """
    parts = urlsplit(url)
    segments = [_segment(unquote(segment)) for segment in parts.path.split("/")]
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return f"{parts.netloc}{'/'.join(segments)}" + ("?" + "&".join(f"{name}=" for name in names) if names else "")


def _segment(segment: str) -> str:
    stem, dot, ending = segment.rpartition(".")
    if dot and ending.isalnum() and len(ending) <= 5:
        return f"{_segment(stem)}.{_NUMBER.sub('{n}', ending)}" if stem else segment
    if len(_WORD.findall(segment)) > 2 or len(segment) > 40:
        return "{slug}"
    return _NUMBER.sub("{n}", segment)


def id_of(url: str) -> str | None:
    """The folder of its last long number, and the number between stars; None where it has none.

    Years are no ids: `/2026/11/the-harbour` has none.
    """
    parts = urlsplit(url)
    segments = parts.path.split("/")
    for at in range(len(segments) - 1, -1, -1):
        numbers = [n for n in _ID.findall(segments[at]) if not _YEAR.fullmatch(n)]
        if numbers:
            return f"{parts.netloc}{'/'.join(segments[:at])}/*{numbers[-1]}*"
    return None


def caught(url: str, stopped: Set[str]) -> str | None:
    """The stopped pattern that an address falls under: its shape, or its number; None where there is none."""
    if not stopped:
        return None
    return next((pattern for pattern in (shape_of(url), id_of(url)) if pattern in stopped), None)


def stop_for(url: str, shape: Shape, same_text: int, same_id: int) -> Stop | None:
    """What to stop after a page of `url` came, if anything.

    `shape` counts its shape with this page; `same_text`: addresses of its host that carry its very text, this one
    among them (0 where it gave none); `same_id`: those of them with its `id_of`. A text that many addresses of a
    fruitful shape carry is no trap: it is more likely a wall that was taken for an article, or an agency's text.
    """
    ident = id_of(url)
    if ident is not None and same_id > SAME_ID:
        return Stop(ident, f"one text under {same_id} addresses with the same number")
    if same_text > SAME_TEXT and shape.texts < shape.pages * FRUITFUL:
        return Stop(shape_of(url), f"one text under {same_text} addresses of {shape.pages}")
    if shape.pages >= BARREN and not shape.articles:
        return Stop(shape_of(url), f"no article on any of {shape.pages} pages")
    return None
