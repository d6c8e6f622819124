"""A page looked at from all sides before anything is decided: its blocks, its head, and what witnesses say.

`examine` is what the trainer of the block classifier sees too, so that it learns on what it will be asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.identity import site_of
from scraper.clean import declared
from scraper.clean.blockfeatures import Statements
from scraper.clean.blocks import MAX_BLOCKS, Marks, Segments, segment
from scraper.clean.candidates import Asked, by_publisher, by_trafilatura, witness
from scraper.clean.declared import Declared
from scraper.clean.jsonld import article_of, text_of
from scraper.clean.listings import set_aside
from scraper.clean.state import carries_data
from scraper.clean.titles import Saying, choose_title
from scraper.clean.tree import UNREAD, UNSEEN, prune
from scraper.rules.hints import Hints

NO_MARKS = Marks()
_MAX_HEADINGS = 30
_SHORTEST_BODY = 200  # characters under which an `articleBody` is a teaser


@dataclass(frozen=True, slots=True)
class Examined:
    """Everything a decision needs. `article` is the JSON-LD object of the article, empty where there is none."""

    segments: Segments
    said: Statements
    head: Declared
    article: Mapping[str, Any]
    title: Saying | None
    scripts: tuple[str, ...] = ()  #: those that may carry the page's data, JSON-LD left out


def examine(tree: LexborHTMLParser, url: str | None, hints: Hints, marks: Marks = NO_MARKS) -> Examined:
    """Look at a parsed page; what is not read is taken out of the tree on the way. Raises TooDeep."""
    head = declared.read(tree)
    headings = [" ".join(node.text().split()) for node in tree.css("h1")[:_MAX_HEADINGS]]
    article = article_of(head.objects, [head.first("og:title"), head.title, *headings])
    title = choose_title(headings, sayings(head, article), site_names(head, url))
    scripts = tuple(filter(carries_data, (node.text() for node in tree.css("script"))))
    prune(tree, UNSEEN)
    body = tree.body
    segments = _segments(body, hints, marks) if body is not None else Segments.empty()
    prune(tree, UNREAD)
    published = text_of(article.get("articleBody"))
    said = Statements(
        trafilatura=Asked(lambda: by_trafilatura(tree.html or "") if len(segments.blocks) <= MAX_BLOCKS else ""),
        publisher=witness(by_publisher(published)) if len(published) >= _SHORTEST_BODY else None,
        title=title.text if title else "",
        description=head.first("og:description", "description", "twitter:description"),
        article=bool(article) or "article" in head.first("og:type").lower(),
        live=head.live_by(article),
    )
    return Examined(segments, said, head, article, title, scripts)


def _segments(body: LexborNode, hints: Hints, marks: Marks) -> Segments:
    """The page's blocks; furniture, lists of links and what holds no text are taken out of the tree."""
    found = segment(body, hints, marks)
    if marks.body:
        return replace(found, nodes=())
    listings = set_aside(found)
    first, end, unread = found.elements.first, found.elements.end, frozenset(listings.elements)
    for node, element in reversed(found.nodes):  # inner ones first: what was freed must not be touched
        if element != 0 and (element < 0 or element in unread or first[element] == end[element]):
            node.decompose()
    return replace(listings.segments, nodes=())


def sayings(head: Declared, article: Mapping[str, Any]) -> list[Saying]:
    """What the head says the title is, the most trusted first."""
    return [
        Saying(text_of(article.get("headline")) or text_of(article.get("name")), "json-ld"),
        Saying(head.first("og:title"), "meta"),
        Saying(head.first("twitter:title"), "meta"),
        Saying(head.first("headline", "dc.title", "dcterms.title", "citation_title"), "meta"),
        Saying(head.title, "html"),
    ]


def site_names(head: Declared, url: str | None) -> Sequence[str]:
    """What the site may be called at the end of a title."""
    host = site_of(url) or site_of(head.canonical) or site_of(head.first("og:url")) or ""
    publishers = (item.get("publisher") for item in head.objects[:50])
    named = [text_of(publisher.get("name")) for publisher in publishers if isinstance(publisher, dict)]
    brand = max(host.split(".")[:-1], key=len, default="")
    handle = head.first("twitter:site").lstrip("@")
    return [head.first("og:site_name"), head.first("application-name"), host, brand, handle, *named]
