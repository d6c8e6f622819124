"""What people wrote into an archive by hand, and the union of two such archives: rules, sources, corrections.

Ours stays as it is; what only the other has is added. Where both say something else of the same thing, no program can
know who is right: ours stands, the other's is kept beside it or not taken, and it is told.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT

from archive.errors import SettingsError

RULES = "rules"
#: Files that are merged entry by entry, and what tells the entries of a list of tables apart.
MERGED = {"corrections.toml": ("url",), "sources.toml": ("name",), "rules/judged.toml": ("site", "line")}
#: Added to the name of a rule file of the other archive that cannot stand beside ours.
OTHER = ".other"


def unite(ours: Path, theirs: Path) -> Iterator[str]:
    """Bring what people wrote in `theirs` into `ours`, and yield a sentence for each thing that both say differently.

    Done twice it changes nothing more. Raises SettingsError for a file that is no TOML.
    """
    entries = {theirs / name for name in MERGED}
    for path in sorted({*(theirs / RULES).rglob("*.toml")} - entries):
        yield from _rule_file(path, ours / path.relative_to(theirs), str(path.relative_to(theirs)))
    for name, keys in MERGED.items():
        if (theirs / name).is_file():
            yield from _toml_file(theirs / name, ours / name, name, keys)


def naming(folder: Path, words: Sequence[str]) -> Iterator[Path]:
    """The files that people wrote, and what was learned for them, in which one of these words stands."""
    files = (path for pattern in ("*.toml", "*.json", f"{RULES}/**/*") for path in folder.glob(pattern))
    for path in sorted(path for path in files if path.is_file()):
        text = path.read_text(encoding="utf-8", errors="replace")
        if any(word in text for word in words):
            yield path


def _rule_file(theirs: Path, ours: Path, name: str) -> Iterator[str]:
    if not ours.exists():
        _copy(theirs, ours)
    elif ours.read_bytes() != theirs.read_bytes():
        _copy(theirs, ours.with_name(ours.name + OTHER))
        yield f"{name} says something else there: kept as {name}{OTHER}, which is not used; take from it what you want"


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, scratch)
    scratch.replace(target)


def _toml_file(theirs: Path, ours: Path, name: str, keys: tuple[str, ...]) -> Iterator[str]:
    if not ours.exists():
        _copy(theirs, ours)
        return
    document, other = _read(ours), _read(theirs)
    before = document.as_string()
    yield from (f"{name}: {what}" for what in _union(document, other, "", keys))
    if document.as_string() != before:
        scratch = ours.with_name(f".{ours.name}.new")
        with scratch.open("w", encoding="utf-8", newline="") as file:
            file.write(document.as_string())
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(ours)


def _read(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TOMLKitError) as error:
        raise SettingsError(f"{path}: {error}") from None


def _union(
    ours: MutableMapping[str, Any], theirs: MutableMapping[str, Any], at: str, keys: tuple[str, ...]
) -> Iterator[str]:
    """Add to a table what the other has besides; yield where both have something, and not the same."""
    for name, value in theirs.items():
        where = f"{at}{name}"
        if name not in ours:
            ours[name] = value
        elif isinstance(ours[name], AoT) and isinstance(value, AoT):
            yield from _tables(ours[name], value, where, keys)
        elif isinstance(ours[name], MutableMapping) and isinstance(value, MutableMapping):
            yield from _union(ours[name], value, f"{where}.", keys)
        elif ours[name] != value:
            yield f"{where} is something else there, and stays as it is here"


def _tables(ours: AoT, theirs: AoT, at: str, keys: tuple[str, ...]) -> Iterator[str]:
    def named(table: MutableMapping[str, Any]) -> tuple[Any, ...]:
        return tuple(table.get(key) for key in keys)

    here = {named(table): table for table in ours}
    for table in theirs:
        mine = here.get(named(table))
        if mine is None:
            ours.append(table)
        elif mine != table:
            name = " ".join(map(str, named(table)))
            yield f"{at} {name} is something else there, and stays as it is here"
