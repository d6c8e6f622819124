"""Addresses as sort keys: the host turned round, all that seldom matters left out (SURT, as CDX indexes use it).

`https://www.Example.org:443/B/?y=2&x=1#top` is `org,example)/b?x=1&y=2`. The canonical form is that of the Internet
Archive, on top of Google's Safe Browsing (https://developers.google.com/safe-browsing/v4/urls-hashing): a key made
here is the one that pywb and ReplayWeb.page look for. `tests/export/surt.json` holds what cdxj-indexer gives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

_BREAKS = re.compile(rb"[\t\r\n]")
_BLANK = re.compile(r"[\x00-\x20\x7f]|\s")
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]*:")
_REPEATED = re.compile(rb"^(?:https?://)+(?=https?://)")
_URI = re.compile(rb"([^:]+):(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?", re.DOTALL)  # RFC 3986, appendix B
_PORT = re.compile(rb":([0-9]*)$")
_LEADING_WWW = re.compile(rb"^www[0-9]*\.(?=.)")
_DECIMAL = re.compile(rb"[0-9]+(?:\.[0-9]+){0,3}")
_USUAL_PORTS = {b"http": 80, b"https": 443}
_HEX32 = rb"[0-9a-z]{32}"
#: Session ids that ASP.NET puts into paths, and others into queries; each up to the next parameter.
_PATH_SESSION = re.compile(rb"(?<=/)\((?:(?:[a-z]\([0-9a-z]{24}\))+|[0-9a-z]{24})\)/(?=.+\.aspx)", re.IGNORECASE)
_QUERY_SESSIONS = tuple(
    re.compile(rb"^(.*)" + name + rb"(?:&|$)", re.IGNORECASE)
    for name in (
        rb"jsessionid=" + _HEX32,
        rb"phpsessid=" + _HEX32,
        rb"sid=" + _HEX32,
        rb"aspsessionid[a-z]{8}=[a-z]{24}",
        rb"cfid=[^&]+&cftoken=[^&]+",
    )
)


@dataclass(frozen=True, slots=True)
class _Parts:
    scheme: bytes
    host: bytes
    port: int | None
    path: bytes
    query: bytes


def surt(url: str) -> str:
    """The key of an address; of one that is none, the address itself, its blanks escaped, and of nothing a hyphen."""
    if not url:
        return "-"
    try:
        return _key(_split(url.encode("utf-8"))).decode("utf-8")
    except ValueError:
        return _BLANK.sub(lambda found: quote(found[0]), url)


def _split(url: bytes) -> _Parts:
    """The parts of an address. Raises ValueError where its port is none."""
    whole = _BREAKS.sub(b"", url.strip())
    whole = whole if _SCHEME.match(whole) else b"http://" + whole
    found = _URI.match(_REPEATED.sub(b"", whole))
    if found is None:
        raise ValueError("no address")
    scheme, authority, path, query = found[1], found[2] or b"", found[3], found[4] or b""
    host, port = _host_and_port(authority.rpartition(b"@")[2])
    if scheme.lower().startswith(b"http") and path and not host:
        host, _, rest = path.lstrip(b"/").partition(b"/")
        path = b"/" + rest
    unusual = None if port in {0, _USUAL_PORTS.get(scheme.lower())} else port
    return _Parts(scheme, _host(host), unusual, path, query)


def _host_and_port(authority: bytes) -> tuple[bytes, int | None]:
    if authority.startswith(b"["):
        host, _, rest = authority[1:].partition(b"]")
    else:
        host, colon, after = authority.partition(b":")
        rest = colon + after
    port = rest.removeprefix(b":")
    if not port:
        return host, None
    if not port.isdigit() or int(port) > 0xFFFF:
        raise ValueError("no port")
    return host, int(port)


def _key(url: _Parts) -> bytes:
    path, query = _path(url.path, has_host=bool(url.host)), _query(url.query)
    port = b":%d" % url.port if url.port else b""
    start = b",".join(reversed(url.host.split(b"."))) + port + b")" if url.host else url.scheme + b":"
    return start + (path or b"/" if query else path) + (b"?" + query if query else b"")


def _host(host: bytes) -> bytes:
    """Lower case, in ASCII (IDNA), without stray dots and a `www.` in front; numbers as an address of four."""
    plain = _ascii(_unescaped(host)).strip(b".").replace(b"..", b".")
    plain = _dotted(plain) or plain
    return _LEADING_WWW.sub(b"", _escaped(plain).lower())


def _ascii(host: bytes) -> bytes:
    """A host in Punycode; bytes that are no UTF-8 are left out. One that cannot be named so stays."""
    try:
        return host.decode("utf-8", "ignore").encode("idna")
    except UnicodeError:
        return host


def _dotted(host: bytes) -> bytes | None:
    """The four numbers of an IPv4 address written with fewer, or in octal, as `inet_aton` reads them."""
    if not _DECIMAL.fullmatch(host):
        return None
    if host.isdigit():
        return _quad(int(host))
    try:
        *first, last = (int(part, 8 if part.startswith(b"0") and len(part) > 1 else 10) for part in host.split(b"."))
    except ValueError:
        return None
    room = 8 * (4 - len(first))
    if any(part > 0xFF for part in first) or last >= 1 << room:
        return None
    return _quad(sum(part << (24 - 8 * n) for n, part in enumerate(first)) + last)


def _quad(number: int) -> bytes:
    return b".".join(b"%d" % (number >> shift & 0xFF) for shift in (24, 16, 8, 0))


def _path(path: bytes, *, has_host: bool) -> bytes:
    plain = _unescaped(path)
    if has_host:
        plain = _without_dots(plain)
    plain = _PATH_SESSION.sub(b"", _escaped(plain).lower())
    return plain[:-1] if len(plain) > 1 and plain.endswith(b"/") else plain


def _without_dots(path: bytes) -> bytes:
    """The path from the root: `.` and `..` followed, then slashes in a row as one; a `..` after nothing stays."""
    kept: list[bytes] = []
    for part in path.split(b"/")[1:]:
        if part == b".." and kept:
            kept.pop()
        elif part != b".":
            kept.append(part)
    return re.sub(rb"/{2,}", b"/", b"/" + b"/".join(kept))


def _query(query: bytes) -> bytes:
    plain = _escaped(_unescaped(query))
    for session in _QUERY_SESSIONS:
        plain = session.sub(rb"\1", plain)
    parameters: list[bytes] = plain.lower().split(b"&")
    parameters.sort(key=lambda parameter: parameter.split(b"=", 1))
    return b"&".join(parameters)


def _unescaped(text: bytes) -> bytes:
    """Percent-escapes undone until none is left."""
    while (once := unquote_to_bytes(text)) != text:
        text = once
    return text


def _escaped(text: bytes) -> bytes:
    """What is no visible ASCII, and `#` and `%`, as percent-escapes."""
    return b"".join(
        b"%%%02x" % byte if byte <= 0x20 or byte >= 0x7F or byte in b"#%" else bytes((byte,)) for byte in text
    )
