"""Golden pages: every folder of `fixtures/sites/HOST/NAME/` is a test, so that a new site adds no code.

`page.html.gz` or `page.txt` is the page as it came, `meta.toml` what is known of it besides, `expected.json` what an
editor would say: names and values as `hemeroteca extract` prints them (those left out are not compared), or the
`reason` why it is no article.
"""

from __future__ import annotations

import gzip
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from archive.model import MediaType, Page
from scraper.clean import Kit, clean, load_kit
from scraper.report import extracted

SITES = Path(__file__).parent.parent / "fixtures" / "sites"
FOLDERS = sorted(path.parent for path in SITES.glob("*/*/expected.json"))


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


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: "/".join(folder.parts[-2:]))
def test_a_page_gives_what_an_editor_would_say(folder: Path, kit: Kit) -> None:
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text("utf-8"))
    page = page_in(folder)
    outcome = clean(page, kit)
    row = extracted(page, outcome) | {"reason": outcome.reason}
    assert {name: row[name] for name in expected if name != "text"} == {
        name: value for name, value in expected.items() if name != "text"
    }
    assert row["text"].split("\n") == expected.get("text", "").split("\n")


def test_there_are_sites_to_test() -> None:
    assert len(FOLDERS) >= 20
