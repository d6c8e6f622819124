"""What others say the article is: trafilatura, and the publisher's own `articleBody`. Witnesses, not judges."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from trafilatura import bare_extraction

_PIECE = 40  # characters of a block looked for at once
_SHORT = 25  # characters up to which a block must be a whole line of the witness
_MAX_HTML = 4_000_000  # characters of a pruned page that trafilatura is asked about
_TAG = re.compile(r"<[^<>]{1,500}>")


@dataclass(frozen=True, slots=True)
class Witness:
    """A text to look blocks up in; `whole` has its lines, `lines` each of them."""

    whole: str
    lines: frozenset[str]

    def covers(self, text: str) -> float:
        """The share of a block's text, 0 to 1, that the witness has too; a short block only as a line of its own."""
        if text in self.lines:
            return 1.0
        if len(text) <= _SHORT:
            return 0.0
        if text in self.whole:
            return 1.0
        pieces = [text[i : i + _PIECE] for i in range(0, max(1, len(text) - _PIECE // 2), _PIECE)]
        return sum(piece in self.whole for piece in pieces) / len(pieces)


class Asked:
    """A witness that is asked when it is needed, and only once."""

    def __init__(self, ask: Callable[[], str]) -> None:
        self._ask = ask
        self.known: Witness | None = None  #: None as long as nobody needed it

    def __call__(self) -> Witness:
        """What it says."""
        if self.known is None:
            self.known = witness(self._ask())
        return self.known


def witness(text: str) -> Witness:
    """A text made ready for looking up; list marks and table bars of trafilatura's output are undone."""
    lines = [" ".join(line.split()) for line in text.replace("|", "\n").split("\n")]
    bare = [line.removeprefix("- ") for line in lines if line]
    return Witness("\n".join(bare), frozenset(bare))


def by_trafilatura(html: str) -> str:
    """The text trafilatura takes for the article, "" where it finds none.

    Never `deduplicate`: it remembers other pages. `fast` leaves its own comparison of extractors out, and
    `favor_recall` its second try: the block classifier compares. Metadata is read elsewhere, from the tree that is
    already there.
    """
    if len(html) > _MAX_HTML:
        return ""
    found = bare_extraction(
        html, fast=True, favor_recall=True, with_metadata=False, include_comments=False, deduplicate=False
    )
    return str(getattr(found, "text", None) or "")


def by_publisher(article_body: str) -> str:
    """A JSON-LD `articleBody` as plain text: markup undone, one line a paragraph where it says so."""
    return _TAG.sub("\n", article_body)
