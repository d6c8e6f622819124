"""A database of chosen articles: a `news.db` with the schema, views and search index of the archive it was taken from.

It holds the articles, their captures with cleanings and removed lines, and the runs that brought them; the archived
bytes stay where they are. The views and `daily` tell of what was taken along only.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sqlite_utils import Database

from archive.db.connect import DATABASE, translated
from archive.db.schema import migrate, shipped
from archive.export.output import new_file

if TYPE_CHECKING:
    from archive.db.reader import Reader
    from archive.export.chosen import Chosen

_OWN = "SELECT id FROM captures WHERE article_id = :id"
#: What goes along with an article, parents first; several articles may share a run, a file or a text.
_ROWS = {
    "runs": "id IN (SELECT run_id FROM captures WHERE article_id = :id)",
    "warc_files": "name IN (SELECT warc_file FROM captures WHERE article_id = :id)",
    "articles": "id = :id AND superseded_by IS NULL",
    "captures": "article_id = :id",
    "cleanings": f"capture_id IN ({_OWN})",
    "texts": f"text_digest IN (SELECT text_digest FROM cleanings WHERE capture_id IN ({_OWN}))",  # noqa: S608
    "removals": f"capture_id IN ({_OWN})",
    "addresses": "article_id = :id",
}
_BATCH = 500  # articles in a transaction


def write_subset(chosen: Chosen, target: Path, now: str) -> int:
    """Write a new database and return its size in bytes. `now` is UTC as in `Page.captured_at`.

    Each article is read in a moment of its own, so that no long read keeps a run from tidying its log. Raises
    UsageError where the file is there, ArchiveError where it cannot be written or the archive not be read.
    """
    with new_file(target) as unfinished, translated(target):
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous = off")  # it is nothing until it is whole
            migrate(Database(copy), now, shipped())
            columns = {table: _columns(copy, table) for table in _ROWS}
            left = iter(chosen.ids)
            while batch := list(islice(left, _BATCH)):
                copy.execute("BEGIN")
                for article_id in batch:
                    _take(chosen.reader, copy, article_id, columns)
                copy.execute("COMMIT")
            copy.execute("DELETE FROM unindexed")  # copies are looked for in the whole archive only
            copy.execute("PRAGMA optimize")
        return unfinished.stat().st_size


def _columns(copy: sqlite3.Connection, table: str) -> tuple[str, ...]:
    """The columns of a table that are stored, not computed."""
    return tuple(name for (name,) in copy.execute("SELECT name FROM pragma_table_info(?)", (table,)))


def _take(reader: Reader, copy: sqlite3.Connection, article_id: int, columns: dict[str, tuple[str, ...]]) -> None:
    for table, where in _ROWS.items():
        names = columns[table]
        places = ", ".join("?" * len(names))
        rows = _read(reader, f"SELECT {', '.join(names)} FROM {table} WHERE {where}", article_id)  # noqa: S608
        if table == "articles" and not rows:
            return  # it was replaced meanwhile
        copy.executemany(f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({places})", rows)  # noqa: S608


def _read(reader: Reader, query: str, article_id: int) -> list[tuple[object, ...]]:
    with translated(reader.folder / DATABASE):
        return [tuple(row) for row in reader.db.conn.execute(query, {"id": article_id})]
