"""A sidecar: `x.json` beside `x.txt` or `x.html`, an object with any of url, captured_at, title, source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archive.model import DatedBy
from archive.reasons import Reason
from scraper.sources.files import source_of
from scraper.sources.given import Refused, Said
from scraper.sources.gz import read_file
from scraper.sources.moments import moment

_MAX_BYTES = 1024 * 1024


def sidecar_path(path: Path) -> Path:
    """Where the sidecar of a page's file would lie: its name with `.json` for the ending, `.gz` aside."""
    return (path.with_suffix("") if path.suffix.lower() == ".gz" else path).with_suffix(".json")


def sidecar(path: Path) -> Said | None:
    """What the sidecar of a page's file says; None where there is none, or it is no object.

    Raises `Refused` with DAMAGED for one that cannot be understood: a page is not archived under a wrong date for a
    slip that can be mended.
    """
    beside = sidecar_path(path)
    if not beside.is_file():
        return None
    try:
        found = json.loads(read_file(beside, _MAX_BYTES))
        return said(found, "sidecar") if isinstance(found, dict) else None
    except (ValueError, RecursionError) as error:
        raise Refused(Reason.DAMAGED, f"its sidecar {source_of(beside.name)}: {error}") from None
    except Refused as error:
        raise Refused(error.reason, f"its sidecar {source_of(beside.name)}: {error}") from None


def said(
    fields: Mapping[str, Any],
    by: DatedBy,
    url: str = "url",
    captured_at: str = "captured_at",
    title: str = "title",
    source: str = "source",
) -> Said:
    """What an object says under these names; other names do not count. Raises `ValueError` with the name at fault."""

    def text(name: str) -> str | None:
        value = fields.get(name)
        if value is not None and not isinstance(value, str):
            raise ValueError(f"{name}: not a text: {str(value)[:60]!r}")
        return (value or "").strip() or None

    when = text(captured_at)
    try:
        captured = moment(when) if when else None
    except ValueError as error:
        raise ValueError(f"{captured_at}: {error}") from None
    return Said(by, url=text(url), captured_at=captured, title=text(title), source_name=text(source))
