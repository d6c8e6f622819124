"""Rows as mappings."""

from __future__ import annotations

import sqlite3
from typing import Any


def mappings(cursor: sqlite3.Cursor) -> list[dict[str, Any]]:
    """All rows of a query, by column, whatever the connection makes of a row."""
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, tuple(row), strict=True)) for row in cursor]
