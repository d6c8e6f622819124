"""Titles, authors and dates held against gold fields, beside trafilatura and htmldate in the same run.

usage: python -m bench.metadata_score FOLDER [--processes 2]

FOLDER holds `gold.jsonl.gz` (`id`, `url`, `title`, `authors` as a list or a text, `published`) and `pages/`. Precision
is over the pages where something was said, recall over the pages where the gold says something. An author list is
right as a whole or not; a date is right if the day is.
"""

from __future__ import annotations

import argparse
import gzip
import re
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from htmldate import find_date
from trafilatura import bare_extraction

from archive.model import Page
from bench.lines_data import key, read_gold
from scraper.clean import clean
from scraper.clean.kit import Kit, load_kit

CAPTURED = "2026-12-31T00:00:00Z"


@cache
def kit() -> Kit:
    return load_kit()


def people(value: object) -> frozenset[str]:
    parts = value if isinstance(value, (list, tuple)) else re.split(r";|,|\band\b|&", str(value or ""))
    return frozenset(filter(None, (key(part) for part in parts)))


def one(job: tuple[dict, Path]) -> dict:
    row, path = job
    body = gzip.decompress(path.read_bytes())
    outcome = clean(Page(row["id"], body, "text/html", CAPTURED, "manifest", url=row.get("url")), kit())
    fields = outcome.article.fields if outcome.article else {}
    ours = {name: fields[name].value for name in ("title", "authors", "published") if name in fields}
    other = bare_extraction(
        body, url=row.get("url"), with_metadata=True, date_extraction_params={"max_date": CAPTURED[:10]}
    )
    theirs = {"title": other.title, "authors": other.author, "published": other.date} if other else {}
    dated = {"published": find_date(body.decode("utf-8", "replace"), max_date=CAPTURED[:10])}
    return {"gold": row, "hemeroteca": ours, "trafilatura": theirs, "htmldate": dated}


def right(name: str, gold: object, said: object) -> bool:
    if name == "authors":
        return people(gold) == people(said)
    return str(gold)[:10] == str(said)[:10] if name == "published" else key(str(gold)) == key(str(said))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    jobs = [(row, args.folder / "pages" / f"{row['id']}.html.gz") for row in read_gold(args.folder / "gold.jsonl.gz")]
    with ProcessPoolExecutor(args.processes) as pool:
        rows = list(pool.map(one, jobs, chunksize=8))
    for name in ("title", "authors", "published"):
        for who in ("hemeroteca", "trafilatura", "htmldate"):
            if who == "htmldate" and name != "published":
                continue
            asked = [r for r in rows if r["gold"].get(name)]
            said = [r for r in asked if r[who].get(name)]
            good = sum(right(name, r["gold"][name], r[who][name]) for r in said)
            print(
                f"{name:10} {who:12} P {good / max(1, len(said)):.3f} R {good / max(1, len(asked)):.3f} of {len(asked)}"
            )


if __name__ == "__main__":
    main()
