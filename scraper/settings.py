"""`sources.toml`: what is crawled and who runs it, from TOML to frozen settings.

A key that is not known is a mistake in one line, with the key that was meant. Times are written as `30s`, `15m`,
`1h`, `7d` or `4w`, days as `2025-01-31`.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archive.errors import SettingsError
from scraper.fetch.proxies import ENVIRONMENT, proxy_of

FILE = "sources.toml"

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_CONTACT = re.compile(r"mailto:[^@\s]+@[^@\s]+|https?://[^\s/]+\S*")
_NAME = re.compile(r"[^\s/\\][^\x00-\x1f/\\]{0,99}")


@dataclass(frozen=True, slots=True)
class Source:
    """One `[[source]]`: a paper, and how it is visited. Times are in seconds."""

    name: str
    url: str
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    every: float = 3600.0  #: at most this often; 0 = at each run
    delay: float = 2.0  #: between requests to one host; robots.txt may ask for more
    connections: int = 1  #: requests under way at one host; more only where the source is yours
    allow_private: bool = False  #: whether loopback and private addresses may be reached
    since: timedelta | date = timedelta(days=30)  #: how far the first crawl goes back, or from which day
    max_pages: int = 1000  #: pages fetched in a run at most
    again: tuple[float, ...] = (3600.0, 6 * 3600.0, 86400.0, 7 * 86400.0)  #: ages at which an article is seen again
    skip: tuple[str, ...] = ()  #: patterns of addresses that are never fetched
    only: tuple[str, ...] = ()  #: where there are any, other addresses are not fetched
    take_reserved: bool = False  #: keep pages that reserve their rights (noarchive, TDM) too
    http2: bool = False
    proxy: str | None = None  #: what it is fetched through: `http://host:port`, or `environment`; None = nothing
    muted_until: date | None = None  #: no alarms before this day

    @property
    def places(self) -> tuple[str, ...]:
        """Everything that is looked at for links; the front page where nothing is named."""
        return (*self.feeds, *self.sitemaps, *self.sections) or (self.url,)

    @property
    def fronts(self) -> tuple[str, ...]:
        """The front and section pages whose article links are followed."""
        return self.sections if self.feeds or self.sitemaps or self.sections else (self.url,)

    def first_day(self, today: date) -> date:
        """The oldest day of publication that the first crawl takes."""
        return today - self.since if isinstance(self.since, timedelta) else self.since

    def filtered(self, address: str) -> str | None:
        """The pattern that keeps an address from being fetched, or None; `not in only` where none of those fits."""
        for pattern in self.skip:
            if _fits(pattern, address):
                return pattern
        if self.only and not any(_fits(pattern, address) for pattern in self.only):
            return "not in only"
        return None


@dataclass(frozen=True, slots=True)
class Settings:
    """All of `sources.toml`. `contact` is None where nobody wrote one: `operator` says what to do."""

    path: Path
    contact: str | None = None
    sources: tuple[Source, ...] = field(default=())

    @property
    def operator(self) -> str:
        """Who runs the crawl, for the user agent. Raises SettingsError where nobody is named."""
        if self.contact is None:
            raise SettingsError(
                f'{self.path}: no contact: write contact = "mailto:you@example.org" at the top, so that a site can '
                "reach who fetches its pages"
            )
        return self.contact

    def chosen(self, names: Sequence[str]) -> tuple[Source, ...]:
        """The sources of these names, all of them for no name. Raises SettingsError for a name that is not there."""
        known = {source.name: source for source in self.sources}
        for name in names:
            if name not in known:
                raise SettingsError(f"{self.path}: there is no source {name}{_meant(name, known)}")
        return tuple(known[name] for name in dict.fromkeys(names)) if names else self.sources


def load_settings(archive: Path) -> Settings:
    """Read an archive's `sources.toml`. Raises SettingsError, in one line, with the key that is wrong."""
    path = archive / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(f"{path}: not there: hemeroteca add https://example.org/ writes it") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from None
    return read_settings(text, path)


def read_settings(text: str, path: Path) -> Settings:
    """The settings in a text; `path` is for messages."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: cannot be read as TOML: {error}") from None
    _check_keys(path, "the file", data, ("contact", "source"))
    tables = data.get("source", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SettingsError(f"{path}: write [[source]], in double brackets: there may be several")
    sources = tuple(_Table(path, table, number).source() for number, table in enumerate(tables, 1))
    _check_names(path, sources)
    return Settings(path, _contact(path, data.get("contact")), sources)


def duration(text: object) -> float | None:
    """Seconds of a time such as `90s`, `15m`, `1h`, `7d` or `4w`; None where it is none."""
    match = _DURATION.fullmatch(text.strip().lower()) if isinstance(text, str) else None
    return float(match[1]) * _SECONDS[match[2]] if match else None


def is_since(text: str) -> bool:
    """Whether a text says how far back a first crawl goes: a time, or a day."""
    return duration(text) is not None or _day(text) is not None


def is_proxy(text: str) -> bool:
    """Whether a text names a proxy: its address, or `environment`."""
    return text == ENVIRONMENT or proxy_of(text) is not None


def contact_of(text: str) -> str | None:
    """A contact as the user agent names it: `mailto:` or a web address; a bare e-mail address gets its `mailto:`."""
    text = text.strip()
    if "@" in text and ":" not in text:
        text = "mailto:" + text
    return text if _CONTACT.fullmatch(text) and text.isascii() else None


def source_keys() -> tuple[str, ...]:
    """The keys of a `[[source]]`, in the order they are shown."""
    return tuple(name.replace("_", "-") for name in Source.__dataclass_fields__)


class _Table:
    """One `[[source]]` as it is read, with what a message needs to name it."""

    def __init__(self, path: Path, table: Mapping[str, Any], number: int) -> None:
        self.path = path
        self.table = table
        self.where = f"[[source]] {table.get('name') or table.get('url') or number}"
        _check_keys(path, self.where, table, source_keys())

    def source(self) -> Source:
        url = self._address("url", self.table.get("url"))
        plain = Source(name="", url=url)
        return Source(
            name=self._name(url),
            url=url,
            feeds=self._addresses("feeds"),
            sitemaps=self._addresses("sitemaps"),
            sections=self._addresses("sections"),
            every=self._duration("every", plain.every),
            delay=self._number("delay", plain.delay),
            connections=self._count("connections", plain.connections),
            allow_private=self._flag("allow-private"),
            since=self._since(plain.since),
            max_pages=self._count("max-pages", plain.max_pages),
            again=self._durations("again", plain.again),
            skip=self._texts("skip"),
            only=self._texts("only"),
            take_reserved=self._flag("take-reserved"),
            http2=self._flag("http2"),
            proxy=self._proxy(),
            muted_until=self._day("muted-until"),
        )

    def _wrong(self, key: str, needed: str) -> SettingsError:
        return SettingsError(f"{self.path}: {self.where}: key {key}: {needed}, not {self.table.get(key)!r}")

    def _name(self, url: str) -> str:
        name = self.table.get("name", (urlsplit(url).hostname or "").removeprefix("www."))
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise self._wrong("name", "a name of up to 100 characters without slashes is needed")
        return name

    def _address(self, key: str, value: object) -> str:
        try:
            parts = urlsplit(value) if isinstance(value, str) else None
            if parts is not None and parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
                return str(value)
        except ValueError:
            pass
        raise self._wrong(key, "an address like https://example.org/ is needed")

    def _addresses(self, key: str) -> tuple[str, ...]:
        return tuple(self._address(key, value) for value in self._texts(key))

    def _texts(self, key: str) -> tuple[str, ...]:
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self._wrong(key, "a list of texts is needed")
        return tuple(value)

    def _duration(self, key: str, default: float) -> float:
        seconds = duration(self.table[key]) if key in self.table else default
        if seconds is None:
            raise self._wrong(key, 'a time like "1h", "30m" or "0s" is needed')
        return seconds

    def _durations(self, key: str, default: tuple[float, ...]) -> tuple[float, ...]:
        if key not in self.table:
            return default
        found = [duration(text) for text in self._texts(key)]
        if None in found:
            raise self._wrong(key, 'a list of times like ["1h", "1d"] is needed')
        return tuple(sorted(seconds for seconds in found if seconds is not None))

    def _proxy(self) -> str | None:
        value = self.table.get("proxy")
        if value is None or (isinstance(value, str) and is_proxy(value)):
            return value
        raise self._wrong("proxy", 'an address like "http://proxy.example.org:3128", or "environment", is needed')

    def _since(self, default: timedelta | date) -> timedelta | date:
        if "since" not in self.table:
            return default
        seconds = duration(self.table["since"])
        if seconds is not None:
            return timedelta(seconds=seconds)
        day = _day(self.table["since"])
        if day is None:
            raise self._wrong("since", 'a time like "30d" or a day like 2025-01-31 is needed')
        return day

    def _day(self, key: str) -> date | None:
        day = _day(self.table.get(key))
        if day is None and key in self.table:
            raise self._wrong(key, "a day like 2025-01-31 is needed")
        return day

    def _number(self, key: str, default: float) -> float:
        value = self.table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 86400:
            raise self._wrong(key, "a number of seconds from 0 on is needed")
        return float(value)

    def _count(self, key: str, default: int) -> int:
        value = self.table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self._wrong(key, "a whole number above 0 is needed")
        return value

    def _flag(self, key: str) -> bool:
        value = self.table.get(key, False)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false is needed")
        return value


def _fits(pattern: str, address: str) -> bool:
    """Whether an address fits: `*` and `?` as in a shell; a pattern that begins with `/` is of path and query."""
    if pattern.startswith("/"):
        parts = urlsplit(address)
        address = parts.path + (f"?{parts.query}" if parts.query else "")
    return fnmatchcase(address, pattern)


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _contact(path: Path, value: object) -> str | None:
    if value is None:
        return None
    contact = contact_of(value) if isinstance(value, str) else None
    if contact is None:
        raise SettingsError(f'{path}: key contact: "mailto:you@example.org" or a web address is needed, not {value!r}')
    return contact


def _check_names(path: Path, sources: Iterable[Source]) -> None:
    seen: set[str] = set()
    for source in sources:
        if source.name in seen:
            raise SettingsError(f"{path}: there are two sources named {source.name}: give one of them another name")
        seen.add(source.name)


def _check_keys(path: Path, where: str, table: Mapping[str, Any], allowed: Sequence[str]) -> None:
    for key in table:
        if key not in allowed:
            hint = _meant(key, allowed) or f"; there are {', '.join(allowed)}"
            raise SettingsError(f"{path}: {where}: unknown key {key}{hint}")


def _meant(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
