"""How sites name things in addresses, as data: `rules/discovery.toml` and the names of months.

`scraper.discover` is handed this record; what it knows of sites and languages, it knows from here.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.errors import RuleError
from scraper.rules.lines import load_line_rules

SHIPPED = Path(__file__).parent / "discovery.toml"


@dataclass(frozen=True, slots=True)
class Redirector:
    """An address that only leads on to the one that stands in one of its parameters."""

    host: str
    path: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddressHabits:
    """What in an address does not say which article is meant. All names are in lower case."""

    tracking: frozenset[str]
    tracking_starts: tuple[str, ...]
    tracking_values: Mapping[str, frozenset[str]]
    sessions: frozenset[str]
    forms: frozenset[str]
    form_values: frozenset[str]
    host_forms: frozenset[str]
    second_levels: frozenset[str]
    path_forms: frozenset[str]
    index_names: frozenset[str]
    redirectors: tuple[Redirector, ...]
    digest: str  #: of all of it: a part of the recipe of what is cleaned with it


@dataclass(frozen=True, slots=True)
class Habits:
    """Everything known of the habits of sites: addresses, usual places, words of paths, months."""

    addresses: AddressHabits
    feed_places: tuple[str, ...]
    sitemap_places: tuple[str, ...]
    feed_words: frozenset[str]
    comment_words: frozenset[str]
    lists: frozenset[str]
    services: frozenset[str]
    files: frozenset[str]
    articles: frozenset[str]
    months: Mapping[str, int]  #: a month's folded name or abbreviation -> 1 to 12


def load_habits(path: Path = SHIPPED) -> Habits:
    """Read the shipped habits; RuleError names the file and the key that is missing or of another kind."""
    with _told_of(path):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        places, paths = data["places"], data["paths"]
        return Habits(
            addresses=_addresses(data["addresses"]),
            feed_places=tuple(places["feeds"]),
            sitemap_places=tuple(places["sitemaps"]),
            feed_words=_words(places["feed_words"]),
            comment_words=_words(places["comment_words"]),
            lists=_words(paths["lists"]),
            services=_words(paths["services"]),
            files=_words(paths["files"]),
            articles=_words(paths["articles"]),
            months=load_line_rules().months,
        )


def load_address_habits(path: Path = SHIPPED) -> AddressHabits:
    """Those of addresses alone, which cleaning needs too. Raises RuleError as `load_habits` does."""
    with _told_of(path):
        return _addresses(tomllib.loads(path.read_text(encoding="utf-8"))["addresses"])


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """Errors of reading as a RuleError that names the file."""
    try:
        yield
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise RuleError(f"{path}: cannot be read as the habits of sites: {error}") from error


def _addresses(table: Mapping[str, Any]) -> AddressHabits:
    tracking = _words(table["tracking"])
    return AddressHabits(
        tracking=frozenset(name for name in tracking if not name.endswith("*")),
        tracking_starts=tuple(sorted(name[:-1] for name in tracking if name.endswith("*"))),
        tracking_values={item["name"].lower(): _words(item["values"]) for item in table["tracking_values"]},
        sessions=_words(table["sessions"]),
        forms=_words(table["forms"]),
        form_values=_words(table["form_values"]),
        host_forms=_words(table["host_forms"]),
        second_levels=_words(table["second_levels"]),
        path_forms=_words(table["path_forms"]),
        index_names=_words(table["index_names"]),
        redirectors=tuple(
            Redirector(item["host"], item["path"], tuple(item["parameters"])) for item in table["redirectors"]
        ),
        digest=hashlib.sha256(json.dumps(table, sort_keys=True, ensure_ascii=False).encode()).hexdigest(),
    )


def _words(values: Sequence[str]) -> frozenset[str]:
    return frozenset(value.lower() for value in values)
