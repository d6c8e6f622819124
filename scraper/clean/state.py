"""The article's text in the data that a page's scripts carry for drawing it: `__NEXT_DATA__`, Fusion, a store's state.

Newsrooms name their fields as they please, so no name of a field is asked for. The data is a tree, and an article is
where its prose is: from the root one goes into the child that holds most of it, down to the list of paragraphs or the
one string that is the text. Work is bounded, whatever the page holds.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from scraper.clean.shape import CLOSERS, TERMINATORS

_MOST = 1_500_000  # characters of a page's scripts that are read
_SHORTEST = 800  # characters of a script that may hold an article
_TRIES = 12  # values looked for in a script that is no JSON as a whole
_MOST_NODES = 60_000
_DEEPEST = 60
_PROSE = 8  # words from which a string that ends like a sentence is prose
_SENTENCE = 300  # characters of a sentence at most, on the average
_PARAGRAPH = 250  # words above which a branch is a text of its own, not a paragraph of one
_ANCHOR, _OPENING = 60, 40  # characters of a shown paragraph that is looked for, and of its beginning
_NAMED = 10  # letters of a title that may go on with the site's name
_PIECE, _LONGEST = 400, 1600  # characters of a part of a paragraph, and of a paragraph, at most
_LEAST = 60  # words of an article

_VALUE = re.compile(r"=\s*(?=[{\[])|JSON\.parse\(\s*(?:String\.raw)?(?=[\"'`])")
_FLIGHT = re.compile(r"__next_f(?:=self\.__next_f\|\|\[\]\))?\.push\(")
_ROW = re.compile(r"([0-9a-f]{1,6}):(?:T([0-9a-f]{1,6}),|(?=[\[{]))")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_BLOCK = re.compile(r"<(?:/?(?:p|div|h[1-6]|li|ul|ol|blockquote|section|figure|table|tr|td)\b|br\b)[^<>]{0,500}>", re.I)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,1000}>")
_STOP = re.compile(f"[{re.escape(TERMINATORS)}][\\s{re.escape(CLOSERS)}]")
_CODE = re.compile(r"[{}]|=>|\b(?:function|var|const)\b|://\S+$")


@dataclass(slots=True)
class _Node:
    """A value: its prose in words, its strings under it by the name of their field."""

    words: float = 0.0
    children: list[_Node] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)  #: of a leaf: the field's name and the string
    strings: tuple[str, ...] = ()  #: short strings right in it, where a title may be


def carries_data(script: str) -> bool:
    """Whether a script may hold an article; JSON-LD, which is read elsewhere, does not."""
    return (len(script) >= _SHORTEST and '"' in script and "schema.org" not in script[:200]) or "__next_f" in script[
        :120
    ]


def body_in(scripts: Sequence[str], shown: Sequence[str], titles: Sequence[str]) -> str:
    """The text of the article that scripts carry, a line a paragraph; "" where nothing vouches for one.

    `shown` are paragraphs of it that the page shows, which lead to the rest; where it shows none, one of the page's
    `titles` must stand beside the text.
    """
    keys = frozenset(filter(None, map(_key, titles)))
    known = [_key(text) for text in shown if len(text) >= _ANCHOR]
    found = ""
    for value in _values(scripts):
        root = _measure(value, "", [_MOST_NODES], _DEEPEST)
        texts = _around(root, known) if known else [_said(_descended(node)) for node in _titled(root, keys)]
        found = max((found, *texts), key=len)
    return found


def _around(root: _Node, known: Sequence[str]) -> Iterator[str]:
    """The texts in whose lists of paragraphs one of the shown stands."""
    for path in islice(_paths(root, known, []), _TRIES):
        node = path.pop()
        name = node.texts[0][0]
        size = _size(node, name)
        for above in reversed(path):
            sizes = [_size(child, name) for child in above.children]
            if sum(sizes) > size:
                if size > max(_PIECE, sum(sizes) / 2) or max(sizes) > _LONGEST:
                    break
                node, size = above, sum(sizes)
        yield _said(node, name)


def _size(node: _Node, name: str) -> int:
    """Characters of the strings of one field."""
    return sum(map(len, _strings(node, name)))


def _paths(node: _Node, known: Sequence[str], above: list[_Node]) -> Iterator[list[_Node]]:
    """From the root to each leaf that has the beginning of a shown paragraph, or is a part of one."""
    here = [*above, node]
    for _, text in node.texts:
        own = _key(_TAG.sub("", text)) if len(text) >= _OPENING else ""
        if len(own) >= _OPENING and any(key[:_OPENING] in own or own in key for key in known):
            yield here
    for child in node.children:
        yield from _paths(child, known, here)


def _titled(node: _Node, titles: frozenset[str]) -> list[_Node]:
    """The smallest nodes that hold both a title, at most one step down, and an article's worth of prose."""
    if node.words < _LEAST:
        return []
    inner = [found for child in node.children for found in _titled(child, titles)]
    if sum(found.words for found in inner) >= node.words / 2:
        return inner
    near = (string for held in (node, *node.children) for string in held.strings)
    return [*inner, node] if any(_is_title(_key(string), titles) for string in near) else inner


def _is_title(key: str, titles: frozenset[str]) -> bool:
    """Whether a string is one of the titles, or one without the site's name behind it."""
    return key in titles or (len(key) >= _NAMED and any(t.startswith(key) and len(t) < 2 * len(key) for t in titles))


def _descended(node: _Node) -> _Node:
    """The list of paragraphs, or the one string, that holds most of a node's prose."""
    while node.children:
        heaviest = max(node.children, key=lambda child: child.words)
        if heaviest.words < node.words / 2 and heaviest.words <= _PARAGRAPH:
            break
        node = heaviest
    return node


def _said(node: _Node, name: str | None = None) -> str:
    """The strings of the named field, else of the one that says most, a line for each child of the node."""
    return "\n".join(_paragraphs(node, _field(node) if name is None else name))


def _paragraphs(node: _Node, name: str) -> Iterator[str]:
    seen: set[str] = set()
    for part in node.children or (node,):
        said = "".join(_strings(part, name))
        for line in html.unescape(_TAG.sub("", _BLOCK.sub("\n", said))).split("\n"):
            text = " ".join(line.split())
            if text and text not in seen and any(map(str.isalnum, text)):
                seen.add(text)
                yield text


def _field(node: _Node) -> str:
    """The name of the field whose strings hold most of a node's text."""
    sizes: Counter[str] = Counter()
    for leaf in _leaves(node):
        for name, text in leaf.texts:
            sizes[name] += len(text) if " " in text else 0
    return max(sizes, key=lambda name: sizes[name], default="")


def _leaves(node: _Node) -> Iterator[_Node]:
    if node.texts:
        yield node
    for child in node.children:
        yield from _leaves(child)


def _strings(node: _Node, name: str) -> Iterator[str]:
    return (text for leaf in _leaves(node) for own, text in leaf.texts if own == name)


def _measure(value: Any, name: str, budget: list[int], depth: int) -> _Node:
    budget[0] -= 1
    if isinstance(value, str):
        return _Node(_prose(value), texts=[(name, value)])
    node = _Node()
    if not isinstance(value, (list, dict)) or budget[0] <= 0 or depth == 0:
        return node
    items = value.items() if isinstance(value, dict) else ((name, item) for item in value)
    short = []
    for key, item in items:
        if isinstance(item, (str, list, dict)) and item:
            node.children.append(_measure(item, key, budget, depth - 1))
            if isinstance(item, str) and len(item) <= 300:
                short.append(item)
    node.strings = tuple(short)
    node.words = sum(child.words for child in node.children)
    return node


def _prose(text: str) -> float:
    """Words of a string that reads like a sentence or several, else 0."""
    if len(text) < 30:
        return 0.0
    plain = _TAG.sub(" ", text).strip() if "<" in text else text.strip()
    ends = plain.rstrip(CLOSERS).endswith(tuple(TERMINATORS))
    if not (ends or len(_STOP.findall(plain)) > len(plain) / _SENTENCE) or len(_CODE.findall(plain[:2000])) > 2:
        return 0.0
    words = plain.count(" ") + 1
    if len(_UNSPACED.findall(plain[:200])) > 50:
        words = len(plain) // 2
    return float(words) if words >= _PROSE else 0.0


def _key(text: str) -> str:
    return "".join(c for c in html.unescape(text).casefold() if c.isalnum())


def _values(scripts: Sequence[str]) -> Iterator[Any]:
    """What the scripts' data is, parsed."""
    left = _MOST
    flight: list[str] = []
    for script in scripts:
        if len(script) > left:
            continue
        pushed = _FLIGHT.match(script.lstrip()[:80].removeprefix("(").removeprefix("self."))
        if pushed is not None or "__next_f.push(" in script[:120]:
            flight.append(_pushed(script))
            left -= len(script)
        elif len(script) >= _SHORTEST:
            left -= len(script)
            yield from _assigned(script)
    if flight:
        yield list(_rows("".join(flight)))


def _assigned(script: str) -> Iterator[Any]:
    text = script.strip()
    if text[:1] in ("{", "["):
        value, _ = _parsed(text, 0)
        if value is not None:
            yield value
            return
    at = 0
    for _ in range(_TRIES):
        match = _VALUE.search(text, at)
        if match is None:
            return
        at = match.end()
        value, end = _parsed(text, at) if text[at] in "{[" else _quoted(text, at)
        if value is not None:
            yield value
            at = end


def _parsed(text: str, at: int) -> tuple[Any, int]:
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, at)
    except (ValueError, RecursionError):
        return None, at


def _quoted(text: str, at: int) -> tuple[Any, int]:
    """JSON inside a string: `JSON.parse("{...}")`."""
    if text[at] == '"':
        inner, end = _parsed(text, at)
        return (_parsed(inner, 0)[0], end) if isinstance(inner, str) else (None, at)
    end = text.rfind(text[at])
    return (_parsed(text[at + 1 : end], 0)[0], end) if end > at else (None, at)


def _pushed(script: str) -> str:
    """The string in `self.__next_f.push([1,"..."])`."""
    at = script.find("[1,")
    value, _ = _parsed(script, at + 3) if at >= 0 else (None, 0)
    return value if isinstance(value, str) else ""


def _rows(text: str) -> Iterator[Any]:
    """The rows of React's flight format: `id:` and JSON, or `id:T`, a length in bytes and text for `$id` elsewhere."""
    texts: dict[str, str] = {}
    values: list[Any] = []
    at = 0
    while at < len(text):
        match = _ROW.match(text, at)
        if match is None:
            at = text.find("\n", at) + 1
            if at == 0:
                break
        elif match[2]:
            size = int(match[2], 16)
            own = text[match.end() : match.end() + size].encode()[:size].decode("utf-8", "ignore")
            texts[f"${match[1]}"] = own
            at = match.end() + max(1, len(own))
        else:
            value, at = _parsed(text, match.end())
            values.append(value)
            at += text[at : at + 1] == "\n"
            if value is None:
                at += 1
    return (_filled(value, texts, _DEEPEST) for value in values)


def _filled(value: Any, texts: Mapping[str, str], depth: int) -> Any:
    """A value with the texts its strings refer to."""
    if isinstance(value, str):
        return texts.get(value, value) if value[:1] == "$" else value
    if depth == 0:
        return None
    if isinstance(value, list):
        return [_filled(item, texts, depth - 1) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item, texts, depth - 1) for key, item in value.items()}
    return value
