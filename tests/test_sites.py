"""Golden pages: every folder of `fixtures/sites/HOST/NAME/` is a test, so that a new site adds no code.

`page.html.gz` or `page.txt` is the page as it came, `meta.toml` what is known of it besides, `expected.json` what an
editor would say (`fixtures/README.md`). The seeds are held to `fixtures/seeds/NAME.json` in the same way.
"""

from __future__ import annotations

import gzip
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from archive.model import MediaType, Page
from scraper.clean import clean
from scraper.clean.kit import Kit, load_kit
from scraper.report import extracted
from scraper.sources import SourceOptions, pages

ROOT = Path(__file__).parent.parent
MISSES = tomllib.loads((ROOT / "fixtures" / "misses.toml").read_text("utf-8"))
SITES = sorted(path.parent for path in (ROOT / "fixtures" / "sites").glob("*/*/expected.json"))
SEEDS = sorted(path for path in (ROOT / "seeds").iterdir() if path.suffix != ".json")


def cases(kind: str, named: dict[str, Path]) -> list[Any]:
    """A test for each path; one that is known to be missed must fail, for the reason that `misses.toml` gives."""
    missed = {name: [pytest.mark.xfail(reason=reason, strict=True)] for name, reason in MISSES[kind].items()}
    assert set(missed) <= set(named)
    return [pytest.param(path, id=name, marks=missed.get(name, [])) for name, path in named.items()]


@pytest.fixture(scope="module")
def kit() -> Kit:
    return load_kit()


def page_in(folder: Path) -> Page:
    """The page of a folder, with what its `meta.toml` says."""
    html = folder / "page.html.gz"
    media_type: MediaType = "text/html" if html.exists() else "text/plain"
    body = gzip.decompress(html.read_bytes()) if html.exists() else (folder / "page.txt").read_bytes()
    meta: dict[str, Any] = tomllib.loads((folder / "meta.toml").read_text("utf-8"))
    return Page(source=str(folder), body=body, media_type=media_type, dated_by="manifest", **meta)


def hold(page: Page, kit: Kit, wanted: Path) -> None:
    """Clean the page and compare every name that `wanted` has; lines it says may be in the text, may."""
    expected: dict[str, Any] = json.loads(wanted.read_text("utf-8"))
    text, may = expected.pop("text", ""), expected.pop("may", [])
    outcome = clean(page, kit)
    row = extracted(page, outcome) | {"reason": outcome.reason}
    got = [line for line in row["text"].split("\n") if line not in may]
    assert (got, {name: row[name] for name in expected}) == (text.split("\n"), expected)


@pytest.mark.parametrize("folder", cases("sites", {"/".join(folder.parts[-2:]): folder for folder in SITES}))
def test_a_page_gives_what_an_editor_would_say(folder: Path, kit: Kit) -> None:
    hold(page_in(folder), kit, folder / "expected.json")


@pytest.mark.parametrize("seed", cases("seeds", {seed.name: seed for seed in SEEDS}))
def test_a_seed_gives_what_an_editor_would_say(seed: Path, kit: Kit) -> None:
    (page,) = pages([str(seed)], SourceOptions(now="2025-12-01T00:00:00Z"))
    assert isinstance(page, Page)
    hold(page, kit, ROOT / "fixtures" / "seeds" / f"{seed.name.partition('.')[0]}.json")


def test_there_are_sites_and_seeds_to_test() -> None:
    assert len(SITES) >= 20
    assert len(SEEDS) >= 15
