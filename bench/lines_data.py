"""Labelled lines out of a folder of pages with gold text: which line of a dump is article, which is the title.

A gold text says what the article is, not which lines of the dump hold it. The lines are found by aligning word
4-grams: the heaviest chain of lines that follow each other in the gold, then lines the chain left uncovered (another
order), then short lines (headings) whose words stand in the gold between their neighbours' places.
"""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
import zlib
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

WORD = re.compile(r"\w+")
SECOND_LEVEL = {"ac", "co", "com", "edu", "go", "gob", "gov", "ne", "net", "or", "org"}


@dataclass(frozen=True)
class Labelled:
    """One dump: its non-blank lines, for each whether it is article (`weight` 0: do not ask), and the titles."""

    id: str
    form: str  # full, part, gold, es
    site: str
    lines: list[str]
    body: list[int]
    weight: list[float]
    title: list[int]
    gold: str
    gold_title: str


def words(text: str) -> list[str]:
    return WORD.findall((text or "").replace("\u00ad", ""))


def key(text: str | None) -> str:
    return " ".join(WORD.findall(unicodedata.normalize("NFKC", text or "").casefold()))


def site(url: str | None, fallback: str) -> str:
    host = (urlsplit(url or "").hostname or fallback).split(".")
    size = 3 if len(host) > 2 and len(host[-1]) == 2 and host[-2] in SECOND_LEVEL else 2
    return ".".join(host[-size:])


def nonblank(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def read_gold(path: Path) -> list[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def folder_pages(folder: Path, forms: Sequence[str] = ("full", "part", "gold", "brief", "menu")) -> Iterator[Labelled]:
    """All labelled dumps of a bench folder, its gold texts among them."""
    for row in read_gold(folder / "gold.jsonl.gz"):
        where = site(row.get("url"), row["id"])
        for form in forms:
            if form in {"brief", "menu"}:
                yield from _made(row, form, where, folder)
                continue
            if form == "gold":
                lines = nonblank(row["text"])
                if lines:
                    ones = [1] * len(lines)
                    yield Labelled(
                        row["id"], form, where, lines, ones, [1.0] * len(lines), [0] * len(lines), row["text"], ""
                    )
                continue
            path = folder / "dumps" / f"{row['id']}.{form}.txt"
            if path.exists():
                yield aligned(row, form, where, nonblank(path.read_text("utf-8")))


def _made(row: dict, form: str, where: str, folder: Path) -> Iterator[Labelled]:
    """For some pages: the first sentences alone (a brief is an article), or the page without its article (none is)."""
    draw = zlib.crc32(row["id"].encode())
    path = folder / "dumps" / f"{row['id']}.full.txt"
    if form == "brief" and draw % 3 == 0:
        lines = nonblank(row["text"])[: 1 + draw % 4]
        if len(words(" ".join(lines))) >= 25:
            yield Labelled(
                row["id"],
                form,
                where,
                lines,
                [1] * len(lines),
                [1.0] * len(lines),
                [0] * len(lines),
                "\n".join(lines),
                "",
            )
    elif form == "menu" and draw % 4 == 1 and path.exists():
        page = aligned(row, form, where, nonblank(path.read_text("utf-8")))
        lines = [
            line for line, share, title in zip(page.lines, page.body, page.title, strict=True) if not share + title
        ][:300]
        yield Labelled(row["id"], form, where, lines, [0] * len(lines), [1.0] * len(lines), [0] * len(lines), "", "")


def line_pages(folder: Path) -> Iterator[Labelled]:
    """The dumps of a folder whose lines were labelled by hand (`labels.json`)."""
    labels = json.loads((folder / "labels.json").read_text("utf-8"))
    texts = {row["id"]: row for row in read_gold(folder / "gold.jsonl.gz")}
    for name, row in labels.items():
        raw = (folder / "dumps" / name).read_text("utf-8").splitlines()
        numbers = [i for i, line in enumerate(raw) if line.strip()]
        lines = [raw[i].strip() for i in numbers]
        keep, may = set(row["keep"]), set(row["may"])
        title = key(raw[row["title"]]) if row["title"] is not None else ""
        name = name.split(".")[0]
        yield Labelled(
            name,
            "es",
            site(row.get("url"), name),
            lines,
            [int(i in keep) for i in numbers],
            [0.0 if i in may else 1.0 for i in numbers],
            [int(bool(title) and key(line) == title) for line in lines],
            texts[name]["text"],
            texts[name].get("title") or "",
        )


def aligned(row: dict, form: str, where: str, lines: list[str]) -> Labelled:
    share = align(lines, row["text"])
    title = key(row.get("title"))
    return Labelled(
        row["id"],
        form,
        where,
        lines,
        [int(s >= 0.5) for s in share],
        [max(0.1, abs(s - 0.5) * 2) for s in share],
        [int(bool(title) and key(line) == title) for line in lines],
        row["text"],
        row.get("title") or "",
    )


def align(lines: Sequence[str], gold: str, n: int = 4) -> list[float]:
    """For each line the share of it that is the gold's, each part of the gold given out once."""
    target = words(gold)
    where: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i in range(len(target) - n + 1):
        where[tuple(target[i : i + n])].append(i)
    split = [words(line) for line in lines]
    places = [_place(line, where, n) for line in split]
    chain = _chain([(i, start, weight) for i, (share, start, weight) in enumerate(places) if share >= 0.5])
    out = [0.0] * len(lines)
    free = [True] * len(target)
    spans: list[tuple[int, int, int]] = []
    for i in chain:
        share, start, _ = places[i]
        out[i] = share
        end = min(len(target), start + len(split[i]))
        free[start:end] = [False] * (end - start)
        spans.append((i, start, end))
    for i, (share, start, weight) in enumerate(places):
        if share >= 0.6 and not out[i] and sum(free[start : start + len(split[i])]) >= 0.7 * weight:
            out[i] = share
            end = min(len(target), start + len(split[i]))
            free[start:end] = [False] * (end - start)
    _short_lines(split, target, spans, free, out)
    return out


def _place(line: list[str], where: dict, n: int) -> tuple[float, int, int]:
    """Share of a line's n-grams found in the gold beside each other, where it begins there, and the words found."""
    if len(line) < n:
        return 0.0, 0, 0
    votes: Counter[int] = Counter()
    total = len(line) - n + 1
    found = 0
    for i in range(total):
        hits = where.get(tuple(line[i : i + n]), ())
        found += bool(hits)
        for hit in hits[:20]:
            votes[hit - i] += 1
    if not votes:
        return 0.0, 0, 0
    start = min(votes, key=lambda s: (-votes[s], s))
    return found / total, max(0, start), found


def _chain(items: list[tuple[int, int, int]]) -> list[int]:
    """The lines of the heaviest chain whose places in the gold ascend."""
    best: list[tuple[int, int]] = []
    for k, (_, start, weight) in enumerate(items):
        before = max(((best[j][0], j) for j in range(k) if items[j][1] < start), default=(0, -1))
        best.append((before[0] + weight, before[1]))
    if not best:
        return []
    k = max(range(len(best)), key=lambda j: best[j][0])
    chain = []
    while k >= 0:
        chain.append(items[k][0])
        k = best[k][1]
    return chain[::-1]


def _short_lines(split: list, target: list, spans: list, free: list, out: list[float]) -> None:
    """Headings: a line's words, whole, in a part of the gold nobody has, between its neighbours' places."""
    numbers = [i for i, _, _ in spans]
    for i, line in enumerate(split):
        if out[i] >= 0.5 or not line or len(line) > 12 or not spans:
            continue
        at = bisect_left(numbers, i)
        low = spans[at - 1][2] if at else 0
        high = spans[at][1] if at < len(spans) else len(target)
        for start in range(low, min(high, low + 400) - len(line) + 1):
            end = start + len(line)
            if target[start:end] == line and all(free[start:end]):
                out[i] = 1.0
                free[start:end] = [False] * len(line)
                break
