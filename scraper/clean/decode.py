"""From bytes to text: the encoding of a dump or an HTML page, found out and undone.

What is tried, in this order: a byte order mark; the NUL pattern of UTF-16 and UTF-32; UTF-8, where the bytes are
valid UTF-8 (legacy text practically never is, so this outranks a wrong declaration); the declared encoding (HTTP
header, then `<meta>`, then the XML declaration: the order of the HTML standard, 13.2.3.2), the first that can be true;
and last the guess of `scraper.clean.legacy`. UTF-8 with a few broken bytes is still UTF-8.

Every step is linear in the body, and whatever is not the final decoding looks at a bounded sample.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from archive.model import MediaType
from archive.reasons import Reason
from scraper.clean.encodings import CODECS, encoding_of
from scraper.clean.legacy import guess, is_western

#: How the encoding was found: a byte order mark, the place of the NULs, the bytes being valid UTF-8, a declaration
#: (`header`, `meta`, `xml`), mostly valid UTF-8 (what is broken became U+FFFD), or a guess.
How = Literal["bom", "nuls", "valid", "header", "meta", "xml", "mostly", "guess"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a page, lines ended by `\\n` alone, and how it was read.

    `charset` is the encoding's name in the WHATWG Encoding Standard, in lower case.
    """

    text: str
    charset: str
    how: How


class Undecodable(Exception):
    """The bytes are no text: `reason` is EMPTY or BINARY, `message` says it for people."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


_SAMPLE = 64 * 1024  # bytes looked at to judge a body
_PRESCAN = 16 * 1024  # the standard asks for 1024 bytes; real pages put scripts before their <meta charset>
_MAX_CONTROLS = 0.02  # share of control characters that makes a sample binary; random bytes have 11 %
_MAX_BROKEN = 0.01  # share of U+FFFD that the declared encoding may give

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)

#: Formats that begin with these bytes (WHATWG MIME Sniffing, section 6; file(1)'s magic).
_MAGIC: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\x89PNG\r\n"), "a PNG image"),
    (re.compile(rb"\xff\xd8\xff"), "a JPEG image"),
    (re.compile(rb"GIF8[79]a"), "a GIF image"),
    (re.compile(rb"RIFF....(WEBP|WAVE|AVI )", re.S), "an image, sound or film (RIFF)"),
    (re.compile(rb"....ftyp", re.S), "a film or picture (ISO media)"),
    (re.compile(rb"%PDF-"), "a PDF document"),
    (re.compile(rb"\{\\rtf"), "an RTF document"),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an old Office document"),
    (re.compile(rb"PK\x03\x04"), "a ZIP archive or Office document"),
    (re.compile(rb"\x1f\x8b\x08"), "gzip data"),
    (re.compile(rb"BZh[1-9]1AY&SY"), "bzip2 data"),
    (re.compile(rb"\xfd7zXZ\x00"), "xz data"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "a 7-zip archive"),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "zstandard data"),
    (re.compile(rb"\x7fELF"), "a program (ELF)"),
    (re.compile(rb"MZ.{0,62}\x00", re.S), "a program (Windows)"),
    (re.compile(rb"\xca\xfe\xba\xbe|\xcf\xfa\xed\xfe"), "a program (Java or macOS)"),
    (re.compile(rb"\x00asm"), "a program (WebAssembly)"),
    (re.compile(rb"SQLite format 3\x00"), "an SQLite database"),
    (re.compile(rb"wOF[F2]\x00|wOF2"), "a font"),
    (re.compile(rb"OggS\x00|ID3[\x02-\x04]\x00|fLaC\x00"), "sound"),
)

_CONTROL_BYTES = bytes(c for c in range(0x20) if c not in b"\t\n\r") + b"\x7f"
_BINARY_BYTES = _CONTROL_BYTES.translate(None, b"\v\f\x1b")  # ESC makes up ISO-2022-JP
_C1_IN_UTF8 = re.compile(rb"\xc2[\x80-\x9f]")
_CONTROL = re.compile("[\x00-\x08\v\f\x0e-\x1f\x7f-\x9f]")
_LINE_ENDS = ("\r\n", "\r", "\u2028", "\u2029")
_BLANK = re.compile("[\\s\ufeff\u200b\u2060]*+\\Z")
_HIGH = re.compile(rb"[\x80-\xff]")
_ANGLE = re.compile(rb"[<>]")

_JIS = re.compile(rb"\x1b\$[@B]")
_COMMENT = re.compile(rb"(?s)<!--.*?(?:-->|\Z)")
_META = re.compile(rb"(?i)<meta[\s/]([^>]*)")
_CHARSET = re.compile(rb"""(?i)charset\s*=\s*["']?\s*([^\s"'/>;]+)""")
_XML = re.compile(rb"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']+)["']""")

_HTML_NAMES = (".html", ".htm", ".xhtml")
_HTML_START = re.compile(  # atomic: comments are many on hostile pages
    rb"(?is)(?>(?:\s+|<!--.*?-->|<\?xml.*?\?>)*)<(?:!doctype\s+html|html|head|body|meta|title|script|style|link)\b"
)
_TAG = re.compile(rb"</?[a-zA-Z][^<>]*>")


def decode(body: bytes, media_type: MediaType, charset: str | None) -> Decoded:
    """The text of a page, its line ends made `\\n` and its control characters dropped.

    `charset` is what was declared outside of the body (an HTTP header, an MHTML part). For HTML the declarations
    inside count as well. A byte order mark is not part of the text.

    Raises `Undecodable` with EMPTY for nothing but white space and BINARY for what is no text; nothing else.
    """
    if not body or body.isspace():
        raise Undecodable(Reason.EMPTY, "the page is empty")
    if decoded := _by_mark(body):
        return _tidied(decoded, body)
    _refuse_known_formats(body)
    if decoded := _by_nuls(body):
        return _tidied(decoded, body)
    _refuse_controls(body[:_SAMPLE])
    return _tidied(_by_contents(body, media_type, charset), body)


def _by_mark(body: bytes) -> Decoded | None:
    for mark, name in _BOMS:
        if body.startswith(mark):
            decoded = Decoded(str(memoryview(body)[len(mark) :], CODECS[name], "replace"), name, "bom")
            _refuse_garbled(decoded.text[:_SAMPLE])
            return decoded
    return None


def _by_nuls(body: bytes) -> Decoded | None:
    """UTF-16 or UTF-32 without a mark: Latin letters, digits and spaces have their NULs all on the same side."""
    sample = body[: min(_SAMPLE, len(body) - len(body) % 4)]
    name = _wide_encoding([4 * sample[place::4].count(0) / len(sample) for place in range(4)]) if sample else None
    if name is None:
        return None
    decoded = Decoded(body.decode(CODECS[name], "replace"), name, "nuls")
    _refuse_garbled(decoded.text[:_SAMPLE])
    return decoded


def _wide_encoding(nuls: list[float]) -> str | None:
    """`nuls`: the share of NULs at each of the four places of a 32-bit unit."""
    all_of_them, half, many, few = 0.99, 0.5, 0.02, 0.005
    if min(nuls[2:]) > all_of_them and nuls[0] < half:
        return "utf-32le"
    if min(nuls[:2]) > all_of_them and nuls[3] < half:
        return "utf-32be"
    even, odd = (nuls[0] + nuls[2]) / 2, (nuls[1] + nuls[3]) / 2
    if odd > many and even < few:
        return "utf-16le"
    if even > many and odd < few:
        return "utf-16be"
    return None


def _refuse_known_formats(body: bytes) -> None:
    for magic, what in _MAGIC:
        if magic.match(body):
            raise Undecodable(Reason.BINARY, f"not text but {what}")


def _refuse_controls(sample: bytes) -> None:
    controls = len(sample) - len(sample.translate(None, _BINARY_BYTES))
    if controls > 1 + _MAX_CONTROLS * len(sample):
        raise Undecodable(Reason.BINARY, f"not text: {controls} control characters in {len(sample)} bytes")


def _refuse_garbled(sample: str) -> None:
    garbled = sample.count("\ufffd") + len(_CONTROL.findall(sample))
    if garbled > 1 + _MAX_CONTROLS * len(sample):
        raise Undecodable(Reason.BINARY, f"not text: {garbled} control or broken characters in {len(sample)}")


def _by_contents(body: bytes, media_type: MediaType, charset: str | None) -> Decoded:
    if _JIS.search(body, 0, _SAMPLE):  # ISO-2022-JP is all ASCII, and would be valid UTF-8
        return Decoded(body.decode("iso2022_jp", "replace"), "iso-2022-jp", "guess")
    try:
        return Decoded(body.decode("utf-8"), "utf-8", "valid")
    except UnicodeDecodeError as error:
        broken_at = error.start
    if _mostly_utf8(body, broken_at):
        return Decoded(body.decode("utf-8", "replace"), "utf-8", "mostly")
    telling = _telling(body, media_type)
    declared = (found for found in _declared(body, media_type, charset) if _fits(found[0], telling))
    name, how = next(declared, None) or (guess(telling), "guess")
    # Bytes without a character in windows-1252 are C1 controls on the web, which are dropped anyhow.
    return Decoded(body.decode(CODECS[name], "ignore" if name == "windows-1252" else "replace"), name, how)


def _mostly_utf8(body: bytes, broken_at: int) -> bool:
    """Whether what is not ASCII is more often valid UTF-8 than broken, at the start and around the first break."""
    around = body[max(0, broken_at - _SAMPLE // 2) : broken_at + _SAMPLE // 2].lstrip(bytes(range(0x80, 0xC0)))
    sample = body[: min(_SAMPLE, broken_at)] + b"\n" + around
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)
    broken = text.count("\ufffd") - sample.count(b"\xef\xbf\xbd")
    return len(text) - len(text.encode("ascii", "ignore")) - broken > broken


def _telling(body: bytes, media_type: MediaType) -> bytes:
    """The part of a body that shows its encoding: from the first byte beyond ASCII on, without markup."""
    first = _HIGH.search(body)
    start = first.start() if first else 0
    if media_type == "text/plain":
        return body[start : start + _SAMPLE]
    pieces = _ANGLE.split(body[start : start + 4 * _SAMPLE])
    return b"\n".join(piece for piece in pieces if _HIGH.search(piece))[:_SAMPLE]


def _declared(body: bytes, media_type: MediaType, charset: str | None) -> Iterator[tuple[str, How]]:
    """The encodings that are declared outside and inside of a body, the weightiest word first."""
    said: list[tuple[str | None, How]] = [(charset, "header")]
    if media_type == "text/html":
        head = body[:_PRESCAN]
        metas = (_CHARSET.search(meta[1]) for meta in _META.finditer(_COMMENT.sub(b"", head)))
        said += [(_label(found), "meta") for found in metas]
        said.append((_label(_XML.match(head)), "xml"))
    return ((name, how) for label, how in said if (name := encoding_of(label)))


def _label(found: re.Match[bytes] | None) -> str | None:
    return found[1].decode("ascii", "replace") if found else None


def _fits(name: str, telling: bytes) -> bool:
    """Whether a declared encoding can be true of a body that is not UTF-8.

    windows-1252 is what servers say when nobody set anything: it is believed of text that looks Western only.
    """
    if name.startswith("utf-"):  # UTF-16 shows by its NULs, and UTF-8 was tried
        return False
    if name == "windows-1252":
        return is_western(telling)
    text = codecs.getincrementaldecoder(CODECS[name])("replace").decode(telling)
    return text.count("\ufffd") <= 1 + _MAX_BROKEN * len(text)


def _tidied(decoded: Decoded, body: bytes) -> Decoded:
    text = decoded.text
    for end in _LINE_ENDS:
        text = text.replace(end, "\n")
    if decoded.charset != "utf-8" or _has_controls(body):
        text = _CONTROL.sub(_uncontrolled, text)
    text = text.removeprefix("\ufeff")
    if _BLANK.match(text):
        raise Undecodable(Reason.EMPTY, "the page has no characters but white space")
    return Decoded(text, decoded.charset, decoded.how)


def _has_controls(body: bytes) -> bool:
    """Whether UTF-8 holds any: a quarter of the time that looking at the characters takes."""
    return len(body.translate(None, _CONTROL_BYTES)) != len(body) or _C1_IN_UTF8.search(body) is not None


def _uncontrolled(control: re.Match[str]) -> str:
    """A line end for a page's; the character that windows-1252 has there for a C1 control, as browsers take them
    (HTML standard, 13.2.5.80); else nothing.
    """
    code = ord(control[0])
    if control[0] in "\v\f":
        return "\n"
    return bytes([code]).decode("cp1252", "ignore") if code >= 0x80 else ""


def sniff_media_type(body: bytes, name: str) -> MediaType:
    """What a body is, by its beginning and by its name (`""` for standard input).

    A body that begins as HTML is HTML whatever its name; under an HTML name any tag is enough; the rest is text.
    """
    sample = body[:_SAMPLE].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")  # UTF-16 reads as ASCII so
    named_html = name.lower().removesuffix(".gz").endswith(_HTML_NAMES)
    return "text/html" if _HTML_START.match(sample) or (named_html and _TAG.search(sample)) else "text/plain"
