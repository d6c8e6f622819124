"""Train the classifiers of text lines and write them into scraper/clean/models/.

usage: python -m bench.train_lines FOLDER [--out DIR] [--folds 4]

FOLDER holds `gold.jsonl.gz`, `dumps/` and, if there, `es/` with `labels.json`. All pages of a site are in one fold; the
figures printed are out of fold, computed with the trees as they are stored. LightGBM is needed here only.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import lightgbm as lgb
import numpy as np

from bench.lines_data import Labelled, folder_pages, key, line_pages
from bench.scoring import average, page_score
from scraper.clean.features import Sheet, describe, rule_hits
from scraper.clean.forest import build_forest
from scraper.clean.kit import MODELS
from scraper.clean.stacking import stack
from scraper.rules.lines import load_line_rules

FORM_WEIGHT = {"full": 1.0, "part": 1.0, "gold": 0.7, "es": 3.0, "brief": 0.5, "menu": 0.5}
FAR = 25  # lines from the article beyond which furniture is plain, and every sixth line of it is enough to learn from
THIN = 6
PARAMS = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 31,
    "max_depth": 8,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 63,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 7,
    "verbose": -1,
}
#: Trees of each classifier: first body, first title, body, title.
ROUNDS = {"lines-body-1": 260, "lines-title-1": 60, "lines-body-2": 170, "lines-title-2": 60}


@dataclass
class Rows:
    """All pages' lines in one table; `slices` says which rows are whose."""

    pages: list[Labelled]
    sheets: list[Sheet]
    slices: list[slice]
    fold: np.ndarray
    body: np.ndarray
    title: np.ndarray
    weight: np.ndarray
    title_weight: np.ndarray
    far: np.ndarray


@dataclass(frozen=True)
class Task:
    """One classifier to train: features, target, weight and fold of each line."""

    x: np.ndarray
    y: np.ndarray
    w: np.ndarray
    fold: np.ndarray
    columns: Sequence[str]
    rounds: int
    rate: float = 0.07


def gather(folder: Path, folds: int) -> Rows:
    rules = load_line_rules()
    pages = [page for page in _pages(folder) if page.lines]
    sheets = [describe(page.lines, rule_hits(page.lines, rules)) for page in pages]
    ends = np.cumsum([len(page.lines) for page in pages])
    slices = [slice(end - len(page.lines), end) for page, end in zip(pages, ends, strict=True)]
    fold = np.concatenate([np.full(len(p.lines), zlib.crc32(p.site.encode()) % folds) for p in pages])
    weights = [_weights(page, sheet) for page, sheet in zip(pages, sheets, strict=True)]
    return Rows(
        pages,
        sheets,
        slices,
        fold,
        np.concatenate([page.body for page in pages]),
        np.concatenate([_one_title(page) for page in pages]),
        np.concatenate([w[0] for w in weights]),
        np.concatenate([w[1] for w in weights]),
        np.concatenate([_far(page) for page in pages]),
    )


def _pages(folder: Path) -> Iterator[Labelled]:
    yield from folder_pages(folder)
    if (folder / "es" / "labels.json").exists():
        yield from line_pages(folder / "es")


def _far(page: Labelled) -> np.ndarray:
    """Lines far from all that is article or title."""
    index = np.arange(len(page.lines))
    near = np.flatnonzero(np.asarray(page.body) + np.asarray(page.title))
    if page.form == "menu" or not len(near):
        return np.zeros(len(page.lines), dtype=bool)
    after = np.searchsorted(near, index)
    left = index - near[np.maximum(after - 1, 0)]
    right = near[np.minimum(after, len(near) - 1)] - index
    return np.minimum(np.abs(left), np.abs(right)) > FAR


def _one_title(page: Labelled) -> np.ndarray:
    """Of several lines that say the title, the last before the text is it."""
    out = np.zeros(len(page.lines), dtype=int)
    found = [i for i, flag in enumerate(page.title) if flag]
    if found:
        first = next((i for i, flag in enumerate(page.body) if flag), len(page.lines))
        before = [i for i in found if i < first]
        out[before[-1] if before else found[0]] = 1
    return out


def _weights(page: Labelled, sheet: Sheet) -> tuple[np.ndarray, np.ndarray]:
    """A page counts as a page, whatever its length; within it a line counts by the root of its words."""
    line = np.sqrt(np.minimum(sheet.words, 150.0) + 1.0) * np.asarray(page.weight)
    kept = line[np.asarray(page.body) > 0].sum()
    scale = FORM_WEIGHT[page.form] * 20.0 / max(20.0, kept)
    flags = np.asarray(page.title)
    title = np.where((flags > 0) & (_one_title(page) == 0), 0.0, 1.0)
    return line * scale, title * FORM_WEIGHT[page.form]


def train(task: Task) -> tuple[np.ndarray, dict]:
    """Out-of-fold probabilities of all rows, computed with the trees as they are stored, and the final model."""
    params = PARAMS | {"num_threads": 1, "learning_rate": task.rate}
    x, y, w, fold = task.x, task.y, task.w, task.fold
    used = np.flatnonzero(w > 0)
    data = lgb.Dataset(x[used], y[used], weight=w[used], feature_name=list(task.columns), params=params)
    data.construct()
    out = np.zeros(len(y), dtype=np.float32)
    for number in np.unique(fold):
        part = data.subset(np.flatnonzero(fold[used] != number))
        model = export(lgb.train(params, part, num_boost_round=task.rounds), task.columns)
        test = fold == number
        out[test] = build_forest(model).predict(x[test], task.columns)
    return out, export(lgb.train(params, data, num_boost_round=task.rounds), task.columns)


def export(booster: lgb.Booster, columns: Sequence[str]) -> dict:
    """The stored form of a model: only the columns in use, numbers rounded to what matters."""
    dump = booster.dump_model()
    trees = [_tree(info["tree_structure"]) for info in dump["tree_info"]]
    used = sorted({f for tree in trees for f in tree["f"]})
    place = {f: i for i, f in enumerate(used)}
    for tree in trees:
        tree["f"] = [place[f] for f in tree["f"]]
    return {"columns": [columns[f] for f in used], "base": 0.0, "trees": trees}


def _tree(root: dict) -> dict:
    tree: dict = {"f": [], "t": [], "l": [], "r": [], "v": []}

    def walk(node: dict) -> int:
        if "leaf_value" in node:
            tree["v"].append(round(node["leaf_value"], 4))
            return -len(tree["v"])
        number = len(tree["f"])
        tree["f"].append(node["split_feature"])
        tree["t"].append(float(f"{node['threshold']:.4g}"))
        tree["l"].append(0)
        tree["r"].append(0)
        tree["l"][number] = walk(node["left_child"])
        tree["r"][number] = walk(node["right_child"])
        return number

    walk(root)
    return tree


def write(model: dict, path: Path) -> None:
    head = json.dumps({"columns": model["columns"], "base": model["base"]})[:-1]
    trees = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in model["trees"])
    path.write_text(f'{head}, "trees": [\n{trees}\n]}}\n', encoding="utf-8")


def thinned(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """The rows to learn from, and how many each stands for."""
    chosen = ~rows.far | (np.arange(len(rows.far)) % THIN == 0)
    return chosen, np.where(rows.far, THIN, 1)


def look(number: int, sheets: list[Sheet], rows: Rows, out: Path) -> dict[str, np.ndarray]:
    """Train one look's two classifiers beside each other, write them, and return what they say out of fold."""
    x = np.concatenate([sheet.values for sheet in sheets])
    chosen, stands_for = thinned(rows)
    targets = {"body": (rows.body, rows.weight), "title": (rows.title, rows.title_weight)}
    tasks = [
        Task(x, y, w * chosen * stands_for, rows.fold, sheets[0].columns, ROUNDS[f"lines-{name}-{number}"])
        for name, (y, w) in targets.items()
    ]
    with ProcessPoolExecutor(len(tasks), mp_context=get_context("fork")) as pool:
        results = dict(zip(targets, pool.map(train, tasks), strict=True))
    for name, (_, model) in results.items():
        write(model, out / f"lines-{name}-{number}.json")
    return {name: probability for name, (probability, _) in results.items()}


def report(rows: Rows, body: np.ndarray, title: np.ndarray, threshold: float = 0.5) -> None:
    for form in ("full", "part", "gold", "es", "brief", "menu"):
        chosen = [i for i, page in enumerate(rows.pages) if page.form == form]
        scores, titles, right = [], [], []
        for i in chosen:
            page, part = rows.pages[i], rows.slices[i]
            keep = body[part] >= threshold
            scores.append(page_score(page.gold, "\n".join(line for line, k in zip(page.lines, keep, strict=True) if k)))
            right.append(all(k == b or not w for k, b, w in zip(keep, page.body, page.weight, strict=True)))
            best = int(np.argmax(title[part]))
            said = page.lines[best] if title[part][best] >= 0.5 else ""
            titles.append(key(said) == key(page.gold_title))
        if not scores:
            continue
        s = average(scores)
        print(
            f"{form:5} {s.pages:5} P {s.precision:.4f} R {s.recall:.4f} F1 {s.f1:.4f} macro {s.macro:.4f} "
            f"<.8 {s.bad:.3f} title {np.mean(titles):.3f} all-right {np.mean(right):.3f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=MODELS)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--save-oof", type=Path, help="write the out-of-fold probabilities here (.npz)")
    args = parser.parse_args()
    rows = gather(args.folder, args.folds)
    args.out.mkdir(parents=True, exist_ok=True)
    print(f"{len(rows.pages)} pages, {len(rows.body)} lines ({thinned(rows)[0].sum()} learned from)", flush=True)
    first = look(1, rows.sheets, rows, args.out)
    report(rows, first["body"], first["title"])
    sheets = [stack(s, first["body"][p], first["title"][p]) for s, p in zip(rows.sheets, rows.slices, strict=True)]
    second = look(2, sheets, rows, args.out)
    report(rows, second["body"], second["title"])
    report(rows, (first["body"] + second["body"]) / 2, second["title"])
    if args.save_oof:
        np.savez(args.save_oof, body=second["body"], title=second["title"], body1=first["body"], title1=first["title"])


if __name__ == "__main__":
    main()
