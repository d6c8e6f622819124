"""Train the classifiers of text lines and write them into scraper/clean/models/.

usage: python -m bench.train_lines FOLDER [--out DIR] [--folds 4] [--keep-folds DIR]

FOLDER holds `gold.jsonl.gz`, `dumps/` and, if there, `es/` with `labels.json` and `sites/`. All pages of a site are in
one fold; the figures printed are out of fold, computed with the trees as they are stored. What the dependency group
`train` holds is needed here only.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import lightgbm as lgb
import numpy as np

from bench.learn_words import write_taught, write_words
from bench.line_rows import Rows, gather
from bench.lines_data import Labelled, key
from bench.scoring import PageScore, average, page_score
from scraper.clean.features import Sheet
from scraper.clean.forest import build_forest
from scraper.clean.linemodel import together
from scraper.clean.promise import flattened, log_odds
from scraper.clean.stacking import stack
from scraper.recipe import MODELS

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
#: The text has many lines to learn from: thresholds drawn at random (extremely randomised trees) generalise better.
KINDS = {
    "body": {"learning_rate": 0.06, "extra_trees": True, "feature_fraction": 0.5, "min_data_in_leaf": 60},
    "title": {"learning_rate": 0.07},
}
#: Trees of each classifier: first body, first title, body, title.
ROUNDS = {"lines-body-1": 400, "lines-title-1": 70, "lines-body-2": 300, "lines-title-2": 80}
EVEN = 0.38  # about the probability of a look from which a line is kept, on a page with furniture
TRIAL = 100  # trees of the trial that tells which pages not to learn from
_CUT = (0.8, 0.5)  # recall from which, and precision under which, a page's gold text was cut short
_ABSENT = 0.4  # F1 that even the right choice of lines falls short of: the gold text is not in the dump


@dataclass(frozen=True)
class Task:
    """One classifier to train: features, target, weight and fold of each line. Each fold's is written to `kept`/N."""

    name: str
    x: np.ndarray
    y: np.ndarray
    w: np.ndarray
    fold: np.ndarray
    columns: Sequence[str]
    rounds: int
    kind: dict
    kept: Path | None = None


def train(task: Task) -> tuple[np.ndarray, dict]:
    """Out-of-fold probabilities of all rows, computed with the trees as they are stored, and the final model."""
    params = PARAMS | {"num_threads": 1} | task.kind
    x, y, w, fold = task.x, task.y, task.w, task.fold
    used = np.flatnonzero(w > 0)
    data = lgb.Dataset(x[used], y[used], weight=w[used], feature_name=list(task.columns), params=params)
    data.construct()
    out = np.zeros(len(y), dtype=np.float32)
    for number in np.unique(fold):
        part = data.subset(np.flatnonzero(fold[used] != number))
        model = export(lgb.train(params, part, num_boost_round=task.rounds), task.columns)
        if task.kept is not None:
            write(model, task.kept / str(number) / f"{task.name}.json")
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


def look(number: int, sheets: list[Sheet], rows: Rows, out: Path, kept: Path | None) -> dict[str, np.ndarray]:
    """Train one look's two classifiers beside each other, write them, and return what they say out of fold."""
    x = np.concatenate([sheet.values for sheet in sheets])
    stands_for = rows.thinned()
    targets = {"body": (rows.body, rows.weight), "title": (rows.title, rows.title_weight)}
    columns, tasks = sheets[0].columns, []
    for kind, (y, w) in targets.items():
        name = f"lines-{kind}-{number}"
        tasks.append(Task(name, x, y, w * stands_for, rows.fold, columns, ROUNDS[name], KINDS[kind], kept))
    with ProcessPoolExecutor(len(tasks), mp_context=get_context("fork")) as pool:
        results = dict(zip(targets, pool.map(train, tasks), strict=True))
    for name, (_, model) in results.items():
        write(model, out / f"lines-{name}-{number}.json")
    return {name: probability for name, (probability, _) in results.items()}


def without_noise(rows: Rows) -> Rows:
    """No weight on pages whose gold text was cut short, as a trial out of fold tells, or is not in the dump."""
    x = np.concatenate([sheet.values for sheet in rows.sheets])
    quick = KINDS["body"] | {"learning_rate": 0.12}
    task = Task("trial", x, rows.body, rows.weight * rows.thinned(), rows.fold, rows.sheets[0].columns, TRIAL, quick)
    found, _ = train(task)
    dropped = []
    for number, (page, part) in enumerate(zip(rows.pages, rows.slices, strict=True)):
        if page.form.startswith(("full", "part")):
            said, right = score(page, found[part], EVEN), score(page, np.asarray(page.body), 0.5)
            if (said.recall >= _CUT[0] and said.precision < _CUT[1]) or right.f1 < _ABSENT:
                dropped.append(number)
    print(f"{len(dropped)} pages left out of training", flush=True)
    return rows.without(dropped)


def score(page: Labelled, body: np.ndarray, threshold: float) -> PageScore:
    return page_score(page.gold, "\n".join(line for line, p in zip(page.lines, body, strict=True) if p >= threshold))


def report(rows: Rows, body: np.ndarray, title: np.ndarray, threshold: float = EVEN) -> None:
    for form in ("full", "part", "gold", "es", "brief", "menu"):
        scores, titles, right = [], [], []
        for page, part in zip(rows.pages, rows.slices, strict=True):
            if page.form != form:
                continue
            scores.append(score(page, body[part], threshold))
            keep = body[part] >= threshold
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
    parser.add_argument("--keep-folds", type=Path, help="write each fold's models here, for `bench.text_folds`")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)  # before the work, not after it
    rows = gather(args.folder, args.folds)
    write_words(rows.wording, args.out / "words.json")
    if args.keep_folds:
        write_taught(rows.taught, args.keep_folds)
    learned_from = np.count_nonzero(rows.thinned())
    print(f"{len(rows.pages)} pages, {len(rows.body)} lines ({learned_from} learned from)", flush=True)
    rows = without_noise(rows)
    first = look(1, rows.sheets, rows, args.out, args.keep_folds)
    report(rows, first["body"], first["title"])
    sheets = [stack(s, first["body"][p], first["title"][p]) for s, p in zip(rows.sheets, rows.slices, strict=True)]
    second = look(2, sheets, rows, args.out, args.keep_folds)
    report(rows, second["body"], second["title"])
    even = float(flattened(log_odds(np.array([EVEN], dtype=np.float32)))[0])
    report(rows, together(first["body"], second["body"]), second["title"], even)
    if args.save_oof:
        np.savez(args.save_oof, body=second["body"], title=second["title"], body1=first["body"], title1=first["title"])


if __name__ == "__main__":
    main()
