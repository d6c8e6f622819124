"""A page's tree: one parse, guarded against nesting that would take the parser quadratic time."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from scraper.clean.blocks import TooDeep
from scraper.clean.tags import SELF_ENDING

#: What no reader sees, gone before blocks are made.
UNSEEN = "script,style,template,svg,iframe"
#: What trafilatura is not asked about: the head was read.
UNREAD = "link,meta"

_SAFE = 12_000  # open elements up to which the parser is fast, and tags up to which nothing needs to be counted
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*?(/?)>")
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{16384,}")
_MAX_ATTRIBUTES = 3000  # of one element: the parser compares each with all before
_RAW = frozenset({"script", "style"})


def parse(text: str) -> LexborHTMLParser:
    """The parsed page. Raises TooDeep where elements are opened thousands deep: the parser's time is quadratic then."""
    if text.count("<") > _SAFE and _depth(text) > _SAFE:
        raise TooDeep
    return LexborHTMLParser(_LONG_TAG.sub(_fewer_attributes, text))


def prune(tree: LexborHTMLParser, select: str) -> None:
    """Take out of the tree what a selector finds. Inner elements go first: what was freed must not be touched."""
    found = {node.mem_id: node for node in tree.css(select)}
    for node in reversed(found.values()):
        node.decompose()


def _fewer_attributes(tag: re.Match[str]) -> str:
    """A tag as it is, or without its attributes where they are thousands."""
    return tag[0] if len(tag[0].split(None, _MAX_ATTRIBUTES)) <= _MAX_ATTRIBUTES else tag[0].split(None, 1)[0]


def _depth(text: str) -> int:
    """The most elements open at once, about: tags are counted, not matched."""
    if text.count("<") - 2 * text.count("</") <= _SAFE and text.count("</") <= _SAFE:
        return 0
    depth = deepest = at = 0
    while (match := _TAG.search(text, at)) is not None:
        at = match.end()
        name = match[2].lower()
        if name in _RAW and not match[1]:
            at = _end_of_raw(text, name, at)
        elif not match[3] and name not in SELF_ENDING:
            depth = max(0, depth - 1) if match[1] else depth + 1
            deepest = max(deepest, depth)
    return deepest


def _end_of_raw(text: str, name: str, at: int) -> int:
    """Where a script or style ends: its text holds no tags."""
    found = re.compile(f"</{name}", re.IGNORECASE).search(text, at)
    return found.start() if found else len(text)
