"""`verify` computes copies, clusters and revisions anew, and tells every row that is not what they are."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from archive_samples import page, store
from copies_samples import DAYS, TEXTS

from archive.verify import verify


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound") / "archive"
    pages = [
        page(f"{n}.txt", {"text": text, "fields": {"published": DAYS[n % 4]} if DAYS[n % 4] else {}}, url, day)
        for n, text in enumerate(TEXTS[:-1])
        for url, day in ((f"https://s.example/{n // 2}", f"2026-11-{n + 1:02}T00:00:00Z"),)
    ]
    store(folder, pages)
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "archive"))


def tampered(folder: Path, *statements: str) -> list[str]:
    db = sqlite3.connect(folder / "news.db")
    for statement in statements:
        assert db.execute(statement).rowcount > 0
    db.commit()
    db.close()
    return [str(finding) for finding in verify(folder)]


def test_an_archive_with_copies_is_sound(sound: Path) -> None:
    assert list(verify(sound)) == []
    db = sqlite3.connect(sound / "news.db")
    assert db.execute("SELECT count(*) > 20 FROM copies").fetchone() == (1,)
    assert db.execute("SELECT count(*) FROM revisions WHERE number > 1").fetchone() > (0,)
    db.close()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM copies WHERE rowid_a = 1", "copies does not say"),
        ("UPDATE copies SET containment = containment / 2 WHERE rowid_a = 1", "copies does not say"),
        ("UPDATE copies SET days = 5000 WHERE rowid_a = 1", "copies does not say"),
        ("UPDATE copies SET judged = 1 WHERE rowid_a = 1", "what a person said"),
        (
            "INSERT INTO copies SELECT min(a), max(b) + 1, 'copy', 1, 1, 1, 1, 1, 0, NULL, '1.1', 0 FROM copies",
            "copies does not say",
        ),
        ("DELETE FROM shingle_keys WHERE key = (SELECT max(key) FROM shingle_keys)", "is not found by every run"),
        ("INSERT INTO shingle_keys VALUES (5, 5)", "shingle_keys: has"),
        ("INSERT INTO hubs VALUES (5)", "noted as a hub and is none"),
        ("UPDATE clusters SET articles = articles + 1", "is not what copies say"),
        ("UPDATE clusters SET copies = copies + 1", "is not what copies say"),
        ("UPDATE clustered SET cluster = (SELECT min(cluster) FROM clustered)", "is not what copies say"),
        ("UPDATE revisions SET class = 'touch' WHERE number = 2", "its revisions are not"),
        ("UPDATE revisions SET reason = 'x' WHERE number = 1", "its revisions are not"),
        ("UPDATE revisions SET article_id = 1 WHERE number = 2", "its revisions are not"),
        ("DELETE FROM revisions WHERE number = 2", "its revisions are not"),
        ("INSERT INTO unindexed (article_id) VALUES (1)", "wait to be compared"),
    ],
)
def test_a_row_that_is_not_what_it_should_be_is_told(folder: Path, statement: str, told: str) -> None:
    first = "a = (SELECT a FROM copies LIMIT 1) AND b = (SELECT b FROM copies LIMIT 1)"
    findings = tampered(folder, statement.replace("rowid_a = 1", first))
    assert any(told in finding for finding in findings), findings
