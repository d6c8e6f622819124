"""Verify finds a changed byte, and repairs the database from the rest of the folder."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from cli_samples import Run, as_json

ARTICLES = "SELECT content_hash, text, title, authors, url, site, first_seen, last_seen FROM articles ORDER BY 1"
CAPTURES = """
SELECT source, url, captured_at, payload_digest, reason, error, run_id, warc_file, warc_offset FROM captures
ORDER BY 1, 2, 3
"""
RUNS = "SELECT * FROM runs ORDER BY 1"
REMOVALS = "SELECT c.source, r.line, r.text, r.rule FROM removals r JOIN captures c ON c.id = capture_id ORDER BY 1, 2"


def content(archive: Path) -> list[list[tuple[object, ...]]]:
    with sqlite3.connect(archive / "news.db") as db:
        return [db.execute(query).fetchall() for query in (ARTICLES, CAPTURES, REMOVALS, RUNS)]


def test_a_sound_archive(hemeroteca: Run, dumps: Path) -> None:
    hemeroteca("clean", dumps)
    assert "sound" in hemeroteca("verify").stdout
    done = as_json(hemeroteca("verify", "--json"))
    assert (done["sound"], done["records"], done["findings"]) == (True, 6, [])  # warcinfo, four pages, a note


def test_one_changed_letter_of_a_text(hemeroteca: Run, dumps: Path, tmp_path: Path) -> None:
    hemeroteca("clean", dumps)
    with sqlite3.connect(tmp_path / "archive" / "news.db") as db:
        db.execute("UPDATE articles SET text = replace(text, '48 millones', '84 millones')")
    done = hemeroteca("verify", code=3)
    assert any(line.startswith("article") for line in done.stdout.splitlines())


@pytest.mark.parametrize("damage", ["nothing", "text", "lost", "garbage"])
def test_repair_makes_the_same_database(hemeroteca: Run, dumps: Path, tmp_path: Path, damage: str) -> None:
    archive, database = tmp_path / "archive", tmp_path / "archive" / "news.db"
    (dumps / "school.json").write_text('{"url": "https://elvalle.example/1", "captured_at": "2025-03-01T00:00:00Z"}')
    hemeroteca("clean", dumps)
    (dumps / "broken.txt.gz").write_bytes(b"\x1f\x8b\x08 no more")
    hemeroteca("clean", dumps, code=1)
    hemeroteca("reclean")
    before = content(archive)
    if damage == "text":
        with sqlite3.connect(database) as db:
            db.execute("UPDATE articles SET text = text || '!'")
    elif damage == "lost":
        database.unlink()
    elif damage == "garbage":
        database.write_bytes(b"no database" * 1000)
    hemeroteca("verify", "--repair", code=None)
    assert content(archive) == before
    hemeroteca("verify")
    assert len(list(archive.glob("news.db.*.bad"))) == (damage in ("text", "garbage"))
    (dumps / "broken.txt.gz").unlink()
    assert "Nothing changed" in hemeroteca("clean", dumps).stdout


@pytest.mark.parametrize("lost", [True, False], ids=["database-lost", "database-there"])
def test_what_a_repair_cannot_bring_back_is_told(hemeroteca: Run, dumps: Path, tmp_path: Path, lost: bool) -> None:
    archive = tmp_path / "archive"
    hemeroteca("clean", dumps)
    (warc,) = archive.glob("warcs/*.warc.gz")
    data = bytearray(warc.read_bytes())
    data[len(data) // 2] ^= 0xFF
    warc.write_bytes(data)
    if lost:
        (archive / "news.db").unlink()
    done = hemeroteca("verify", "--repair", code=3)
    assert any(line.startswith("warc: ") for line in done.stdout.splitlines())
    report = as_json(hemeroteca("verify", "--repair", "--json", code=3))
    assert (report["rebuilt"], report["sound"]) == (True, False)
    assert any(finding["part"] == "warc" for finding in report["findings"])
