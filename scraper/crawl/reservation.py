"""Who reserves rights in a page: `noarchive`, and the TDM Reservation Protocol. Pure.

| where | what | source |
|---|---|---|
| `X-Robots-Tag: noarchive`, also `none`, for everybody or for us | not to be archived | the same convention |
| `<meta name="robots">` or `<meta name="hemeroteca">` | the same | a convention of search engines |
| `tdm-reservation: 1`, `tdm-policy` in the answer's head | not to be mined | TDMRep (W3C CG, 2024-05-10), 5 |
| `<meta name="tdm-reservation" content="1">` | the same | TDMRep, 7 |
| `/.well-known/tdmrep.json` | the same, by paths of the site | TDMRep, 6 |

What stands nearer to the page wins: its meta tag over its head over the site's file (TDMRep, 8).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from scraper.fetch.robots import AGENT

WELL_KNOWN = "/.well-known/tdmrep.json"
MAX_RULES = 1000
_HEAD = 64 * 1024  # bytes of a page in which its meta tags are looked for
_META = re.compile(rb"<meta\b[^>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_NOT_ARCHIVED = frozenset({"noarchive", "none"})


@dataclass(frozen=True, slots=True)
class Reserved:
    """A reservation that was found: `what` is `noarchive` or `tdm`, `said` where and how, `policy` its address."""

    what: str
    said: str
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class SiteRule:
    """An entry of tdmrep.json: a path (with `*` and a closing `$`, as in robots.txt), and whether it is reserved."""

    location: str
    reserved: bool
    policy: str | None = None


def site_rules(body: bytes) -> tuple[SiteRule, ...]:
    """The entries of a tdmrep.json; none where it is not one. Entries that cannot be understood are left out."""
    try:
        entries = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return ()
    return tuple(_site_rules(entries if isinstance(entries, list) else [entries]))


def _site_rules(entries: list[Any]) -> Iterator[SiteRule]:
    for entry in entries[:MAX_RULES]:
        if isinstance(entry, dict) and isinstance(entry.get("location"), str):
            policy = entry.get("tdm-policy")
            reserved = entry.get("tdm-reservation") in (1, "1", True)
            yield SiteRule(entry["location"], reserved, policy if isinstance(policy, str) else None)


def reserved_by_site(url: str, rules: Iterable[SiteRule]) -> Reserved | None:
    """The reservation of the first entry that an address falls under, in their order (TDMRep, 6.2)."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    rule = next((rule for rule in rules if _under(path, rule.location)), None)
    if rule is None or not rule.reserved:
        return None
    return Reserved("tdm", f"{WELL_KNOWN}: {rule.location}", rule.policy)


def _under(path: str, location: str) -> bool:
    anchored = location.endswith("$")
    head, *parts = location.removesuffix("$").split("*")
    if not path.startswith(head):
        return False
    at = len(head)
    for part in parts:  # the leftmost place of each is enough, but for one that must end the path
        at = path.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return not anchored or at == len(path) or (bool(parts) and path.endswith(parts[-1]))


def reserved_by_page(headers: Iterable[tuple[str, str]], body: bytes) -> tuple[Reserved, ...]:
    """What an answer's head and the meta tags of its HTML reserve: at most one of each kind.

    A meta tag that says `tdm-reservation` 0 lifts what the head says.
    """
    tags = _metas(body)
    found = [*_noarchive(headers, tags)][:1]
    tdm = _tdm({name.lower(): value for name, value in headers}, "header")
    by_tag = _tdm({name: value for name, value in tags if name.startswith("tdm-")}, "meta")
    decided = by_tag if by_tag is not None else tdm
    return (*found, *([decided] if isinstance(decided, Reserved) else []))


def _tdm(said: Mapping[str, str], where: str) -> Reserved | bool | None:
    value = said.get("tdm-reservation")
    if value is None:
        return None
    return Reserved("tdm", f"{where} tdm-reservation: 1", said.get("tdm-policy")) if value.strip() == "1" else False


def _noarchive(headers: Iterable[tuple[str, str]], tags: Iterable[tuple[str, str]]) -> Iterator[Reserved]:
    for name, value in headers:
        if name.lower() == "x-robots-tag" and _forbids(value):
            yield Reserved("noarchive", f"X-Robots-Tag: {value.strip()[:200]}")
    for name, value in tags:
        if name in ("robots", AGENT) and _NOT_ARCHIVED & _words(value):
            yield Reserved("noarchive", f"meta {name}: {value.strip()[:200]}")


def _forbids(value: str) -> bool:
    """Of `X-Robots-Tag: [agent:] rule, rule`: whether it is said to everybody or to us. `unavailable_after` has a
    colon of its own."""
    agent, colon, rules = value.partition(":")
    name = agent.strip().lower()
    if colon and "," not in agent and name != "unavailable_after":
        return name in ("*", AGENT) and bool(_NOT_ARCHIVED & _words(rules))
    return bool(_NOT_ARCHIVED & _words(value))


def _words(value: str) -> set[str]:
    return {word.strip().lower() for word in value.split(",")}


def _metas(body: bytes) -> list[tuple[str, str]]:
    """Names, in lower case, and contents of a page's meta tags."""
    found = []
    for tag in _META.findall(body[:_HEAD]):
        pairs = _ATTRIBUTE.findall(tag.decode("utf-8", "replace"))
        said = {name.lower(): double or single or bare for name, double, single, bare in pairs}
        found.append((said.get("name", "").strip().lower(), said.get("content", "")))
    return found
