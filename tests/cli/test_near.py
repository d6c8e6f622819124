"""`near`, `same`, `not-same`: a person's word wins, and outlives new rules and a new database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from archive_samples import page, reclean, store
from click.testing import CliRunner

from archive.verify import verify
from scraper.cli import app

STORY = (
    "La flota de Puerto Alarcón amarró este lunes por la huelga de 320 pescadores, que piden 48 euros más por jornada. "
    "El portavoz de la cofradía, Julián Reyes, dijo que la protesta seguirá hasta el viernes si nadie los recibe.\n"
    "El ministerio respondió que estudiará la petición. La última huelga, en 2019, duró once días."
)
COPY = STORY.replace("48 euros", "46 euros").replace("La última", "La anterior")
OTHER = (
    "Una vaca escapó ayer de un camión y anduvo dos kilómetros de la autopista antes de que la policía la encontrara. "
    "Nadie resultó herido. El dueño la recogió por la tarde y agradeció a los conductores su paciencia, que fue mucha."
)


def told(text: str, day: str) -> dict[str, Any]:
    """What two kits make of a page: the second one leaves its last sentence out."""
    fields = {"title": f"Un título del {day}", "published": day}
    shorter = text.rpartition(". ")[0] + "."
    return {"kit-1": {"text": text, "fields": fields}, "kit-2": {"text": shorter, "fields": fields}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    pages = [
        page("a", told(STORY, "2026-03-02"), "https://faro.example/1", "2026-03-02T10:00:00Z"),
        page("b", told(COPY, "2026-03-03"), "https://mirador.example/1", "2026-03-03T10:00:00Z"),
        page("c", told(OTHER, "2026-03-03"), "https://vega.example/1", "2026-03-03T11:00:00Z"),
    ]
    store(folder, pages)
    return folder


def run(folder: Path, *words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, [*words, "--archive", str(folder)])
    assert result.exit_code == code, result.output
    return result.output


def near(folder: Path, article: int) -> dict[str, Any]:
    return dict(json.loads(run(folder, "near", str(article), "--json")))


def copies(folder: Path, article: int) -> list[int]:
    return [copy["id"] for copy in near(folder, article)["copies"]]


def rebuild(folder: Path, kit: str = "kit-1") -> None:
    for name in ("news.db", "news.db-wal", "news.db-shm"):
        (folder / name).unlink(missing_ok=True)
    store(folder, [], kit=kit)


def test_near_lists_copies_with_evidence_and_diff(folder: Path) -> None:
    shown = run(folder, "near", "2")
    assert "in a cluster of 2 articles on 2 sites; first by date, then by length: 1" in shown
    assert "numbers, 1 day apart" in shown
    assert "[-46-] {+48+} euros" in shown
    assert "[-anterior-] {+última+}" in shown
    found = near(folder, 1)
    assert [(copy["id"], copy["kind"], copy["shared_numbers"], copy["days"]) for copy in found["copies"]] == [
        (2, "copy", 2, 1)
    ]
    assert found["cluster"]["representative"] == 1
    assert run(folder, "near", "3").splitlines()[1:] == ["no copies"]


def test_what_cannot_be_asked_is_one_line(folder: Path) -> None:
    for words in (["near", "99"], ["same", "1", "99"], ["not-same", "2", "2"]):
        result = CliRunner().invoke(app, [*words, "--archive", str(folder)])
        assert result.exit_code
        assert "99" in str(result.exception) or "one article" in str(result.exception)


def test_a_person_can_say_no_and_take_it_back(folder: Path) -> None:
    assert run(folder, "not-same", "2", "1") == "2 and 1: not the same\n"
    assert copies(folder, 1) == []
    assert [word["same"] for word in near(folder, 1)["judgements"]] == [False]
    assert "as before" in run(folder, "not-same", "1", "2")
    assert list(verify(folder)) == []
    assert "they are copies" in run(folder, "not-same", "1", "2", "--withdraw")
    assert copies(folder, 1) == [2]


def test_a_person_can_say_yes(folder: Path) -> None:
    answer = json.loads(run(folder, "same", "1", "3", "--json"))
    assert (answer["copies"], answer["judged"], answer["one_cluster"]) == (True, True, True)
    assert copies(folder, 1) == [2, 3]
    assert near(folder, 2)["cluster"]["articles"] == 3
    assert json.loads(run(folder, "not-same", "3", "1", "--json"))["copies"] is False
    assert copies(folder, 3) == []
    assert list(verify(folder)) == []


def test_a_word_that_other_copies_contradict_says_so(folder: Path) -> None:
    run(folder, "same", "1", "3")
    run(folder, "same", "2", "3")
    assert "other copies still hold both in one cluster" in run(folder, "not-same", "1", "2")


def test_a_word_outlives_new_rules_and_a_new_database(folder: Path) -> None:
    run(folder, "not-same", "1", "2")
    run(folder, "same", "1", "3")
    rebuild(folder)
    assert (copies(folder, 1), copies(folder, 2)) == ([3], [])
    assert set(reclean(folder, "kit-2", accept_losses=True)) <= {"changed", "loss-accepted"}
    assert (copies(folder, 1), copies(folder, 2)) == ([3], [])
    rebuild(folder, "kit-2")
    assert (copies(folder, 1), copies(folder, 2)) == ([3], [])
    assert list(verify(folder)) == []
    run(folder, "not-same", "1", "2", "--withdraw")
    rebuild(folder, "kit-1")
    assert copies(folder, 2) == [1]


def test_the_words_of_persons_are_exported(folder: Path) -> None:
    run(folder, "not-same", "1", "2")
    rows = [json.loads(line) for line in run(folder, "export", "jsonl", "-", "-q").splitlines()]
    assert [[(word["article"], word["same"]) for word in row["judged"]] for row in rows] == [
        [(2, False)],
        [(1, False)],
        [],
    ]
    assert [(row["cluster"], row["revision"], row["revision_class"]) for row in rows] == [(None, 1, "first")] * 3
    run(folder, "not-same", "1", "2", "--withdraw")
    rows = [json.loads(line) for line in run(folder, "export", "jsonl", "-", "-q").splitlines()]
    assert rows[0]["cluster"] == rows[1]["cluster"] == min(rows[0]["content_hash"], rows[1]["content_hash"])
    assert [row["representative"] for row in rows] == [1, 1, None]


def test_status_counts_copies_and_names_hubs(tmp_path: Path) -> None:
    footer = " ".join(f"aviso{n} legal" for n in range(30))
    texts = [" ".join(f"palabra{n}x{m}" for m in range(120)) + f"\n{footer}" for n in range(60)]
    store(tmp_path, [page(f"{n}", text, f"https://a.example/{n}") for n, text in enumerate(texts)])
    shown = run(tmp_path, "status")
    assert "runs of words in so many texts that a cleaning rule may be missing" in shown
    assert "  60  aviso" in shown.replace("60  legal", "60  aviso legal")
    assert json.loads(run(tmp_path, "status", "--json"))["copies"]["hub_keys"] >= 1


def test_explain_says_the_class_in_one_line(tmp_path: Path) -> None:
    url = "https://faro.example/1"
    wall = STORY[:170] + "\nSuscríbete para seguir leyendo"
    texts = (STORY, STORY.replace("320", "230"), wall)
    store(tmp_path, [page(f"{n}", t, url, f"2026-03-0{n}T10:00:00Z") for n, t in enumerate(texts, 1)])
    stories = [run(tmp_path, "explain", f"{url}@2026-03-0{day}", "--json") for day in (1, 2, 3)]
    assert [json.loads(story)["revision"] for story in stories] == [
        "1 of 2: first: the first text seen at this address",
        "2 of 2: edit: 1 word gone, 1 word new (number 320 became 230)",
        'worse: a wall: "suscribete para seguir leyendo", 36 words instead of 55',
    ]
