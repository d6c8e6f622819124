"""What an archive must know and no page says, as `metadata` records: how a run ended, what could not be read.

A note is kept as fields (`application/warc-fields`), which tools that index or replay pages pass over: `note` is
its kind, `json` its data in one line. Its target is `urn:hemeroteca:note:KIND`, its WARC-Date the moment it was made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive.errors import ArchiveError
from archive.warc.record import Record, sha256_of

FIELDS = "application/warc-fields"
_URN = "urn:hemeroteca:note:"
_KIND = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Note:
    """`data`, of JSON's types alone, is what `kind` says it is; `at` is UTC, `YYYY-MM-DDTHH:MM:SS.ffffffZ`."""

    kind: str
    data: Mapping[str, Any]
    at: str

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.kind):
            raise ValueError(f"no kind of note: {self.kind!r}")
        object.__setattr__(self, "data", json.loads(json.dumps(self.data)))  # as a rebuild will read it


def note_record(note: Note, record_id: str, warcinfo_id: str | None = None) -> Record:
    """The record that keeps a note."""
    block = f"note: {note.kind}\r\njson: {json.dumps(note.data, separators=(',', ':'))}\r\n".encode()
    headers = (
        ("WARC-Type", "metadata"),
        ("WARC-Record-ID", record_id),
        ("WARC-Date", note.at),
        ("WARC-Target-URI", _URN + note.kind),
        ("Content-Type", FIELDS),
        ("WARC-Block-Digest", sha256_of(block)),
        *([("WARC-Warcinfo-ID", warcinfo_id)] if warcinfo_id else []),
        ("Content-Length", str(len(block))),
    )
    return Record("WARC/1.1", headers, block)


def is_note(record: Record) -> bool:
    """Whether a record is a note of ours."""
    return record.type == "metadata" and (record.target_uri or "").startswith(_URN)


def note_of(record: Record) -> Note:
    """The note a record keeps. Raises ArchiveError where `is_note` says so and it cannot be understood."""
    fields = fields_of(record)
    try:
        return Note(fields["note"], json.loads(fields["json"]), record.date)
    except (KeyError, ValueError, RecursionError) as error:
        raise ArchiveError(f"a note that cannot be understood: {str(error)[:80]}") from None


def fields_of(record: Record) -> dict[str, str]:
    """The fields of an `application/warc-fields` block, by name in lower case; of one that is repeated, the first."""
    found: dict[str, str] = {}
    for line in record.block.decode("utf-8", "replace").split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found
