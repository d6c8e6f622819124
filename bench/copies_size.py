"""How the index of copies grows: `python bench/copies_size.py [ARTICLES] [--bands] [--pages FOLDER]`.

Invented articles (Zipf words): 10 % copies of the seven kinds of `bench/dedup.py`, 2 % that share a boilerplate of 300
words, one text 5,000 times (in a small run 3 % of all) with a word or two changed. They go through
`archive.db.upkeep`, a batch a transaction, as the archive does it. With --bands the same texts go into MinHash 128, 32
bands of 4 rows, on the same table layout.
What cleaning a page costs is measured in the same run, on the pages of a folder.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import resource
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from neighbours import minhash_bands
from sqlite_utils import Database

from archive.candidates import CAP, Candidates
from archive.copies import Text, decide
from archive.db import schema, upkeep
from archive.db.connect import open_writer, transaction
from archive.db.postings import TablePostings
from archive.identity import content_hash, text_digest
from archive.model import Page

KINDS = ("same", "light", "heavy", "merge", "cut", "add", "excerpt")
VIRAL = 5_000
BATCH = 1_000
SAMPLE = 400  # copies of each kind that are looked for
_INSERT = """
INSERT INTO articles (id, text, words, published, first_seen, last_seen, recipe, content_hash, text_digest,
                      lead_capture_id, latest_capture_id) VALUES (?, ?, ?, ?, '', '', '', ?, ?, 0, 0)
"""
_OURS = (
    *("shingle_keys", "hubs", "copies", "copies_b"),
    *("clusters", "clusters_articles", "clustered", "clustered_cluster"),
)


class Press:
    """Writes the articles; each is a function of its number."""

    def __init__(self, articles: int, vocabulary: int = 60_000) -> None:
        self._words = np.array([self._word(rank) for rank in range(vocabulary)])
        weights = 1 / (np.arange(vocabulary) + 2.7)
        self._edges = np.cumsum(weights / weights.sum())
        self._articles = articles
        self._viral = self._prose(random.Random("viral"), 350)
        self._boilerplate = self._prose(random.Random("boilerplate"), 300)

    @staticmethod
    def _word(rank: int) -> str:
        syllables = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo", "cha", "rre")
        said = ""
        while True:
            rank, at = divmod(rank, 16)
            said += syllables[at]
            if not rank:
                return said

    def _prose(self, luck: random.Random, size: int) -> list[str]:
        draws = np.random.default_rng(luck.getrandbits(63)).random(size)
        words = self._words[np.searchsorted(self._edges, draws)].tolist()
        for _ in range(size // 40):
            words[luck.randrange(size)] = str(luck.randrange(2, 99_999))
        return words

    def kind(self, number: int) -> str:
        """What an article is: plain, viral, boilerplate, or a copy of a kind."""
        luck = random.Random(f"kind {number}").random()
        viral = min(VIRAL / self._articles, 0.03)
        if luck < viral:
            return "viral"
        if luck < viral + 0.02:
            return "boilerplate"
        if luck < viral + 0.12 and number > 1000:
            return KINDS[number % len(KINDS)]
        return "plain"

    def source(self, number: int) -> int:
        """The plain article that a copy is of, some time before it."""
        at = random.Random(f"source {number}").randrange(number)
        while self.kind(at) != "plain":
            at = at - 1 if at else number - 1
        return at

    def article(self, number: int) -> str:
        luck = random.Random(f"article {number}")
        kind = self.kind(number)
        if kind == "plain":
            return self._plain(number)
        if kind == "viral":
            words = self._viral.copy()
            for _ in range(1 + number % 3):
                words[luck.randrange(len(words))] = f"x{number}"
            return " ".join(words)
        if kind == "boilerplate":
            return " ".join([*self._prose(luck, 330), *self._boilerplate])
        return " ".join(self._copied(kind, self._plain(self.source(number)).split(), luck))

    def _plain(self, number: int) -> str:
        luck = random.Random(f"plain {number}")
        return " ".join(self._prose(luck, max(60, int(luck.lognormvariate(5.85, 0.55)))))

    def _copied(self, kind: str, words: list[str], luck: random.Random) -> list[str]:
        if kind == "same":
            return ["fuente", *words, "compartir", str(luck.randrange(10**9))]
        if kind in ("light", "heavy"):
            for _ in range(max(1, int(len(words) * (0.03 if kind == "light" else 0.10)))):
                words[luck.randrange(len(words))] = self._word(luck.randrange(60_000))
            return words
        if kind == "merge":
            parts = [words[at : at + 40] for at in range(0, len(words), 40)]
            luck.shuffle(parts)
            return [word for part in parts for word in part]
        if kind == "cut":
            return words[: int(len(words) * luck.uniform(0.4, 0.75))]
        if kind == "add":
            return [*words, *self._prose(luck, len(words) // 2)]
        return words[len(words) // 3 :][: luck.randint(50, 120)]


def database(folder: Path) -> Database:
    """An archive's tables, without the search index: only copies are measured."""
    db = open_writer(folder / "news.db")
    schema.migrate(db, "", schema.shipped())
    db.conn.execute("PRAGMA foreign_keys = off")  # articles without captures
    db.conn.execute("PRAGMA synchronous = off")  # the disk is not measured
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'articles' AND name NOT LIKE ?"
    for (name,) in db.conn.execute(query, ("articles_index_%",)).fetchall():
        db.conn.execute(f"DROP TRIGGER {name}")
    upkeep.catch_up(db)
    return db


@dataclass
class Bands:
    """MinHash in bands on the same layout, asked and filled as the index is."""

    db: Database
    found: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    seconds: float = 0.0
    candidates: int = 0

    @classmethod
    def of(cls, folder: Path) -> Bands:
        db = open_writer(folder / "bands.db")
        db.conn.execute(
            "CREATE TABLE shingle_keys (key INTEGER NOT NULL, text INTEGER NOT NULL, PRIMARY KEY (key, text)) "
            "STRICT, WITHOUT ROWID"
        )
        return cls(db)

    def add(self, texts: Sequence[tuple[int, Text]]) -> None:
        started = time.process_time()
        postings = TablePostings(self.db)
        long = {str(number): text for number, text in texts if text.keys}
        keys = minhash_bands({name: text.shingles for name, text in long.items()}, bands=32, rows=4)
        with transaction(self.db):
            postings.insert(sorted((key, long[name].content_hash) for name, bands in keys.items() for key in bands))
            for name, bands in keys.items():  # the batch's own texts too
                near = {other for key in bands for other in postings.smallest(key, CAP)}
                self.found[int(name)] = near - {postings.name(long[name].content_hash)}
                self.candidates += len(self.found[int(name)])
        self.seconds += time.process_time() - started


def cleaning(folder: Path) -> float:
    """Milliseconds a page, of cleaning alone, on the pages of a folder: at most 150 of them."""
    from scraper.clean import clean
    from scraper.clean.kit import load_kit

    kit = load_kit()
    pages = []
    files = sorted(path for ending in ("*.html.gz", "*.txt") for path in folder.rglob(ending))
    for path in files[:: max(1, len(files) // 150)]:
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        kind = "text/html" if path.suffix == ".gz" else "text/plain"
        pages.append(Page(str(path), body, kind, "2026-11-01T00:00:00Z", "manifest"))
    for page in pages[:3]:
        clean(page, kit)
    started = time.process_time()
    for page in pages:
        clean(page, kit)
    return 1000 * (time.process_time() - started) / len(pages)


def sizes(db: Database) -> dict[str, int]:
    return dict(db.conn.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").fetchall())


def probe(db: Database, press: Press, start: int) -> float:
    """Milliseconds a text, of looking up the candidates of texts that are not in the index."""
    postings = TablePostings(db)
    candidates = Candidates(postings)
    texts = [Text.of(press.article(start + n)) for n in range(300)]
    started = time.process_time()
    for text in texts:
        candidates.of(postings.name(text.content_hash), text.keys)
    return 1000 * (time.process_time() - started) / len(texts)


def same_edges(press: Press) -> bool:
    """Whether bulk building and one by one give the same edges."""
    results = []
    for size in (1, 600):
        with tempfile.TemporaryDirectory() as scratch:
            db = database(Path(scratch))
            for _ in grown(db, press, 600, size):
                pass
            query = "SELECT one.content_hash, two.content_hash, containment, relation FROM copies "
            query += "JOIN articles one ON one.id = a JOIN articles two ON two.id = b"
            results.append(sorted((*sorted(row[:2]), *row[2:]) for row in db.conn.execute(query)))
            db.conn.close()
    return results[0] == results[1] and bool(results[0])


def grown(db: Database, press: Press, articles: int, size: int = BATCH) -> Iterator[tuple[int, float, list[str]]]:
    """Put articles in; after each batch, how many there are, what copies cost in seconds, and the batch."""
    for start in range(0, articles, size):
        batch = [press.article(n) for n in range(start, min(start + size, articles))]
        rows = [
            (n + 1, text, text.count(" ") + 1, day(n), content_hash(text), text_digest(text))
            for n, text in enumerate(batch, start)
        ]
        with transaction(db):
            db.conn.executemany(_INSERT.replace("INSERT INTO", "INSERT OR IGNORE INTO"), rows)
            started = time.process_time()
            upkeep.follow(db)
            spent = time.process_time() - started
        yield start + len(batch), spent, batch


def day(number: int) -> str:
    """When an article was published: 3,000 a day."""
    return (date(2020, 1, 1) + timedelta(days=number // 3_000)).isoformat()


def recall(db: Database, press: Press, articles: int, bands: Bands | None) -> None:
    """By kind, how many copies were found, of those looked for."""
    found: Counter[tuple[str, str]] = Counter()
    for number in range(articles - 1, 1000, -1):
        kind = press.kind(number)
        if kind not in KINDS or found["all", kind] >= SAMPLE:
            continue
        source = press.source(number)
        one, other = (Text.of(press.article(n), day(n)) for n in (source, number))
        found["all", kind] += 1
        found["true", kind] += decide(one, other).is_edge
        two = (source + 1, number + 1)
        found["ours", kind] += db.conn.execute("SELECT 1 FROM copies WHERE a = ? AND b = ?", two).fetchone() is not None
        if bands is not None:
            found["bands", kind] += one.content_hash[:8] in bands.found[number] and decide(one, other).is_edge
    for name in ("ours", "true", *(("bands",) if bands else ())):
        what = {"ours": "recall, our index", "true": "what the judge would join", "bands": "recall, MinHash 32x4"}
        shares = (f"{kind} {found[name, kind] / max(found['all', kind], 1):.3f}" for kind in KINDS)
        print(f"  {what[name]:<26}", "  ".join(shares))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=int, nargs="?", default=100_000)
    parser.add_argument("--bands", action="store_true", help="the same with MinHash 128 in 32 bands of 4")
    parser.add_argument("--pages", type=Path, default=Path("fixtures"), help="pages whose cleaning is the measure")
    parser.add_argument("--folder", type=Path, help="where the databases are made; elsewhere than /tmp for many")
    options = parser.parse_args()
    page = cleaning(options.pages)
    print(f"cleaning {page:.1f} ms a page (CPU); load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    press = Press(options.articles)
    print("bulk and one by one give the same edges:", same_edges(Press(min(options.articles, 20_000))))
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        measure(Path(scratch), press, options.articles, page, with_bands=options.bands)


def measure(folder: Path, press: Press, articles: int, page: float, *, with_bands: bool) -> None:
    db = database(folder)
    bands = Bands.of(folder) if with_bands else None
    step, seconds, since = max(BATCH, articles // 10), 0.0, 0.0
    heads = (("articles", 10), ("ms/text", 9), ("of cleaning", 13), ("look-up ms", 12), ("bytes/text", 12))
    print("".join(f"{head:>{width}}" for head, width in (*heads, ("keys", 8), ("hubs", 7), ("MB", 6))))
    for count, spent, batch in grown(db, press, articles):
        seconds += spent
        since += spent
        if bands is not None:
            bands.add([(count - len(batch) + n, Text.of(text)) for n, text in enumerate(batch)])
        if count % step == 0:
            told = sizes(db)
            mine = sum(told.get(name, 0) for name in _OURS)
            hubs = db.conn.execute("SELECT count(*) FROM hubs").fetchone()[0]
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            each = 1000 * since / step
            print(
                f"{count:>10,}{each:>9.2f}{each / page:>13.1%}{probe(db, press, articles):>12.3f}{mine / count:>12.0f}"
                f"{told['shingle_keys'] / count:>8.0f}{hubs:>7}{memory:>6.0f}",
                flush=True,
            )
            since = 0.0
    rows = db.conn.execute("SELECT count(*) FROM shingle_keys").fetchone()[0]
    query = "SELECT (SELECT count(*) FROM copies), count(*), max(articles) FROM clusters"
    pairs, clusters, largest = db.conn.execute(query).fetchone()
    print(f"{rows / articles:.1f} keys a text; {pairs:,} copies in {clusters:,} clusters, the largest of {largest:,}")
    viral = [n + 1 for n in range(articles) if press.kind(n) == "viral"]
    query = "SELECT count(*) FROM clustered WHERE article_id IN (SELECT value FROM json_each(?)) GROUP BY cluster"
    together = max(n for (n,) in db.conn.execute(query, (str(viral),)))
    print(f"the text that ran {len(viral):,} times: {together:,} of them in one cluster")
    recall(db, press, articles, bands)
    if bands is not None:
        took = sizes(bands.db)["shingle_keys"]
        ours = sizes(db)["shingle_keys"]
        print(
            f"MinHash 32x4 against ours: keys {32 / (rows / articles):.2f}, bytes {took / ours:.2f}, "
            f"candidates a text {bands.candidates / articles:.2f}, ms a text {1000 * bands.seconds / articles:.2f} "
            f"without judging (ours {1000 * seconds / articles:.2f} with it)"
        )


if __name__ == "__main__":
    main()
