"""`hemeroteca correct`: set by hand, shown, kept through reclean and repair, and taken back."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from cli_samples import Run, as_json

from archive.errors import SettingsError
from scraper.clean.corrections import Correction
from scraper.corrections import FILE, load, put


def row(tmp_path: Path, columns: str = "title, authors, published, text, field_sources") -> tuple[object, ...]:
    with sqlite3.connect(tmp_path / "archive" / "news.db") as db:
        (found,) = db.execute(f"SELECT {columns} FROM articles").fetchall()
    return tuple(found)


def test_a_correction_holds_until_it_is_taken_back(hemeroteca: Run, tmp_path: Path, dumps: Path) -> None:
    hemeroteca("clean", dumps / "harbour.txt", "-q")
    before = row(tmp_path)
    first = str(before[3]).split("\n")[0]
    done = as_json(
        hemeroteca(
            "correct", 1, "--title", "Set by hand", "--author", "Ana Roldán", "--author", "Rui Sá",
            "--published", "2026-03-02T18:05Z", "--furniture", first, "--json",
        )
    )  # fmt: skip
    assert (done["captures"], done["changed"]) == (1, 1)
    after = row(tmp_path)
    assert after[:3] == ("Set by hand", '["Ana Roldán","Rui Sá"]', "2026-03-02T18:05+00:00")
    assert first not in str(after[3])
    sources = json.loads(str(after[4]))
    assert {sources[name]["source"] for name in ("title", "authors", "published")} == {"person"}

    hemeroteca("reclean")
    assert row(tmp_path) == after
    hemeroteca("verify", "--repair")
    assert row(tmp_path) == after
    with sqlite3.connect(tmp_path / "archive" / "news.db") as db:
        assert db.execute("SELECT count(*) FROM corrections").fetchall() == [(4,)]
    hemeroteca("verify")
    shown = hemeroteca("correct", done["url"]).stdout
    assert "Set by hand" in shown

    hemeroteca("correct", done["url"], "--no-article")
    with sqlite3.connect(tmp_path / "archive" / "news.db") as db:
        assert db.execute("SELECT reason FROM captures").fetchall() == [("no-article",)]
    hemeroteca("correct", done["url"], "--undo")
    assert row(tmp_path) == before


def test_mistakes_are_one_line(hemeroteca: Run, tmp_path: Path, dumps: Path) -> None:
    hemeroteca("clean", dumps / "harbour.txt", "-q")
    for args, says in [
        ((99, "--title", "x"), "no article 99"),
        (("https://nowhere.example/", "--title", "x"), "nothing archived"),
        ((1, "--published", "yesterday"), "2026-03-02"),
        ((1, "--furniture", "a line that is not there"), "no line"),
    ]:
        done = hemeroteca("correct", *args, code=2)
        assert says in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[correction]]\ntitle = 'x'\n", "key url"),
        ("[[correction]]\nurl = 'u'\ntitel = 'x'\n", "did you mean title"),
        ("[[correction]]\nurl = 'u'\nauthors = 'Ana'\n", "a list of names"),
        ("[[correction]]\nurl = 'u'\npublished = 'May'\n", "a day or moment"),
        ("[correction]\nurl = 'u'\n", "double brackets"),
        ("[[correction", "cannot be read as TOML"),
    ],
)
def test_a_mistake_in_the_file_names_the_entry(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / FILE).write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=says):
        load(tmp_path)


def test_what_a_person_wrote_around_an_entry_stays(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('# mine\n[[correction]]\nurl = "u"\ntitle = "T"  # sure\n', "utf-8")
    said = Correction("v", {"authors": ("Ana",)}, ("Portada",), ("Sí",), article=False)
    put(tmp_path, said)
    assert load(tmp_path).by_url == {"u": Correction("u", {"title": "T"}), "v": said}
    put(tmp_path, Correction("v"))
    assert (tmp_path / FILE).read_text("utf-8").strip() == '# mine\n[[correction]]\nurl = "u"\ntitle = "T"  # sure'
