"""A page's text blocks in document order, and the tree of elements they hang from.

A block is a run of text that no block-level element, no line break and no table cell interrupts: what a reader sees
as one paragraph, heading, list item or cell. Every visible character of the page is in exactly one block; what a menu
or a button says is one block flagged as furniture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from selectolax.lexbor import LexborNode

from scraper.clean.tags import (
    AROUND,
    BLOCK_TAGS,
    FURNITURE_ROLES,
    FURNITURE_TAGS,
    HEADINGS,
    PICTURES,
    SILENT_TAGS,
    STRONG,
)
from scraper.rules.hints import Hints

#: Deeper nesting is no page any newsroom made; the libraries behind walk trees recursively in C.
MAX_DEPTH = 400

_AROUND_BITS = {tag: 1 << number for number, tag in enumerate(AROUND)}
MAX_BLOCKS = 8000  #: of a page; what comes after is not judged
_LARGE = 1500  # characters from which a furniture element is doubted
_LABEL = 120  # characters of what a button says; a role of that name around more is a paragraph that can be clicked


class TooDeep(Exception):
    """The tree is nested beyond `MAX_DEPTH`."""


@dataclass(slots=True)
class Elements:
    """The block-level elements on the way to text, in document order; 0 is the root. Parallel lists."""

    parent: list[int] = field(default_factory=list)
    tag: list[str] = field(default_factory=list)
    hints: list[int] = field(default_factory=list)  #: what its names hint at, as bits
    inside: list[int] = field(default_factory=list)  #: which of `AROUND` it is or is inside of, as bits
    depth: list[int] = field(default_factory=list)
    name: list[str] = field(default_factory=list)  #: tag and class: elements that look alike share it
    first: list[int] = field(default_factory=list)  #: number of the first block inside
    end: list[int] = field(default_factory=list)  #: number after the last block inside

    def add(self, parent: int, tag: str, hints: int, name: str, block: int) -> int:
        """The number of a new element whose first block, if any, will be `block`."""
        at = len(self.tag)
        own = _AROUND_BITS.get(tag, 0)
        self.parent.append(parent)
        self.tag.append(tag)
        self.hints.append(hints)
        self.name.append(name)
        self.first.append(block)
        self.end.append(block)
        self.inside.append(own | self.inside[parent] if at else own)
        self.depth.append(self.depth[parent] + 1 if at else 0)
        return at


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text. `linked`, `strong` count its characters in links and in bold or italics."""

    text: str
    element: int  #: the nearest block-level element around it, a number in `Elements`
    linked: int = 0
    strong: int = 0
    links: int = 0
    after_break: bool = False  #: a line break, not an element, parts it from the block before
    furniture: str | None = None  #: the rule by which it is no text: `tag:nav`
    pictures: int = 0  #: images and films between the block before and this one's end

    @property
    def words(self) -> int:
        """Its words, counted by the blanks between them."""
        return self.text.count(" ") + 1


@dataclass(frozen=True, slots=True)
class Segments:
    """The blocks of a page and the elements they hang from."""

    blocks: tuple[Block, ...]
    elements: Elements
    bodies: tuple[int, ...] = ()  #: elements that hold the article, by a site's rule
    #: While the tree is there: nodes of elements (with their number) and of furniture (-1), outer before inner.
    nodes: tuple[tuple[LexborNode, int], ...] = ()

    @staticmethod
    def empty() -> Segments:
        """Of a page without a body."""
        return Segments((), Elements())


@dataclass(frozen=True, slots=True)
class Marks:
    """What a site's rules say of nodes, by `mem_id`: the rule that removes one, and which hold the article."""

    removed: Mapping[int, str] = field(default_factory=dict)
    body: frozenset[int] = frozenset()


class _Segmenter:
    """The walk: `element` is the current block-level element, the buffer the text since the last edge."""

    def __init__(self, hints: Hints, marks: Marks, total: int) -> None:
        self.hints = hints
        self.marks = marks
        self.bodies: list[int] = []
        self.nodes: list[tuple[LexborNode, int]] = []
        self.seen: dict[str, int] = {}
        self.total = total
        self.elements = Elements()
        self.blocks: list[Block] = []
        self.element = 0
        self.in_link = self.in_strong = 0
        self.broken = False
        self.pictures = 0
        self._clear()

    def _clear(self) -> None:
        self.buffer: list[str] = []
        self.linked = self.strong = self.links = 0

    def flush(self) -> None:
        """End the current block at an edge."""
        if self.buffer:
            text = " ".join("".join(self.buffer).split())
            if text:
                beyond = "limit" if len(self.blocks) >= MAX_BLOCKS else None
                counts = (self.linked, self.strong, self.links)
                self.blocks.append(Block(text, self.element, *counts, self.broken, beyond, self.pictures))
                self.pictures = 0
            self._clear()
        self.broken = False

    def text(self, text: str) -> None:
        self.buffer.append(text)
        if self.in_link or self.in_strong:
            size = len(text.strip())
            self.linked += size if self.in_link else 0
            self.strong += size if self.in_strong else 0

    def enter(self, node: LexborNode, tag: str) -> bool:
        """Take note of an element's beginning; False where its inside is not to be walked."""
        if tag in SILENT_TAGS:
            self.pictures += tag in PICTURES
            return False
        if self.marks.removed and (rule := self.marks.removed.get(node.mem_id)) is not None:
            self.flush()
            self._take(node, rule)
            return False
        if tag == "br":
            self._break()
            return False
        if tag not in BLOCK_TAGS and tag not in FURNITURE_TAGS:
            self.in_link += tag == "a"
            self.links += tag == "a"
            self.in_strong += tag in STRONG
            return True
        self.flush()
        attributes = node.attributes
        role = attributes.get("role")
        if (tag in FURNITURE_TAGS or role in FURNITURE_ROLES) and self._is_furniture(node, tag, role):
            return False
        name = f"{tag}.{attributes.get('class') or ''}"
        self.nodes.append((node, len(self.elements.tag)))
        if node.mem_id in self.marks.body:
            self.bodies.append(len(self.elements.tag))
        self.element = self.elements.add(
            self.element, tag, self.hints.of(attributes, self.seen), name, len(self.blocks)
        )
        return True

    def leave(self, tag: str) -> None:
        """Take note of an element's end."""
        if tag in BLOCK_TAGS or tag in FURNITURE_TAGS:
            self.flush()
            self.elements.end[self.element] = len(self.blocks)
            self.element = self.elements.parent[self.element]
        else:
            self.in_link -= tag == "a"
            self.in_strong -= tag in STRONG

    def _break(self) -> None:
        if self.elements.tag[self.element] in HEADINGS:
            self.buffer.append(" ")
        else:
            self.flush()
            self.broken = True

    def _is_furniture(self, node: LexborNode, tag: str, role: str | None) -> bool:
        if tag == "footer" and self.elements.inside[self.element] & _AROUND_BITS["article"]:
            return False
        text = " ".join(node.text(separator=" ").split())
        if len(text) > _LARGE and len(text) > 0.3 * self.total:  # an unclosed <nav> around the page
            return False
        if role == "button" and tag not in FURNITURE_TAGS and len(text) > _LABEL:
            return False
        self._take(node, f"tag:{tag}" if tag in FURNITURE_TAGS else f"role:{role}")
        return True

    def _take(self, node: LexborNode, rule: str) -> None:
        self.nodes.append((node, -1))
        text = " ".join(node.text(separator=" ").split())
        if text:
            self.blocks.append(Block(text, self.element, len(text), 0, 1, furniture=rule))


def segment(body: LexborNode, hints: Hints, marks: Marks) -> Segments:
    """The blocks of what `body` holds. Raises TooDeep; walks without recursion."""
    walk = _Segmenter(hints, marks, len(body.text()))
    walk.elements.add(0, "body", 0, "body", 0)
    walk.nodes.append((body, 0))
    open_tags: list[str] = []
    node = body.child
    while node is not None:
        tag = node.tag or ""
        if tag == "-text":
            walk.text(node.text_content or "")
        elif walk.enter(node, tag):
            child = node.child
            if child is not None:
                open_tags.append(tag)
                if len(open_tags) > MAX_DEPTH:
                    raise TooDeep
                node = child
                continue
            walk.leave(tag)
        after = node.next
        while after is None and open_tags and node.parent is not None:
            node = node.parent
            walk.leave(open_tags.pop())
            after = node.next
        node = after
    walk.flush()
    walk.elements.end[0] = len(walk.blocks)
    return Segments(tuple(walk.blocks), walk.elements, tuple(walk.bodies), tuple(walk.nodes))


def readable(segments: Segments) -> Segments:
    """The same without furniture: the blocks that have to be decided, and the elements' runs of them."""
    counts = [0]
    for block in segments.blocks:
        counts.append(counts[-1] + (block.furniture is None))
    old = segments.elements
    elements = replace(old, first=[counts[n] for n in old.first], end=[counts[n] for n in old.end])
    return Segments(tuple(b for b in segments.blocks if b.furniture is None), elements, segments.bodies)
