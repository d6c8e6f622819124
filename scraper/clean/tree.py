"""A page's tree: one parse, guarded against nesting that would take the parser quadratic time."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from scraper.clean.blocks import TooDeep

#: What no reader sees, gone before blocks are made.
UNSEEN = "script,style,template,noscript,svg,iframe"
#: What trafilatura needs as little as a reader does; gone before it sees the page.
UNREAD = "nav,button,select,textarea,dialog,link,meta"

_SAFE = 3000  # open elements up to which the parser is fast, and tags up to which nothing needs to be counted
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*?(/?)>")
_SCRIPT = re.compile(r"<(script|style)\b.*?</\1\s*>", re.S | re.I)
#: Elements without an end, or whose end the next one of their kind implies.
_SELF_ENDING = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "td",
        "th",
        "tr",
        "dt",
        "dd",
        "option",
        "tbody",
        "thead",
        "tfoot",
        "path",
        "rect",
        "circle",
        "use",
        "g",
    ]
)


def parse(text: str) -> LexborHTMLParser:
    """The parsed page. Raises TooDeep where elements are opened thousands deep: the parser's time is quadratic then."""
    if text.count("<") > _SAFE and _depth(text) > _SAFE:
        raise TooDeep
    return LexborHTMLParser(text)


def prune(tree: LexborHTMLParser, select: str) -> None:
    """Take out of the tree what a selector finds. Inner elements go first: what was freed must not be touched."""
    found = {node.mem_id: node for node in tree.css(select)}
    for node in reversed(found.values()):
        node.decompose()


def _depth(text: str) -> int:
    """The most elements open at once, about: tags are counted, not matched."""
    if text.count("<") - 2 * text.count("</") <= _SAFE and text.count("</") <= _SAFE:
        return 0
    depth = deepest = 0
    for match in _TAG.finditer(_SCRIPT.sub("", text)):
        if match[3] or match[2].lower() in _SELF_ENDING:
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest
