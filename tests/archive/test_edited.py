"""Files that are ours and a person's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from archive_samples import store
from hypothesis import given
from hypothesis import strategies as st

from archive.browse.serve import application
from archive.db import metadata
from archive.db.edited import _merged, read, renew

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from("abcd"), json_values, max_size=4)

OLD = {"title": "Old", "tables": {"a": {"description": "A", "facets": ["x"]}, "b": {}}, "gone": 1}
NEW = {"title": "New", "tables": {"a": {"description": "A!", "facets": ["x", "y"]}, "c": {}}, "came": 2}


def edit(path: Path, change: Any) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_what_nobody_changed_is_renewed(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    renew(path, OLD)
    renew(path, NEW)
    assert json.loads(path.read_text()) == NEW


def test_what_a_person_changed_stays_and_the_rest_is_renewed(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    renew(path, OLD)

    def change(content: dict[str, Any]) -> None:
        content["title"] = "Mine"
        content["tables"]["a"]["facets"] = []
        content["tables"]["mine"] = {"description": "M"}
        del content["tables"]["b"]

    edit(path, change)
    renew(path, NEW)
    wanted = {
        "title": "Mine",
        "tables": {"a": {"description": "A!", "facets": []}, "mine": {"description": "M"}, "c": {}},
        "came": 2,
    }
    assert json.loads(path.read_text()) == wanted
    renew(path, {**NEW, "title": "Newer", "came": 3})
    assert json.loads(path.read_text()) == {**wanted, "came": 3}


@pytest.mark.parametrize("text", ["{", "[]", '"x"', ""])
def test_what_cannot_be_understood_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    renew(path, NEW)
    assert path.read_text() == text


def test_a_file_without_a_note_is_a_persons_but_where_we_know_it(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "x.json"
    path.write_text(json.dumps(OLD))
    assert (read(path, NEW) or {})["title"] == "Old"
    assert read(path, NEW, [hashlib.sha256(path.read_bytes()).hexdigest()]) == NEW


@given(objects, objects)
def test_merging_is_what_it_says(base: dict[str, Any], other: dict[str, Any]) -> None:
    assert _merged(base, base, other) == other  # a person changed nothing
    assert _merged(base, other, base) == other  # we changed nothing
    assert _merged(base, other, other) == other


def test_an_archive_of_an_older_version_is_renewed_and_keeps_what_was_edited(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    store(folder, [])
    edit(folder / "metadata.json", lambda content: content.update(title="Mi hemeroteca"))
    for name in (".metadata.json", "metadata.json"):  # as if an older version had said it otherwise

        def older(content: dict[str, Any]) -> None:
            content["databases"]["news"]["tables"]["articles"]["description"] = "An older word."

        edit(folder / name, older)
    assert application(folder)._metadata_local["title"] == "Mi hemeroteca"  # before a run renews the file, too
    store(folder, [])
    content = json.loads((folder / "metadata.json").read_text())
    wanted = metadata.metadata()["databases"]["news"]["tables"]["articles"]["description"]
    assert content["title"] == "Mi hemeroteca"
    assert content["databases"]["news"]["tables"]["articles"]["description"] == wanted


def test_metadata_in_another_form_is_the_persons(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "metadata.yaml").write_text("title: Mía\n")
    store(tmp_path / "a", [])
    assert not (tmp_path / "a" / "metadata.json").exists()
