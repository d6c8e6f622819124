"""Score the whole HTML pipeline out of fold: each page cleaned with models that never saw a page of its site.

usage: python -m bench.html_folds FOLDER MODELS [--worst N] [--out FILE] [--kind html,es]

FOLDER is as for `bench.train_blocks`; MODELS what its `--keep-folds` wrote, a folder a fold with `words.json` and
`blocks-*.json`. Prints the figures of `score.py` for the pages of FOLDER and of its `es/`, and how many came out empty.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from archive.model import Outcome
from bench.clean_score import page_of
from bench.line_rows import fold_of
from bench.lines_data import key, read_gold, site
from bench.scoring import PageScore, average, page_score
from scraper.clean import clean
from scraper.clean.kit import Kit, load_block_model, load_kit
from scraper.clean.wording import load_wording

KINDS = {"html": ".", "es": "es"}


def kits(models: Path) -> list[Kit]:
    """The kit for the pages of each fold; the classifier of lines is not asked about HTML."""
    shipped = load_kit()
    folders = folders_of(models)
    words = [load_wording(folder / "words.json") for folder in folders]
    return [
        replace(shipped, blocks=load_block_model(folder, word)) for folder, word in zip(folders, words, strict=True)
    ]


def folders_of(models: Path) -> list[Path]:
    """The folders of the folds, in order."""
    return sorted((path for path in models.iterdir() if path.name.isdigit()), key=lambda path: int(path.name))


def cleaned(folder: Path, held: list[Kit]) -> Iterator[dict]:
    """For each page its id, gold text, and what cleaning gave."""
    rows = read_gold(folder / "gold.jsonl.gz")
    folds = fold_of([site(row.get("url"), row["id"]) for row in rows], len(held))
    for row, fold in zip(rows, folds.tolist(), strict=True):
        body = gzip.decompress((folder / "pages" / f"{row['id']}.html.gz").read_bytes())
        yield {"row": row, **said_of(clean(page_of(row, body, "text/html"), held[fold]))}


def said_of(outcome: Outcome) -> dict:
    """The text of an outcome, its fields, and why there is none."""
    article = outcome.article
    fields = {name: field.value for name, field in article.fields.items()} if article else {}
    return {"text": article.text if article else "", "complaint": outcome.complaint, "title": "", **fields}


def report(name: str, found: list[dict]) -> list[PageScore]:
    """Print a line of figures and one of what was refused; the score of each page."""
    scores = [page_score(page["row"]["text"], page["text"]) for page in found]
    s = average(scores)
    titles = [key(page["row"]["title"]) == key(page["title"]) for page in found if page["row"].get("title")]
    print(f"{name:5} {s.pages:5} P {s.precision:.4f} R {s.recall:.4f} F1 {s.f1:.4f} macro {s.macro:.4f} "
          f"<.8 {s.bad:.4f} title {sum(titles) / max(1, len(titles)):.3f}", flush=True)  # fmt: skip
    refused = Counter(page["complaint"].split(":")[0] for page in found if page["complaint"])
    print(f"      no article: {dict(refused) or 'none'}")
    return scores


def name_worst(found: list[dict], scores: list[PageScore], most: int) -> None:
    """Print a line for each of the worst pages."""
    order = sorted(range(len(found)), key=lambda i: scores[i].f1)[:most]
    for page, s in ((found[i], scores[i]) for i in order):
        print(f"{s.f1:.3f} P {s.precision:.3f} R {s.recall:.3f} {page['row']['id']} {page['complaint'] or ''}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--kind", default="html,es")
    parser.add_argument("--worst", type=int, default=0, help="name the N worst pages of each kind")
    parser.add_argument("--out", type=Path, help="write what was cleaned here, a JSON object a line")
    args = parser.parse_args()
    held = kits(args.models)
    everything: list[dict] = []
    for name in args.kind.split(","):
        found = list(cleaned(args.folder / KINDS[name], held))
        scores = report(name, found)
        name_worst(found, scores, args.worst)
        everything += [page | {"f1": s.f1} for page, s in zip(found, scores, strict=True)]
    if args.out:
        args.out.write_text("".join(json.dumps(page) + "\n" for page in everything), encoding="utf-8")


if __name__ == "__main__":
    main()
