"""Rules for one site's HTML, as data: `sites/<host>.toml`, shipped and an archive's own.

A file serves its host and the hosts below it. Each `[[html]]` is one layout, with selectors in CSS as selectolax
understands them:

- `body`: only what is inside is the article, and all of it is, but for what is removed;
- `[[html.remove]]` (`id`, `select`, `why`): goes, whatever the classifier thinks;
- `title`, `authors`, `published`, `modified`, `section`: the element that says the field (`datetime` and `content`
  attributes count before text).

- `tests`: addresses on which imported rules were tried; they do nothing.

`since` and `until` (days; the latter is the first day no longer meant) bind a layout to captures of that time, `when`
to pages that have such an element. Of the layouts that fit a page the first is taken.
"""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from archive.errors import RuleError

SHIPPED = Path(__file__).parent / "sites"
IMPORTED = "imported"
FIELD_KEYS = ("title", "authors", "published", "modified", "section")
_KEYS = ("id", "why", "since", "until", "when", "body", "remove", "tests", *FIELD_KEYS)
_REMOVE_KEYS = ("id", "why", "select")


@dataclass(frozen=True, slots=True)
class Removal:
    """What goes from the pages of a layout."""

    id: str
    select: str
    why: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout of a site: which pages it fits, and what to read and remove in them."""

    host: str
    id: str
    since: str = ""
    until: str = ""
    when: str = ""
    body: str = ""
    remove: tuple[Removal, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""  #: the file it stands in
    imported: bool = False  #: from another program's rules: of a host's layouts the last that is tried

    def fits(self, day: str, tree: LexborHTMLParser) -> bool:
        """Whether a page captured on a day (`YYYY-MM-DD`) has this layout."""
        if (self.since and day < self.since) or (self.until and day >= self.until):
            return False
        return not self.when or tree.css_first(self.when) is not None


@dataclass(frozen=True, slots=True)
class SiteRules:
    """The layouts of all sites, by host; an archive's own stand before the shipped ones."""

    layouts: Mapping[str, tuple[Layout, ...]]
    digest: str

    def layout(self, site: str | None, captured_at: str, tree: LexborHTMLParser) -> Layout | None:
        """The layout of a page of a site, or None: of its own host first, then of the hosts above."""
        labels = site.split(".") if site else []
        for start in range(len(labels) - 1):
            for layout in self.layouts.get(".".join(labels[start:]), ()):
                if layout.fits(captured_at[:10], tree):
                    return layout
        return None


def load_site_rules(folders: Iterable[Path] = (SHIPPED,)) -> SiteRules:
    """Read `*.toml` of the folders, or single files, later ones first in force; RuleError names the file and the key.

    A folder of the name `imported` holds rules of other programs.
    """
    layouts: dict[str, tuple[Layout, ...]] = {}
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.glob("*.toml")) if folder.is_dir() else [folder] if folder.is_file() else []:
            raw = _read(path)
            digest.update(path.name.encode() + b"\0" + raw + b"\0")
            host = path.stem.lower().removeprefix("www.")
            layouts[host] = (*_layouts(path, host, raw), *layouts.get(host, ()))
    return SiteRules(layouts, digest.hexdigest())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RuleError(f"{path}: cannot be read: {error.strerror}") from error


def _layouts(path: Path, host: str, raw: bytes) -> tuple[Layout, ...]:
    try:
        data = tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleError(f"{path}: cannot be read as TOML: {error}") from error
    _check_keys(path, "the file", data, ("html",))
    tables = _tables(path, "html", data.get("html", []))
    return tuple(_layout(path, host, table, number) for number, table in enumerate(tables, 1))


def _layout(path: Path, host: str, table: Mapping[str, Any], number: int) -> Layout:
    name = f"[[html]] {table.get('id', number)}"
    _check_keys(path, name, table, _KEYS)
    return Layout(
        host=host,
        id=str(table.get("id", f"layout-{number}")),
        since=_day(path, name, table, "since"),
        until=_day(path, name, table, "until"),
        when=_selector(path, name, table, "when"),
        body=_selector(path, name, table, "body"),
        remove=tuple(_removal(path, name, item) for item in _tables(path, "html.remove", table.get("remove", []))),
        fields={key: _selector(path, name, table, key) for key in FIELD_KEYS if key in table},
        origin=str(path),
        imported=path.parent.name == IMPORTED,
    )


def _removal(path: Path, name: str, table: Mapping[str, Any]) -> Removal:
    where = f"{name} [[html.remove]] {table.get('id', 'without id')}"
    _check_keys(path, where, table, _REMOVE_KEYS)
    for key in _REMOVE_KEYS:
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise RuleError(f"{path}: {where}: key {key}: a text is needed")
    return Removal(table["id"], _selector(path, where, table, "select"), table["why"])


def _tables(path: Path, key: str, value: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise RuleError(f"{path}: write [[{key}]], in double brackets: there may be several")
    return value


def _day(path: Path, name: str, table: Mapping[str, Any], key: str) -> str:
    value = table.get(key, "")
    try:
        return value.isoformat()[:10] if isinstance(value, date) else value and date.fromisoformat(value).isoformat()
    except (TypeError, ValueError) as error:
        raise RuleError(f"{path}: {name}: key {key}: a day like 2025-01-31 is needed, not {value!r}") from error


def _selector(path: Path, name: str, table: Mapping[str, Any], key: str) -> str:
    value = table.get(key, "")
    text = ", ".join(value) if isinstance(value, list) and all(isinstance(item, str) for item in value) else value
    if not isinstance(text, str) or (key in table and not text.strip()):
        raise RuleError(f"{path}: {name}: key {key}: a CSS selector, or a list of them, is needed")
    try:
        LexborHTMLParser("<p>").css(text or "p")
    except (SelectolaxError, ValueError) as error:
        raise RuleError(f"{path}: {name}: key {key}: {text!r} is no CSS selector selectolax understands") from error
    return text


def _check_keys(path: Path, where: str, table: Mapping[str, Any], allowed: Sequence[str]) -> None:
    for key in table:
        if key not in allowed:
            close = difflib.get_close_matches(key, list(allowed), n=1)
            hint = f" (did you mean {close[0]}?)" if close else f"; there are {', '.join(allowed)}"
            raise RuleError(f"{path}: {where}: unknown key {key}{hint}")
