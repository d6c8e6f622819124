"""The entries of a feed that is well-formed XML, read in one pass with flat memory.

RSS 0.9 to 2.0, RDF and Atom differ in names, not in shape; namespaces are looked at only to tell an entry's own title
and link from those of its pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

from lxml.etree import iterparse

if TYPE_CHECKING:
    from lxml.etree import _Element

_PUBLISHED = ("published", "pubdate", "issued", "date", "created")
_UPDATED = ("updated", "modified")
_HTML_TYPES = ("", "text/html", "application/xhtml+xml")
_ADDRESS = ("http://", "https://")
_ORDER = ("origlink", "alternate", "link", "permalink", "id", "other")  # which address of an entry counts


@dataclass(slots=True)
class Entry:
    """One entry as it stands: its addresses by what they are called, its title, dates, and base."""

    addresses: dict[str, str] = field(default_factory=dict)
    title: str | None = None
    published: str | None = None
    updated: str | None = None
    base: str | None = None  #: `xml:base`, where one is in force

    @property
    def address(self) -> str:
        """The page the entry is about; empty where it names none."""
        return next((self.addresses[name] for name in _ORDER if name in self.addresses), "")


@dataclass(frozen=True, slots=True)
class Head:
    """What a feed says of itself: its title, or the address of its next page."""

    title: str | None = None
    further: str | None = None


def entries(body: bytes, *, recover: bool = False) -> Iterator[Entry | Head]:
    """The entries in their order. Raises lxml's XMLSyntaxError where the XML breaks, unless told to recover."""
    for element in ended(body, recover=recover):
        name, parent = local(element), element.getparent()
        if name in ("item", "entry"):
            yield _entry(element)
            discard(element)
        elif parent is not None and local(parent) in ("channel", "feed"):
            yield from _head(element, name)


def ended(body: bytes, *, recover: bool) -> Iterator[_Element]:
    """The elements of an XML document, each as it ends; no entity is resolved, and nothing else is read for it.

    Raises lxml's XMLSyntaxError where the XML breaks, unless told to recover.
    """
    parsed = iterparse(
        BytesIO(body),
        events=("end",),
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    return (element for _, element in parsed)


def local(element: _Element) -> str:
    """An element's name in lower case without its namespace, declared or not; empty for comments."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def discard(element: _Element) -> None:
    """Free an entry that was read, and those before it."""
    element.clear()
    while (before := element.getprevious()) is not None and local(before) == local(element):
        element.getparent().remove(before)


def _head(element: _Element, name: str) -> Iterator[Head]:
    if name == "title" and _namespace(element) == _namespace(element.getparent()):
        yield Head(title=_text(element))
    elif name == "link" and element.get("rel") in ("next", "prev-archive") and element.get("href"):
        yield Head(further=element.get("href"))


def _entry(element: _Element) -> Entry:
    """An entry from its children; where tags were not closed, from whatever lies within it."""
    entry = _from(element, element)
    return entry if entry.address else _from(element, element.iterdescendants())


def _from(element: _Element, children: Iterable[_Element]) -> Entry:
    entry, own = Entry(base=element.base), _namespace(element)
    dates: dict[str, str] = {}
    for child in children:
        name, text = local(child), _text(child)
        if name == "title" and _namespace(child) == own and entry.title is None:
            entry.title = text
        elif name in _PUBLISHED or name in _UPDATED:
            dates.setdefault(name, text)
        elif name in ("link", "guid", "id", "origlink"):
            kind, where = _address(child, name, text, own)
            if where:
                entry.addresses.setdefault(kind, where)
    entry.updated = next((dates[name] for name in _UPDATED if dates.get(name)), None)
    entry.published = next((dates[name] for name in _PUBLISHED if dates.get(name)), entry.updated)
    return entry


def _address(child: _Element, name: str, text: str, own: str) -> tuple[str, str]:
    """What an element that names an address is called here, and the address; empty where it names none."""
    if name == "origlink":
        return "origlink", text
    if name in ("guid", "id"):
        kind = "permalink" if name == "guid" and child.get("isPermaLink", "true").lower() == "true" else "id"
        return kind, text if text.startswith(_ADDRESS) else ""
    href = (child.get("href") or "").strip()
    if not href:
        return "link", text if _namespace(child) == own else ""
    if child.get("rel", "alternate") == "alternate" and child.get("type", "") in _HTML_TYPES:
        return "alternate", href
    return "other", href if child.get("rel") in (None, "alternate") else ""


def _namespace(element: _Element) -> str:
    tag = str(element.tag)
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def _text(element: _Element) -> str:
    """The text of an element and of what is inside it: Atom's titles may be XHTML."""
    return "".join(element.itertext(with_tail=False)).strip()
