"""Rules change, newsrooms edit: whatever our rules change is no revision, in whatever order they do it."""

from __future__ import annotations

import gzip
import random
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from archive.model import Outcome, Page
from archive.store import Archive, Kept
from scraper.clean import clean
from scraper.clean.kit import load_kit

SITES = Path(__file__).parent.parent / "fixtures" / "sites"
#: What other rules would make of a text's paragraphs; the classifier keeps line rules away from real ones.
RECIPES: dict[str, Callable[[list[str], list[str]], list[str]]] = {
    "shipped": lambda kept, cut: kept,
    "a paragraph short": lambda kept, cut: kept[:-1] or kept,
    "with furniture": lambda kept, cut: [*cut[:3], *kept[:1], "¿Ya nos sigues?", *kept[1:], *cut[-2:]],
}

Cleaned = Mapping[tuple[str, str], Outcome]  # by recipe and source


def clock() -> str:
    return "2026-11-24T21:00:00.000000Z"


def captures() -> Iterator[Page]:
    """Each page of the fixtures twice: some days later it has other bytes, and says the same."""
    for folder in sorted(path.parent for path in SITES.glob("*/*/meta.toml")):
        html = folder / "page.html.gz"
        body = gzip.decompress(html.read_bytes()) if html.exists() else (folder / "page.txt").read_bytes()
        meta = {k: v for k, v in tomllib.loads((folder / "meta.toml").read_text("utf-8")).items() if k == "charset"}
        url = f"https://{'/'.join(folder.parts[-2:])}"
        kind = "text/html" if html.exists() else "text/plain"
        first = Page(f"{url}#1", body, kind, "2026-11-01T00:00:00Z", "manifest", url, **meta)
        yield first
        yield replace(
            first, source=f"{url}#2", body=body + b"\n", captured_at="2026-11-05T00:00:00Z", payload_digest=""
        )


PAGES = list(captures())


@pytest.fixture(scope="module")
def outcomes() -> dict[tuple[str, str], Outcome]:
    """What each of three recipes makes of each page."""
    kit, found = load_kit(), {}
    for page in PAGES:
        outcome = clean(page, kit)
        cut = [line.text for line in outcome.removals]
        for name, made in RECIPES.items():
            article = outcome.article
            if article is not None:
                text = "\n".join(made(article.text.split("\n"), cut))
                article = replace(article, text=text, url=None)
            found[name, page.source] = replace(outcome, recipe=name, article=article)
    return found


def revisions(archive: Archive) -> set[tuple[str, int]]:
    with Archive.read(archive.folder) as reader:
        return set(reader.db.conn.execute("SELECT class, number FROM revisions").fetchall())


def test_the_recipes_differ(outcomes: Cleaned) -> None:
    texts = [
        {outcome.article.text for (_, source), outcome in outcomes.items() if source == page.source and outcome.article}
        for page in PAGES
    ]
    assert sum(len(made) == 3 for made in texts) >= 10
    assert all(
        outcomes["shipped", one.source].article == outcomes["shipped", other.source].article
        for one, other in zip(PAGES[::2], PAGES[1::2], strict=True)
    )


@pytest.mark.parametrize("order", list(permutations(RECIPES)), ids=", ".join)
def test_recleaning_makes_no_revision(order: tuple[str, ...], outcomes: Cleaned, tmp_path: Path) -> None:
    """Not at the end, nor after any commit on the way: the run may be killed there."""
    shuffler = random.Random(repr(order))
    with Archive.open(tmp_path, clock) as archive:
        archive.start_run("clean")
        for page in PAGES[::2]:
            archive.record(Kept(page, archive.keep(page).location), outcomes[order[0], page.source])
        archive.commit()
        for page in PAGES[1::2]:  # rules changed between the two visits
            archive.record(Kept(page, archive.keep(page).location), outcomes[order[1], page.source])
        archive.commit()
        assert revisions(archive) == {("first", 1)}
        for recipe in (*order[2:], *order):
            rows = list(archive.captures())
            shuffler.shuffle(rows)
            for n, row in enumerate(rows):
                archive.restate(row.id, outcomes[recipe, row.source], accept_losses=n % 3 > 0)
                if n % 5 == 0:
                    archive.commit()
                    assert revisions(archive) == {("first", 1)}
        archive.finish_run("ok")
        assert revisions(archive) == {("first", 1)}
