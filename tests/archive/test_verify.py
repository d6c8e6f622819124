"""`verify` finds every change, and nothing where nothing was changed."""

from __future__ import annotations

import random
import shutil
import sqlite3
from pathlib import Path

import pytest
from archive_samples import clean, clock, page, store, text

from archive.errors import ArchiveError
from archive.model import Unread
from archive.reasons import Reason
from archive.store import Archive
from archive.verify import Progress, verify

AT = "https://a.example/1"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with every kind of row: replaced, worse, twice spelled, rejected, failed, unread, claimed."""
    folder = tmp_path_factory.mktemp("sound") / "archive"
    told = {
        "title": "Título",
        "authors": ["Ana", "Luis"],
        "tags": ["uno"],
        "published": "2026-11-01",
        "section": "Mundo",
    }
    store(
        folder,
        [
            page("a.txt", {"text": text("a", 100), "fields": told, "removed": ["Menú"]}, AT, "2026-11-01T00:00:00Z"),
            page("b.txt", {"text": text("b", 90), "fields": told}, AT, "2026-11-02T00:00:00Z"),
            page("c.txt", {"text": text("c", 10)}, AT, "2026-11-03T00:00:00Z"),
            page(
                "d.txt",
                {"text": text("a", 100).replace(" ", "  "), "url": "https://a.example/d"},
                source_name="El País",
            ),
            page("e.txt", {"reason": "crash", "error": "boom"}),
            page("f.html", {"text": text("f", 40)}, "https://b.example/f", status=200),
            page("h.txt", text("h", 40), "https://b.example/h", "2026-11-01T00:00:00Z"),
            page("i.txt", text("i", 40), "https://b.example/h", "2026-11-02T00:00:00Z"),
            Unread("g.txt", Reason.MISSING, "no such file"),
        ],
    )
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sound, tmp_path / "archive")


def found(folder: Path) -> list[str]:
    return [f"{finding.part}: {finding}" for finding in verify(folder)]


def spoil(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(folder / "news.db")
    for statement in statements:
        assert connection.execute(statement).rowcount != 0, statement
    connection.commit()
    connection.close()


def test_a_sound_archive_is_sound(sound: Path) -> None:
    seen: list[Progress] = []
    assert list(verify(sound, seen.append)) == []
    assert (seen[-1].done, seen[-1].records) == (seen[-1].size, 11)  # the pages, one warcinfo, and two notes


def test_any_byte_changed_in_a_warc_file_is_found(folder: Path) -> None:
    (path,) = (folder / "warcs").iterdir()
    whole = path.read_bytes()
    places = [*range(40), *random.Random(5).sample(range(40, len(whole)), 60), len(whole) - 1]
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << (place % 8)
        path.write_bytes(changed)
        assert any(line.startswith(("warc", "file")) for line in found(folder)), place
    path.write_bytes(whole)
    assert found(folder) == []


@pytest.mark.parametrize("cut", [1, 8, 300])
def test_a_file_that_is_cut_or_longer_or_gone_is_found(folder: Path, cut: int) -> None:
    (path,) = (folder / "warcs").iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    lines = found(folder)
    assert any("size or SHA-256" in line for line in lines)
    assert any("no record starts at" in line for line in lines)
    path.write_bytes(whole + whole[:cut])
    assert found(folder) != []
    path.unlink()
    assert f"file: {path.name}: the file is not there" in found(folder)


def test_any_character_changed_in_an_articles_text_is_found(folder: Path) -> None:
    body = text("a", 100)
    for place in random.Random(3).sample(range(len(body)), 25):
        changed = f"{body[:place]}{'X' if body[place] != 'X' else 'Y'}{body[place + 1 :]}"
        spoil(folder, f"UPDATE articles SET text = '{changed}' WHERE id = 1")
        assert any(line == "article: article 1: its text was changed: text_digest is another" for line in found(folder))
        spoil(folder, f"UPDATE articles SET text = '{body}' WHERE id = 1")
    assert found(folder) == []


ROWS = [
    *(
        (f"UPDATE articles SET {column} = 'x' WHERE id = 1", "article 1")
        for column in ("title", "site", "published", "section", "description", "language", "modified", "image", "url")
    ),
    *(
        (f"UPDATE articles SET {column} = 'x' WHERE id = 1", "article 1")
        for column in ("first_seen", "last_seen", "recipe", "text_digest", "content_hash")
    ),
    ("UPDATE articles SET authors = '[\"Ana\"]' WHERE id = 1", "article 1: authors"),
    ("UPDATE articles SET tags = '[]' WHERE id = 1", "article 1: tags"),
    ("UPDATE articles SET field_sources = '{}' WHERE id = 1", "article 1: field_sources"),
    ("UPDATE articles SET words = words + 1 WHERE id = 1", "article 1: words"),
    ("UPDATE articles SET superseded_by = NULL WHERE superseded_by IS NOT NULL", "superseded_by"),
    ("UPDATE articles SET superseded_by = 1 WHERE superseded_by IS NULL AND id = 3", "article 3: superseded_by"),
    ("UPDATE articles SET lead_capture_id = 5 WHERE id = 1", "article 1: lead_capture_id"),
    ("DELETE FROM articles WHERE id = 3", "points to a row of articles"),
    *(
        (f"UPDATE captures SET {column} = 'x' WHERE id = 1", f"capture 1: {column}")
        for column in ("source", "url", "captured_at", "payload_digest", "dated_by", "media_type", "source_name")
    ),
    ("UPDATE captures SET status = 404 WHERE id = 6", "capture 6: status"),
    ("UPDATE captures SET warc_length = warc_length + 1 WHERE id = 1", "capture 1: warc_length"),
    ("UPDATE captures SET warc_offset = warc_offset + 1 WHERE id = 1", "capture 1: no record starts at"),
    ("UPDATE captures SET warc_file = 'nowhere' WHERE id = 1", "points to a row of warc_files that is not there"),
    ("UPDATE captures SET reason = NULL WHERE reason = 'worse'", "capture 3: its article, reason or error"),
    ("UPDATE captures SET error = 'x' WHERE reason = 'crash'", "capture 5: its article, reason or error"),
    ("UPDATE captures SET article_id = 2 WHERE id = 1", "capture 1: its article, reason or error"),
    ("UPDATE captures SET claimed = NULL WHERE claimed IS NOT NULL", "another text stands there"),
    ("UPDATE captures SET reason = NULL WHERE payload_digest IS NULL", "has no record, and does not say why"),
    ("DELETE FROM captures WHERE id = 5", "points to a row of captures that is not there"),
    ("DELETE FROM captures WHERE id = 5", "a page without a row"),
    ("DELETE FROM cleanings WHERE capture_id = 5", "capture 5: has no cleaning"),
    ("UPDATE cleanings SET content_hash = 'x' WHERE capture_id = 1", "capture 1"),
    ("UPDATE cleanings SET text_digest = 'x' WHERE capture_id = 3", "the text of its cleaning is not there"),
    ("UPDATE cleanings SET words = 60 WHERE capture_id = 3", "capture 3"),
    ("UPDATE cleanings SET fields = '{}' WHERE capture_id = 1", "article 1: title"),
    ("UPDATE texts SET text = text || ' '", "the text of its cleaning is not the one it was"),
    ("INSERT INTO texts VALUES ('x', 'x')", "text x: is no cleaning's"),
    ("DELETE FROM texts", "the text of its cleaning is not there"),
    ("UPDATE addresses SET article_id = 1 WHERE url = 'https://a.example/1'", "another text stands there"),
    ("DELETE FROM addresses WHERE url = 'https://a.example/1'", "another text stands there"),
    ("INSERT INTO addresses VALUES ('https://x.example/', 1)", "address https://x.example/: has no capture"),
    ("UPDATE daily SET n = n + 1", "daily 2026-11-01 a.example: does not count"),
    ("DELETE FROM daily", "does not count"),
    ("UPDATE tallies SET n = n + 1", "tally site a.example: does not count"),
    ("DELETE FROM tallies", "does not count the articles of that site, section or language"),
    ("UPDATE rule_tallies SET lines = lines + 1", "does not count the lines it took in rule_tallies"),
    ("UPDATE rule_tallies SET captures = captures + 1", "does not count the lines it took in rule_tallies"),
    ("INSERT INTO author_sites VALUES ('Nobody', 'a.example', 1)", "author Nobody: does not count"),
    ("DELETE FROM article_authors WHERE author = 'Ana'", "has other authors in article_authors"),
    ("INSERT INTO article_authors VALUES ('Eva', 1)", "has other authors in article_authors"),
    ("INSERT INTO removals VALUES (99, 1, 1, 'x', 'x', 'dropped')", "removals, row None: points to a row of captures"),
    ("UPDATE warc_files SET sha256 = 'x'", "size or SHA-256"),
    ("UPDATE warc_files SET size = size + 1", "size or SHA-256"),
    ("UPDATE warc_files SET closed = 0", "pages the database does not know"),
    ("DELETE FROM warc_files", "pages the database does not know"),
    ("INSERT INTO warc_files (name) VALUES ('gone.warc.gz')", "gone.warc.gz: the file is not there"),
    ("INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')", "the search index does not say"),
    ("DROP TRIGGER articles_fts_update", "articles_fts_update in the schema: is not there"),
    ("DROP INDEX captures_address", "captures_address in the schema: is not there"),
]


@pytest.mark.parametrize(("statement", "told"), ROWS, ids=[statement for statement, _ in ROWS])
def test_any_row_changed_is_found(folder: Path, statement: str, told: str) -> None:
    spoil(folder, statement)
    assert any(told in line for line in found(folder)), found(folder)


def test_a_row_that_says_another_article_is_superseded_is_found_with_its_index_intact(folder: Path) -> None:
    """An own index or view of the user's is no damage."""
    connection = sqlite3.connect(folder / "news.db")
    connection.execute("CREATE VIEW mine AS SELECT 1")
    connection.close()
    assert found(folder) == []


def test_a_damaged_page_of_the_database_is_found(folder: Path) -> None:
    connection = sqlite3.connect(folder / "news.db")
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'removals'").fetchone()[0]
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with (folder / "news.db").open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    assert any(line.startswith("database: ") for line in found(folder))


def test_beside_a_run_only_what_is_committed_counts(folder: Path) -> None:
    with Archive.open(folder, clock) as archive:
        archive.start_run("clean")
        first, second = page("x.txt", text("x", 50)), page("y.txt", text("y", 50))
        archive.record(archive.keep(first), clean(first))
        archive.commit()
        archive.keep(second)
        assert found(folder) == []
        archive.finish_run("interrupted")
    assert any("pages the database does not know" in line for line in found(folder))
    store(folder, [])
    assert found(folder) == []


def test_what_a_killed_run_left_is_told_and_mended_by_the_next(folder: Path) -> None:
    archive = Archive.open(folder, clock)
    archive.start_run("clean")
    archive.keep(page("x.txt", text("x", 50)))
    archive.close()
    lines = found(folder)
    assert any("was left by a run that was killed" in line for line in lines)
    store(folder, [])
    assert found(folder) == []


def test_no_archive_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no archive at"):
        list(verify(tmp_path))


def test_two_digests_of_the_same_bytes_at_two_places_are_two_captures(folder: Path) -> None:
    store(folder, [page("copy.txt", {"text": text("f", 40)}, "https://b.example/f")])
    assert found(folder) == []


def test_rows_checked_beside_the_files_are_told_in_the_same_words(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.verify.APART", 0)
    assert found(folder) == []
    db = sqlite3.connect(folder / "news.db")
    db.execute("UPDATE cleanings SET words = words + 1")
    db.commit()
    db.close()
    apart = found(folder)
    monkeypatch.undo()
    assert apart
    assert apart == found(folder)
