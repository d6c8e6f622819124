"""The archive as its callers meet it: runs, locks, failures, cleaning again, old and strange databases."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from archive_samples import NOW, clean, clock, dump, page, reclean, rows, store, text

from archive.db import connect, runs, schema
from archive.db.schema import Migration, migrate, shipped
from archive.errors import ArchiveError, ArchiveLocked, UsageError
from archive.export.sqlite import export_sqlite
from archive.model import Page, Unread
from archive.reasons import Reason
from archive.store import Archive, Kept
from archive.verify import verify
from archive.warc import records

LONG, MIDDLE, SHORT = text("larga", 100), text("media", 85), text("corta", 20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


# Runs


def test_a_second_run_over_the_same_pages_changes_nothing_and_says_so(folder: Path) -> None:
    items = [page("a.txt", LONG), page("b.txt", LONG + " "), page("c.txt", {"reason": "stub"}), page("d.txt", MIDDLE)]
    first = store(folder, items)
    assert (first.pages, first.new, first.duplicates, first.rejected, first.unchanged) == (4, 2, 1, 1, 0)
    before, files = dump(folder), set((folder / "warcs").iterdir())
    second = store(folder, items)
    assert (second.pages, second.new, second.duplicates, second.rejected, second.unchanged) == (4, 0, 0, 0, 4)
    assert dump(folder) == before
    (added,) = set((folder / "warcs").iterdir()) - files
    assert [found.record.type for found in records(added)] == ["warcinfo", "metadata"]  # that the run was


def test_a_run_counts_failures_worse_texts_and_what_was_superseded(folder: Path) -> None:
    at = "https://a.example/1"
    store(folder, [page("a.txt", LONG, at, "2026-11-01T00:00:00Z")])
    run = store(
        folder,
        [
            page("b.txt", SHORT, at, "2026-11-02T00:00:00Z"),
            page("c.txt", MIDDLE, at, "2026-11-03T00:00:00Z"),
            page("d.txt", {"reason": "crash", "error": "boom"}),
            Unread("e.txt", Reason.MISSING, "no such file"),
        ],
    )
    assert (run.pages, run.new, run.worse, run.failed, run.superseded, run.outcome) == (4, 1, 1, 2, 1, "ok")


def test_an_article_replaced_twice_in_one_run_counts_once(folder: Path) -> None:
    at = "https://a.example/1"
    items = [page(f"{n}.txt", text(f"v{n}", 90), at, f"2026-11-0{n}T00:00:00Z") for n in (3, 1, 2)]
    assert store(folder, items, batch=1).superseded == 2
    back = store(folder, [page("9.txt", text("v1", 90), at, "2026-11-09T00:00:00Z")])
    assert (back.duplicates, back.superseded) == (1, 1)


def test_the_clocks_word_on_a_date_does_not_make_another_capture(folder: Path) -> None:
    store(folder, [page("a.txt", LONG)])
    later = Page("a.txt", page("a.txt", LONG).body, "text/plain", "2026-12-01T00:00:00Z", "clock")
    dated = page("a.txt", LONG, day="2026-11-01T00:00:00Z")
    assert store(folder, [later]).unchanged == 1
    assert store(folder, [dated]).unchanged == 0
    assert store(folder, [dated, later]).unchanged == 2


def test_two_equal_pages_in_one_batch_are_one_capture(folder: Path) -> None:
    run = store(folder, [page("a.txt", LONG), page("a.txt", LONG)])
    assert (run.new, run.unchanged, run.duplicates) == (1, 1, 0)


def test_what_fails_again_in_the_same_way_keeps_one_row(folder: Path) -> None:
    store(folder, [Unread("a.txt", Reason.MISSING, "no such file"), Unread("b.gz", Reason.TRUNCATED, "cut at 10")])
    again = store(folder, [Unread("a.txt", Reason.MISSING, "gone"), Unread("a.txt", Reason.UNREADABLE, "denied")])
    assert (again.failed, again.pages) == (2, 2)
    assert rows(folder, "SELECT source, reason, error, run_id FROM captures ORDER BY id") == [
        ("a.txt", "missing", "gone", 2),
        ("b.gz", "truncated", "cut at 10", 1),
        ("a.txt", "unreadable", "denied", 2),
    ]


def test_strange_strings_are_stored_as_their_escapes(folder: Path) -> None:
    strange = page(
        "caf\udce9.txt", {"text": "uno \ud800 dos\x00 tres", "fields": {"title": "\udfff"}, "removed": ["\ud800"]}
    )
    assert store(folder, [strange]).new == 1
    assert store(folder, [strange]).unchanged == 1
    assert rows(
        folder, "SELECT source, title, articles.text FROM captures JOIN articles ON articles.id = article_id"
    ) == [("caf\\udce9.txt", "\\udfff", "uno \\ud800 dos\x00 tres")]


def test_an_address_with_a_nul_is_an_address(folder: Path) -> None:
    store(folder, [page("a.txt", {"text": LONG, "url": "https://a.example/\0b"}, "https://a.example/\0a")])
    assert rows(
        folder, "SELECT captures.url, articles.url FROM captures JOIN articles ON articles.id = article_id"
    ) == [("https://a.example/%00a", "https://a.example/%00b")]
    assert list(verify(folder)) == []


def test_a_run_that_never_ended_is_called_killed(folder: Path) -> None:
    with Archive.open(folder, clock) as archive:
        archive.start_run("clean seeds")
    store(folder, [])
    with Archive.read(folder) as reader:
        assert [(run.command, run.outcome) for run in reader.runs()] == [("clean", "ok"), ("clean seeds", "killed")]


def test_a_capture_leads_to_its_bytes(folder: Path) -> None:
    kept = page(
        "a.txt", LONG, "https://a.example/1", "2026-11-01T00:00:00Z", charset="utf-8", title="Á", source_name="El País"
    )
    store(folder, [kept])
    with Archive.read(folder) as reader:
        article = reader.article(1)
        assert article is not None
        (capture,) = reader.captures_of(article.id)
        assert reader.page(capture) == kept
        assert [c.id for c in reader.find_url("https://a.example/1")] == [1]
        assert [c.id for c in reader.find_source("a.txt")] == [1]


def test_an_article_is_found_under_the_address_it_claims(folder: Path) -> None:
    says = {"text": LONG, "url": "https://a.example/canonical"}
    store(folder, [page("a.txt", says, "https://a.example/?utm=1"), page("b.txt", says)])
    with Archive.read(folder) as reader:
        assert reader.article(1).url == "https://a.example/canonical"  # type: ignore[union-attr]
        assert {c.source for c in reader.find_url("https://a.example/canonical")} == {"a.txt", "b.txt"}
        assert {c.source for c in reader.find_url("https://a.example/?utm=1")} == {"a.txt"}


# Cleaning again


def kits(first: object, second: object) -> dict[str, object]:
    return {"kit-1": first, "kit-2": second}


def test_cleaning_again_keeps_ids_and_replaces_removals(folder: Path) -> None:
    items = [
        page("a.txt", kits({"text": LONG, "removed": ["Menú"]}, {"text": MIDDLE, "removed": ["Pie", "Menú"]})),
        page("b.txt", kits({"text": LONG}, {"text": MIDDLE})),
        page("c.txt", LONG.upper()),
    ]
    store(folder, items)
    assert reclean(folder, "kit-2", batch=1) == ["changed", "changed", "same"]
    assert rows(folder, "SELECT id, text, recipe FROM articles ORDER BY id") == [
        (1, MIDDLE, "kit-2"),
        (2, LONG.upper(), "kit-2"),
    ]
    assert rows(folder, "SELECT capture_id, line, text FROM removals") == [(1, 1, "Pie"), (1, 2, "Menú")]
    assert reclean(folder, "kit-2") == ["same"] * 3


@pytest.mark.parametrize("after", [SHORT, {"reason": "no-article"}, {"reason": "crash", "error": "boom"}])
def test_a_loss_is_listed_and_kept_out_unless_accepted(folder: Path, after: object) -> None:
    store(folder, [page("a.txt", kits({"text": LONG, "removed": ["Menú"]}, after))])
    before = dump(folder)
    assert reclean(folder, "kit-2") == ["loss-kept"]
    assert dump(folder) == before
    assert reclean(folder, "kit-2", accept_losses=True) == ["loss-accepted"]
    assert rows(folder, "SELECT text FROM articles") == ([(SHORT,)] if after == SHORT else [])


def test_a_change_says_what_it_was_and_is(folder: Path) -> None:
    items = [
        page("a.txt", kits({"reason": "stub"}, LONG)),
        page("b.txt", kits({"reason": "stub"}, {"reason": "consent"})),
    ]
    store(folder, items)
    with Archive.open(folder, clock) as archive:
        archive.start_run("reclean")
        changes = [archive.restate(c.id, clean(archive.page(c), "kit-2")) for c in archive.captures()]
        archive.commit()
    assert [(c.kind, c.source, c.words_before, c.words_after, c.reason_before, c.reason_after) for c in changes] == [
        ("gained", "a.txt", None, 100, "stub", None),
        ("reason", "b.txt", None, None, "stub", "consent"),
    ]


def test_one_site_can_be_cleaned_again(folder: Path) -> None:
    store(
        folder,
        [
            page("a.txt", LONG, "https://www.a.example/1"),
            page("b.txt", MIDDLE, "https://b.example/1"),
            page("c.txt", {"reason": "stub"}, "https://a.example/2"),
            page("d.txt", {"reason": "stub"}),
        ],
    )
    with Archive.open(folder, clock) as archive:
        assert [c.source for c in archive.captures("a.example")] == ["a.txt", "c.txt"]
        assert [c.source for c in archive.captures()] == ["a.txt", "b.txt", "c.txt", "d.txt"]


# One writer


def test_a_second_writer_is_told_who_holds_the_archive(folder: Path) -> None:
    with (
        Archive.open(folder, clock),
        pytest.raises(ArchiveLocked, match=rf"another run \(pid {os.getpid()}, since {NOW}\) holds"),
        Archive.open(folder, clock),
    ):
        pass
    with Archive.open(folder, clock) as archive:
        assert archive.start_run("clean") == 1


def test_a_worker_does_not_outlive_its_run_with_the_lock(folder: Path) -> None:
    archive = Archive.open(folder, clock)
    up, says = os.pipe()
    worker = os.fork()
    if worker == 0:
        os.write(says, b"up")
        threading.Event().wait(30)
        os._exit(0)
    try:
        assert os.read(up, 2) == b"up"
        archive.close()
        Archive.open(folder, clock).close()
    finally:
        os.kill(worker, 9)
        os.waitpid(worker, 0)
        os.close(up)
        os.close(says)


def test_readers_see_each_commit_and_never_half_of_one(folder: Path) -> None:
    store(folder, [])
    with Archive.open(folder, clock) as archive, Archive.read(folder) as reader:
        archive.start_run("clean")
        for n in range(3):
            item = page(f"{n}.txt", text(f"v{n}", 50))
            archive.record(archive.keep(item), clean(item))
            assert reader.counts()["articles"] == n
            archive.commit()
            assert reader.counts()["articles"] == n + 1


def test_recording_without_a_run_is_a_programming_error(folder: Path) -> None:
    with Archive.open(folder, clock) as archive:
        kept = archive.keep(page("a.txt", LONG))
        with pytest.raises(ValueError, match="start_run"):
            archive.record(kept, clean(kept.page))


# What was left behind


def test_pages_that_were_archived_and_have_no_row_come_back(folder: Path) -> None:
    items = [page(f"{n}.txt", text(f"v{n}", 50)) for n in range(3)]
    with Archive.open(folder, clock) as archive:
        archive.start_run("clean")
        for item in items[:2]:
            archive.record(archive.keep(item), clean(item))
        archive.commit()
        archive.keep(items[2])
    with Archive.open(folder, clock) as archive:
        assert [repair.pages for repair in archive.repairs] == [3]
        archive.start_run("clean")
        found = list(archive.orphans())
        assert [orphan for orphan, _ in found] == [items[2]]
        assert archive.has(items[2])
        for orphan, location in found:
            archive.record(Kept(orphan, location), clean(orphan))
        assert archive.finish_run("ok").new == 1
    assert rows(folder, "SELECT closed, count(*) FROM warc_files") == [(1, 2)]


def test_an_interrupted_run_leaves_its_pages_for_the_next(folder: Path) -> None:
    """Ctrl-C while pages are being cleaned: `finish_run` ends it in order, and nothing is forgotten."""
    items = [page(f"{n}.txt", text(f"v{n}", 50)) for n in range(2)]
    with Archive.open(folder, clock) as archive:
        archive.start_run("clean")
        archive.record(archive.keep(items[0]), clean(items[0]))
        archive.keep(items[1])
        assert archive.finish_run("interrupted").new == 1
    assert rows(folder, "SELECT closed FROM warc_files") == [(0,)]
    assert store(folder, items).new == 1
    assert rows(folder, "SELECT closed FROM warc_files") == [(1,), (1,)]
    other = folder.with_name("other")
    store(other, items)
    assert dump(folder) == dump(other)


def test_ctrl_c_just_after_the_commit_stores_nothing_twice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with Archive.open(folder, clock) as archive:
        archive.start_run("clean")
        item = page("a.txt", LONG)
        archive.record(archive.keep(item), clean(item))
        with monkeypatch.context() as patched:
            patched.setattr(runs.Tally, "add", interrupted)
            with pytest.raises(KeyboardInterrupt):
                archive.commit()
        assert archive.finish_run("interrupted").new == 1
    assert list(verify(folder)) == []


# Strange archives


def test_no_archive_an_empty_one_and_something_else(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="hemeroteca clean PATH"):
        Archive.read(tmp_path / "nowhere")
    with pytest.raises(ArchiveError, match="hemeroteca clean PATH"):
        Archive.read(tmp_path)
    (tmp_path / "news.db").touch()
    with pytest.raises(ArchiveError, match="is empty"):
        Archive.read(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ArchiveError, match="cannot be made a folder"):
        Archive.open(tmp_path / "file", clock)


@pytest.mark.parametrize("open_it", [Archive.read, lambda folder: Archive.open(folder, clock)], ids=["read", "open"])
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ("PRAGMA user_version = 999", "written by a newer hemeroteca .schema 999"),
        ("PRAGMA application_id = 7", "not one of hemeroteca's"),
        (None, "the database is damaged"),
    ],
)
def test_a_database_that_is_none_of_ours(folder: Path, open_it: object, spoil: str | None, told: str) -> None:
    store(folder, [page("a.txt", LONG)])
    if spoil is None:
        (folder / "news.db").write_bytes(b"not a database" * 1000)
    else:
        connection = sqlite3.connect(folder / "news.db")
        connection.execute(spoil)
        connection.close()
    before = (folder / "news.db").read_bytes()
    with pytest.raises(ArchiveError, match=told):
        open_it(folder)  # type: ignore[operator]
    assert (folder / "news.db").read_bytes() == before


def test_what_a_person_wrote_into_the_metadata_stays(folder: Path) -> None:
    store(folder, [])
    (folder / "metadata.json").write_text('{"title": "Mine"}')
    store(folder, [])
    assert json.loads((folder / "metadata.json").read_text()) == {"title": "Mine"}


# The schema


def test_an_archive_of_schema_1_opens_and_keeps_everything(tmp_path: Path) -> None:
    """`schema_1.sql` holds the rows of an archive as schema 1 left it; every later schema must bring it up."""
    folder = tmp_path / "old"
    folder.mkdir()
    db = connect.open_writer(folder / "news.db")
    migrate(db, NOW, shipped()[:1])
    with connect.transaction(db):
        for statement in schema.statements((Path(__file__).parent / "schema_1.sql").read_text(encoding="utf-8")):
            db.conn.execute(statement)
    db.conn.close()
    store(folder, [])
    assert rows(folder, "PRAGMA user_version") == [(schema.newest_version(),)]
    assert rows(folder, "SELECT id, title, site, superseded_by FROM articles ORDER BY id") == [
        (1, "Primera", "a.example", 2),
        (2, "Segunda", "a.example", None),
    ]
    assert rows(folder, "SELECT rowid FROM articles_fts WHERE articles_fts MATCH 'segunda'") == [(2,)]
    assert rows(folder, "SELECT count(*) FROM captures WHERE article_id IS NOT NULL") == [(2,)]


def test_a_migration_that_fails_leaves_the_schema_it_found(tmp_path: Path) -> None:
    db = connect.open_writer(tmp_path / "news.db")
    migrate(db, NOW, shipped())
    before = db.schema
    next_version = schema.newest_version() + 1
    broken = Migration(next_version, "broken", "CREATE TABLE added (a TEXT);\nINSERT INTO nowhere VALUES (1);\n")
    with pytest.raises(sqlite3.OperationalError):
        migrate(db, NOW, (*shipped(), broken))
    assert (db.schema, schema.version_of(db)) == (before, next_version - 1)
    orphaned = Migration(
        next_version, "orphaned", "", lambda db: db.conn.execute("INSERT INTO addresses VALUES ('x', 99)")
    )
    with pytest.raises(sqlite3.IntegrityError, match="addresses"):
        migrate(db, NOW, (*shipped(), orphaned))
    assert schema.version_of(db) == next_version - 1
    good = Migration(next_version, "good", "CREATE TABLE added (a TEXT);\nCREATE INDEX added_a ON added(a);\n")
    assert migrate(db, NOW, (*shipped(), good)) == [good]
    assert [row["name"] for row in db.query("SELECT name FROM migrations ORDER BY version")][-1] == "good"
    db.conn.close()


def test_statements_of_a_script_are_split_where_they_end() -> None:
    trigger = "CREATE TRIGGER c AFTER INSERT ON a BEGIN\n  DELETE FROM a;\n  DELETE FROM a;\nEND;\n"
    script = f"CREATE TABLE a (b); -- one;\n{trigger}"
    assert [statement.split()[1] for statement in schema.statements(script)] == ["TABLE", "TRIGGER"]
    with pytest.raises(ValueError, match="inside a statement"):
        list(schema.statements("CREATE TABLE a (\n"))


def test_the_plans_use_the_indexes(folder: Path) -> None:
    store(folder, [])
    queries = {
        "captures_address": "SELECT 1 FROM captures WHERE address IN (SELECT value FROM json_each('[]'))",
        "captures_same": "SELECT 1 FROM captures WHERE payload_digest = 'a' AND source = 'b' AND url = 'c' "
        "AND (CASE dated_by WHEN 'clock' THEN '' ELSE captured_at END) = ''",
        "captures_article": "SELECT 1 FROM captures WHERE article_id = 1",
        "articles_site_published": "SELECT id FROM articles WHERE site = 'a' ORDER BY published DESC LIMIT 30",
        "articles_published": "SELECT id FROM articles ORDER BY published DESC LIMIT 30",
    }
    for index, query in queries.items():
        assert any(index in row[3] for row in rows(folder, f"EXPLAIN QUERY PLAN {query}")), index


def test_too_old_a_sqlite_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    connect.check_sqlite()
    monkeypatch.setattr(connect, "MIN_SQLITE", (99, 0, 0))
    with pytest.raises(ArchiveError, match="is too old"):
        connect.check_sqlite()
    monkeypatch.setattr(connect, "MIN_SQLITE", (3, 0, 0))
    monkeypatch.setattr(connect, "_ABILITIES", "CREATE VIRTUAL TABLE a USING fts99(a);")
    with pytest.raises(ArchiveError, match="no such module: fts99"):
        connect.check_sqlite()


# The safe copy


def test_a_copy_beside_a_run_is_one_moment_of_it(folder: Path, tmp_path: Path) -> None:
    store(folder, [page("a.txt", LONG)])
    with Archive.open(folder, clock) as archive:
        archive.start_run("clean")
        item = page("b.txt", MIDDLE)
        archive.record(archive.keep(item), clean(item))
        size = export_sqlite(folder, tmp_path / "copy.db")
        archive.commit()
    assert size == (tmp_path / "copy.db").stat().st_size
    copy = sqlite3.connect(tmp_path / "copy.db")
    assert copy.execute("SELECT text FROM articles").fetchall() == [(LONG,)]
    assert copy.execute("SELECT rowid FROM articles_fts WHERE articles_fts MATCH 'larga'").fetchall() == [(1,)]
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()
    with pytest.raises(UsageError, match="exists already"):
        export_sqlite(folder, tmp_path / "copy.db")
    with pytest.raises(UsageError, match="no such folder"):
        export_sqlite(folder, tmp_path / "nowhere" / "copy.db")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "copy.db"]


def test_a_copied_folder_is_a_copied_archive(folder: Path, tmp_path: Path) -> None:
    store(folder, [page("a.txt", LONG), page("b.txt", {"reason": "stub"})])
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    assert dump(copy) == dump(folder)


# Dying in the middle

_HEADER = """
import os, resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from archive_samples import clean, clock, page, text
from archive.errors import ArchiveError
from archive.store import Archive
folder = Path(sys.argv[1])
"""
_ENDLESS = (
    _HEADER
    + """
with Archive.open(folder, clock) as archive:
    archive.start_run("clean")
    print("ready", flush=True)
    n = 0
    while True:
        n += 1
        item = page(f"{os.getpid()}-{n}.txt", text(f"v{n % 40}", 60), f"https://a.example/{n % 30}")
        archive.record(archive.keep(item), clean(item))
        if n % 7 == 0:
            archive.commit()
"""
)
_FULL = (
    _HEADER
    + """
with Archive.open(folder, clock) as archive:
    archive.start_run("clean")
    limit = max(path.stat().st_size for path in folder.rglob("*")) + int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        for n in range(100000):
            item = page(f"full-{n}.txt", {"text": text(f"w{n}", 300), "removed": [os.urandom(300).hex()]})
            archive.record(archive.keep(item), clean(item))
            if n % 20 == 0:
                archive.commit()
    except ArchiveError as error:
        print(error)
        sys.exit(error.exit_code)
"""
)


def run(script: str, folder: Path, *more: str) -> subprocess.Popen[str]:
    here = Path(__file__).parent
    env = os.environ | {"PYTHONPATH": str(here.parents[1])}
    command = [sys.executable, "-c", script, str(folder), str(here), *more]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def assert_sound(folder: Path) -> None:
    """No row without its bytes, no page without a row, and nothing else amiss."""
    with Archive.read(folder) as reader:
        for (capture_id,) in reader.db.conn.execute("SELECT id FROM captures WHERE warc_file IS NOT NULL").fetchall():
            capture = reader.capture(capture_id)
            assert capture is not None
            assert reader.page(capture).source == capture.source
    store(folder, [])
    assert list(verify(folder)) == []


def test_killed_at_any_moment_no_row_is_without_its_bytes(folder: Path) -> None:
    for delay in (0.0, 0.003, 0.011, 0.027, 0.05, 0.09):
        with run(_ENDLESS, folder) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            threading.Event().wait(delay)
            writer.kill()
        assert_sound(folder)
    assert rows(folder, "SELECT count(*) FROM runs WHERE outcome = 'killed'") == [(6,)]
    assert rows(folder, "SELECT count(*) FROM captures")[0][0] > 10


@pytest.mark.parametrize("room", [0, 5000, 60_000, 400_000])
def test_a_full_disk_is_one_clear_line_and_the_archive_stays_sound(folder: Path, room: int) -> None:
    store(folder, [page("a.txt", LONG)])
    with run(_FULL, folder, str(room)) as writer:
        out, err = writer.communicate(timeout=60)
    assert writer.returncode == 3, err
    assert out.count("\n") == 1
    assert str(folder) in out
    assert_sound(folder)


def test_records_are_on_the_disk_before_their_rows_are_committed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of system calls, watched and let through: only a power cut would show the difference."""
    happened: list[str] = []
    sync = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda handle: (sync(handle), happened.append("synced"))[0])
    with Archive.open(folder, clock) as archive:
        archive.start_run("clean")
        archive._db.conn.set_trace_callback(
            lambda sql: happened.append(sql) if sql in ("BEGIN IMMEDIATE", "COMMIT") else None
        )
        for n in range(2):
            item = page(f"{n}.txt", text(f"v{n}", 50))
            archive.record(archive.keep(item), clean(item))
            archive.commit()
    assert happened == ["synced", "BEGIN IMMEDIATE", "COMMIT"] * 2
