"""Write the pages of `docs/` that follow from the code: `reasons.md`, `cli.md`, `schema.md`.

    python3 .ci/env.py python docs/generate.py

`tests/test_docs.py` fails where one of them is out of date.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from archive.db.schema import shipped
from archive.reasons import FAILURES, Reason
from scraper.cli import app

DOCS = Path(__file__).parent
WIDTH = 100

REASONS = """\
# Why nothing came of a capture

The closed list behind `captures.reason` in `news.db`, and the word before the colon in `error` of `extract`. A reason
that is *failed* makes the exit code 1; the others are answers: the page was read, and it holds no article.

| reason | what it means | |
|---|---|---|
"""

CLI = """\
# The command line

What `hemeroteca COMMAND --help` prints. Results go to stdout, talk to stderr.
"""

SCHEMA = """\
# Tables of news.db

Times are UTC, ISO 8601, with a Z; `published` and `modified` are as precise as the page was. The names here stay as
they are: columns are added, never renamed. An archive made by an older hemeroteca is brought up to date when a command
first writes to it.
"""


def reasons() -> str:
    """`reasons.md`: a row for each member of the closed list."""
    rows = (f"| `{r}` | {r.meaning} | {'failed' if r in FAILURES else ''} |\n" for r in Reason)
    return REASONS + "".join(rows)


def cli() -> str:
    """`cli.md`: the help of every command."""
    top = app.make_context("hemeroteca", [], resilient_parsing=True)
    return CLI + "".join(f"\n## {name}\n\n```\n{text}\n```\n" for name, text in helps(app, top))


def helps(command: click.Command, ctx: click.Context) -> Iterator[tuple[str, str]]:
    """The full name and the help of a command and of all below it."""
    ctx.terminal_width = ctx.max_content_width = WIDTH
    yield ctx.command_path, command.get_help(ctx)
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            child = command.get_command(ctx, name)
            assert child is not None
            yield from helps(child, child.make_context(name, [], parent=ctx, resilient_parsing=True))


def schema() -> str:
    """`schema.md`: every table and view, made from the migrations, said in the words that Datasette shows."""
    db = sqlite3.connect(":memory:")
    for migration in shipped():
        db.executescript(migration.sql)
    described = json.loads((files("archive.db") / "descriptions.json").read_text("utf-8"))["tables"]
    return SCHEMA + "".join(table(db, name, kind, described.get(name, {})) for name, kind in tables(db))


def tables(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """Names and kinds, without the inner tables of the search index."""
    listed = db.execute("PRAGMA table_list").fetchall()
    return sorted((row[1], row[2]) for row in listed if row[2] != "shadow" and not row[1].startswith("sqlite_"))


def table(db: sqlite3.Connection, name: str, kind: str, described: dict[str, Any]) -> str:
    """A section for one table or view."""
    says: dict[str, str] = described.get("columns", {})
    columns = db.execute("SELECT name, type FROM pragma_table_xinfo(?) WHERE hidden <> 1", (name,))
    rows = "".join(f"| `{column}` | {type_.lower()} | {says.get(column, '')} |\n" for column, type_ in columns)
    head = f"\n## {name}\n\n{'A view. ' if kind == 'view' else ''}{described.get('description', '')}"
    return head.rstrip() + "\n\n| column | type | |\n|---|---|---|\n" + rows


PAGES = {"reasons.md": reasons, "cli.md": cli, "schema.md": schema}

if __name__ == "__main__":
    for page, write in PAGES.items():
        (DOCS / page).write_text(write(), "utf-8")
