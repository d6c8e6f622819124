"""How well copies are found: `python bench/dedup.py FOLDER [--pages BENCH] [--show N]`.

FOLDER holds `es-docs.jsonl.gz`, `es-pairs.jsonl` (Spanish articles and copies of seven kinds), `reuters-docs.jsonl.gz`
and `reuters-pairs.jsonl` (wire copy, labelled copy or look-alike). All texts go into one index; only what it yields is
judged. BENCH holds `gold.jsonl.gz`, `dumps/` and `pages/`: one page in several forms, which are to be found as one.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sqlite3
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from pathlib import Path

from neighbours import minhash_bands, simhash_pairs

from archive.candidates import Candidates, MemoryPostings, Pair, pair
from archive.clusters import Cluster
from archive.copies import FAR, FEWEST_WORDS, LONG, NEAR, SPARSE, UNDATED, Text, Verdict, clears, decide

KINDS = ("same", "light", "heavy", "merge", "cut", "add", "excerpt")
Keys = Mapping[str, Collection[int]]


@dataclass(frozen=True)
class Doc:
    id: str
    of: str  # documents of one `of` are related
    text: str
    published: str | None = None
    base: bool = False


@dataclass(frozen=True)
class Labelled:
    a: str
    b: str
    kind: str


def read_lines(path: Path) -> Iterable[dict]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def reuters_day(said: str) -> str:
    """`26-FEB-1987 15:10:44.60` as ISO 8601."""
    return datetime.strptime(said.split()[0], "%d-%b-%Y").date().isoformat()


def read(folder: Path) -> tuple[list[Doc], list[Labelled]]:
    docs = [
        Doc(row["id"], row["of"] or row["id"], row["text"], None, row["kind"] == "base")
        for row in read_lines(folder / "es-docs.jsonl.gz")
    ]
    docs += [
        Doc("rtr-" + row["id"], "rtr-" + row["id"], row["text"], reuters_day(row["date"]))
        for row in read_lines(folder / "reuters-docs.jsonl.gz")
    ]
    pairs = [Labelled(row["a"], row["b"], row["relation"]) for row in read_lines(folder / "es-pairs.jsonl")]
    pairs += [
        Labelled("rtr-" + row["a"], "rtr-" + row["b"], "wire copy" if row["same"] else "look-alike")
        for row in read_lines(folder / "reuters-pairs.jsonl")
    ]
    return docs, pairs


@dataclass(frozen=True)
class Found:
    """The candidate pairs of an index, by content hash, and what it cost."""

    pairs: frozenset[Pair]
    texts: int
    keys: int
    seconds: float
    hubs: int = 0


def through_index(texts: Iterable[Text]) -> Found:
    """All candidate pairs that stand once the last text is in: those of the index, not of all pairs."""
    postings = MemoryPostings()
    candidates = Candidates(postings)
    by_hash = {text.content_hash: text for text in texts}
    started = time.process_time()
    pairs: set[Pair] = set()
    for text in by_hash.values():
        pairs |= candidates.add(text.content_hash, text.keys).pairs
    seconds = time.process_time() - started
    held = (p for p in pairs if candidates.linked(*p, by_hash[p[0]].keys & by_hash[p[1]].keys))
    sizes = postings.sizes()
    return Found(frozenset(held), len(by_hash), sum(sizes.values()), seconds, sum(n > 50 for n in sizes.values()))


def through_bands(keys: Keys) -> Found:
    """Candidate pairs of MinHash bands: all that share one."""
    started = time.process_time()
    buckets: defaultdict[int, list[str]] = defaultdict(list)
    for text, bands in keys.items():
        for band in bands:
            buckets[band].append(text)
    pairs = {pair(*two) for members in buckets.values() for two in combinations(members, 2)}
    seconds = time.process_time() - started
    return Found(frozenset(pairs), len(keys), sum(map(len, keys.values())), seconds)


def bytes_per_text(keys: Keys) -> float:
    """What the keys take in SQLite, in a table clustered by key."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keys.db"
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE keys (key INTEGER, text INTEGER, PRIMARY KEY (key, text)) WITHOUT ROWID")
        rows = sorted((key, int(text[:8], 16) - (1 << 31)) for text, of in keys.items() for key in of)
        db.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?)", rows)
        db.commit()
        db.execute("VACUUM")
        db.close()
        return path.stat().st_size / max(len(keys), 1)


Accept = Callable[[Text, Text], bool]


def accepted(a: Text, b: Text) -> bool:
    return decide(a, b).is_edge


def whatever(a: Text, b: Text) -> bool:  # noqa: ARG001
    return True


def without_dates(a: Text, b: Text) -> bool:
    return decide(replace(a, day=None), replace(b, day=None)).is_edge


def without_numbers(a: Text, b: Text) -> bool:
    return _numberless(a, b, decide(a, b).days)


def without_either(a: Text, b: Text) -> bool:
    return _numberless(a, b, None)


def _numberless(a: Text, b: Text, days: int | None) -> bool:
    found = replace(decide(a, b), shared_numbers=0, fewer_numbers=0)
    return min(a.words, b.words) >= FEWEST_WORDS and clears(found, days)


def report_recall(
    texts: Mapping[str, Text], pairs: Sequence[Labelled], found: frozenset[Pair], accept: Accept
) -> dict[str, tuple[int, int]]:
    """By kind: how many labelled pairs were found and accepted, of how many."""
    tally: Counter[tuple[str, bool]] = Counter()
    for labelled in pairs:
        a, b = texts[labelled.a], texts[labelled.b]
        near = a.content_hash == b.content_hash or pair(a.content_hash, b.content_hash) in found
        tally[labelled.kind, near and accept(a, b)] += 1
    kinds = (*KINDS, "wire copy", "look-alike")
    return {kind: (tally[kind, True], tally[kind, True] + tally[kind, False]) for kind in kinds}


def print_row(name: str, recall: Mapping[str, tuple[int, int]]) -> None:
    """Recall by kind, and the precision among labelled pairs."""
    joined = sum(hit for hit, _ in recall.values())
    wrong = recall["look-alike"][0]
    print(
        f"{name:<28}"
        + "".join(f"{hit / total if total else 0:>11.3f}" for hit, total in recall.values())
        + f"{(joined - wrong) / joined if joined else 0:>11.3f}"
    )


def show(title: str, rows: Sequence[tuple[Doc, Doc, Verdict]], limit: int) -> None:
    print(f"\n{title}: {len(rows)}")
    for a, b, found in rows[:limit]:
        print(
            f"  {a.id} ~ {b.id}: {found.relation}, C {found.containment:.2f}, J {found.jaccard:.2f}, "
            f"shared {found.shared}, numbers {found.shared_numbers}/{found.fewer_numbers}, days {found.days}"
        )
        for doc in (a, b):
            print("     | " + " ".join(doc.text.split())[:2000])


def copies(folder: Path, limit: int) -> None:
    docs, pairs = read(folder)
    by_id = {doc.id: doc for doc in docs}
    started = time.process_time()
    texts = {doc.id: Text.of(doc.text, doc.published) for doc in docs}
    cutting = time.process_time() - started
    found = through_index(texts.values())
    by_hash = {text.content_hash: text for text in texts.values()}
    started = time.process_time()
    verdicts = {two: decide(by_hash[two[0]], by_hash[two[1]]) for two in found.pairs}
    judging = time.process_time() - started

    print(
        f"{len(docs)} texts, {found.texts} different; ms a text: {1000 * cutting / len(docs):.2f} words and shingles,"
    )
    print(f"{1000 * found.seconds / found.texts:.3f} index, {1000 * judging / found.texts:.3f} judging candidates")
    print(
        f"\n{'recall; look-alikes accepted':<28}"
        + "".join(f"{kind:>11}" for kind in (*KINDS, "wire copy", "l.-alike", "precision"))
    )
    rows: list[tuple[str, Accept]] = [
        ("decide", accepted),
        ("dates withheld", without_dates),
        ("no number guard", without_numbers),
        ("neither", without_either),
    ]
    for name, accept in rows:
        print_row(name, report_recall(texts, pairs, found.pairs, accept))
    compare(texts, pairs, found)
    clusters = Cluster.all(two for two, verdict in verdicts.items() if verdict.is_edge)
    relations = Counter(verdict.relation for verdict in verdicts.values())
    print("\nverdicts on candidates:", ", ".join(f"{name} {n}" for name, n in relations.most_common()))
    largest = max((len(cluster.texts) for cluster in clusters.values()), default=0)
    doubtful = sum(cluster.doubtful for cluster in clusters.values())
    print(f"clusters: {len(clusters)}, largest {largest}, doubtful {doubtful}")
    mistakes(by_id, texts, pairs, verdicts, limit)


def compare(texts: Mapping[str, Text], pairs: Sequence[Labelled], found: Found) -> None:
    """The same judge behind MinHash, and SimHash by itself."""
    by_hash = {text.content_hash: text for text in texts.values()}
    indexed = {name: text for name, text in by_hash.items() if text.words >= FEWEST_WORDS}
    started = time.process_time()
    bands = minhash_bands({name: text.shingles for name, text in indexed.items()}, bands=32, rows=4)
    signing = 1000 * (time.process_time() - started) / len(indexed)
    banded = through_bands(bands)
    print_row("MinHash 32x4, same judge", report_recall(texts, pairs, banded.pairs, accepted))
    close = simhash_pairs({name: text.shingles for name, text in indexed.items()}, bits=3)
    print_row("SimHash, 3 bits, no judge", report_recall(texts, pairs, close, whatever))
    print(f"\n{'index':<16}{'keys/text':>11}{'cand./text':>12}{'bytes/text':>12}{'ms/text':>9}{'hubs':>6}")
    own = {name: text.keys for name, text in indexed.items()}
    for name, what, keys, ms in (("winnowed w5", found, own, 0.0), ("MinHash 32x4", banded, bands, signing)):
        print(
            f"{name:<16}{what.keys / len(keys):>11.1f}{len(what.pairs) / len(keys):>12.2f}"
            f"{bytes_per_text(keys):>12.0f}{ms + 1000 * what.seconds / len(keys):>9.3f}{what.hubs:>6}"
        )


def mistakes(
    by_id: Mapping[str, Doc],
    texts: Mapping[str, Text],
    pairs: Sequence[Labelled],
    verdicts: Mapping[Pair, Verdict],
    limit: int,
) -> None:
    """What was missed, what was joined that should not be, and edges nobody labelled."""

    def verdict(labelled: Labelled) -> Verdict | None:
        a, b = texts[labelled.a], texts[labelled.b]
        near = a.content_hash == b.content_hash or pair(a.content_hash, b.content_hash) in verdicts
        return decide(a, b) if near else None

    missed: defaultdict[str, list[tuple[Doc, Doc, Verdict]]] = defaultdict(list)
    for labelled in pairs:
        seen = verdict(labelled)
        wrong = (seen is not None and seen.is_edge) == (labelled.kind == "look-alike")
        if wrong:
            judged = seen or decide(texts[labelled.a], texts[labelled.b])
            missed[labelled.kind].append((by_id[labelled.a], by_id[labelled.b], judged))
    for kind, rows in missed.items():
        show(f"look-alikes joined, {kind}" if kind == "look-alike" else f"missed, {kind}", rows, limit)
    ids = {text.content_hash: by_id[name] for name, text in texts.items()}
    joined = [(ids[a], ids[b], seen) for (a, b), seen in sorted(verdicts.items()) if seen.is_edge]
    strangers = [row for row in joined if row[0].base and row[1].base and row[0].of != row[1].of]
    show("edges between different Spanish source articles", strangers, limit)


def pages(bench: Path, limit: int) -> None:
    """One page in four forms: gold, extraction, and two dumps."""
    import trafilatura

    gold = list(read_lines(bench / "gold.jsonl.gz"))
    docs = []
    for row in gold:
        forms = {"gold": row["text"]}
        with gzip.open(bench / "pages" / f"{row['id']}.html.gz") as file:
            forms["extraction"] = trafilatura.extract(file.read()) or ""
        for name in ("full", "part"):
            path = bench / "dumps" / f"{row['id']}.{name}.txt"
            forms[name] = path.read_text("utf-8") if path.exists() else ""
        docs += [Doc(f"{row['id']} {name}", row["id"], text) for name, text in forms.items()]
    texts = {doc.id: Text.of(doc.text, doc.published) for doc in docs}
    found = through_index(texts.values())
    print(
        f"\n{len(gold)} pages in four forms, candidates a text {len(found.pairs) / found.texts:.2f}, hubs {found.hubs}"
    )
    for one, other in combinations(("gold", "extraction", "full", "part"), 2):
        both = [(texts[f"{row['id']} {one}"], texts[f"{row['id']} {other}"]) for row in gold]
        hits = [one_copy(a, b, found.pairs) for a, b in both]
        long = [hit for (a, b), hit in zip(both, hits, strict=True) if min(a.words, b.words) >= FEWEST_WORDS]
        ratio = sum(long) / max(len(long), 1)
        print(f"  {one} ~ {other}: {sum(hits) / len(both):.3f} of all, {ratio:.3f} of {len(long)} long enough")
        by_id = {doc.id: doc for doc in docs}
        lost = [
            (by_id[f"{row['id']} {one}"], by_id[f"{row['id']} {other}"], decide(a, b))
            for row, (a, b), hit in zip(gold, both, hits, strict=True)
            if not hit
        ]
        show(f"  lost, {one} ~ {other}", lost, limit)
    owner = defaultdict(set)
    for doc in docs:
        owner[texts[doc.id].content_hash].add(doc.of)
    ids = {texts[doc.id].content_hash: doc for doc in docs}
    joined: dict[tuple[str, ...], tuple[Doc, Doc, Verdict]] = {}
    by_hash = {text.content_hash: text for text in texts.values()}
    for a, b in sorted(found.pairs):
        if owner[a].isdisjoint(owner[b]) and (seen := decide(by_hash[a], by_hash[b])).is_edge:
            joined.setdefault(tuple(sorted((ids[a].of, ids[b].of))), (ids[a], ids[b], seen))
    show("pairs of different pages joined", list(joined.values()), limit)


def one_copy(a: Text, b: Text, found: frozenset[Pair]) -> bool:
    """Whether two texts are one, or were found and judged to be copies."""
    return a.content_hash == b.content_hash or (pair(a.content_hash, b.content_hash) in found and accepted(a, b))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=Path, help="a folder of pages with gold text")
    parser.add_argument("--show", type=int, default=3, help="mistakes shown of each sort")
    options = parser.parse_args()
    for name, bar in (("near", NEAR), ("undated", UNDATED), ("far", FAR), ("long", LONG), ("sparse", SPARSE)):
        print(f"{name}: {bar}")
    copies(options.folder, options.show)
    if options.pages:
        pages(options.pages, options.show)


if __name__ == "__main__":
    main()
