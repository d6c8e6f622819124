"""A site's rules applied to one page: which nodes go, which hold the article, and what fields it says."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.model import Field
from scraper.clean.authors import declared_authors
from scraper.clean.blocks import Marks
from scraper.clean.pubdates import first_stated
from scraper.rules.lines import LineRules
from scraper.rules.sites import Layout

_MOST_NODES = 20  # elements read for one field


def marks_of(layout: Layout | None, tree: LexborHTMLParser) -> Marks:
    """The nodes a layout speaks of; none where there is no layout."""
    if layout is None:
        return Marks()
    removed: dict[int, str] = {}
    for removal in layout.remove:
        for node in tree.css(removal.select):
            removed.setdefault(node.mem_id, f"site:{layout.host}/{removal.id}")
    body = frozenset(node.mem_id for node in tree.css(layout.body)) if layout.body else frozenset()
    return Marks(removed, body)


def site_fields(layout: Layout | None, tree: LexborHTMLParser, captured_at: str, rules: LineRules) -> dict[str, Field]:
    """The fields a layout finds in the page, by name."""
    if layout is None:
        return {}
    fields: dict[str, Field] = {}
    for name, selector in layout.fields.items():
        nodes = tree.css(selector)[:_MOST_NODES]
        if name in ("published", "modified"):
            sayings = [text for node in nodes for text in _dates(node)]
            value: str | tuple[str, ...] | None = first_stated(sayings, rules.months, captured_at)
        elif name == "authors":
            value = declared_authors([_text(node) for node in nodes], rules.vocabulary, ())
        else:
            value = next(filter(None, map(_text, nodes)), None)
        if value:
            fields[name] = Field(value, "rule")
    return fields


def _text(node: LexborNode) -> str:
    return " ".join((node.attributes.get("content") or node.text(separator=" ")).split())


def _dates(node: LexborNode) -> list[str]:
    attributes = node.attributes
    return [text for text in (attributes.get("datetime"), attributes.get("content"), _text(node)) if text]
