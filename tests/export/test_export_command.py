"""`hemeroteca export` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive.errors import UsageError
from scraper.cli import app


def run(samples: Path, *words: object) -> Result:
    return CliRunner().invoke(app, ["export", *map(str, words), "--archive", str(samples)], catch_exceptions=False)


def test_stdout_holds_the_export_and_nothing_else(samples: Path) -> None:
    done = run(samples, "jsonl", "-", "--site", "example.org", "--from", "2026")
    assert [json.loads(line)["id"] for line in done.stdout_bytes.splitlines()] == [6]
    assert done.stderr == f"stdout: 1 article, {len(done.stdout_bytes):,} bytes\n"
    assert run(samples, "jsonl", "-", "-q").stderr == ""


@pytest.mark.parametrize("form", ["jsonl", "csv", "markdown", "cdxj"])
def test_a_file_holds_what_stdout_shows(samples: Path, tmp_path: Path, form: str) -> None:
    target = tmp_path / "out.md"
    assert run(samples, form, target).stdout == ""
    assert target.read_bytes() == run(samples, form, "-").stdout_bytes
    with pytest.raises(UsageError, match="exists already"):
        run(samples, form, target)


def test_markdown_without_its_ending_is_a_folder(samples: Path, tmp_path: Path) -> None:
    run(samples, "markdown", tmp_path / "notes", "--query", "harbour")
    assert [file.name for file in (tmp_path / "notes").rglob("*.md")] == ["2025-07-02-the-harbour-2.md"]


def test_options_stand_before_or_after(samples: Path) -> None:
    after, before = run(samples, "csv", "-", "--language", "en"), run(samples, "csv", "--language", "en", "-")
    assert after.stdout == before.stdout
    assert after.stdout_bytes.count(b"\r\n") == 2


def test_a_run_that_is_no_number_is_a_mistake(samples: Path) -> None:
    assert run(samples, "jsonl", "-", "--since-run", "0").exit_code == 2


@pytest.mark.parametrize("words", [(), ("--language", "en")])
def test_wacz_wet_and_epub_are_written(samples: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    assert "article" in run(samples, "wacz", tmp_path / "a.wacz", *words).stderr
    assert "article" in run(samples, "wet", tmp_path / "a.warc.wet.gz", *words).stderr
    assert "article" in run(samples, "epub", tmp_path / "a.epub", *words).stderr
    assert {path.name for path in tmp_path.iterdir()} == {"a.warc.wet.gz", "a.wacz", "a.epub"}


@pytest.mark.parametrize("form", ["wacz", "epub", "parquet"])
def test_some_forms_need_a_file(samples: Path, form: str) -> None:
    done = run(samples, form, "-")
    assert (done.exit_code, done.stdout) == (2, "")
