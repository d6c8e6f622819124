"""Train the classifier of HTML blocks and write it into scraper/clean/models/.

usage: python -m bench.train_blocks FOLDER [--out DIR] [--folds 4] [--cache FILE] [--keep-folds DIR]

FOLDER holds `gold.jsonl.gz`, `pages/`, `dumps/` and, if there, `es/` and `sites/`. All pages of a site are in one
fold; the figures printed are out of fold, computed with the trees as they are stored. What newspapers say is learned
from the dumps, by fold too; the words that are shipped are written by `bench.train_lines`. What the dependency group
`train` holds is needed here only.
"""

from __future__ import annotations

import argparse
import gzip
import pickle
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import lightgbm as lgb
import numpy as np

from bench.learn_words import Learner, write_taught
from bench.line_rows import fold_of, read_pages
from bench.lines_data import align, read_gold, site
from bench.scoring import PageScore, average, page_score
from bench.train_lines import PARAMS as LINE_PARAMS
from bench.train_lines import export, write
from scraper.clean.blockfeatures import block_sheet, with_witness
from scraper.clean.blockmodel import SURE, THRESHOLD, doubt, second_look
from scraper.clean.blocks import Segments, TooDeep, readable
from scraper.clean.decode import decode
from scraper.clean.examine import examine
from scraper.clean.features import Sheet, rule_hits
from scraper.clean.forest import build_forest
from scraper.clean.tree import parse
from scraper.clean.wording import Wording
from scraper.recipe import MODELS
from scraper.rules.hints import load_hints
from scraper.rules.lines import load_line_rules

#: As for lines, learned a little faster and from fuller leaves.
PARAMS = LINE_PARAMS | {"learning_rate": 0.11, "min_data_in_leaf": 60}
#: The glance decides most pages alone: thresholds drawn at random (extremely randomised trees) generalise better.
GLANCE = {"learning_rate": 0.08, "extra_trees": True, "feature_fraction": 0.5}
#: The second look sees little, and learns little by heart.
SECOND = {"learning_rate": 0.07, "num_leaves": 15, "min_data_in_leaf": 200, "feature_fraction": 0.5}
PROCESSES = 2
#: The Spanish pages were labelled by hand; `sites` are many pages of few sites, old, and their gold has oddities.
FORM_WEIGHT = {"html": 1.0, "es": 2.0, "sites": 0.4}
ROUNDS = (250, 110, 80)  # trees of the glance, the first and the second look
COLUMNS = (200, 130, 45)  # columns of the sheet each may use: the ones a short trial gained most by
#: What is the same for a whole page tells the pages whose gold text was cut short apart: nothing to learn from.
LEFT_OUT = re.compile(
    r"page_|(trafilatura|publisher)_(words|share)|(richest|main)_prose|run_(share|words)|blocks_[34]|from_(top|bottom)"
    r"|.*[+-][34]$"
)
_FAR = 25  # blocks from the text within which all are trained on
_THINNED = 4
_KEPT = 0.47  # probability from which the trial keeps a block
_NOISY = 0.65  # F1 under which a page's gold text is taken for cut short or of another capture


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


def gather(folder: Path, folds: int, cache: Path | None) -> tuple[list[Labelled], list[Wording]]:
    """The labelled pages, and for each fold the words that the other folds teach."""
    if cache and cache.exists():
        return pickle.loads(cache.read_bytes())  # our own file, of an earlier run
    dumps = read_pages(folder)
    words = Learner(dumps).by_fold(fold_of([page.site for page in dumps], folds), folds)
    rows = [(row | {"form": form}, path) for form in FORM_WEIGHT for row, path in _rows(_part(folder, form))]
    parts = fold_of([_site(row) for row, _ in rows], folds)
    jobs = [(row, path, words[part]) for (row, path), part in zip(rows, parts.tolist(), strict=True)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        pages = [page for page in pool.map(_page, jobs, chunksize=16) if page]
    if cache:
        cache.write_bytes(pickle.dumps((pages, words)))
    return pages, words


def _part(folder: Path, form: str) -> Path:
    return folder if form == "html" else folder / form


def _site(row: dict) -> str:
    return site(row.get("url"), row["id"])


def _rows(folder: Path) -> Iterator[tuple[dict, Path]]:
    if (folder / "gold.jsonl.gz").exists():
        for row in read_gold(folder / "gold.jsonl.gz"):
            yield row, folder / "pages" / f"{row['id']}.html.gz"


def _page(job: tuple[dict, Path, Wording]) -> Labelled | None:
    row, path, wording = job
    hints, lines = load_hints(), load_line_rules()
    try:
        text = decode(gzip.decompress(path.read_bytes()), "text/html", None).text
        found = examine(parse(text), row.get("url"), hints)
    except TooDeep:
        return None
    segments = readable(found.segments)
    if not segments.blocks:
        return None
    hits = rule_hits([block.text for block in segments.blocks], lines)
    sheet = block_sheet(segments.blocks, segments.elements, found.said, hits, hints, wording)
    sheet = with_witness(sheet, segments.blocks, found.said.trafilatura())
    share = np.array(align([block.text for block in segments.blocks], row["text"]))
    return Labelled(
        row["id"],
        row["form"],
        _site(row),
        segments,
        Sheet(sheet.columns, sheet.values, sheet.words),
        share,
        row["text"],
    )


def weights(page: Labelled) -> np.ndarray:
    """A page counts as a page, whatever its length; within it a block counts by the root of its words."""
    line = np.sqrt(np.minimum(page.sheet.words, 150.0) + 1.0) * np.maximum(0.1, np.abs(page.share - 0.5) * 2)
    return line * FORM_WEIGHT[page.form] * 20.0 / max(20.0, line[page.share >= 0.5].sum())


def thinned(page: Labelled) -> np.ndarray:
    """A page's blocks to train on, as factors of their weight: far from the text one in four stands for all."""
    index = np.arange(len(page.share))
    text = index[page.share >= 0.5]
    low, high = (text[0] - _FAR, text[-1] + _FAR) if len(text) else (0, 0)
    near = (index >= low) & (index <= high)
    return np.where(near, 1.0, np.where(index % _THINNED == 0, float(_THINNED), 0.0))


@dataclass
class Table:
    """All pages' blocks in one table, a row a block."""

    pages: list[Labelled]
    x: np.ndarray
    y: np.ndarray
    w: np.ndarray
    fold: np.ndarray
    names: tuple[str, ...]

    def split(self, found: np.ndarray) -> list[np.ndarray]:
        return np.split(found, np.cumsum([len(page.share) for page in self.pages])[:-1])

    def only(self, columns: Sequence[int]) -> Table:
        x = np.ascontiguousarray(self.x[:, columns])
        return replace(self, x=x, names=tuple(self.names[i] for i in columns))


def table(pages: list[Labelled], sheets: list[Sheet], folds: int) -> Table:
    return Table(
        pages,
        np.concatenate([sheet.values for sheet in sheets]),
        np.concatenate([page.share >= 0.5 for page in pages]).astype(int),
        np.concatenate([weights(page) * thinned(page) for page in pages]),
        np.repeat(fold_of([page.site for page in pages], folds), [len(page.share) for page in pages]),
        sheets[0].columns,
    )


def best(t: Table, allowed: list[int], most: int) -> list[int]:
    """The columns a short trial gains most by, in the sheet's order."""
    some = t.w > 0
    data = lgb.Dataset(t.x[some][:, allowed], t.y[some], weight=t.w[some])
    gain = lgb.train(PARAMS | {"num_threads": 1}, data, num_boost_round=25).feature_importance("gain")
    return sorted(allowed[i] for i in np.argsort(-gain, kind="stable")[:most])


def fit(t: Table, rows: np.ndarray, params: dict, rounds: int) -> dict:
    data = lgb.Dataset(t.x[rows], t.y[rows], weight=t.w[rows], feature_name=list(t.names))
    return export(lgb.train(PARAMS | {"num_threads": 1} | params, data, num_boost_round=rounds), t.names)


@dataclass(frozen=True)
class Out:
    """Where models are written: the one trained on all into `final`, those of all folds but one into `folds`/N."""

    final: Path | None = None
    folds: Path | None = None

    def of(self, part: int) -> Path | None:
        return self.final if part < 0 else self.folds and self.folds / str(part)


def _fold(task: tuple[Table, int, dict, int]) -> tuple[dict, np.ndarray]:
    """A model of all folds but one, and what it says of that one; fold -1 trains on all."""
    t, part, params, rounds = task
    model = fit(t, (t.w > 0) & (t.fold != part), params, rounds)
    return model, build_forest(model).predict(t.x[t.fold == part], t.names)


def look(t: Table, params: dict, rounds: int, name: str, out: Out) -> np.ndarray:
    """Out-of-fold probabilities; the models are written where `out` says."""
    found = np.zeros(len(t.y), dtype=np.float32)
    parts = [*np.unique(t.fold).tolist(), *([-1] if out.final else [])]
    with ProcessPoolExecutor(PROCESSES) as pool:
        done = pool.map(_fold, [(t, part, params, rounds) for part in parts])
        for part, (model, said) in zip(parts, done, strict=True):
            if part >= 0:
                found[t.fold == part] = said
            folder = out.of(part)
            if folder is not None:
                write(model, folder / name)
    return found


def without_noise(t: Table, found: np.ndarray) -> Table:
    """The table with no weight on pages whose gold text no judgement out of fold comes near."""
    clean = [_score(page, p, _KEPT).f1 >= _NOISY for page, p in zip(t.pages, t.split(found), strict=True)]
    print(f"{len(clean) - sum(clean)} pages left out of training", flush=True)
    return replace(t, w=t.w * np.repeat(clean, [len(page.share) for page in t.pages]))


def _score(page: Labelled, p: np.ndarray, threshold: float) -> PageScore:
    kept = [block.text for block, q in zip(page.segments.blocks, p, strict=True) if q >= threshold]
    return page_score(page.gold, "\n".join(kept))


def report(pages: list[Labelled], found: list[np.ndarray], threshold: float) -> None:
    for form in FORM_WEIGHT:
        scores = [_score(page, p, threshold) for page, p in zip(pages, found, strict=True) if page.form == form]
        if scores:
            s = average(scores)
            print(f"{form:5} {threshold:.2f} {s.pages:5} P {s.precision:.4f} R {s.recall:.4f} F1 {s.f1:.4f} "
                  f"macro {s.macro:.4f} <.8 {s.bad:.3f}", flush=True)  # fmt: skip


def train(pages: list[Labelled], folds: int, out: Out) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """All looks; the second's probabilities out of fold, and those of the looks as they are used."""
    t = table(pages, [page.sheet for page in pages], folds)
    allowed = [i for i, name in enumerate(t.names) if not LEFT_OUT.match(name)]
    chosen = best(t, allowed, COLUMNS[1])
    t = without_noise(t, look(t.only(chosen), {}, ROUNDS[1], "", Out()))
    alone = best(t, [i for i in allowed if "trafilatura" not in t.names[i]], COLUMNS[0])
    glance = look(t.only(alone), GLANCE, ROUNDS[0], "blocks-0.json", out)
    report(pages, t.split(glance), THRESHOLD)
    first = t.only(chosen)
    found = look(first, {}, ROUNDS[1], "blocks-1.json", out)
    few = best(first, list(range(len(first.names))), COLUMNS[2])
    again = [
        second_look(p.sheet, q, p.segments.blocks, p.segments.elements)
        for p, q in zip(pages, t.split(found), strict=True)
    ]
    second = table(pages, again, folds)
    wanted = {first.names[i] for i in few} | set(second.names[len(t.names) :])
    second = replace(second.only([i for i, name in enumerate(second.names) if name in wanted]), w=first.w)
    found = look(second, SECOND, ROUNDS[2], "blocks-2.json", out)
    sure = [doubt(p, page.sheet.words) <= SURE for page, p in zip(pages, t.split(glance), strict=True)]
    print(f"the glance alone decides {100 * np.mean(sure):.0f} % of the pages", flush=True)
    return t.split(found), t.split(np.where(np.repeat(sure, [len(page.share) for page in pages]), glance, found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=MODELS)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--cache", type=Path, help="keep the pages' features here between runs")
    parser.add_argument("--no-final", action="store_true", help="only measure")
    parser.add_argument("--keep-folds", type=Path, help="write each fold's models here, for `bench.html_folds`")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)  # before the work, not after it
    pages, words = gather(args.folder, args.folds, args.cache)
    if args.keep_folds:
        write_taught(words, args.keep_folds)
    print(f"{len(pages)} pages, {sum(len(p.share) for p in pages)} blocks; each block right:", flush=True)
    report(pages, [page.share for page in pages], 0.5)
    second, found = train(pages, args.folds, Out(None if args.no_final else args.out, args.keep_folds))
    report(pages, second, THRESHOLD)
    for threshold in (THRESHOLD - 0.05, THRESHOLD, THRESHOLD + 0.05):
        report(pages, found, threshold)


if __name__ == "__main__":
    from bench.train_blocks import main as run  # so that pickled pages are of the module, not of `__main__`

    run()
