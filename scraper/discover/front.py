"""Front and section pages: links to articles told from links to sections, services and other sites.

No rule here knows a language or a site. A link is judged by three things that all papers share: its address (a day, a
long slug, a number), its text (a headline is a sentence, a section a word or two), and its place (in a heading or an
article's box, or in the menu).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.clean.decode import Undecodable, decode
from scraper.discover.found import Found, Link, Problem
from scraper.discover.words import title_of
from scraper.rules.addresses import Refusal, address, is_file, is_front, key, within
from scraper.rules.discovery import Habits

LARGEST = 8 << 20  #: bytes of a page that are read
MOST = 2_000  #: links that are looked at
ENOUGH = 2.5  #: the score from which a link leads to an article

_DAY = re.compile(r"/(?:19|20)\d{2}[/-](?:0?[1-9]|1[0-2])(?:[/-](?:0?[1-9]|[12]\d|3[01]))?(?=[/_-]|\Z)")
_COMPACT_DAY = re.compile(r"(?<!\d)(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)")
_NUMBER = re.compile(r"(?<!\d)\d{5,}(?!\d)")
_CODE = re.compile(r"(?=[^/]*\d)(?=[^/]*[a-z])[a-z0-9]{8,}\Z|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{20,}", re.IGNORECASE)
_ENDING = re.compile(r"\.(?:s?html?|php|aspx?|ece|cms|jsp)\Z", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_HEADINGS = ("h1", "h2", "h3", "h4")
_FURNITURE = ("nav", "header", "footer", "menu")
_MENUS = ("nav", "header", "menu")
_STEPS = 12  # elements above a link that are looked at


@dataclass(frozen=True, slots=True)
class Anchor:
    """All links of a page to one address, taken together."""

    url: str
    text: str
    heading: bool  #: in a heading, or around one
    boxed: bool  #: in an `article` element
    furniture: bool  #: each of them in a menu, header or footer
    menu: bool = False  #: one of them in a menu or header


def front(body: bytes, url: str, habits: Habits) -> Found:
    """The links to articles on the front or section page at `url`, in its order; `passed` counts its other links."""
    if not body.strip():
        return Found("unknown", problem=Problem.EMPTY)
    found = list(anchors(body, url, habits))
    links = [
        Link(anchor.url, url, "front", title=title_of(anchor.text) if len(anchor.text.split()) > 2 else None)
        for anchor in found
        if score(anchor, habits) >= ENOUGH
    ]
    problem = Problem.TOO_MANY if len(found) >= MOST else None
    return Found("html", tuple(links), problem=problem, passed=len(found) - len(links))


def anchors(body: bytes, url: str, habits: Habits) -> Iterator[Anchor]:
    """The addresses within the site that a page links to, each once, in its order."""
    tree = parsed(body)
    if tree is None:
        return
    base = base_of(tree, url, habits)
    own, joined = key(url, habits.addresses), dict[str, Anchor]()
    for node in tree.css("a[href]"):
        told = address(node.attributes.get("href") or "", habits.addresses, base)
        if isinstance(told, Refusal) or not within(told, url, habits.addresses):
            continue
        same = key(told, habits.addresses)
        if same == own or is_file(told, habits.files):
            continue
        anchor = _anchor(node, told)
        joined[same] = _joined(joined[same], anchor) if same in joined else anchor
        if len(joined) >= MOST:
            break
    yield from joined.values()


def score(anchor: Anchor, habits: Habits) -> float:
    """How much a link looks like one to an article; from `ENOUGH` on it is taken for one."""
    if is_front(anchor.url, habits.addresses):
        return -10.0
    return _by_address(anchor.url, habits) + _by_text(anchor.text) + _by_place(anchor)


def parsed(body: bytes) -> LexborHTMLParser | None:
    """The tree of a page, of its first `LARGEST` bytes; None where the bytes are no text."""
    try:
        return LexborHTMLParser(decode(body[:LARGEST], "text/html", None).text)
    except (Undecodable, ValueError):
        return None


def base_of(tree: LexborHTMLParser, url: str, habits: Habits) -> str:
    """What relative links are relative to: the page's `base` element counts."""
    node = tree.css_first("base[href]")
    told = address(node.attributes.get("href") or "", habits.addresses, url) if node is not None else url
    return told if isinstance(told, str) else url


def _anchor(node: LexborNode, url: str) -> Anchor:
    text = " ".join(node.text(deep=True, separator=" ").split())
    if not text:
        picture = node.css_first("img[alt]")
        text = " ".join((picture.attributes.get("alt") or "").split()) if picture is not None else ""
    above = list(_above(node))
    heading = any(tag in _HEADINGS for tag in above[:4]) or node.css_first("h1, h2, h3, h4") is not None
    nearest = next((tag for tag in above if tag == "article" or tag in _FURNITURE), "")
    return Anchor(url, text, heading, nearest == "article", nearest in _FURNITURE, nearest in _MENUS)


def _above(node: LexborNode) -> Iterator[str]:
    """The elements around a link, from the inside, at most `_STEPS`; one with a role is called by it."""
    parent = node.parent
    for _ in range(_STEPS):
        if parent is None or parent.tag in (None, "body", "html"):
            return
        role = (parent.attributes.get("role") or "").lower()
        names = {"navigation": "nav", "banner": "header", "contentinfo": "footer", "menubar": "menu"}
        yield names.get(role, role if role == "article" else parent.tag)
        parent = parent.parent


def _joined(one: Anchor, other: Anchor) -> Anchor:
    """Two links to one address: the longer text, and the better place."""
    text = max((one.text, other.text), key=len)
    return replace(
        one,
        text=text,
        heading=one.heading or other.heading,
        boxed=one.boxed or other.boxed,
        furniture=one.furniture and other.furniture,
        menu=one.menu or other.menu,
    )


def _by_address(url: str, habits: Habits) -> float:
    parts = urlsplit(url)
    segments = [segment for segment in unquote(parts.path).lower().split("/") if segment]
    last = _ENDING.sub("", segments[-1]) if segments else ""
    dated = bool(_DAY.search(parts.path) or _COMPACT_DAY.search(parts.path))
    words = max((len(_WORD.findall(segment)) for segment in (*segments[-2:-1], last)), default=0)
    numbered = any(_NUMBER.search(text) for text in (*segments[1:][-2:], last, parts.query))
    points = 2.5 if dated else 0.0
    points += 2.5 if words >= 4 else 1.0 if words == 3 else 0.0
    points += 2.0 if numbered or _CODE.match(last) else 0.0
    points += 1.0 if any(segment in habits.articles for segment in segments[:-1]) else 0.0
    points -= 1.5 if len(segments) <= 1 and words <= 2 and not numbered else 0.0
    if any(segment in habits.lists for segment in segments):
        points -= 5.0 if words < 4 else 3.0
    if any(segment in habits.services for segment in ({segments[0], last} if segments else ())):
        points -= 3.0
    return points


def _by_text(text: str) -> float:
    words = len(_WORD.findall(text)) + len(_EAST_ASIAN.findall(text)) // 2
    if words >= 6:
        return 2.0
    if words >= 4:
        return 1.0
    return -1.0 if 0 < words <= 2 else 0.0


def _by_place(anchor: Anchor) -> float:
    points = 1.0 if anchor.heading else 0.0
    points += 0.5 if anchor.boxed else 0.0
    return points - (2.0 if anchor.furniture else 0.0)
