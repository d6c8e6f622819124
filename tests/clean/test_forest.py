from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import RuleError
from scraper.clean.forest import build_forest, load_forest
from scraper.recipe import MODELS

STUMP = {"f": [0], "t": [1.5], "l": [-1], "r": [-2], "v": [-2.0, 2.0]}
DEEP = {"f": [1, 0], "t": [0.0, 3.0], "l": [1, -1], "r": [-3, -2], "v": [0.5, -0.5, 4.0]}
MODEL = {"columns": ["a", "b"], "base": 0.25, "trees": [STUMP, DEEP, {"f": [], "t": [], "l": [], "r": [], "v": [0.1]}]}


def by_hand(a: float, b: float) -> float:
    odds = 0.25 + (-2.0 if a <= 1.5 else 2.0) + 0.1
    odds += (0.5 if a <= 3.0 else -0.5) if b <= 0.0 else 4.0
    return 1 / (1 + np.exp(-odds))


@given(st.lists(st.tuples(st.floats(-5, 5, width=32), st.floats(-5, 5, width=32)), min_size=1, max_size=30))
def test_every_row_walks_every_tree(rows: list[tuple[float, float]]) -> None:
    forest = build_forest(MODEL)
    matrix = np.array([(b, a) for a, b in rows], dtype=np.float32)
    got = forest.predict(matrix, ["b", "a"])
    assert got == pytest.approx([by_hand(a, b) for a, b in rows], abs=1e-5)


def test_rows_do_not_know_each_other() -> None:
    forest = build_forest(MODEL)
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(9000, 2)).astype(np.float32)
    whole = forest.predict(matrix, ["a", "b"])
    assert np.array_equal(whole[5000:5010], forest.predict(matrix[5000:5010], ["a", "b"]))
    assert len(forest.predict(matrix[:0], ["a", "b"])) == 0


def test_a_missing_column_is_an_error() -> None:
    with pytest.raises(KeyError):
        build_forest(MODEL).predict(np.zeros((1, 1), dtype=np.float32), ["a"])


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text(json.dumps({"columns": ["a"]}))
    with pytest.raises(RuleError, match=r"broken\.json"):
        load_forest(path)


def test_the_shipped_models_are_small_and_name_their_columns() -> None:
    paths = sorted(MODELS.glob("lines-*.json"))
    assert len(paths) == 4
    for path in paths:
        forest = load_forest(path)
        assert forest.columns
        assert path.stat().st_size < 400_000
        assert all("=" not in column for column in forest.columns)
