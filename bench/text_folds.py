"""Score the whole pipeline of text dumps out of fold: each dump cleaned with models that never saw a page of its site.

usage: python -m bench.text_folds FOLDER MODELS [--worst N] [--out FILE] [--kind full,part,gold,es,lines]

FOLDER is as for `bench.train_lines`; MODELS what its `--keep-folds` wrote, a folder a fold with `words.json` and
`lines-*.json`. Prints the figures of `score.py` for whole-page dumps, main-content dumps, the gold texts fed in as
dumps and the dumps of `es/`, and those of `score_lines.py` for the latter.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.clean_score import dump, gold_text, labelled, line_score, page_of
from bench.html_folds import folders_of, name_worst, report, said_of
from bench.line_rows import fold_of
from bench.lines_data import read_gold, site
from scraper.clean import clean
from scraper.clean.kit import Kit, load_kit, load_text_model
from scraper.clean.wording import load_wording

#: The folder of each kind, and where in it the dump is.
KINDS = {
    "full": (".", dump(".full.txt")),
    "part": (".", dump(".part.txt")),
    "gold": (".", gold_text),
    "es": ("es", dump(".full.txt")),
}


def kits(models: Path) -> list[Kit]:
    """The kit for the pages of each fold; the classifier of blocks is not asked about text."""
    shipped = load_kit()
    return [
        replace(shipped, text=load_text_model(folder, load_wording(folder / "words.json")))
        for folder in folders_of(models)
    ]


def cleaned(folder: Path, kind: str, held: list[Kit]) -> Iterator[dict]:
    """For each dump its id, gold text, and what cleaning gave."""
    where, read = KINDS[kind]
    rows = read_gold(folder / where / "gold.jsonl.gz")
    folds = fold_of([site(row.get("url"), row["id"]) for row in rows], len(held))
    for row, fold in zip(rows, folds.tolist(), strict=True):
        body = read(folder / where, row)
        if body is not None:
            yield {"row": row, **said_of(clean(page_of(row, body, "text/plain"), held[fold]))}


def report_lines(folder: Path, held: list[Kit]) -> None:
    """Print precision and recall over the lines that were labelled by hand, and how many pages are all right."""
    scores = []
    for name, label, lines, raw in labelled(folder):
        fold = fold_of([site(label.get("url"), name.split(".")[0])], len(held))[0]
        outcome = clean(page_of({"id": name}, raw, "text/plain"), held[fold])
        scores.append(line_score(lines, label, outcome.article.text if outcome.article else ""))
    p, r, right = (statistics.mean(score[i] for score in scores) for i in range(3))
    print(f"lines {len(scores):5} P {p:.4f} R {r:.4f} F1 {2 * p * r / (p + r):.4f} all right {right:.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--kind", default="full,part,gold,es,lines")
    parser.add_argument("--worst", type=int, default=0, help="name the N worst pages of each kind")
    parser.add_argument("--out", type=Path, help="write what was cleaned here, a JSON object a line")
    args = parser.parse_args()
    held = kits(args.models)
    everything: list[dict] = []
    for kind in args.kind.split(","):
        if kind == "lines":
            report_lines(args.folder / "es", held)
            continue
        found = list(cleaned(args.folder, kind, held))
        scores = report(kind, found)
        name_worst(found, scores, args.worst)
        everything += [page | {"kind": kind, "f1": s.f1} for page, s in zip(found, scores, strict=True)]
    if args.out:
        args.out.write_text("".join(json.dumps(page) + "\n" for page in everything), encoding="utf-8")


if __name__ == "__main__":
    main()
