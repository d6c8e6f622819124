"""Links in an article's text, which itself holds none: taken from the archived page, and led to what is archived.

A link of the page stands in the text where its paragraph does: menus may say the same words, and are not meant. An
address of which the archive has an article leads there, and from there one click leads to the live page.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from markupsafe import Markup
from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.browse.addresses import forms
from archive.browse.words import is_web
from archive.model import Page

_MOST_BYTES = 3_000_000  # of a page that is looked through
_MOST_TEXT = 2_000_000  # characters of paragraphs that are compared
_MOST_LOOKED = 2_000  # links of a page
_MOST = 200  # links that are shown
_BLOCKS = frozenset(
    (
        "p",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "td",
        "dd",
        "dt",
        "figcaption",
        "div",
        "section",
        "article",
    )
)
_BARE = re.compile(r"https?://[^\s<>\"'“”«»]+[^\s<>\"'“”«».,;:!?)\]]")
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_STANDS = "SELECT article_id FROM addresses WHERE url IN ({places}) LIMIT 1"


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page: its words, where it leads, and the paragraph it stands in, spaces made one."""

    words: str
    address: str
    paragraph: str


@dataclass(frozen=True, slots=True)
class Place:
    """A link in a paragraph of the text: from and to which character, and where it leads."""

    start: int
    end: int
    address: str


def links(page: Page) -> Iterator[Link]:
    """The links of an HTML page that lead to the web, in order; none of a page that is too large, or no HTML."""
    if page.media_type != "text/html" or len(page.body) > _MOST_BYTES:
        return
    tree = LexborHTMLParser(_decoded(page))
    base = tree.css_first("base[href]")
    home = urljoin(page.url or "", (base.attributes.get("href") or "") if base else "")
    paragraphs: dict[int, str] = {}
    left, looked = _MOST_TEXT, 0
    for node in tree.css("a[href]"):
        block = _block_of(node)
        if block is None:
            continue
        if block.mem_id not in paragraphs:
            paragraphs[block.mem_id] = " ".join(block.text().split())
            left -= len(paragraphs[block.mem_id])
        if left < 0 or looked > _MOST_LOOKED:
            return
        words, address = " ".join(node.text().split()), _joined(home, node.attributes.get("href") or "")
        if words and is_web(address):
            yield Link(words, address, paragraphs[block.mem_id])
            looked += 1


def _decoded(page: Page) -> str:
    declared = _CHARSET.search(page.body[:2048])
    charset = page.charset or (declared[1].decode("ascii") if declared else "utf-8")
    try:
        return page.body.decode(charset, "replace")
    except LookupError:
        return page.body.decode("utf-8", "replace")


def _block_of(node: LexborNode) -> LexborNode | None:
    above = node.parent
    while above is not None and above.tag not in _BLOCKS:
        above = above.parent
    return above


def _joined(home: str, href: str) -> str:
    try:
        return urljoin(home, href.strip())
    except ValueError:
        return ""


def places(paragraphs: Sequence[str], found: Iterator[Link]) -> list[list[Place]]:
    """Where the links stand in the paragraphs of a text, and bare addresses with them; none overlap."""
    plain = [" ".join(text.split()) for text in paragraphs]
    numbers = {text: number for number, text in enumerate(plain)}
    of_paragraph: defaultdict[int, list[Link]] = defaultdict(list)
    for link in found:
        number = numbers.get(link.paragraph)
        if number is None:  # a block that line breaks made several paragraphs of
            parts = (n for n, text in enumerate(plain) if link.words in text and text in link.paragraph)
            number = next(parts, None)
        if number is not None:
            of_paragraph[number].append(link)
    return [list(_in_paragraph(text, of_paragraph[number])) for number, text in enumerate(paragraphs)]


def _in_paragraph(text: str, found: Sequence[Link]) -> Iterator[Place]:
    at = 0
    for link in found:
        words = re.compile(r"\s+".join(map(re.escape, link.words.split())))
        if match := words.search(text, at):
            yield from _bare(text, at, match.start())
            yield Place(match.start(), match.end(), link.address)
            at = match.end()
    yield from _bare(text, at, len(text))


def _bare(text: str, start: int, end: int) -> Iterator[Place]:
    for match in _BARE.finditer(text, start, end):
        if is_web(match[0]):
            yield Place(match.start(), match.end(), match[0])


def archived(conn: sqlite3.Connection, found: Sequence[Sequence[Place]]) -> dict[str, int]:
    """Of the addresses of links, those at which an article stands in the archive, with its id."""
    known = {}
    for address in dict.fromkeys(place.address for part in found for place in part):
        kept = forms(address)
        row = conn.execute(_STANDS.format(places=", ".join("?" * len(kept))), kept).fetchone()
        if row is not None:
            known[address] = int(row[0])
    return known


def limited(found: Sequence[Sequence[Place]]) -> list[list[Place]]:
    """The first of the links, so that a page of nothing but links is read, too."""
    left = _MOST
    kept = []
    for part in found:
        kept.append(list(part[:left]))
        left -= len(kept[-1])
    return kept


def marked(text: str, found: Sequence[Place], known: dict[str, str]) -> Markup:
    """A paragraph with its links; `known` are the pages of addresses that are archived. All of it is escaped."""
    out, at = Markup(), 0
    for place in found:
        words = text[place.start : place.end]
        if place.address in known:
            link = Markup('<a href="{}">{}</a>').format(known[place.address], words)
        else:
            live = Markup('<a class="live" rel="noreferrer noopener external" href="{}">{}</a>')
            link = live.format(place.address, words)
        out += text[at : place.start] + link
        at = place.end
    return out + text[at:]
