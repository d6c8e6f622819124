"""What an archive is made with: the answer of `--version -v`."""

from __future__ import annotations

import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version

#: What shapes a result: parsers, extractors, the languages' detector, and what reads and writes the archive.
LIBRARIES = (
    "trafilatura",
    "htmldate",
    "lxml",
    "selectolax",
    "py3langid",
    "numpy",
    "charset-normalizer",
    "warcio",
    "sqlite-utils",
    "datasette",
    "httpx",
    "pebble",
)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def describe(*, everything: bool) -> str:
    """`hemeroteca 0.1.0`, or a line for each library, for SQLite, for the rules and for the recipe."""
    first = f"hemeroteca {_version('hemeroteca')}"
    if not everything:
        return first
    from archive.db.schema import newest_version
    from archive.identity import NORMALISATION
    from scraper.clean.kit import load_kit

    kit = load_kit()
    rows = [
        ("Python", platform.python_version()),
        ("SQLite", sqlite3.sqlite_version),
        *((name, _version(name)) for name in LIBRARIES),
        ("schema", str(newest_version())),
        ("normalisation", str(NORMALISATION)),
        ("line rules", str(len(kit.lines.rules))),
        ("site rules", f"{len(kit.sites.layouts)} sites"),
        ("recipe", kit.recipe),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join([first, *(f"  {name:<{width}}  {value}" for name, value in rows)])
