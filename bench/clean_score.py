"""Score `clean` on a folder of pages with gold text, in every form the folder has.

usage: python -m bench.clean_score FOLDER [--limit N] [--only html,full,part,gold,es-html,es-lines]

Prints the figures of `score.py` for HTML pages, whole-page dumps, main-content dumps and the gold texts fed in as
dumps, those of `score_lines.py` for dumps labelled line by line, the share of cleaned texts that a second cleaning
leaves alone, and milliseconds a page. The shipped models have seen these pages: for figures out of fold see
`bench.train_lines`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from archive.model import Field, MediaType, Outcome, Page
from bench.lines_data import key, read_gold
from bench.scoring import average, page_score
from scraper.clean import clean
from scraper.clean.kit import Kit, load_kit

CAPTURED = "2099-01-01T00:00:00Z"
Source = Callable[[Path, dict], bytes | None]


def page_of(row: dict, body: bytes, media_type: MediaType) -> Page:
    return Page(
        row["id"], body, media_type, CAPTURED, "manifest", url=row.get("url") if media_type == "text/html" else None
    )


def value(outcome: Outcome, name: str) -> str | tuple[str, ...] | None:
    field: Field | None = outcome.article.fields.get(name) if outcome.article else None
    return field.value if field else None


def dump(suffix: str) -> Source:
    def read(folder: Path, row: dict) -> bytes | None:
        path = folder / "dumps" / f"{row['id']}{suffix}"
        return path.read_bytes() if path.exists() else None

    return read


def html(folder: Path, row: dict) -> bytes | None:
    path = folder / "pages" / f"{row['id']}.html.gz"
    return gzip.decompress(path.read_bytes()) if path.exists() else None


def gold_text(_: Path, row: dict) -> bytes | None:
    return row["text"].encode()


FORMS: dict[str, tuple[Source, MediaType]] = {
    "html": (html, "text/html"),
    "full": (dump(".full.txt"), "text/plain"),
    "part": (dump(".part.txt"), "text/plain"),
    "gold": (gold_text, "text/plain"),
}


def score_form(name: str, folder: Path, rows: list[dict], kit: Kit) -> None:
    read, media_type = FORMS[name]
    scores, titles, spent, stable, sets = [], [], [], [], []
    for row in rows:
        body = read(folder, row)
        if body is None:
            continue
        start = time.process_time()
        outcome = clean(page_of(row, body, media_type), kit)
        spent.append((time.process_time() - start) * 1000)
        text = outcome.article.text if outcome.article else ""
        scores.append(page_score(row["text"], text))
        sets.append(row.get("set", ""))
        if row.get("title"):
            titles.append(key(row["title"]) == key(str(value(outcome, "title") or "")))
        if media_type == "text/plain" and text and len(stable) < 200:
            again = clean(page_of(row, text.encode(), media_type), kit)
            stable.append(again.article is not None and again.article.text == text)
    if not scores:
        return
    for part in (*sorted(set(sets)), "all"):
        s = average(score for score, of in zip(scores, sets, strict=True) if part in (of, "all"))
        print(
            f"{name:6} {part:6} {s.pages:5} {s.precision:6.3f} {s.recall:6.3f} {s.f1:6.3f} {s.macro:6.3f} {s.bad:6.3f}",
            end="",
        )
        print() if part != "all" else print(
            f" title {statistics.mean(titles or [0]):.3f} same again {statistics.mean(stable or [0]):.3f}"
            f" ms median {statistics.median(spent):.1f} mean {statistics.mean(spent):.1f}",
            flush=True,
        )


def norm(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text or "")).strip()


def weigh(lines: Counter[str]) -> int:
    return sum(len(re.findall(r"\w+", line)) * n for line, n in lines.items())


def line_score(lines: list[str], label: dict, text: str) -> tuple[float, float, bool]:
    keep = Counter(norm(lines[i]) for i in label["keep"])
    may = {norm(lines[i]) for i in label["may"]}
    got = Counter(x for x in map(norm, text.splitlines()) if x)
    right = keep & got
    extra = Counter({k: v for k, v in (got - keep).items() if k not in may})
    precision = weigh(right) / max(1, weigh(right) + weigh(extra)) if got else 0.0
    return precision, weigh(right) / max(1, weigh(keep)), not extra and not keep - got


def fold(text: object) -> str:
    return re.sub(r"\W+", " ", norm(str(text or "")).casefold()).strip()


def labelled(folder: Path) -> Iterator[tuple[str, dict, list[str], bytes]]:
    labels = json.loads((folder / "labels.json").read_text("utf-8"))
    for name, label in labels.items():
        raw = (folder / "dumps" / name).read_bytes()
        yield name, label, raw.decode().splitlines(), raw


def score_labels(folder: Path, kit: Kit) -> None:
    rows, title, authors, section = [], [], [], []
    for name, label, lines, raw in labelled(folder):
        outcome = clean(page_of({"id": name}, raw, "text/plain"), kit)
        rows.append(line_score(lines, label, outcome.article.text if outcome.article else ""))
        if label["title"] is not None:
            title.append(fold(value(outcome, "title")) == fold(lines[label["title"]]))
        if label.get("authors"):
            authors.append({fold(x) for x in value(outcome, "authors") or ()} == {fold(x) for x in label["authors"]})
        if label.get("section"):
            section.append(fold(value(outcome, "section")) == fold(label["section"]))
    p, r = (statistics.mean(row[i] for row in rows) for i in (0, 1))
    print(
        f"lines  P {p:.3f} R {r:.3f} F1 {2 * p * r / (p + r):.4f}"
        f" all-right {statistics.mean(row[2] for row in rows):.3f}"
        f" title {statistics.mean(title):.3f} authors {statistics.mean(authors):.3f}"
        f" section {statistics.mean(section):.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, help="only every n-th page, so that about this many are cleaned")
    parser.add_argument("--only", default="html,full,part,gold,es-html,es-lines")
    args = parser.parse_args()
    kit = load_kit()
    only = args.only.split(",")
    rows = read_gold(args.folder / "gold.jsonl.gz")
    rows = rows[:: max(1, len(rows) // args.limit)] if args.limit else rows
    print(f"{'form':6} {'set':6} {'pages':>5} {'P':>6} {'R':>6} {'F1':>6} {'macroF':>6} {'<0.8':>6}")
    for name in FORMS:
        if name in only:
            score_form(name, args.folder, rows, kit)
    es = args.folder / "es"
    if es.exists() and "es-html" in only:
        score_form("html", es, read_gold(es / "gold.jsonl.gz"), kit)
    if es.exists() and "es-lines" in only:
        score_labels(es, kit)


if __name__ == "__main__":
    main()
