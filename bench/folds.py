"""Clean pages out of fold: each with the kit whose models never saw a page of its site.

MODELS is what a training script's `--keep-folds` wrote: a folder a fold, named by its number, with `words.json` and the
models.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.model import MediaType, Outcome
from bench.clean_score import Source, page_of
from bench.line_rows import fold_of
from bench.lines_data import key, read_gold, site
from bench.scoring import PageScore, average, page_score
from scraper.clean import clean
from scraper.clean.kit import Kit
from scraper.clean.wording import Wording, load_wording


@dataclass(frozen=True)
class Form:
    """Where pages of one form are: the folder in the bench folder, how one is read there, and what it is."""

    folder: str
    read: Source
    media_type: MediaType


def kits(models: Path, kit_of: Callable[[Path, Wording], Kit]) -> list[Kit]:
    """The kit for the pages of each fold, made of the fold's folder and words."""
    folders = sorted((path for path in models.iterdir() if path.name.isdigit()), key=lambda path: int(path.name))
    return [kit_of(folder, load_wording(folder / "words.json")) for folder in folders]


def cleaned(folder: Path, form: Form, held: Sequence[Kit]) -> Iterator[dict]:
    """For each page of a form its gold row, its text and fields, and why there is none."""
    rows = read_gold(folder / form.folder / "gold.jsonl.gz")
    folds = fold_of([site(row.get("url"), row["id"]) for row in rows], len(held))
    for row, fold in zip(rows, folds.tolist(), strict=True):
        body = form.read(folder / form.folder, row)
        if body is not None:
            yield {"row": row, **_said(clean(page_of(row, body, form.media_type), held[fold]))}


def _said(outcome: Outcome) -> dict:
    article = outcome.article
    fields = {name: field.value for name, field in article.fields.items()} if article else {}
    return {"text": article.text if article else "", "complaint": outcome.complaint, "title": "", **fields}


def arguments(doc: str | None, kinds: Sequence[str]) -> argparse.Namespace:
    """The command line that scores out of fold share."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--kind", type=lambda said: said.split(","), default=list(kinds), help="of the pages, by comma")
    parser.add_argument("--worst", type=int, default=0, help="name the N worst pages of each kind")
    parser.add_argument("--out", type=Path, help="write what was cleaned here, a JSON object a line")
    return parser.parse_args()


def score(args: argparse.Namespace, forms: Mapping[str, Form], held: Sequence[Kit]) -> None:
    """Clean the pages of each form, print its figures, and write what was cleaned if that was asked for."""
    everything: list[dict] = []
    for name, form in forms.items():
        found = list(cleaned(args.folder, form, held))
        scores = report(name, found)
        name_worst(found, scores, args.worst)
        everything += [page | {"form": name, "f1": s.f1} for page, s in zip(found, scores, strict=True)]
    if args.out:
        args.out.write_text("".join(json.dumps(page) + "\n" for page in everything), encoding="utf-8")


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
