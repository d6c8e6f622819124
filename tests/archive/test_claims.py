"""An address that many different articles claim is a template's: none of them has it, in whatever order they come."""

from __future__ import annotations

import itertools
import sqlite3
from pathlib import Path

import pytest
from archive_samples import clean, page, store, text
from exchange_samples import rebuild

from archive.db.claims import MANY
from archive.store import Archive
from archive.verify import verify

SITE = "https://elfaro.example"
SECTION = f"{SITE}/deportes/"


def claiming(n: int, claim: str = SECTION, title: str | None = None, name: str = "") -> object:
    says = {"text": text(f"nota-{n}{name}", 60), "fields": {"title": title or f"Nota {n}"}, "url": claim}
    return page(f"{n}{name}.html", says, f"{SITE}/a/{n}{name}", f"2025-01-{n + 1:02}T08:00:00Z")


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    db = sqlite3.connect(folder / "news.db")
    found = db.execute(query).fetchall()
    db.close()
    return found


STANDING = "SELECT url FROM articles WHERE superseded_by IS NULL ORDER BY url"
CLAIMS = "SELECT url, claimed, disbelieved FROM captures ORDER BY url"


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_a_section_that_all_articles_claim_is_believed_of_none(tmp_path: Path, batch: int) -> None:
    store(tmp_path, [claiming(n) for n in range(MANY + 3)], batch=batch)
    assert rows(tmp_path, STANDING) == [(f"{SITE}/a/{n}",) for n in range(MANY + 3)]
    assert rows(tmp_path, CLAIMS) == [(f"{SITE}/a/{n}", None, SECTION) for n in range(MANY + 3)]
    assert rows(tmp_path, "SELECT count(*) FROM addresses WHERE url = 'https://elfaro.example/deportes/'") == [(0,)]


def test_the_order_they_come_in_does_not_matter(tmp_path: Path) -> None:
    everything = set()
    for nth, order in enumerate(itertools.islice(itertools.permutations(range(MANY + 1)), 0, None, 7)):
        folder = tmp_path / str(nth)
        store(folder, [claiming(n) for n in order], batch=1)
        everything.add((tuple(rows(folder, STANDING)), tuple(rows(folder, CLAIMS))))
    assert len(everything) == 1


@pytest.mark.parametrize(
    "pages",
    [
        [claiming(n) for n in range(MANY)],
        [claiming(n, title="La veda") for n in range(MANY + 3)],
        [claiming(n, claim=f"{SITE}/b/{n}") for n in range(MANY + 3)],
    ],
    ids=["few", "one-title", "own-claims"],
)
def test_few_claims_and_forms_of_one_article_are_believed(tmp_path: Path, pages: list[object]) -> None:
    store(tmp_path, pages, batch=1)
    assert rows(tmp_path, "SELECT count(*) FROM captures WHERE disbelieved IS NOT NULL") == [(0,)]
    assert rows(tmp_path, "SELECT count(*) FROM captures WHERE claimed IS NULL") == [(0,)]


def test_cleaning_again_rebuilding_and_verifying_change_nothing(tmp_path: Path) -> None:
    store(tmp_path, [claiming(n) for n in range(MANY + 2)], batch=2)
    before = (rows(tmp_path, STANDING), rows(tmp_path, CLAIMS))
    with Archive.open(tmp_path, lambda: "2026-11-25T21:00:00.000000Z") as archive:
        archive.start_run("reclean")
        for (key,) in rows(tmp_path, "SELECT id FROM captures"):
            with Archive.read(tmp_path) as reader:
                row = reader.capture(key)
                assert row is not None
                outcome = clean(reader.page(row))
            assert archive.restate(key, outcome, accept_losses=False).kind == "same"
        archive.finish_run("ok")
    assert (rows(tmp_path, STANDING), rows(tmp_path, CLAIMS)) == before
    assert not list(verify(tmp_path))
    rebuild(tmp_path)
    assert (rows(tmp_path, STANDING), rows(tmp_path, CLAIMS)) == before
