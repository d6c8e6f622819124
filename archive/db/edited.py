"""JSON files that are ours and a person's: what they changed stays as they left it, what they left alone is renewed.

Beside each file lies, under a name with a dot before it, what we wrote there last. A value that is still the one we
wrote is ours; any other is the person's, and so is the lack of one. Lists are values, taken whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from archive.errors import ArchiveError

_NONE: Any = object()  # what is not there


def renew(path: Path, ours: dict[str, Any], earlier: Collection[str] = ()) -> None:
    """Bring a file up to what we say today. `earlier`: see `read`. Raises ArchiveError where it cannot be written."""
    renewed = read(path, ours, earlier)
    if renewed is None:
        return
    _write(path, renewed)
    _write(_written(path), ours)


def read(path: Path, ours: dict[str, Any], earlier: Collection[str] = ()) -> dict[str, Any] | None:
    """What a file would say if it were renewed; None where it cannot be understood, and so is left alone.

    `earlier` are SHA-256 digests of files that older versions wrote without a note: they are ours as a whole.
    """
    if not path.exists():
        return ours
    theirs, base = _parsed(path), _parsed(_written(path)) or {}
    if theirs is None:
        return None
    if not base and hashlib.sha256(path.read_bytes()).hexdigest() in earlier:
        base = theirs
    merged: dict[str, Any] = _merged(base, theirs, ours)
    return merged


def _merged(base: Any, theirs: Any, ours: Any) -> Any:
    """Three versions of a value as one: in an object key by key, else theirs where they changed it."""
    if not (isinstance(theirs, dict) and isinstance(ours, dict)):
        return ours if theirs == base else theirs
    base = base if isinstance(base, dict) else {}
    pairs = ((key, _merged(*(side.get(key, _NONE) for side in (base, theirs, ours)))) for key in [*theirs, *ours])
    return {key: value for key, value in pairs if value is not _NONE}


def _written(path: Path) -> Path:
    return path.with_name(f".{path.name}")


def _parsed(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _write(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    unfinished = path.with_name(f".{path.name}.part")
    try:
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise ArchiveError(f"{path}: cannot be written: {error.strerror}") from error
