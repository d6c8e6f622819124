"""How fast the reading pages answer at size, beside plain Datasette with default settings on the same table.

    python bench/browse.py make FOLDER --articles 1000000
    python bench/browse.py measure FOLDER --requests 100

Texts are generated: words of a Zipf law over 100,000, 200 sites, five years of days, every article with a capture.
An answer counts as failed where it is not 200, or lacks what was asked for. Percentiles are of whole answers over HTTP
on loopback, one after the other, the first of each kind left out. Beside the time an answer took stands the time the
server spent on processors for it (Linux): on a machine with other work, that is the figure to read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import numpy as np
import uvicorn
from datasette.app import Datasette

from archive.browse.serve import application, listen
from archive.store import Archive

VOCABULARY, SITES, DAYS, BATCH = 100_000, 200, 1826, 5000
SECTIONS = ("Mundo", "Política", "Economía", "Deportes", "Cultura", "Sociedad")
LANGUAGES = ("es", "es", "es", "en", "pt", "fr")
_SYLLABLES = ("ca", "mé", "ro", "lí", "ta", "só", "ne", "ñu", "pa", "dór")


def word(rank: int) -> str:
    """The word of a rank, from 0: its digits as syllables."""
    return "".join(_SYLLABLES[int(digit)] for digit in str(rank)) + "s" * (rank % 2)


def make(folder: Path, articles: int, words: int) -> None:
    with Archive.open(folder, lambda: "2026-11-24T21:00:00.000000Z") as archive:
        run = archive.start_run("bench")
        db = archive._db.conn
        db.execute("PRAGMA synchronous = off")
        vocabulary = np.array([word(rank) for rank in range(VOCABULARY)], dtype=object)
        weights = np.cumsum(1 / (np.arange(VOCABULARY) + 2.7) ** 1.05)
        random = np.random.default_rng(1)
        began = time.monotonic()
        for start in range(0, articles, BATCH):
            draws = np.searchsorted(weights / weights[-1], random.random((min(BATCH, articles - start), words)))
            texts = [" ".join(row) for row in vocabulary[np.minimum(draws, VOCABULARY - 1)]]
            db.execute("BEGIN IMMEDIATE")
            _insert(db, run, start, texts, random)
            db.execute("COMMIT")
            print(f"\r{start + len(texts):,} articles, {time.monotonic() - began:.0f} s", end="", flush=True)
        db.execute("DELETE FROM unindexed")  # copies are another bench's
        archive.finish_run("ok")
    print()


def _insert(db: sqlite3.Connection, run: int, start: int, texts: list[str], random: np.random.Generator) -> None:
    days = random.integers(0, DAYS, len(texts))
    sites = (random.random(len(texts)) ** 2 * SITES).astype(int)
    rows, captures, cleanings = [], [], []
    for n, text in enumerate(texts):
        key = start + n + 1
        day = (date(2021, 11, 25) + timedelta(days=int(days[n]))).isoformat()
        site = f"site{sites[n]}.example"
        url, digest = f"https://{site}/{key}", hashlib.sha256(text.encode()).hexdigest()
        title, authors = text[:60], json.dumps([f"Author {key % 5000}"])
        seen = f"{day}T12:00:00Z"
        captures.append((key, key, f"{key}.html", url, seen, 200, run, "b.warc.gz", key, 1, f"sha256:{digest}", "warc"))
        cleanings.append((key, "r", digest, digest, len(text.split())))
        said = (key, title, site, day, SECTIONS[key % 6], authors, text, len(text.split()), LANGUAGES[key % 6], url)
        rows.append((*said, seen, seen, "r", f"{digest}{key}", digest, key, key))
    db.execute("INSERT OR IGNORE INTO warc_files (name) VALUES ('b.warc.gz')")
    columns = "id, article_id, source, url, captured_at, status, run_id, warc_file, warc_offset, warc_length"
    db.executemany(f"INSERT INTO captures ({columns}, payload_digest, dated_by) VALUES ({_places(12)})", captures)
    columns = "capture_id, recipe, content_hash, text_digest, words"
    db.executemany(f"INSERT INTO cleanings ({columns}) VALUES ({_places(5)})", cleanings)
    columns = "id, title, site, published, section, authors, text, words, language, url, first_seen, last_seen, recipe"
    more = "content_hash, text_digest, lead_capture_id, latest_capture_id"
    db.executemany(f"INSERT INTO articles ({columns}, {more}) VALUES ({_places(17)})", rows)


def _places(count: int) -> str:
    return ", ".join("?" * count)


def _run(make_app: Callable[[], Datasette], ports: multiprocessing.Queue[int]) -> None:
    app = make_app()
    with listen("127.0.0.1", 0) as bound:
        ports.put(bound.getsockname()[1])
        uvicorn.Server(uvicorn.Config(app.app(), log_level="error", lifespan="on")).run(sockets=[bound])


def _ours(folder: Path) -> Datasette:
    return application(folder)


def _plain(folder: Path) -> Datasette:
    return Datasette([str(folder / "news.db")])


def classes(folder: Path) -> dict[str, list[int]]:
    """Ranks of words by how many articles carry them: rare (0.02 %), medium (3 %), common (a third)."""
    db = sqlite3.connect(folder / "news.db")
    total = db.execute("SELECT count(*) FROM articles").fetchone()[0]
    found: dict[str, list[int]] = {}
    for name, share in (("rare", 0.0002), ("medium", 0.03), ("common", 0.33)):
        low, high = 0, VOCABULARY - 1
        while low < high:
            middle = (low + high) // 2
            query = "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?"
            count = db.execute(query, (f'"{word(middle)}"',)).fetchone()[0]
            low, high = (middle + 1, high) if count > share * total else (low, middle)
        found[name] = [min(max(0, low - 2), VOCABULARY - 5) + n for n in range(5)]
        print(f"{name}: {word(low)}, in about {share:.2%} of {total:,} articles")
    return found


Asked = tuple[str, Callable[[int], str], tuple[str, ...]]


def asked(words: dict[str, list[int]]) -> Iterator[Asked]:
    """What is measured: its name, the path of its nth request, and texts that must be in every answer."""
    yield "front page", lambda _: "/", ("By day and site",)
    yield "article", lambda n: f"/article/{n * 97 + 1}", ("Where it comes from",)
    for name, ranks in words.items():
        for sort in ("date", "relevance"):
            yield f"search {name}, {sort}", _search(ranks, f"&sort={sort}"), ("/article/",)
            narrowed = f"&sort={sort}&site=site3.example&from=2023-01&to=2025-06-30"
            said = f"&sort={sort}&section={SECTIONS[0]}&language=es"
            yield f"search {name}, {sort}, section and language", _search(ranks, said), ('role="status"',)
            yield f"search {name}, {sort}, site and dates", _search(ranks, narrowed), ('role="status"',)
    yield "search beginning", lambda n: f"/search?q={word(words['medium'][n % 5])[:5]}*", ("/article/",)
    yield (
        "all of a site and section",
        lambda n: f"/search?site=site{n % 5}.example&section={SECTIONS[n % 6]}",
        ("/article/",),
    )
    yield "all of an author", lambda n: f"/search?author=Author+{n}", ("/article/",)
    facets = ("site", "section", "language")
    path = "/news/articles?_size=20" + "".join(f"&_facet={name}" for name in facets)
    yield "facets of a table", lambda _: path, tuple(f'id="facet-{name}"' for name in facets)
    yield "facet by day", lambda _: "/news/articles?_size=20&_facet_day=published", ('id="facet-published"',)
    yield "facet by author", lambda _: "/news/articles?_size=20&_facet_author=authors", ('id="facet-authors"',)


def _search(ranks: list[int], more: str) -> Callable[[int], str]:
    return lambda n: f"/search?q={word(ranks[n % len(ranks)])}{more}"


def plainly(words: dict[str, list[int]]) -> Iterator[Asked]:
    yield "plain table page", lambda _: "/news/articles", ("articles",)
    for name, ranks in words.items():
        yield f"plain search {name}", lambda n, ranks=ranks: f"/news/articles?_search={word(ranks[n % 5])}", ("row",)


def measure(folder: Path, requests: int, only: str) -> None:
    words = classes(folder)
    for make_app, wanted, count in ((_ours, asked, requests), (_plain, plainly, max(5, requests // 10))):
        ports: multiprocessing.Queue[int] = multiprocessing.Queue()
        server = multiprocessing.Process(target=_run, args=(lambda make_app=make_app: make_app(folder), ports))
        server.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{ports.get(timeout=60)}", timeout=60) as client:
                for name, path, must in (one for one in wanted(words) if only in one[0]):
                    print(told(name, *timed(client, path, must, count, server.pid or 0)), flush=True)
        finally:
            server.terminate()
            server.join()


def timed(
    client: httpx.Client, path: Callable[[int], str], must: tuple[str, ...], count: int, pid: int
) -> tuple[list[float], list[float], int]:
    took, worked, failed = [], [], 0
    client.get(path(0))
    for n in range(count):
        before, began = processor_time(pid), time.perf_counter()
        answer = client.get(path(n))
        took.append((time.perf_counter() - began) * 1000)
        worked.append(processor_time(pid) - before)
        failed += answer.status_code != 200 or not all(part in answer.text for part in must)
    return took, worked, failed


def processor_time(pid: int) -> float:
    """Milliseconds that the threads of a process have run."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6


def told(name: str, took: list[float], worked: list[float], failed: int) -> str:
    wall, work = (statistics.quantiles(times, n=20)[-1] for times in (took, worked))
    figures = f"p50 {statistics.median(took):6.0f} ms   p95 {wall:6.0f} ms   processor p95 {work:6.0f} ms"
    return f"{name:40} {figures}   failed {failed} of {len(took)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["make", "measure"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--words", type=int, default=300, help="of each text")
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--only", default="", help="measure what has this in its name")
    given = parser.parse_args()
    if given.what == "make":
        make(given.folder, given.articles, given.words)
    else:
        measure(given.folder, given.requests, given.only)


if __name__ == "__main__":
    main()
