"""The main job as a user runs it: what it prints, what it stores, and that a second run changes nothing."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_samples import HARBOUR, MENU, ROOT, SCHOOL, Run, as_json

from archive.warc import records


def rows(archive: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(archive / "news.db") as db:
        return db.execute(query).fetchall()


def held(archive: Path) -> dict[Path, bytes]:
    """The WARC files, byte for byte."""
    return {path: path.read_bytes() for path in (archive / "warcs").iterdir()}


def content(archive: Path) -> list[tuple[object, ...]]:
    """What the archive says, without ids, offsets and times of runs."""
    articles = rows(archive, "SELECT content_hash, text, title, authors, section, language FROM articles ORDER BY 1")
    captures = rows(
        archive,
        "SELECT source, payload_digest, reason, content_hash FROM captures "
        "LEFT JOIN articles ON articles.id = article_id ORDER BY 1",
    )
    removals = rows(
        archive,
        "SELECT source, line, r.text, rule FROM removals r JOIN captures c ON c.id = r.capture_id ORDER BY 1, 2",
    )
    return [*articles, *captures, *removals]


def test_a_folder_becomes_an_archive(hemeroteca: Run, dumps: Path, tmp_path: Path) -> None:
    done = as_json(hemeroteca("clean", dumps, "--json"))
    counted = {k: done[k] for k in ("pages", "new", "duplicates", "unchanged", "failed", "rejected")}
    assert counted == {"pages": 4, "new": 2, "duplicates": 1, "unchanged": 0, "failed": 0, "rejected": 1}
    archive = tmp_path / "archive"
    texts = dict(rows(archive, "SELECT title, text FROM articles"))
    harbour = next(text for text in texts.values() if "Ordás" in str(text))
    assert str(harbour).split("\n") == [line for line in HARBOUR.splitlines() if len(line) > 150]
    assert "El puerto de Valmera ampliará sus muelles con fondos regionales" in texts
    assert rows(archive, "SELECT count(*) FROM captures WHERE warc_file IS NOT NULL") == [(4,)]
    assert rows(archive, "SELECT outcome, pages, new FROM runs") == [("ok", 4, 2)]
    assert [path.suffix for path in (archive / "warcs").iterdir()] == [".gz"]


def test_the_same_command_twice_changes_nothing_and_says_so(hemeroteca: Run, dumps: Path, tmp_path: Path) -> None:
    hemeroteca("clean", dumps)
    before, files = content(tmp_path / "archive"), held(tmp_path / "archive")
    again = hemeroteca("clean", dumps)
    assert "Nothing changed" in again.stdout
    assert content(tmp_path / "archive") == before
    after = held(tmp_path / "archive")
    (added,) = after.keys() - files.keys()
    assert {path: after[path] for path in files} == files
    assert [found.record.type for found in records(added)] == ["warcinfo", "metadata"]  # that the run was


@pytest.mark.parametrize("jobs", [1, 8])
def test_order_and_processes_do_not_matter(hemeroteca: Run, dumps: Path, tmp_path: Path, jobs: int) -> None:
    names = ["harbour.txt", "menu.txt", "school-again.txt", "school.txt"]
    paths = [dumps / name for name in names]
    hemeroteca("clean", *paths, "--archive", tmp_path / "forward", "--jobs", 2)
    hemeroteca("clean", *reversed(paths), "--archive", tmp_path / "backward", "--jobs", jobs)
    for path in (paths[2], paths[0], paths[3], paths[1]):
        hemeroteca("clean", path, "--archive", tmp_path / "alone", "--jobs", 1)
    assert content(tmp_path / "backward") == content(tmp_path / "forward")
    assert content(tmp_path / "alone") == content(tmp_path / "forward")


def test_dry_run_stores_nothing(hemeroteca: Run, dumps: Path, tmp_path: Path) -> None:
    done = as_json(hemeroteca("clean", dumps, "--dry-run", "--json"))
    assert (done["new"], done["duplicates"], done["rejected"]) == (2, 1, 1)
    assert not (tmp_path / "archive").exists()
    hemeroteca("clean", dumps / "school.txt")
    before = content(tmp_path / "archive")
    done = as_json(hemeroteca("clean", dumps, "--dry-run", "--json"))
    assert (done["new"], done["duplicates"], done["unchanged"]) == (1, 1, 1)
    assert content(tmp_path / "archive") == before


def test_stdin_and_quiet(hemeroteca: Run, tmp_path: Path) -> None:
    done = hemeroteca("clean", "-", "-q", stdin=SCHOOL.encode("utf-16"))
    assert (done.stdout, done.stderr) == ("", "")
    assert rows(tmp_path / "archive", "SELECT source FROM captures") == [("-",)]


def test_the_summary_reads_well(hemeroteca: Run, dumps: Path) -> None:
    done = hemeroteca("clean", dumps)
    assert "4 pages read" in done.stdout
    assert "2 new articles" in done.stdout
    assert "El puerto de Valmera ampliará sus muelles" in done.stdout
    assert done.stderr == ""  # no terminal, no progress


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (("clean", "nowhere.txt"), "nowhere.txt"),
        (("clean", "."), "no pages found"),
        (("status",), "no archive"),
        (("reclean",), "no archive"),
        (("explain", "https://example.org/never-seen"), "no archive"),
        (("clean", "--jobs", "none", "."), "none"),
        (("devour", "."), "devour"),
    ],
)
def test_a_mistake_is_one_clear_line(hemeroteca: Run, args: tuple[str, ...], line: str, tmp_path: Path) -> None:
    done = hemeroteca(*args, code=None)
    assert done.returncode in {2, 3}
    assert line in done.stderr.strip().splitlines()[-1]
    assert done.stdout == ""
    assert not (tmp_path / "archive").exists()


def test_a_bad_page_is_told_and_the_rest_goes_on(hemeroteca: Run, dumps: Path, tmp_path: Path) -> None:
    (dumps / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    (dumps / "nothing.txt").write_bytes(b"")
    (dumps / "torn.txt.gz").write_bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03abc")
    done = hemeroteca("clean", dumps, code=1)
    told = done.stderr.splitlines()
    assert {line.split(": ")[1] for line in told} == {"binary", "empty", "truncated"} or len(told) == 3
    assert "2 new articles" in done.stdout
    assert "3 failed" in done.stdout
    failed = rows(tmp_path / "archive", "SELECT reason FROM captures WHERE reason NOT IN ('no-article') ORDER BY 1")
    assert [reason for (reason,) in failed][:2] == ["binary", "empty"]
    again = hemeroteca("clean", dumps, code=1)  # what fails again is told again, and has one row still
    assert rows(tmp_path / "archive", "SELECT count(*) FROM captures") == [(7,)]
    assert "unchanged" in again.stdout


def test_two_runs_at_once(hemeroteca: Run, dumps: Path, tmp_path: Path) -> None:
    from archive.store import Archive

    with Archive.open(tmp_path / "archive", lambda: "2025-07-12T00:00:00.000000Z"):
        done = hemeroteca("clean", dumps, code=3)
    assert "another run" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_is_finished_by_the_next(hemeroteca: Run, tmp_path: Path, how: signal.Signals) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number:03}.txt").write_text(SCHOOL.replace("Once", f"Cerca de {number + 12}"), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "scraper.cli", "clean", str(folder), "--archive", str(tmp_path / "archive"), "-j", "1"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    warcs = tmp_path / "archive" / "warcs"
    deadline = time.monotonic() + 60
    while not (warcs.exists() and any(p.stat().st_size > 2000 for p in warcs.iterdir())):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(how)
    _, told = process.communicate(timeout=60)
    assert process.returncode != 0
    if how != signal.SIGKILL:
        assert b"interrupted" in told
        assert rows(tmp_path / "archive", "SELECT outcome FROM runs") == [("interrupted",)]
    hemeroteca("clean", folder)
    assert rows(tmp_path / "archive", "SELECT count(*), count(article_id) FROM captures") == [(400, 400)]
    assert rows(tmp_path / "archive", "SELECT count(*) FROM articles") == [(400,)]
    hemeroteca("verify")


def test_explain_reads_well_without_colour(hemeroteca: Run, dumps: Path) -> None:
    done = hemeroteca("explain", dumps / "harbour.txt")
    lines = done.stdout.splitlines()
    kept = [line for line in lines if line.startswith("+")]
    removed = [line for line in lines if line.startswith("-")]
    assert len(kept) == 4
    assert any("es.most-read" in line and "Lo más visto" in line for line in removed)
    assert any(line.startswith("=") and "field.title" in line for line in lines)
    assert "\x1b" not in done.stdout


def test_explain_of_an_address_reads_the_archive(hemeroteca: Run, dumps: Path, tmp_path: Path) -> None:
    address = "https://elfaro.example/puerto"
    (dumps / "harbour.json").write_text(f'{{"url": "{address}", "captured_at": "2025-07-12T08:00:00Z"}}')
    hemeroteca("clean", dumps)
    (dumps / "harbour.txt").unlink()
    done = hemeroteca("explain", address)
    assert "El puerto de Valmera" in done.stdout
    assert rows(tmp_path / "archive", "SELECT url, site, captured_at FROM articles JOIN captures c USING (url)") == [
        (address, "elfaro.example", "2025-07-12T08:00:00Z")
    ]


def test_explain_picks_the_capture_of_a_moment(hemeroteca: Run, tmp_path: Path) -> None:
    address = "https://elfaro.example/nota"
    for month, text in (("04", HARBOUR), ("06", SCHOOL)):
        (tmp_path / f"{month}.txt").write_text(text, encoding="utf-8")
        said = {"url": address, "captured_at": f"2026-{month}-12T08:00:00Z"}
        (tmp_path / f"{month}.json").write_text(json.dumps(said), encoding="utf-8")
        hemeroteca("clean", f"{month}.txt")
    for typed, source in (
        (f"{address}@2026-05", "04.txt"),
        (f"{address}@2026-06", "06.txt"),
        (f"{address}/?utm_source=x", "06.txt"),
        (f"web.archive.org/web/20260501000000/{address}", "04.txt"),
        ("www.elfaro.example/nota@2026-04-12", "04.txt"),
    ):
        assert hemeroteca("explain", typed).stdout.splitlines()[0].endswith(source), typed


def test_a_page_cannot_steer_the_terminal(hemeroteca: Run, tmp_path: Path) -> None:
    (tmp_path / "evil.txt").write_text(SCHOOL + "\n\x1b]0;owned\x07\x1b[31mrojo\n" + MENU, encoding="utf-8")
    done = hemeroteca("explain", "evil.txt")
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout


def test_extract_prints_the_contract(hemeroteca: Run, dumps: Path, tmp_path: Path) -> None:
    import json

    done = hemeroteca("extract", dumps)
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(o["source"]).name for o in objects] == ["harbour.txt", "menu.txt", "school-again.txt", "school.txt"]
    harbour, menu, again, school = objects
    assert " ".join(harbour) == (
        "source url site title authors published modified language section tags description image kind text "
        "content_hash removed error"
    )
    assert harbour["authors"] == ["Irene Salgado Pons"]
    assert harbour["language"] == "es"
    assert {"line", "text", "rule"} == set(harbour["removed"][0])
    assert (menu["text"], menu["content_hash"], menu["error"][:11]) == ("", None, "no-article:")
    assert again["content_hash"] == school["content_hash"]
    assert again["error"] is None
    assert not (tmp_path / "archive").exists()


def test_a_live_blog_is_kept_found_and_said_to_be_one(hemeroteca: Run, tmp_path: Path) -> None:
    page = ROOT / "fixtures" / "sites" / "wexmouthcourier.example" / "2026-01-19-ferry-aground" / "page.html.gz"
    hemeroteca("clean", page)
    archive = tmp_path / "archive"
    assert rows(archive, "SELECT kind, field_sources ->> '$.kind.source' FROM articles") == [("live", "structure")]
    assert rows(archive, "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'coxswain'") == [(1,)]
    assert rows(archive, "SELECT reason FROM captures") == [(None,)]
    assert as_json(hemeroteca("extract", page))["kind"] == "live"
    hemeroteca("correct", "1", "--kind", "article")
    assert rows(archive, "SELECT kind, field_sources ->> '$.kind.source' FROM articles") == [("article", "person")]


def test_help_and_version(hemeroteca: Run) -> None:
    assert "clean" in hemeroteca("--help").stdout
    assert hemeroteca("--version").stdout.startswith("hemeroteca ")
    told = hemeroteca("--version", "-v").stdout
    assert all(name in told for name in ("trafilatura", "selectolax", "SQLite", "recipe", "line rules"))


def test_options_stand_before_or_after_the_arguments(hemeroteca: Run, dumps: Path) -> None:
    one = hemeroteca("clean", "--json", "--archive", "one", dumps)
    other = hemeroteca("clean", dumps, "--archive", "other", "--json")
    assert as_json(one)["new"] == as_json(other)["new"] == 2
