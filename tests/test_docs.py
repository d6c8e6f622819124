"""What the documentation says is held against the code: generated pages, command lines, names of the contract."""

from __future__ import annotations

import re
import runpy
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from archive.db.schema import shipped
from archive.model import Outcome, Unread
from archive.reasons import Reason
from scraper.cli import COMMANDS, app
from scraper.report import extracted
from scraper.rules.lines import load_line_rules
from scraper.rules.sites import load_site_rules

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
GENERATED: dict[str, Callable[[], str]] = runpy.run_path(str(DOCS / "generate.py"))["PAGES"]
WRITTEN = sorted([ROOT / "README.md", *(page for page in DOCS.glob("*.md") if page.name not in GENERATED)])

COLUMNS = {
    "articles": "id url site title authors published modified language section tags description image text words"
    " content_hash first_seen last_seen recipe superseded_by",
    "captures": "id article_id source url captured_at payload_digest status warc_file warc_offset warc_length reason"
    " error run_id",
    "removals": "capture_id line text rule",
    "runs": "id command started finished outcome",
    "articles_fts": "title text",
}  #: what others rely on: these names stay
EXTRACTED = (
    "source url site title authors published modified language section tags description image kind text content_hash"
    " removed error"
)


@pytest.mark.parametrize("page", GENERATED)
def test_a_generated_page_is_up_to_date(page: str) -> None:
    assert (DOCS / page).read_text("utf-8") == GENERATED[page](), "run `make docs`"


@pytest.mark.parametrize("table", COLUMNS)
def test_the_tables_have_the_columns_others_rely_on(table: str) -> None:
    db = sqlite3.connect(":memory:")
    for migration in shipped():
        db.executescript(migration.sql)
    there = {row[0] for row in db.execute("SELECT name FROM pragma_table_xinfo(?)", (table,))}
    assert set(COLUMNS[table].split()) <= there


def test_extract_prints_the_names_others_rely_on() -> None:
    missing = Unread("x.txt", Reason.MISSING, "not there")
    row = extracted(missing, Outcome("recipe", reason=missing.reason, error=missing.error))
    assert set(row) == set(EXTRACTED.split())


def command_lines(page: Path) -> Iterator[list[str]]:
    """The words of each `hemeroteca` call in the code blocks of a page, pipes and redirections cut off."""
    for block in re.findall(r"^```[a-z]*\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            call = re.match(r"(?:\$ )?(?:[\w.-]+=\S+ )*(?:python3 \.ci/env\.py )?hemeroteca (?=[a-z-])(.*)", line)
            if call:
                lexer = shlex.shlex(call[1], posix=True, punctuation_chars=True)
                lexer.commenters = "#"
                words = list(lexer)
                ends = [i for i, word in enumerate(words) if re.fullmatch(r"[|<>&;()]+", word)]
                yield words[: ends[0]] if ends else words


CALLS = [(page.name, words) for page in WRITTEN for words in command_lines(page)]


@pytest.mark.parametrize(("page", "words"), CALLS, ids=lambda part: part if isinstance(part, str) else " ".join(part))
def test_a_command_line_in_the_documentation_is_understood(page: str, words: list[str]) -> None:
    command: click.Command = app
    ctx = app.make_context("hemeroteca", [], resilient_parsing=True)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(ctx, words[0])
        assert found is not None, f"{page}: no command {words[0]}"
        command, words = found, words[1:]
        ctx = command.make_context(command.name, [], parent=ctx, resilient_parsing=True)
    command.make_parser(ctx).parse_args(list(words))  # raises for an option that is not there


def shown_rules(page: Path, folder: Path) -> Path:
    """The TOML of a page, as files; each site's file has the name that its first line gives it."""
    (folder / "sites").mkdir()
    blocks = re.findall(r"^```toml\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    for number, block in enumerate(blocks):
        site = re.match(r"# .*(sites/\S+\.toml)\n", block)
        (folder / (site[1] if site else f"{number}.toml")).write_text(block, "utf-8")
    return folder


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "rules.md"], ids=lambda page: page.name)
def test_the_rules_shown_do_what_they_say(page: Path, tmp_path: Path) -> None:
    shown = shown_rules(page, tmp_path)
    assert load_site_rules([shown / "sites"]).layouts
    rules = load_line_rules([shown]).rules
    assert rules
    for rule in rules:
        assert [line for line in rule.drops if not rule.fits(line)] == []
        assert [line for line in rule.keeps if rule.fits(line)] == []


def test_a_written_page_shows_every_command() -> None:
    assert {words[0] for _, words in CALLS} >= set(COMMANDS)


@pytest.mark.parametrize("page", [*WRITTEN, ROOT / "CHANGELOG.md"], ids=lambda page: page.name)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_readme_begins_with_the_two_commands() -> None:
    first = (ROOT / "README.md").read_text("utf-8").partition("\n## ")[0]
    assert "python3 .ci/env.py hemeroteca clean seeds" in first
    assert "python3 .ci/env.py pytest" in first
