"""`corrections.toml` in an archive's folder: what a person set by hand, an entry an address.

```toml
[[correction]]
url = "https://elfaro.example/2026/03/la-presa"
title = "La presa se vacía"
authors = ["Ana Roldán"]
published = "2026-03-02"
furniture = ["El Faro, diario de la tarde"]
```
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from archive.errors import SettingsError
from archive.identity import dump_urn
from archive.learned import fingerprint
from archive.model import Outcome, Page
from scraper.clean.corrections import Correction, Value, corrected

FILE = "corrections.toml"
TEXTS = ("title", "section", "kind")
DATES = ("published", "modified")
LISTS = ("authors",)
LINES = ("furniture", "text")
KEYS = ("url", *TEXTS, *LISTS, *DATES, *LINES, "article")


@dataclass(frozen=True, slots=True)
class Corrections:
    """All corrections of an archive, by address."""

    by_url: Mapping[str, Correction] = field(default_factory=dict)

    def apply(self, page: Page, outcome: Outcome) -> Outcome:
        """The outcome of a page as a person left it: by its own address, or by the one it claims."""
        claimed = outcome.article.url if outcome.article else None
        for address in (page.url or dump_urn(page.payload_digest), claimed):
            if address is not None and address in self.by_url:
                return corrected(outcome, self.by_url[address])
        return outcome


def load(folder: Path) -> Corrections:
    """The corrections of an archive; none where it has no such file. SettingsError names the entry and the key."""
    path = folder / FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Corrections()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as TOML: {error}") from error
    tables = data.get("correction", [])
    if set(data) - {"correction"} or not isinstance(tables, list):
        raise SettingsError(f"{path}: write [[correction]], in double brackets, and nothing else")
    found = [_correction(path, number, table) for number, table in enumerate(tables, 1)]
    return Corrections({each.url: each for each in found})


def _correction(path: Path, number: int, table: Mapping[str, Any]) -> Correction:
    where = f"{path}: correction {table.get('url', number)}"
    for key in table:
        if key not in KEYS:
            close = difflib.get_close_matches(key, KEYS, n=1)
            raise SettingsError(f"{where}: unknown key {key}{f' (did you mean {close[0]}?)' if close else ''}")
    if not isinstance(table.get("url"), str) or not table["url"]:
        raise SettingsError(f"{where}: key url: the address of a page is needed")
    if not isinstance(table.get("article", True), bool):
        raise SettingsError(f"{where}: key article: true or false is needed")
    fields: dict[str, Value] = {}
    for key in (*TEXTS, *LISTS, *DATES):
        if key in table:
            fields[key] = checked(key, table[key], where)
    lines = {key: _lines(table.get(key, []), f"{where}: key {key}") for key in LINES}
    return Correction(table["url"], fields, lines["furniture"], lines["text"], table.get("article", True))


def checked(key: str, value: Any, where: str) -> Value:
    """The value of a field as it may be stored. Raises SettingsError."""
    if key in LISTS:
        if not isinstance(value, list | tuple) or not all(isinstance(x, str) and x.strip() for x in value):
            raise SettingsError(f"{where}: key {key}: a list of names is needed")
        return tuple(" ".join(x.split()) for x in value)
    if key in DATES:
        return _moment(value, f"{where}: key {key}")
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(f"{where}: key {key}: a text is needed")
    return " ".join(value.split())


def _moment(value: Any, where: str) -> str:
    if isinstance(value, date):
        return value.isoformat()
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{where}: a day or moment like 2026-03-02 or 2026-03-02T18:05+01:00 is needed") from error
    return str(value).replace("Z", "+00:00")


def _lines(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(line, str) and fingerprint(line) for line in value):
        raise SettingsError(f"{where}: a list of lines is needed, each with a letter in it")
    return tuple(value)


def put(folder: Path, said: Correction) -> None:
    """Write the entry of an address anew, or take it out where it says nothing; what else stands in the file stays."""
    import tomlkit

    load(folder)  # a mistake in the file is told before it is written again
    path = folder / FILE
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    tables = document.get("correction", [])
    for number in reversed(range(len(tables))):
        if tables[number]["url"] == said.url:
            del tables[number]
    if "correction" in document and not len(tables):
        del document["correction"]
    if not said.empty:
        if "correction" not in document:
            document.append("correction", tomlkit.aot())
        document["correction"].append(tomlkit.item(_table(said)))
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_text(tomlkit.dumps(document), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from error


def _table(said: Correction) -> dict[str, Any]:
    values: dict[str, Any] = {"url": said.url}
    values |= {key: list(value) if isinstance(value, tuple) else value for key, value in said.fields.items()}
    values |= {key: list(lines) for key, lines in (("furniture", said.furniture), ("text", said.text)) if lines}
    return values if said.article else values | {"article": False}


def said_of(correction: Correction) -> dict[str, Any]:
    """What a correction says, by the keys of the file, without its address."""
    return {key: value for key, value in _table(correction).items() if key != "url"}
