"""An address as somebody pasted it, and the captures it means."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit, urlunsplit

from archive.browse.sql import mappings

#: Parameters that say how a reader came, never which page it is.
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|gclsrc|gbraid|wbraid|gad_\w+|dclid|msclkid|igshid|igsh|mc_[ce]id|yclid|ttclid|twclid|_ga|_gl"
    r"|ref_src|ref_url|at_\w+|xtor|wt_mc|ocid|cmpid|ns_\w+|smid|smtyp|mibextid|_hsenc|_hsmi|hss_channel|ftag|usqp|amp_\w+",
    re.IGNORECASE,
)
_AMP_QUERY = {"amp", "outputtype"}
_AMP_PATH = re.compile(r"(?:/amp|\.amp(?=\.html?$|$))/?", re.IGNORECASE)
#: A moment and an address inside another: web.archive.org, and what is built like it (pywb, arquivo.pt, archive.today).
_WEB_ARCHIVES = (
    re.compile(r"(?:https?:/+)?web\.archive\.org/web/(\d{4,14})(?:[a-z]{2}_)?/(.+)", re.IGNORECASE),
    re.compile(r"(?:https?:/+)?[\w.:-]+/(?:[\w.-]+/)*?(\d{8,14})(?:[a-z]{2}_)?/(https?:/+.+)", re.IGNORECASE),
)
#: The address inside one of an AMP cache or viewer; `s` says that it is https.
_AMP_CACHE = re.compile(
    r"https?://(?:[\w-]+\.cdn\.ampproject\.org/(?:[a-z]/)?|(?:www\.)?google\.[a-z.]+/amp/)(s/)?(.+)", re.IGNORECASE
)
_SCHEME = re.compile(r"(?!localhost:|[\w-]+(?:\.[\w-]+)+:\d)[A-Za-z][A-Za-z0-9+.\-]*:")  # and not HOST:PORT
_AT = re.compile(r"(.+)@(\d{4}(?:-\d\d(?:-\d\d(?:T[\d:.]+Z?)?)?)?)")

_COLUMNS = """
captures.id, captured_at, captures.url, source, status, captures.reason, article_id, articles.title, articles.words,
warc_file IS NOT NULL AS recorded
FROM captures LEFT JOIN articles ON articles.id = article_id
"""


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was pasted: an address, and the moment that was asked for, as far as it was said (ISO 8601)."""

    address: str
    moment: str | None

    @property
    def host(self) -> str:
        """The site of a web address, without `www.`; empty where it has none."""
        try:
            found = urlsplit(self.address)
        except ValueError:
            return ""
        return (found.hostname or "").removeprefix("www.") if found.scheme in {"http", "https"} else ""


def read(typed: str) -> Pasted:
    """Take an address out of what was pasted: `https://...`, without a scheme, `URL@2026-05`, a web archive's."""
    typed = typed.strip().strip("<>\u2026")  # as mails and shortened lines have it
    moment = None
    if found := next(filter(None, (pattern.fullmatch(typed) for pattern in _WEB_ARCHIVES)), None):
        moment, typed = _moment(found[1]), found[2]
    elif found := _AT.fullmatch(typed):
        typed, moment = found[1], found[2]
    typed = typed.removeprefix("//")  # of a page's own links
    typed = re.sub(r"^(https?):/+", r"\1://", typed, flags=re.IGNORECASE)  # proxies take one of the two slashes away
    if found := _AMP_CACHE.fullmatch(typed):
        typed = f"http{'s' if found[1] else ''}://{found[2]}"
    if not _SCHEME.match(typed):
        typed = "https://" + typed
    return Pasted(typed, moment)


def _moment(digits: str) -> str:
    """The date of a web archive's address: `20260501123456` is 2026-05-01T12:34:56; what is left out stays so."""
    moment = "-".join([digits[:4], *(digits[at : at + 2] for at in (4, 6) if len(digits) >= at + 2)])
    return f"{moment}T{digits[8:10]}:{digits[10:12]}:{digits[12:]}" if len(digits) == 14 else moment


def forms(address: str) -> tuple[str, ...]:
    """The forms in which the same address may be kept, as it was given first."""
    return tuple(dict.fromkeys(_forms(address)))


def _forms(address: str) -> Iterator[str]:
    yield address
    try:
        parts = urlsplit(address)
    except ValueError:
        return
    if parts.scheme.lower() not in {"http", "https"} or not parts.netloc:
        return
    host = re.sub(r":(80|443)$", "", parts.netloc.lower())
    bare = re.sub(r"^(www|amp|m|mobile)\.", "", host)
    bases = (parts.path, _AMP_PATH.sub("", parts.path))
    paths = dict.fromkeys(p for base in bases for coded in (base, _coded(base)) for p in _slashes(coded))
    queries = dict.fromkeys((parts.query, _without(parts.query, _tracks), _without(parts.query, _tracks_or_amp)))
    hosts = dict.fromkeys(coded for said in (host, bare, f"www.{bare}") for coded in (said, _ascii(said)))
    for query in queries:
        for path in paths:
            for name in hosts:
                for scheme in ("https", "http"):
                    yield urlunsplit(SplitResult(scheme, name, path, query, ""))


def _slashes(path: str) -> tuple[str, str]:
    return path, path.removesuffix("/") if path.endswith("/") else path + "/"


def _coded(path: str) -> str:
    """A path as it goes over the wire, where it was copied from a browser that shows its letters."""
    return quote(path, safe="/%:@!$&'()*+,;=~-._", errors="replace")


def _ascii(host: str) -> str:
    """A host in the form of IDNA that names are registered in; as it is where it has none."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _tracks(name: str) -> bool:
    return _TRACKING.fullmatch(name) is not None


def _tracks_or_amp(name: str) -> bool:
    return _tracks(name) or name.lower() in _AMP_QUERY


def _without(query: str, drops: Any) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    return query if not any(drops(name) for name, _ in pairs) else urlencode([p for p in pairs if not drops(p[0])])


def captures(conn: sqlite3.Connection, address: str) -> list[dict[str, Any]]:
    """The captures of an address in any of its forms, the newest first."""
    places = ", ".join("?" * len(forms(address)))
    query = f"""SELECT {_COLUMNS} WHERE captures.id IN (
      SELECT id FROM captures WHERE url IN ({places}) UNION SELECT id FROM captures WHERE address IN ({places}))
    ORDER BY captured_at DESC, captures.id DESC LIMIT 500"""  # noqa: S608
    return mappings(conn.execute(query, [*forms(address), *forms(address)]))


def at(found: list[dict[str, Any]], moment: str) -> dict[str, Any]:
    """Of captures, the newest first, the last one of a moment; a day or month means its end. Else the first after."""
    until = moment + "\U0010ffff"
    return next((capture for capture in found if capture["captured_at"] < until), found[-1])
