"""Pages that say themselves what cleaning them gives, and archives in a form that can be compared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from archive.model import FIELDS, Article, Field, Line, Outcome, Page, Unread
from archive.reasons import Reason
from archive.store import Archive, Kept, RunSummary

NOW = "2026-11-24T21:00:00.000000Z"

WORDS = ("la", "lluvia", "dejó", "tres", "pueblos", "sin", "luz", "toda", "la", "noche", "y", "el", "alcalde", "pidió")


def clock() -> str:
    return NOW


def text(name: str, words: int) -> str:
    """A text of so many words, the same for the same name."""
    return " ".join([name, *(WORDS[n % len(WORDS)] for n in range(words - 1))])


def page(source: str, says: Any = None, url: str | None = None, day: str | None = None, **more: Any) -> Page:
    """A page whose body is JSON: what each kit's cleaning gives (`{"kit-1": {...}}`), or the same for all."""
    by_kit = says if isinstance(says, dict) and all(str(k).startswith("kit-") for k in says) else {"": says}
    return Page(
        source=source,
        body=json.dumps(by_kit).encode(),
        media_type="text/plain",
        captured_at=day or NOW,
        dated_by="manifest" if day else "clock",
        url=url,
        **more,
    )


def clean(page: Page, kit: str = "kit-1") -> Outcome:
    """What the page says its cleaning gives: a text, or `{"text"|"reason", "fields", "url", "removed"}`."""
    by_kit = json.loads(page.body)
    says = by_kit.get(kit, by_kit.get("", by_kit.get("kit-1")))
    says = {"text": says} if isinstance(says, str) else says
    lines = tuple(
        Line(n, line, "dropped", f"es.rule-{len(line) % 3}") for n, line in enumerate(says.get("removed", []), 1)
    )
    if "reason" in says:
        return Outcome(kit, reason=Reason(says["reason"]), error=says.get("error"), lines=lines)
    fields = {}
    for name in FIELDS:
        if name in says.get("fields", {}):
            value = says["fields"][name]
            fields[name] = Field(tuple(value) if isinstance(value, list) else value, "meta")
    return Outcome(kit, Article(says["text"], fields, says.get("url")), lines=lines)


def store(folder: Path, pages: Iterable[Page | Unread], batch: int = 100, kit: str = "kit-1") -> RunSummary:
    """One whole run."""
    with Archive.open(folder, clock) as archive:
        archive.start_run("clean")
        for found, location in archive.orphans():
            archive.record(Kept(found, location), clean(found, kit))
        for n, item in enumerate(pages, 1):
            if isinstance(item, Unread):
                archive.record_unread(item)
            elif not archive.has(item):
                archive.record(archive.keep(item), clean(item, kit))
            if n % batch == 0:
                archive.commit()
        return archive.finish_run("ok")


def reclean(folder: Path, kit: str, batch: int = 100, accept_losses: bool = False) -> list[str]:
    """Clean everything again with another kit; returns what changed."""
    with Archive.open(folder, clock) as archive:
        archive.start_run("reclean")
        kinds = []
        for n, capture in enumerate(archive.captures(), 1):
            outcome = clean(archive.page(capture), kit)
            kinds.append(archive.restate(capture.id, outcome, accept_losses).kind)
            if n % batch == 0:
                archive.commit()
        archive.finish_run("ok")
    return kinds


def rows(folder: Path, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with Archive.read(folder) as reader:
        return reader.db.conn.execute(query, values).fetchall()


_CAPTURE = "source || '|' || coalesce(url, '') || '|' || captured_at || '|' || coalesce(payload_digest, reason)"


def dump(folder: Path) -> dict[str, list[Any]]:
    """All tables but `runs`, without ids and places: what two archives of the same pages have in common."""
    found: dict[str, list[Any]] = {}
    with Archive.read(folder) as reader:
        db = reader.db
        key = dict(db.conn.execute(f"SELECT id, {_CAPTURE} FROM captures").fetchall())
        text = dict(db.conn.execute("SELECT id, content_hash FROM articles").fetchall())
        for table in (
            "articles",
            "captures",
            "cleanings",
            "texts",
            "addresses",
            "removals",
            "daily",
            "tallies",
            "rule_tallies",
            "author_sites",
            "article_authors",
            "revisions",
            "copies",
            "clusters",
            "clustered",
            "shingle_keys",
            "hubs",
        ):
            found[table] = sorted(
                (_plain(table, row, key, text) for row in db.query(f"SELECT * FROM {table}")), key=str
            )
        # the index says what the articles say
        db.conn.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, articles_fts, 'instance')")
        query = "SELECT term, doc, col, offset FROM temp.terms"
        found["fts"] = sorted((term, text[doc], col, at) for term, doc, col, at in db.conn.execute(query))
    return found


def _plain(table: str, row: dict[str, Any], key: dict[int, str], text: dict[int, str]) -> dict[str, Any]:
    ids = {
        "article_id": text,
        "superseded_by": text,
        "lead_capture_id": key,
        "latest_capture_id": key,
        "capture_id": key,
        "representative": text,
        "excerpt": text,
        "a": text,
        "b": text,
    }
    left_out = {"id", "run_id", "warc_file", "warc_offset", "warc_length"}
    plain = {
        name: ids[name].get(value) if name in ids else value for name, value in row.items() if name not in left_out
    }
    if table == "copies":
        plain["a"], plain["b"] = sorted((plain["a"], plain["b"]))
    if table == "articles":
        sources = json.loads(row["field_sources"])
        plain["field_sources"] = {name: (said["source"], key[said["capture"]]) for name, said in sources.items()}
    return plain
