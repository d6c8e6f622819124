"""What a site's other pages are worth: each page cleaned with and without what was learned from the others.

usage: python -m bench.learned_score FOLDER [--processes 2] [--forms html,text]

FOLDER holds `gold.jsonl.gz` (`id`, `url`, `site`, `text`) and `pages/`, several pages a site. Every page is left out in
turn: what is learned from the site's other pages is used to clean this one. `text` are dumps made of the pages' blocks,
furniture and all, a blank line between two. Prints F1 (word 4-gram shingles, as `score.py`) a site, without and with,
and for all; a site that loses is marked.
"""

from __future__ import annotations

import argparse
import gzip
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

from archive.learned import SeenPage
from archive.model import Outcome, Page
from bench.lines_data import read_gold
from bench.scoring import PageScore, average, page_score
from scraper.clean import clean
from scraper.clean.kit import Kit, load_kit
from scraper.learning import learned_from, seen, shelf_of
from scraper.rules.learned import in_force

CAPTURED = "2099-01-01T00:00:00Z"


@cache
def kit() -> Kit:
    return load_kit()


def text_of(outcome: Outcome) -> str:
    return outcome.article.text if outcome.article else ""


def as_dump(page: Page) -> Page:
    """The page as somebody would copy it out of a browser: its blocks, without links and tags."""
    lines = [line.text for line in clean(page, kit()).lines if not line.rule.startswith("json-ld.")]
    return replace(page, body="\n\n".join(lines).encode(), media_type="text/plain", payload_digest="")


def first(job: tuple[dict, Path, str]) -> tuple[Page, SeenPage | None, PageScore]:
    row, path, form = job
    page = Page(row["id"], gzip.decompress(path.read_bytes()), "text/html", CAPTURED, "clock", url=row["url"])
    page = page if form == "html" else as_dump(page)
    outcome = clean(page, kit())
    return page, seen(page, outcome), page_score(row["text"], text_of(outcome))


def second(job: tuple[dict, Page, Sequence[SeenPage]]) -> PageScore:
    row, page, others = job
    learned = in_force(learned_from({shelf_of(page): others}), ())
    return page_score(row["text"], text_of(clean(page, replace(kit(), learned=learned))))


def score(form: str, rows: list[dict], folder: Path, pool: ProcessPoolExecutor) -> None:
    jobs = [(row, folder / "pages" / f"{row['id']}.html.gz", form) for row in rows]
    looked = list(pool.map(first, jobs, chunksize=8))
    sites = defaultdict(list)
    for i, row in enumerate(rows):
        sites[row["site"]].append(i)
    again = [
        (row, looked[i][0], [looked[j][1] for j in sites[row["site"]] if j != i and looked[j][1] is not None])
        for i, row in enumerate(rows)
    ]
    learned = list(pool.map(second, again, chunksize=8))
    print(f"{form}: {'site':24} {'pages':>5} {'without':>8} {'with':>8} {'gain':>8}")
    for name, members in [*sites.items(), ("all", list(range(len(rows))))]:
        before, after = average(looked[i][2] for i in members), average(learned[i] for i in members)
        gain = after.f1 - before.f1
        mark = "  loses" if gain < -0.0005 else ""
        print(f"{form}: {name:24} {len(members):5} {before.f1:8.4f} {after.f1:8.4f} {gain:+8.4f}{mark}")
    before, after = average(each[2] for each in looked), average(learned)
    print(f"{form}: mean of the pages' own F1 {before.macro:.4f} -> {after.macro:.4f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--forms", default="html,text")
    args = parser.parse_args()
    rows = read_gold(args.folder / "gold.jsonl.gz")
    with ProcessPoolExecutor(args.processes) as pool:
        for form in args.forms.split(","):
            score(form, rows, args.folder, pool)


if __name__ == "__main__":
    main()
