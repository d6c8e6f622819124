"""Addresses: the one to fetch, the one to compare by, and the one a page may claim. Pure and idempotent.

`address` keeps what a server may look at and drops what only says where the reader came from (RFC 3986, section 6.2,
and the tracking parameters of `rules/discovery.toml`). `key` goes further and is never fetched: the `http` and
`https`, `www`, mobile and AMP forms of an article, with or without a slash at the end, have one key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from scraper.rules.discovery import AddressHabits

LONGEST = 4096  #: characters of an address; longer ones are attacks or broken templates

_SCHEMES = ("http", "https")
_PORTS = {"http": 80, "https": 443}
_DROPPED = re.compile(r"[\t\r\n]")  # as browsers do (WHATWG URL, 4.4)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\Z")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_TO_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~:@!$&'()*+,;=/?]")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SESSION = re.compile(r";jsessionid=[^/;?]*", re.IGNORECASE)
_SESSION = re.compile(r"(?=[^&]*\d)[A-Za-z0-9_.%-]{20,}\Z")
_AMP_CACHE = re.compile(r"/+[cv]/+(s/+)?([^/]+\.[^/]+)(/.*|\Z)")
_GOOGLE_AMP = re.compile(r"/amp/(s/)?([^/]+\.[^/]+)(/.*|\Z)")
_AMP_FILE = re.compile(r"(?<=\w)\.amp(?=\.html?\Z|\Z)")


class Refusal(Enum):
    """Why an address is not taken, or a page's claim not believed."""

    NOT_WEB = "not-web"  #: `mailto:`, `javascript:`, `data:`, `file:` and the like
    MALFORMED = "malformed"  #: no host, a port that is no number, characters no host has
    TOO_LONG = "too-long"
    PASSWORD = "password"  # noqa: S105  #: carries a user name or password
    FILE = "file"  #: an image, a document, a program, by its name
    OTHER_SITE = "other-site"  #: leads, or claims to belong, to another site
    FRONT_PAGE = "front-page"  #: a page claims to be the front page


def address(raw: str, habits: AddressHabits, base: str = "") -> str | Refusal:
    """The address to fetch for what stands in a page, feed or sitemap at `base`.

    Scheme and host in lower case, the host in ASCII (IDNA), no fragment, no default port, no dot segments, percent
    escapes as RFC 3986 has them, no tracking parameters; what Google's AMP cache and the redirectors of the habits
    wrap is unwrapped. `address(address(x)) == address(x)`.
    """
    while True:
        if len(raw) > LONGEST:
            return Refusal.TOO_LONG
        parts = _parts(raw, base)
        if isinstance(parts, Refusal):
            return parts
        host = _host(parts)
        if host is None:
            return Refusal.MALFORMED
        path = _without_dots(_escaped(_PATH_SESSION.sub("", parts.path)) or "/")
        inner = _unwrapped(parts._replace(path=path), host, habits)
        if inner is None:
            break
        raw, base = inner, ""
    query = "&".join(piece for piece in _pieces(_escaped(parts.query)) if not _tracks(piece, habits))
    whole = f"{parts.scheme}://{host}{path}" + (f"?{query}" if query else "")
    return whole if len(whole) <= LONGEST else Refusal.TOO_LONG


def key(address: str, habits: AddressHabits) -> str:
    """What two addresses of one article have in common, for an address that `address` gave. Never fetched."""
    parts = urlsplit(address)
    host, _, port = parts.netloc.partition(":") if not parts.netloc.startswith("[") else (parts.netloc, "", "")
    query = sorted(piece for piece in _pieces(parts.query) if not _is_form(piece, habits))
    netloc = _plain_host(host, habits) + (f":{port}" if port else "")
    return f"https://{netloc}{_plain_path(parts.path, habits)}" + (f"?{'&'.join(query)}" if query else "")


def site(address: str, habits: AddressHabits) -> str:
    """The host of an address without `www.` and the like; an empty text where there is none."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    return _plain_host(host.lower(), habits)


def within(address: str, home: str, habits: AddressHabits) -> bool:
    """Whether an address belongs to the site of another: the same host, or one below it."""
    own, other = site(home, habits), site(address, habits)
    return bool(own) and (own == other or other.endswith("." + own))


def is_front(address: str, habits: AddressHabits) -> bool:
    """Whether an address is the front page of its host."""
    parts = urlsplit(key(address, habits))
    return parts.path in ("", "/") and not parts.query


def believed(own: str | None, claim: str, habits: AddressHabits) -> str | Refusal:
    """The address a page at `own` claims to have (`rel=canonical`, `og:url`), or why it is not believed.

    A claim counts within the site only, and never for the front page; of a page without an address any site is its
    own. Whether many articles make the same claim is the archive's to see (`archive.db.claims`).
    """
    told = address(claim, habits, own or "")
    if isinstance(told, Refusal):
        return told
    if own and site(told, habits) != site(own, habits):
        return Refusal.OTHER_SITE
    if is_front(told, habits) and not (own and is_front(own, habits)):
        return Refusal.FRONT_PAGE
    return told


def is_file(address: str, files: frozenset[str]) -> bool:
    """Whether an address names a file that is no page, by its ending."""
    stem, dot, ending = urlsplit(address).path.rpartition("/")[2].rpartition(".")
    return bool(stem and dot) and ending.lower() in files


def _parts(raw: str, base: str) -> SplitResult | Refusal:
    """The parts of an absolute web address; backslashes count as slashes, as in browsers."""
    text = _DROPPED.sub("", raw).strip(" \x0c\x00\ufeff\u200b\xa0")
    if _CONTROLS.search(text):
        return Refusal.MALFORMED
    head, mark, tail = text.partition("?")
    text = head.replace("\\", "/") + mark + tail
    scheme = _SCHEME.match(text)
    if scheme and scheme.group()[:-1].lower() not in _SCHEMES:
        return Refusal.NOT_WEB
    try:
        parts = urlsplit(text if scheme else urljoin(base, text))
        if parts.username is not None or parts.password is not None:
            return Refusal.PASSWORD
        return parts if parts.scheme in _SCHEMES and parts.hostname and parts.port != 0 else Refusal.MALFORMED
    except ValueError:
        return Refusal.MALFORMED


def _host(parts: SplitResult) -> str | None:
    """Host and port as they are compared, or None where no host can be named so."""
    name = (parts.hostname or "").rstrip(".")
    if ":" in name:
        try:
            name = f"[{ip_address(name).compressed}]"
        except ValueError:
            return None
    else:
        try:
            name = name.encode("idna").decode("ascii").lower() if not name.isascii() else name
        except UnicodeError:
            return None
        if not _HOST.match(name) or ".." in name or len(name) > 253:
            return None
    return name if parts.port in (None, _PORTS[parts.scheme]) else f"{name}:{parts.port}"


def _unwrapped(parts: SplitResult, host: str, habits: AddressHabits) -> str | None:
    """The address that Google's AMP cache, its AMP viewer or a redirector leads to, shorter than what wraps it."""
    pattern = _AMP_CACHE if host.endswith(".cdn.ampproject.org") else None
    if host in ("www.google.com", "google.com") and parts.path.startswith("/amp/"):
        pattern = _GOOGLE_AMP
    if pattern is not None and (match := pattern.match(parts.path)):
        query = f"?{parts.query}" if parts.query else ""
        return f"http{'s' if match[1] else ''}://{match[2]}{match[3]}{query}"
    for redirector in habits.redirectors:
        if host == redirector.host and parts.path == redirector.path:
            pairs = (piece.partition("=") for piece in parts.query.split("&"))
            told = {name: unquote(value.replace("+", " ")) for name, _, value in pairs}
            return next((told[name] for name in redirector.parameters if told.get(name, "").startswith("http")), None)
    return None


def _escaped(text: str) -> str:
    """Percent escapes in one form: none where a character needs none, upper case where one is needed."""
    return _TO_ESCAPE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    found = match.group()
    if _ESCAPE.match(found):
        character = chr(int(found[1:], 16))
        return character if character in _UNRESERVED else found.upper()
    return "".join(f"%{byte:02X}" for byte in found.encode("utf-8", "surrogatepass"))


def _without_dots(path: str) -> str:
    """RFC 3986, section 5.2.4."""
    if "/." not in path:
        return path if path.startswith("/") else "/" + path
    kept: list[str] = []
    segments = path.removeprefix("/").split("/")
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _pieces(query: str) -> Iterable[str]:
    """The parameters of a query, with the `amp;` of one that was escaped twice taken off."""
    for piece in query.split("&"):
        while piece.lower().startswith("amp;"):
            piece = piece[4:]
        if piece and piece != "=":
            yield piece


def _named(piece: str) -> tuple[str, str]:
    name, _, value = piece.partition("=")
    return unquote(name).lower(), unquote(value)


def _tracks(piece: str, habits: AddressHabits) -> bool:
    name, value = _named(piece)
    if name in habits.tracking or name.startswith(habits.tracking_starts):
        return True
    if name in habits.sessions and _SESSION.match(value):
        return True
    return value.lower() in habits.tracking_values.get(name, ())


def _is_form(piece: str, habits: AddressHabits) -> bool:
    name, value = _named(piece)
    return name in habits.forms and (not value or value.lower() in habits.form_values)


def _plain_host(host: str, habits: AddressHabits) -> str:
    labels = host.split(".")
    while len(labels) > 2 and labels[0] in habits.host_forms and not _is_ending(labels[1:], habits):
        del labels[0]
    return ".".join(labels)


def _is_ending(labels: list[str], habits: AddressHabits) -> bool:
    return len(labels) == 2 and labels[0] in habits.second_levels and len(labels[1]) == 2


def _plain_path(path: str, habits: AddressHabits) -> str:
    """A path without what names a form of the page or the folder itself."""
    segments = [segment for segment in path.split("/") if segment]
    while segments:
        last = segments[-1].lower()
        if last in habits.index_names or last in habits.path_forms:
            del segments[-1]
        elif segments[0].lower() in habits.path_forms:
            del segments[0]
        elif (plain := _AMP_FILE.sub("", segments[-1])) != segments[-1]:
            segments[-1:] = [plain] if plain else []
        else:
            break
    return "/" + "/".join(segments)
