"""Gradient-boosted trees at run time: a JSON file one can read, evaluated with numpy alone.

A model file is trained elsewhere (`bench/`) and holds
`{"columns": [name], "base": b, "trees": [{"f": [...], "t": [...], "l": [...], "r": [...], "v": [...]}]}`:
inner node i of a tree sends a row left if `row[columns[f[i]]] <= t[i]`; a child c >= 0 is an inner node, c < 0 is
leaf `-c - 1` with value `v`. The sum of base and leaves is a log-odds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.errors import RuleError

Matrix = NDArray[np.float32]
Vector = NDArray[np.float32]
_CHUNK = 4096  # rows walked at a time: the working memory is rows x trees


@dataclass(frozen=True, slots=True)
class Forest:
    """All trees in one table of nodes; a leaf points at itself, so that `depth` steps end every walk in a leaf."""

    columns: tuple[str, ...]
    base: float
    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    children: NDArray[np.int32]  #: right child at 2 i, left child at 2 i + 1
    value: NDArray[np.float32]
    depth: int

    def predict(self, matrix: Matrix, columns: Sequence[str]) -> Vector:
        """Probability for each row of `matrix`, whose columns are named by `columns` in any order.

        Raises KeyError where a column of the model is not there.
        """
        place = {name: i for i, name in enumerate(columns)}
        used = np.array([place[name] for name in self.columns], dtype=np.intp)
        out = np.empty(len(matrix), dtype=np.float32)
        for start in range(0, len(matrix), _CHUNK):
            rows = matrix[start : start + _CHUNK]
            out[start : start + _CHUNK] = self._probability(np.ascontiguousarray(rows[:, used]))
        return out

    def _probability(self, rows: Matrix) -> Vector:
        flat = rows.ravel()
        offset = (np.arange(len(rows), dtype=np.int32) * rows.shape[1])[:, None]
        node = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        for _ in range(self.depth):
            seen = flat.take(self.feature.take(node) + offset)
            node = self.children.take(2 * node + (seen <= self.threshold.take(node)))
        # float64 and one order of summation: the same page gives the same score on every machine
        odds = self.value.take(node).astype(np.float64).sum(axis=1) + self.base
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0))), dtype=np.float32)


def load_forest(path: Path) -> Forest:
    """Read a model file; RuleError where it is none."""
    try:
        return build_forest(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise RuleError(f"{path}: not a model of trees: {error!r}") from error


def build_forest(data: Mapping[str, Any]) -> Forest:
    """A forest from the parsed JSON of a model file."""
    feature: list[int] = []
    threshold: list[float] = []
    children: list[int] = []
    value: list[float] = []
    roots: list[int] = []
    depth = 0
    for tree in data["trees"]:
        start, inner = len(feature), len(tree["f"])
        roots.append(start)
        leaf_start = start + inner
        for f, t, left, right in zip(tree["f"], tree["t"], tree["l"], tree["r"], strict=True):
            feature.append(f)
            threshold.append(t)
            children += [start + c if c >= 0 else leaf_start - c - 1 for c in (right, left)]
            value.append(0.0)
        for number, leaf in enumerate(tree["v"]):
            feature.append(0)
            threshold.append(np.inf)
            children += [leaf_start + number] * 2
            value.append(leaf)
        depth = max(depth, _depth(tree["l"], tree["r"]))
    return Forest(
        columns=tuple(data["columns"]),
        base=float(data["base"]),
        roots=np.array(roots, dtype=np.int32),
        feature=np.array(feature, dtype=np.int32),
        threshold=np.array(threshold, dtype=np.float32),
        children=np.array(children, dtype=np.int32),
        value=np.array(value, dtype=np.float32),
        depth=depth,
    )


def _depth(left: Sequence[int], right: Sequence[int]) -> int:
    if not left:
        return 0
    depths = [1] * len(left)
    for i in range(len(left) - 1, -1, -1):  # children come after their parent
        depths[i] = 1 + max((depths[c] for c in (left[i], right[i]) if c >= 0), default=0)
    return depths[0]
