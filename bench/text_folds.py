"""Score the whole pipeline of text dumps out of fold: each dump cleaned with models that never saw a page of its site.

usage: python -m bench.text_folds FOLDER MODELS [--worst N] [--out FILE] [--kind full,part,gold,es,lines]

FOLDER is as for `bench.train_lines`; MODELS what its `--keep-folds` wrote, a folder a fold with `words.json` and
`lines-*.json`. Prints the figures of `score.py` for whole-page dumps, main-content dumps, the gold texts fed in as
dumps and the dumps of `es/`, and those of `score_lines.py` for the latter.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.clean_score import dump, gold_text, labelled, line_score, page_of
from bench.folds import Form, arguments, kits, score
from bench.line_rows import fold_of
from bench.lines_data import site
from scraper.clean import clean
from scraper.clean.kit import Kit, load_kit, load_text_model

FORMS = {
    "full": Form(".", dump(".full.txt"), "text/plain"),
    "part": Form(".", dump(".part.txt"), "text/plain"),
    "gold": Form(".", gold_text, "text/plain"),
    "es": Form("es", dump(".full.txt"), "text/plain"),
}
LINES = "lines"  # the kind that is scored line by line


def report_lines(folder: Path, held: Sequence[Kit]) -> None:
    """Print precision and recall over the lines that were labelled by hand, and how many pages are all right."""
    scores = []
    for name, label, lines, raw in labelled(folder):
        fold = fold_of([site(label.get("url"), name.split(".")[0])], len(held))[0]
        outcome = clean(page_of({"id": name}, raw, "text/plain"), held[fold])
        scores.append(line_score(lines, label, outcome.article.text if outcome.article else ""))
    p, r, right = (statistics.mean(score[i] for score in scores) for i in range(3))
    print(f"lines {len(scores):5} P {p:.4f} R {r:.4f} F1 {2 * p * r / (p + r):.4f} all right {right:.3f}", flush=True)


def main() -> None:
    args = arguments(__doc__, [*FORMS, LINES])
    shipped = load_kit()  # whose classifier of blocks is not asked about text
    held = kits(args.models, lambda folder, words: replace(shipped, text=load_text_model(folder, words)))
    score(args, {kind: FORMS[kind] for kind in args.kind if kind != LINES}, held)
    if LINES in args.kind:
        report_lines(args.folder / "es", held)


if __name__ == "__main__":
    main()
