"""What makes two things the same: text, address, capture. Pure, versioned, standard library only.

Normalisation of text, version 1 (the text behind `content_hash`):

1. Unicode NFC (not NFKC: 10² is not 102).
2. Drop soft hyphen, zero-width space, non-joiner, joiner, word joiner and byte order mark.
3. Quotes and dashes become ASCII `"`, `'` and `-`; an ellipsis becomes three dots.
4. Every run of white space, no-break spaces among them, becomes one space; none at the ends.

Case, accents, digits, punctuation and order stay. A change of these rules is a new `NORMALISATION` number.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import urlsplit

NORMALISATION = 1

_DROPPED = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_DOUBLE_QUOTES = "«»“”„‟〝〞＂"
_SINGLE_QUOTES = "‘’‚‛‹›＇"
_DASHES = "‐‑‒–—―−"
_FOLD = (
    dict.fromkeys(_DROPPED, "")
    | dict.fromkeys(_DOUBLE_QUOTES, '"')
    | dict.fromkeys(_SINGLE_QUOTES, "'")
    | dict.fromkeys(_DASHES, "-")
    | {"…": "..."}
)
_FOLDED = re.compile(f"[{''.join(_FOLD)}]")  # a tenth of the time of str.translate, which looks at every character


def normalise(text: str) -> str:
    """The form of a text that is hashed. Idempotent: `normalise(normalise(t)) == normalise(t)`."""
    folded = _FOLDED.sub(lambda found: _FOLD[found[0]], unicodedata.normalize("NFC", text))
    return " ".join(unicodedata.normalize("NFC", folded).split())


def content_hash(text: str) -> str:
    """SHA-256, hex, of the normalised text in UTF-8; a lone surrogate counts as its backslash escape."""
    return hashlib.sha256(normalise(text).encode("utf-8", "backslashreplace")).hexdigest()


def text_digest(text: str) -> str:
    """SHA-256, hex, of the text exactly as stored: `verify` finds any change of one byte with it."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def payload_digest(payload: bytes) -> str:
    """`sha256:` and lower-case hex, as in WARC-Payload-Digest."""
    return "sha256:" + hashlib.sha256(payload).hexdigest()


def dump_urn(digest: str) -> str:
    """The address of a dump that names none: `urn:hemeroteca:dump:<sha256>` of its payload digest."""
    return "urn:hemeroteca:dump:" + digest.removeprefix("sha256:")


def is_dump_urn(address: str | None) -> bool:
    """Whether an address is our own stand-in for a missing one."""
    return address is not None and address.startswith("urn:hemeroteca:dump:")


def path_of(url: str | None) -> str:
    """The path of an address; empty for none, or for one that cannot be read."""
    try:
        return urlsplit(url or "").path
    except ValueError:
        return ""


def site_of(url: str | None) -> str | None:
    """The host that names a site: lower case, without `www.` and port; None for no address or a URN."""
    if not url or is_dump_urn(url):
        return None
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    if not host:
        return None
    return host.removeprefix("www.").rstrip(".") or None
