"""`hemeroteca rules learn`, `learned`, `pin`, `veto`: from pages to a snapshot, and back by a person's word."""

from __future__ import annotations

import csv
import shutil
import sqlite3
from pathlib import Path

import pytest
from cli_samples import Run, as_json
from paper import BOTTOM, BOX, SITE, TOP, stories

STORIES = stories(7)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Seven dumps of one paper, with a manifest that says where and when each was taken."""
    folder = tmp_path / "faro"
    folder.mkdir()
    with (tmp_path / "faro.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["path", "url", "captured_at"])
        for story in STORIES:
            (folder / f"{story.number}.txt").write_bytes(story.dump)
            table.writerow([f"faro/{story.number}.txt", story.url, f"2026-03-{story.number:02}T12:00:00Z"])
    return folder


def rows(tmp_path: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(tmp_path / "archive" / "news.db") as db:
        return db.execute(query).fetchall()


def texts(tmp_path: Path) -> list[tuple[object, ...]]:
    return rows(tmp_path, "SELECT url, text FROM articles ORDER BY url")


def test_what_a_site_repeats_is_learned_applied_and_vetoed(hemeroteca: Run, tmp_path: Path, pages: Path) -> None:
    hemeroteca("clean", pages, "--manifest", "faro.csv")
    plain = texts(tmp_path)
    assert any(BOX[0] in str(text) for _, text in plain)
    learned = as_json(hemeroteca("rules", "learn", "--json"))
    assert (learned["sites"], learned["gone"]) == (1, 0)
    assert texts(tmp_path) == plain, "learning changes no article"

    hemeroteca("reclean", "--accept-losses")
    for story, (_, text) in zip(STORIES, texts(tmp_path), strict=True):
        lines = str(text).split("\n")
        assert [line for line in lines if line in story.text] == list(story.text)
        assert not {*TOP, *BOX, *BOTTOM} & set(lines)
    shown = as_json(hemeroteca("rules", "learned", "--site", SITE, "--json"))
    (box,) = [line for line in shown if line["text"] == BOX[0]]
    assert (box["verdict"], box["articles"], box["of"]) == ("learned", 7, 7)
    count = f"SELECT count(*) FROM removals JOIN learned USING (rule) WHERE rule = '{box['rule']}'"
    assert rows(tmp_path, count) == [(7,)]

    assert as_json(hemeroteca("rules", "learn", "--json"))["new"] == 0, "a snapshot does not rest on the one before"

    for line in BOX:
        hemeroteca("rules", "veto", line, "--site", SITE)
    hemeroteca("reclean")
    for (_, before), (_, after) in zip(plain, texts(tmp_path), strict=True):
        assert {line for line in BOX if line in str(before)} <= set(str(after).split("\n"))
    assert rows(tmp_path, f"SELECT verdict FROM learned WHERE rule = '{box['rule']}'") == [("veto",)]
    hemeroteca("verify")


def test_what_was_learned_and_said_survives_a_rebuild(hemeroteca: Run, tmp_path: Path, pages: Path) -> None:
    hemeroteca("clean", pages, "--manifest", "faro.csv")
    hemeroteca("rules", "learn")
    hemeroteca("rules", "veto", "Mareas de hoy en la ría", "--site", SITE)
    hemeroteca("reclean", "--accept-losses")
    query = "SELECT * FROM learned ORDER BY site, mark"
    before = texts(tmp_path), rows(tmp_path, query)
    hemeroteca("verify", "--repair")
    assert (texts(tmp_path), rows(tmp_path, query)) == before


def test_the_snapshot_does_not_depend_on_the_order_of_runs(hemeroteca: Run, tmp_path: Path, pages: Path) -> None:
    hemeroteca("clean", pages, "--manifest", "faro.csv")
    hemeroteca("rules", "learn")
    first = (tmp_path / "archive" / "rules" / "learned.jsonl").read_bytes()
    shutil.rmtree(tmp_path / "archive")
    for story in reversed(STORIES):
        hemeroteca("clean", pages / f"{story.number}.txt", "--manifest", "faro.csv", "-q")
    hemeroteca("rules", "learn")
    assert (tmp_path / "archive" / "rules" / "learned.jsonl").read_bytes() == first


def test_mistakes_are_one_line(hemeroteca: Run, tmp_path: Path, pages: Path) -> None:
    assert "no archive" in hemeroteca("rules", "learn", code=3).stderr
    hemeroteca("clean", pages / "1.txt", "-q")
    for args, says in [
        (("pin", "Portada"), "--site"),
        (("pin", "···", "--site", SITE), "no letter"),
        (("veto", "learned:00000000"), "was not learned here"),
    ]:
        done = hemeroteca("rules", *args, code=2)
        assert says in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_list_names_each_rule_and_where_it_stands(hemeroteca: Run, tmp_path: Path, pages: Path) -> None:
    hemeroteca("clean", pages, "--manifest", "faro.csv", "-q")
    own = tmp_path / "archive" / "rules" / "sites"
    own.mkdir(parents=True)
    (own / "faro.example.toml").write_text('[[html]]\nid = "now"\nbody = "div.c"\n', "utf-8")
    hemeroteca("rules", "learn")
    hemeroteca("rules", "pin", "Portada", "--site", SITE)
    found = as_json(hemeroteca("rules", "list", "--json"))
    by_id = {(row["kind"], row["id"]): row for row in found}
    assert by_id["line", "es.most-read"]["file"] == "shipped: lines/es.toml"
    assert by_id["site", "faro.example/now"]["file"].endswith("rules/sites/faro.example.toml")
    assert {row["what"].split()[-1] for row in found if row["kind"] == "learned"} == {"lines", "pinned"}
    assert "es.most-read" in hemeroteca("rules", "list").stdout
    assert "es.most-read" not in hemeroteca("rules", "list", "--site", SITE).stdout
