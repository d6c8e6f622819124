"""An outcome as others read it: the JSON object of `extract`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archive.identity import content_hash, site_of
from archive.model import FIELDS, Field, Line, Outcome, Page, Unread

LISTS = ("authors", "tags")


def _value(field: Field | None, name: str) -> Any:
    if field is None:
        return [] if name in LISTS else None
    return list(field.value) if name in LISTS else field.value


def removed_rows(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """The lines that are not part of the text, as `extract` and `--json` print them."""
    return [{"line": line.number, "text": line.text, "rule": line.rule} for line in lines]


def extracted(item: Page | Unread, outcome: Outcome) -> dict[str, Any]:
    """The object that `extract` prints for one page; its names are a contract (`docs/cli.md`).

    `content_hash` is null where there is no article; `error` is then `reason: message`.
    """
    article = outcome.article
    fields = article.fields if article else {}
    url = (article.url if article else None) or item.url
    row: dict[str, Any] = {"source": item.source, "url": url, "site": site_of(url)}
    for name in FIELDS:
        row[name] = _value(fields.get(name), name)
    row["text"] = article.text if article else ""
    row["content_hash"] = content_hash(article.text) if article else None
    row["removed"] = removed_rows(outcome.removals)
    row["error"] = None if outcome.reason is None else outcome.complaint
    return row


def explained(item: Page | Unread, outcome: Outcome) -> dict[str, Any]:
    """What `explain --json` prints: the object of `extract`, every line with its fate, and who said each field."""
    row = extracted(item, outcome)
    del row["removed"]
    row["sources"] = {} if outcome.article is None else {k: f.source for k, f in outcome.article.fields.items()}
    row["recipe"] = outcome.recipe
    row["lines"] = [
        {"line": line.number, "text": line.text, "fate": line.fate, "rule": line.rule} for line in outcome.lines
    ]
    return row
