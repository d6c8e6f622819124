"""The table `corrections`: what a person set by hand, as the file says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlite_utils import Database

from archive.db.rows import dump_json


def put(db: Database, said: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Show what is said of these addresses, field by field, and nothing else."""
    db.conn.execute("DELETE FROM corrections")
    rows = [(url, name, dump_json(value)) for url, fields in said for name, value in fields.items()]
    db.conn.executemany("INSERT INTO corrections VALUES (?, ?, ?)", rows)
