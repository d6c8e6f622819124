"""What a page declares about itself in its head: meta elements, links, JSON-LD. Read once, judged elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.clean import jsonld

_NAMES = ("property", "name", "itemprop", "http-equiv")
_MAX_METAS = 500
_MAX_TIMES = 50
_FEW = 4
_PERSONS = '[itemprop~="author"] [itemprop~="name"], [itemprop~="author"]:not(:has([itemprop~="name"]))'
_WRITERS = '[rel~="author"], .author a, .byline a, .autor a, .firma a, .author-name, .byline-name, .byline__name'
_BY_LINK = ",".join(f'a[href*="/{name}/"]' for name in ("author", "authors", "autor", "autores", "auteur", "auteurs",
                    "autore", "autori", "autoren", "redaktion", "journalist", "columnist"))  # fmt: skip
_LIVE = '[itemtype$="schema.org/LiveBlogPosting"], amp-live-list'
_LIVE_TYPE = "liveblogposting"
_UPDATES = 2  # reports that a statement must hold, where it is not the statement of the page's own article
_MOST_STATEMENTS = 200  # objects of JSON-LD
_MAX_VALUE = 5000  # characters of a meta element's content


@dataclass(frozen=True, slots=True)
class Declared:
    """Statements of a page's head. `meta` is keyed by lower-case name or property, values in document order."""

    meta: Mapping[str, tuple[str, ...]]
    objects: tuple[Mapping[str, Any], ...]  #: of JSON-LD, outer before inner
    title: str  #: the `<title>`
    language: str  #: `<html lang>`
    canonical: str  #: `<link rel=canonical>`
    persons: tuple[str, ...] = ()  #: authors in microdata
    writers: tuple[str, ...] = ()  #: links and spans marked as author, where the page has few: more are teasers'
    by_link: tuple[str, ...] = ()  #: what links to pages of authors say, where there are few
    section: str = ""  #: in microdata
    live: bool = False  #: a live blog, by microdata or by AMP's element
    times: tuple[str, ...] = ()  #: dates in microdata, then those of `<time>` where they agree on the day

    @property
    def statements(self) -> tuple[Mapping[str, Any], ...]:
        """The objects of JSON-LD that are asked what they are: the first ones, so that it costs a bounded time."""
        return self.objects[:_MOST_STATEMENTS]

    def live_by(self, article: Mapping[str, Any]) -> str:
        """Who says that the page is a live blog: "json-ld", "microdata"; "" for nobody. `article` is JSON-LD's own."""
        if _LIVE_TYPE in jsonld.types(article):
            return "json-ld"
        for item in self.statements:
            updates = item.get("liveBlogUpdate")
            if _LIVE_TYPE in jsonld.types(item) and isinstance(updates, list) and len(updates) >= _UPDATES:
                return "json-ld"
        return "microdata" if self.live else ""

    def first(self, *names: str) -> str:
        """The first non-empty value under the first of the names that has one; "" for none."""
        return next((value for name in names for value in self.meta.get(name, ()) if value), "")


def read(tree: LexborHTMLParser) -> Declared:
    """What the head (and microdata in the body) declares."""
    scripts = [node.text() for node in tree.css('script[type*="ld+json" i]')]
    root = tree.root
    return Declared(
        meta=_meta(tree.css("meta")[:_MAX_METAS]),
        objects=tuple(jsonld.objects(scripts)),
        title=_text(tree.css_first("head > title") or tree.css_first("title")),
        language=((root.attributes.get("lang") or root.attributes.get("xml:lang") or "") if root else "").strip(),
        canonical=_attribute(tree.css_first('link[rel~="canonical" i]'), "href"),
        persons=_few(tree, _PERSONS),
        writers=_few(tree, _WRITERS),
        by_link=_few(tree, _BY_LINK),
        section=_text(tree.css_first('[itemprop~="articleSection"]:not(meta)')),
        live=tree.css_first(_LIVE) is not None,
        times=_times(tree),
    )


def _meta(nodes: list[LexborNode]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for node in nodes:
        attributes = node.attributes
        value = " ".join((attributes.get("content") or attributes.get("value") or "")[:_MAX_VALUE].split())
        for key in _NAMES:
            name = attributes.get(key)
            if name and value:
                found.setdefault(name.strip().lower(), []).append(value)
    return {name: tuple(values) for name, values in found.items()}


def _text(node: LexborNode | None) -> str:
    return " ".join(node.text().split()) if node is not None else ""


def _attribute(node: LexborNode | None, name: str) -> str:
    return (node.attributes.get(name) or "").strip() if node is not None else ""


def _few(tree: LexborHTMLParser, selector: str) -> tuple[str, ...]:
    """The distinct texts a selector finds; none where there are too many to be one article's."""
    found = tuple(dict.fromkeys(filter(None, map(_said, tree.css(selector)[:_MAX_TIMES]))))
    return found if len(found) <= _FEW else ()


def _said(node: LexborNode) -> str:
    return _attribute(node, "content") or _text(node)


def _times(tree: LexborHTMLParser) -> tuple[str, ...]:
    said = [_date(node) for node in tree.css('[itemprop~="datePublished"], time[pubdate]')[:_MAX_TIMES]]
    stamps = [_attribute(node, "datetime") for node in tree.css("time[datetime]")[:_MAX_TIMES]]
    one_day = len({stamp[:10] for stamp in stamps}) == 1
    return tuple(filter(None, (*said, *(stamps[:1] if one_day else ()))))


def _date(node: LexborNode) -> str:
    return _attribute(node, "content") or _attribute(node, "datetime") or _text(node)
