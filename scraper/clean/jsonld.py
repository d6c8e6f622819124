"""What a page's JSON-LD says of its article.

In the wild it is broken: comments around it, commas too many, entities, control characters, lists and graphs in
lists. What can be read is read; the rest is passed over. Work is bounded, whatever the page holds.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_MAX_SCRIPT = 2_000_000  # characters of one script
_MAX_NODES = 3000  # objects looked at in a page
_MAX_DEPTH = 40

_WRAPPING = re.compile(r"^\s*(?:<!--|<!\[CDATA\[|/\*.*?\*/|//[^\n]*\n)+|(?:-->|\]\]>|//\s*\]\]>|;)\s*$", re.S)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_WORD = re.compile(r"\w+")
_LINE_COMMENT = re.compile(r"^\s*//[^\n]*$", re.M)

# fmt: off
#: schema.org's kinds of article, in lower case.
ARTICLE_TYPES = frozenset({
    "advertisercontentarticle", "analysisnewsarticle", "article", "askpublicnewsarticle", "backgroundnewsarticle",
    "blogposting", "liveblogposting", "medicalwebpage", "newsarticle", "opinionnewsarticle", "report",
    "reportagenewsarticle", "review", "reviewnewsarticle", "satiricalarticle", "scholarlyarticle",
    "socialmediaposting", "techarticle",
})
# fmt: on


def objects(scripts: list[str]) -> list[dict[str, Any]]:
    """All objects of a page's JSON-LD scripts, outer before inner, in document order."""
    found: list[dict[str, Any]] = []
    for script in scripts:
        if len(script) <= _MAX_SCRIPT:
            for item in _walk(_parse(script), _MAX_DEPTH):
                if len(found) >= _MAX_NODES:
                    return found
                found.append(item)
    return found


def types(item: Mapping[str, Any]) -> set[str]:
    """The object's types in lower case, without the vocabulary's address."""
    value = item.get("@type")
    names = value if isinstance(value, list) else [value]
    return {name.rsplit("/", 1)[-1].lower() for name in names if isinstance(name, str)}


def article_of(found: Sequence[Mapping[str, Any]], titles: Sequence[str]) -> Mapping[str, Any]:
    """The object that is the page's own article, empty where there is none.

    A page may describe others too (lists, related stories): the one whose headline the page's titles say wins, then
    the one with a body, then the first.
    """
    articles = [item for item in found if types(item) & ARTICLE_TYPES]
    said = [_key(title) for title in titles if title]

    def worth(item: Mapping[str, Any]) -> tuple[bool, bool]:
        headline = _key(text_of(item.get("headline") or item.get("name")))
        return bool(headline) and any(headline in title or title in headline for title in said), "articleBody" in item

    return max(articles, key=worth, default={})


def text_of(value: Any) -> str:
    """A string, or the first string of a list or of an object's `@value` or `name`; entities undone."""
    if isinstance(value, list):
        return next((text for item in value[:20] if (text := text_of(item))), "")
    if isinstance(value, dict):
        return text_of(value.get("@value") or value.get("name"))
    return html.unescape(value).strip() if isinstance(value, str) else ""


def _key(text: str) -> str:
    return " ".join(_WORD.findall(html.unescape(text).casefold()))


def _parse(script: str) -> Any:
    text = script.strip().strip("\ufeff")
    for repair in (_as_is, _unwrapped, _without_commas, _unescaped):
        text = repair(text)
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
    return _first_value(text)


def _as_is(text: str) -> str:
    return text


def _unwrapped(text: str) -> str:
    return _WRAPPING.sub("", text)


def _without_commas(text: str) -> str:
    return _TRAILING_COMMA.sub(r"\1", _LINE_COMMENT.sub("", text))


def _unescaped(text: str) -> str:
    return html.unescape(text) if "&quot;" in text or "&#34;" in text else text


def _first_value(text: str) -> Any:
    """The first whole value of a script that goes on after it; None where there is none."""
    start = min((at for at in (text.find("{"), text.find("[")) if at >= 0), default=-1)
    if start < 0:
        return None
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None


def _walk(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth == 0:
        return
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth - 1)
    elif isinstance(value, dict):
        yield value
        for item in value.values():
            if isinstance(item, (dict, list)):
                yield from _walk(item, depth - 1)
