"""Bytes of feeds and sitemaps made ready for a parser: unpacked within a bound, in Unicode, harmless.

What feeds get wrong most is put right here, once for all parsers: a byte order mark or warnings of PHP before the
declaration, a wrong encoding, bare ampersands, HTML's entities, control characters. Document types go, and with them
every declared entity (CWE-776, CWE-611): no parser after this one meets any.
"""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Iterator
from typing import Literal

from scraper.clean.decode import Undecodable, decode

Root = Literal["rss", "rdf", "feed", "urlset", "sitemapindex", "html", "json", "text", ""]

_GZIP = b"\x1f\x8b"
_PIECE = 1 << 16
_HEAD = 16384  # characters in which the first element has to begin
_ROOT = re.compile(
    r"<(?:[A-Za-z][\w.-]{0,40}:)?(rss|rdf|feed|urlset|sitemapindex|html|head|body|!doctype\s+html)(?=[\s>/])",
    re.IGNORECASE,
)
_DECLARING = re.compile(r"<!(?=DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
_CDATA = "<![CDATA["
_PREFIX = re.compile(r"<([A-Za-z_][\w.-]{0,30}):[\w.-]")
_NAMESPACE = re.compile(r"xmlns:([A-Za-z_][\w.-]{0,30})\s{0,9}=")
_START = re.compile(r"<[\w.:-]+")
_MOST_PREFIXES = 50
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_AMPERSAND = re.compile(r"&(#\d{1,7};|#[xX][0-9A-Fa-f]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)?")
_OF_XML = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})


def unpacked(body: bytes, limit: int) -> tuple[bytes, bool]:
    """The bytes without gzip (RFC 1952; one or more members), at most `limit` of them, and whether that cut any.

    Damaged or truncated gzip gives what could be unpacked.
    """
    if not body.startswith(_GZIP):
        return body[:limit], len(body) > limit
    pieces, room, rest = [], limit + 1, body
    while rest.startswith(_GZIP) and room > 0:
        member = zlib.decompressobj(wbits=31)
        try:
            while room > 0 and not member.eof and (piece := member.decompress(rest, min(room, _PIECE))):
                pieces.append(piece)
                room -= len(piece)
                rest = member.unconsumed_tail
        except zlib.error:
            break
        if not member.eof:
            break
        rest = member.unused_data
    whole = b"".join(pieces)
    return whole[:limit], len(whole) > limit


def text_of(body: bytes) -> str:
    """The bytes as Unicode, as pages are decoded; an empty text where they are none, or nothing but white space."""
    try:
        return decode(body, "text/html", None).text
    except Undecodable:
        return ""


def root_of(text: str) -> Root:
    """What a text begins with, looking past white space, comments and stray output before the first element."""
    start = text[:_HEAD].lstrip()
    match = _ROOT.search(start)
    if start[:1] in ("{", "["):
        return "json"
    if match is None:
        return "text" if start.startswith(("http://", "https://")) else ""
    name = match[1].lower()
    return name if name in ("rss", "rdf", "feed", "urlset", "sitemapindex") else "html"  # type: ignore[return-value]


def harmless(text: str) -> bytes:
    """The text of a feed or sitemap as UTF-8 that begins with its first element, without any declared entity."""
    match = _ROOT.search(text[:_HEAD])
    text = text[match.start() :] if match else text
    return _prefixed("".join(_mended(_CONTROLS.sub("", text)))).encode("utf-8")


def _prefixed(text: str) -> str:
    """The text with the prefixes of namespaces declared in its first element that nobody declared."""
    missing = set(_PREFIX.findall(text)) - set(_NAMESPACE.findall(text)) - {"xml", "xmlns"}
    start = _START.match(text)
    if not missing or start is None:
        return text
    declared = "".join(f' xmlns:{prefix}="{prefix}"' for prefix in sorted(missing)[:_MOST_PREFIXES])
    return text[: start.end()] + declared + text[start.end() :]


def _mended(text: str) -> Iterator[str]:
    """The pieces inside and outside of CDATA sections; only those outside hold references and declarations."""
    at = 0
    while (start := text.find(_CDATA, at)) >= 0:
        end = text.find("]]>", start)
        end = len(text) if end < 0 else end + 3
        yield from (_outside(text[at:start]), text[start:end])
        at = end
    yield _outside(text[at:])


def _outside(text: str) -> str:
    return _AMPERSAND.sub(_reference, _DECLARING.sub("&lt;!", text))


def _reference(match: re.Match[str]) -> str:
    """A reference that XML knows stays, one of HTML's becomes its character, any other is an ampersand in a text."""
    found, name = match.group(), match[1]
    if name is None:
        return "&amp;"
    if name in _OF_XML:
        return found
    if name.startswith("#"):
        return found if _is_character(name[1:-1]) else ""
    plain = html.unescape(found)
    return plain if plain != found and len(plain) <= 2 else "&amp;" + name


def _is_character(number: str) -> bool:
    """Whether a character reference names one of XML 1.0's characters (section 2.2)."""
    point = int(number[1:], 16) if number[0] in "xX" else int(number)
    return point in (9, 10, 13) or 0x20 <= point <= 0xD7FF or 0xE000 <= point <= 0xFFFD or 0x10000 <= point <= 0x10FFFF
