"""JSON lines, CSV and Markdown, read back by the parsers of others."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from archive.db.rows import ArticleRow
from archive.errors import UsageError
from archive.export.chosen import choose
from archive.export.columns import COLUMNS
from archive.export.jsonl import jsonl, line_of
from archive.export.markdown import document, file_name, page, write_folder
from archive.export.selection import Selection
from archive.export.spreadsheet import FORMULA, rows
from archive.store import Archive

COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def articles(folder: Path) -> list[ArticleRow]:
    with Archive.read(folder) as reader:
        return list(choose(reader, Selection()))


def article(**said: Any) -> ArticleRow:
    empty: dict[str, Any] = dict.fromkeys(ArticleRow.__slots__)
    return ArticleRow(**empty | {"id": 7, "authors": (), "tags": (), "text": "", "field_sources": {}} | said)


any_text = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


def test_json_lines_hold_the_row_to_the_letter(samples: Path) -> None:
    with Archive.read(samples) as reader:
        read = [json.loads(line) for line in b"".join(jsonl(choose(reader, Selection()))).splitlines()]
        query = "SELECT * FROM articles WHERE superseded_by IS NULL ORDER BY id"
        stored = list(reader.db.query(query))
    for row in stored:
        row |= {name: json.loads(row[name]) for name in ("authors", "tags")}
    assert [{name: row[name] for name in COLUMNS} for row in read] == [
        {name: row[name] for name in COLUMNS} for row in stored
    ]
    place = ("cluster", "representative", "revision", "revision_class", "revision_facts", "judged")
    assert all(tuple(row) == (*COLUMNS, *place) for row in read)
    assert {row["revision_class"] for row in read} <= {"first", "edit", "improvement"}


@given(any_text)
def test_a_json_line_is_one_line(text: str) -> None:
    line = line_of(article(title=text, text=text), {"cluster": text})
    assert line.count(b"\n") == 1
    assert json.loads(line)["text"] == text


def read_csv(pieces: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(pieces.decode(), newline="")))


def test_csv_has_a_row_an_article(samples: Path) -> None:
    found = read_csv(b"".join(rows(articles(samples))))
    assert [row["id"] for row in found] == ["1", "2", "3", "4", "6"]
    assert tuple(found[0]) == COLUMNS
    assert found[2]["title"] == "'@cmd|' /C calc'!A0"
    assert found[2]["authors"] == "'-Ana; Luis; Juan"
    assert found[2]["text"].startswith("'=HYPERLINK(")


@given(st.builds(str.__add__, st.sampled_from([*FORMULA, "'", "a"]), any_text), any_text)
def test_no_cell_starts_a_formula(title: str, author: str) -> None:
    (row,) = read_csv(b"".join(rows([article(title=title, authors=(author,))])))
    assert not [value for value in row.values() if value.startswith(FORMULA)]
    assert row["title"].removeprefix("'") == title.replace("\0", "").removeprefix("'")


def shown(markdown: str) -> list[str]:
    """The text of headings and paragraphs, as a reader sees it."""
    tokens = COMMONMARK.parse(markdown)
    assert {token.type for token in tokens} <= {
        *("heading_open", "inline", "heading_close", "paragraph_open", "paragraph_close", "hr")
    }
    inside = [token.children or [] for token in tokens if token.type == "inline"]
    assert {t.type for line in inside for t in line} <= {"text", "text_special", "link_open", "link_close"}
    return ["".join(t.content for t in line) for line in inside]


@given(st.lists(any_text, min_size=1), any_text)
def test_markdown_shows_the_text_as_it_stands(lines: list[str], title: str) -> None:
    (written,) = document([article(title=title or "x", text="\n".join(lines))])
    said = [" ".join(line.split()) for line in "\n".join(lines).split("\n")]
    wanted = [" ".join(title.split()) or "x" if title else "x", *(line for line in said if line)]
    assert shown(written.decode())[-len(wanted) + 1 or 1 :] == [line.replace("\0", "\ufffd") for line in wanted[1:]]


@pytest.mark.parametrize(
    "line",
    [
        "# a",
        "> a",
        "- a",
        "+ a",
        "* a",
        "1. a",
        "12) a",
        "===",
        "---",
        "~~~",
        "```",
        "    a",
        "|a|b|",
        "<b>",
        "&lt;",
        "\\*",
    ],
)
def test_a_line_of_markup_is_text(line: str) -> None:
    (written,) = document([article(title="t", text=f"before\n{line}\nafter")])
    assert shown(written.decode()) == ["t", "before", line.strip(), "after"]


def test_one_document_parts_articles_by_a_rule(samples: Path) -> None:
    written = b"".join(document(articles(samples))).decode()
    assert [token.type for token in COMMONMARK.parse(written)].count("hr") == 4
    assert "<https://example.org/c?q=a%20b&c=%3Cd%3E>" in written


@given(any_text, st.lists(any_text))
def test_the_head_of_a_file_is_yaml(title: str, authors: list[str]) -> None:
    written = page(article(title=title, authors=tuple(authors), site="example.org")).decode()
    head = re.fullmatch(r"---\n(.*?)---\n\n.*", written, re.DOTALL)
    assert head is not None
    read = yaml.safe_load(head[1])
    assert read.get("title", "") == title
    assert read.get("authors", []) == authors


@given(any_text, any_text, any_text)
def test_the_name_of_a_file_is_safe(site: str, published: str, title: str) -> None:
    name = file_name(article(site=site, published=published, title=title))
    assert re.fullmatch(r"[a-z0-9_-]{1,104}/(\d{4}|undated)/([a-z0-9-]{1,80}-)?7\.md", name)


@pytest.mark.parametrize("site", ["..", "../..", "con", "NUL", "a/b", "", "-"])
def test_a_name_leaves_no_folder_and_names_no_device(site: str) -> None:
    first = file_name(article(site=site)).partition("/")[0]
    assert first in {"no-site", "con_", "nul_", "a-b"}


def test_a_folder_holds_a_file_an_article(samples: Path, tmp_path: Path) -> None:
    size = write_folder(articles(samples), tmp_path / "notes")
    files = {str(file.relative_to(tmp_path / "notes")) for file in (tmp_path / "notes").rglob("*.md")}
    assert files == {
        "example-org/2025/2025-07-01-la-lluvia-en-peru-1.md",
        "b-example/2025/2025-07-02-the-harbour-2.md",
        "example-org/2025/2025-08-cmd-c-calc-a0-3.md",
        "no-site/undated/4.md",
        "example-org/2026/2026-la-sequia-larga-6.md",
    }
    assert size == sum(file.stat().st_size for file in (tmp_path / "notes").rglob("*.md"))
    with pytest.raises(UsageError, match="exists already"):
        write_folder([], tmp_path / "notes")
