"""Train the classifier of HTML blocks and write it into scraper/clean/models/.

usage: python -m bench.train_blocks FOLDER [--out DIR] [--folds 5] [--cache FILE]

FOLDER holds `gold.jsonl.gz`, `pages/` and, if there, `es/` with the same. All pages of a site are in one fold; the
figures printed are out of fold, computed with the trees as they are stored. LightGBM is needed here only.
"""

from __future__ import annotations

import argparse
import gzip
import pickle
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import lightgbm as lgb
import numpy as np

from bench.lines_data import align, read_gold, site
from bench.scoring import average, page_score
from bench.train_lines import export, write
from scraper.clean.blockfeatures import block_sheet
from scraper.clean.blockmodel import THRESHOLD, second_look
from scraper.clean.blocks import Segments, TooDeep, readable
from scraper.clean.decode import decode
from scraper.clean.examine import examine
from scraper.clean.features import Sheet
from scraper.clean.forest import build_forest
from scraper.clean.kit import MODELS
from scraper.clean.tree import parse
from scraper.rules.hints import load_hints
from scraper.rules.lines import load_line_rules

PARAMS = {
    "objective": "binary",
    "learning_rate": 0.11,
    "num_leaves": 31,
    "max_depth": 8,
    "min_data_in_leaf": 60,
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
PROCESSES = 2
_FAR = 25  # blocks from the text within which all are trained on
_THINNED = 4
ROUNDS = (110, 90)  # trees of the first and the second look
COLUMNS = (130, 130)  # columns either may use: the ones a short trial gained most by


@dataclass
class Labelled:
    """One page: its undecided blocks with their features, and the share of each that is in the gold text."""

    id: str
    form: str
    site: str
    segments: Segments
    sheet: Sheet
    share: np.ndarray
    gold: str


def gather(folder: Path, cache: Path | None) -> list[Labelled]:
    if cache and cache.exists():
        return pickle.loads(cache.read_bytes())  # our own file, of an earlier run
    jobs = [(row, path) for part in (folder, folder / "es") for row, path in _rows(part)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        pages = [page for page in pool.map(_page, jobs, chunksize=16) if page]
    if cache:
        cache.write_bytes(pickle.dumps(pages))
    return pages


def _rows(folder: Path) -> Iterator[tuple[dict, Path]]:
    if (folder / "gold.jsonl.gz").exists():
        for row in read_gold(folder / "gold.jsonl.gz"):
            yield row, folder / "pages" / f"{row['id']}.html.gz"


def _page(job: tuple[dict, Path]) -> Labelled | None:
    row, path = job
    hints, lines = load_hints(), load_line_rules()
    try:
        text = decode(gzip.decompress(path.read_bytes()), "text/html", None).text
        found = examine(parse(text), row.get("url"), hints)
    except TooDeep:
        return None
    segments = readable(found.segments)
    if not segments.blocks:
        return None
    sheet = block_sheet(segments.blocks, segments.elements, found.said, lines, hints)
    share = np.array(align([block.text for block in segments.blocks], row["text"]))
    form = "es" if row["set"] == "es" else "html"
    where = site(row.get("url"), row["id"])
    return Labelled(
        row["id"], form, where, segments, Sheet(sheet.columns, sheet.values, sheet.words), share, row["text"]
    )


def weights(page: Labelled) -> np.ndarray:
    """A page counts as a page, whatever its length; within it a block counts by the root of its words."""
    line = np.sqrt(np.minimum(page.sheet.words, 150.0) + 1.0) * np.maximum(0.1, np.abs(page.share - 0.5) * 2)
    return line * 20.0 / max(20.0, line[page.share >= 0.5].sum())


def thinned(page: Labelled) -> np.ndarray:
    """A page's blocks to train on, as factors of their weight: far from the text one in four stands for all."""
    index = np.arange(len(page.share))
    text = index[page.share >= 0.5]
    low, high = (text[0] - _FAR, text[-1] + _FAR) if len(text) else (0, 0)
    near = (index >= low) & (index <= high)
    return np.where(near, 1.0, np.where(index % _THINNED == 0, float(_THINNED), 0.0))


def telling(x: np.ndarray, y: np.ndarray, w: np.ndarray, most: int) -> list[int]:
    """The columns a short trial gains most by, in the sheet's order."""
    booster = lgb.train(PARAMS | {"num_threads": 1}, lgb.Dataset(x, y, weight=w), num_boost_round=25)
    gain = booster.feature_importance("gain")
    return sorted(np.argsort(-gain, kind="stable")[:most].tolist())


def fit(x: np.ndarray, y: np.ndarray, w: np.ndarray, names: tuple[str, ...], rounds: int) -> dict:
    data = lgb.Dataset(x, y, weight=w, feature_name=list(names))
    return export(lgb.train(PARAMS | {"num_threads": 1}, data, num_boost_round=rounds), names)


def _fold(task: tuple) -> tuple[dict, np.ndarray]:
    """A model of all folds but one, and what it says of that one; fold -1 trains on all."""
    part, x, y, w, fold, names, rounds = task
    train = (w > 0) & (fold != part)
    model = fit(x[train], y[train], w[train], names, rounds)
    return model, build_forest(model).predict(x[fold == part], names)


def look(pages: list[Labelled], sheets: list[Sheet], number: int, folds: int, out: Path | None) -> list[np.ndarray]:
    """Out-of-fold probabilities of one look, page by page; the model trained on all is written to `out`."""
    names = sheets[0].columns
    x = np.concatenate([sheet.values for sheet in sheets])
    y = np.concatenate([page.share >= 0.5 for page in pages]).astype(int)
    w = np.concatenate([weights(page) * thinned(page) for page in pages])
    fold = np.concatenate([np.full(len(p.share), zlib.crc32(p.site.encode()) % folds) for p in pages])
    chosen = telling(x[w > 0], y[w > 0], w[w > 0], COLUMNS[number - 1])
    x, names = np.ascontiguousarray(x[:, chosen]), tuple(names[i] for i in chosen)
    found = np.zeros(len(y), dtype=np.float32)
    parts = [*range(folds), *([-1] if out else [])]
    with ProcessPoolExecutor(PROCESSES) as pool:
        done = pool.map(_fold, [(part, x, y, w, fold, names, ROUNDS[number - 1]) for part in parts])
        for part, (model, said) in zip(parts, done, strict=True):
            if part >= 0:
                found[fold == part] = said
            elif out:
                write(model, out / f"blocks-{number}.json")
    ends = np.cumsum([len(page.share) for page in pages])
    return np.split(found, ends[:-1])


def report(pages: list[Labelled], found: list[np.ndarray], threshold: float) -> None:
    for form in ("html", "es"):
        scores = []
        for page, p in zip(pages, found, strict=True):
            if page.form == form:
                kept = [b.text for b, q in zip(page.segments.blocks, p, strict=True) if q >= threshold]
                scores.append(page_score(page.gold, "\n".join(kept)))
        if scores:
            s = average(scores)
            print(f"{form:5} {threshold:.2f} {s.pages:5} P {s.precision:.4f} R {s.recall:.4f} F1 {s.f1:.4f} "
                  f"macro {s.macro:.4f} <.8 {s.bad:.3f}", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=MODELS)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--cache", type=Path, help="keep the pages' features here between runs")
    parser.add_argument("--no-final", action="store_true", help="only measure")
    args = parser.parse_args()
    pages = gather(args.folder, args.cache)
    out = None if args.no_final else args.out
    print(f"{len(pages)} pages, {sum(len(p.share) for p in pages)} blocks", flush=True)
    report(pages, [page.share for page in pages], 0.5)
    first = look(pages, [page.sheet for page in pages], 1, args.folds, out)
    report(pages, first, THRESHOLD)
    again = [second_look(p.sheet, q, p.segments.blocks, p.segments.elements) for p, q in zip(pages, first, strict=True)]
    second = look(pages, again, 2, args.folds, out)
    for threshold in (THRESHOLD - 0.06, THRESHOLD, THRESHOLD + 0.06):
        report(pages, second, threshold)


if __name__ == "__main__":
    from bench.train_blocks import main as run  # so that pickled pages are of the module, not of `__main__`

    run()
