"""An address as somebody pasted it, and the captures it means."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from archive.browse.sql import mappings

#: Parameters that say how a reader came, never which page it is.
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|dclid|msclkid|igshid|mc_[ce]id|yclid|_ga|ref_src|at_\w+", re.IGNORECASE)
_AMP_QUERY = {"amp", "outputtype"}
_AMP_PATH = re.compile(r"(?:/amp|\.amp(?=\.html?$|$))/?", re.IGNORECASE)
_WEB_ARCHIVE = re.compile(r"(?:https?://)?web\.archive\.org/web/(\d{4,14})(?:[a-z]{2}_)?/(.+)", re.IGNORECASE)
_AT = re.compile(r"(.+)@(\d{4}(?:-\d\d(?:-\d\d(?:T[\d:.]+Z?)?)?)?)")

_COLUMNS = """
captures.id, captured_at, captures.url, source, status, captures.reason, article_id, articles.title, articles.words
FROM captures LEFT JOIN articles ON articles.id = article_id
"""


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was pasted: an address, and the moment that was asked for, as far as it was said (ISO 8601)."""

    address: str
    moment: str | None


def read(typed: str) -> Pasted:
    """Take an address out of what was pasted: `https://...`, without a scheme, `URL@2026-05`, a web archive's."""
    typed = typed.strip()
    moment = None
    if found := _WEB_ARCHIVE.fullmatch(typed):
        digits, typed = found[1], found[2]
        parts = [digits[:4], *(digits[at : at + 2] for at in (4, 6) if len(digits) >= at + 2)]
        moment = "-".join(parts)
        if len(digits) == 14:
            moment += f"T{digits[8:10]}:{digits[10:12]}:{digits[12:]}"
    elif found := _AT.fullmatch(typed):
        typed, moment = found[1], found[2]
    typed = re.sub(r"^(https?):/+", r"\1://", typed)  # proxies take one of the two slashes away
    if not re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", typed):
        typed = "https://" + typed
    return Pasted(typed, moment)


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
    host = parts.netloc.lower()
    bare = re.sub(r"^(www|amp|m)\.", "", host)
    paths = dict.fromkeys(p for base in (parts.path, _AMP_PATH.sub("", parts.path)) for p in _slashes(base))
    queries = dict.fromkeys((parts.query, _without(parts.query, _tracks), _without(parts.query, _tracks_or_amp)))
    for query in queries:
        for path in paths:
            for name in dict.fromkeys((host, bare, f"www.{bare}")):
                for scheme in ("https", "http"):
                    yield urlunsplit(SplitResult(scheme, name, path, query, ""))


def _slashes(path: str) -> tuple[str, str]:
    return path, path.removesuffix("/") if path.endswith("/") else path + "/"


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
