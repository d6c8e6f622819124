"""Writes `schema_1.sql`: the rows of a small archive as schema 1 left them, for later schemas to migrate.

Was run once, while schema 1 was the newest: `python tests/archive/make_schema_1.py > tests/archive/schema_1.sql`. The
tables it fills are made by the first migration, which never changes; triggers fill the rest.
"""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from archive_samples import page, store, text

from archive.model import Unread
from archive.reasons import Reason

TABLES = ("runs", "warc_files", "captures", "cleanings", "texts", "articles", "addresses", "removals")
GENERATED = {("runs", "name"), ("captures", "name"), ("captures", "address")}
ADDRESS = "https://a.example/1"


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        fields = {"authors": ["Ana Díaz"], "published": "2026-11-01", "section": "Mundo"}
        items = [
            page(
                "a.txt",
                {"text": text("uno", 60), "fields": {"title": "Primera", **fields}, "removed": ["Menú"]},
                ADDRESS,
                "2026-11-01T00:00:00Z",
            ),
            page(
                "b.txt",
                {"text": text("dos", 50), "fields": {"title": "Segunda", **fields}},
                ADDRESS,
                "2026-11-02T00:00:00Z",
            ),
            page("c.txt", {"text": text("tres", 10)}, ADDRESS, "2026-11-03T00:00:00Z"),
            page("d.txt", {"reason": "crash", "error": "boom"}),
            Unread("e.txt", Reason.MISSING, "no such file"),
        ]
        store(Path(scratch), items)
        connection = sqlite3.connect(Path(scratch) / "news.db")
        for table in TABLES:
            cursor = connection.execute(f"SELECT * FROM {table} ORDER BY 1")
            names = [column[0] for column in cursor.description if (table, column[0]) not in GENERATED]
            for row in connection.execute(
                f"SELECT {', '.join(f'quote({name})' for name in names)} FROM {table} ORDER BY 1"
            ):
                print(f"INSERT INTO {table} ({', '.join(names)})\n  VALUES ({', '.join(row)});")
        connection.close()


if __name__ == "__main__":
    main()
