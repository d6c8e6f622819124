"""A crawl of a server that means harm ends on time, says of each address what was wrong, and grows no fat."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile import BEHAVIOURS, Hostile, hostile

from archive.store import Archive

#: Megabytes: two dozen pages of the greatest size in hand at once, and no bomb unpacked.
MOST_MEMORY = 900


@pytest.fixture(scope="module")
def server() -> Iterator[Hostile]:
    with hostile() as found:
        yield found


def crawled(archive: Path, *sources: dict[str, Any]) -> dict[str, Any]:
    """Crawl sources once in a process of its own."""
    given = [{"delay": 0.0, "every": 0.0, "allow_private": True, **source} for source in sources]
    script = Path(__file__).with_name("crawl_hostile.py")
    command = [sys.executable, str(script), str(archive), json.dumps(given)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=Path.cwd())
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def paper(server: Hostile, name: str) -> dict[str, Any]:
    """The source whose one article behaves so."""
    origin = server.papers()[name]
    return {"name": name, "url": f"{origin}/", "feeds": [f"{origin}/rss/{name}.xml"]}


def asked(archive: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    with Archive.read(archive) as reader:
        return reader.db.conn.execute(query, values).fetchall()


def test_every_bad_address_is_told_and_the_run_ends(server: Hostile, tmp_path: Path) -> None:
    found = crawled(tmp_path, *(paper(server, name) for name in BEHAVIOURS))
    assert found["seconds"] < 120
    assert found["grown"] < MOST_MEMORY
    assert found["seen"] == {name: sum(endings.values()) for name, endings in found["endings"].items()}
    assert found["endings"].pop("honest") == {"new": 1}
    assert not [name for name, endings in found["endings"].items() if "new" in endings]
    rows = asked(tmp_path, "SELECT url, reason, error FROM captures WHERE article_id IS NULL")
    told = {url for url, reason, _ in rows if reason is not None}
    assert {server.link(name) for name in BEHAVIOURS if name != "honest"} <= told
    assert "root:" not in str(rows)


def test_nothing_inward_is_asked_for(server: Hostile, tmp_path: Path) -> None:
    """Without `allow-private` nothing of a server on loopback is asked for at all."""
    before = len(server.asked)
    crawled(tmp_path, paper(server, "honest") | {"allow_private": False})
    assert server.asked[before:] == []
    assert asked(tmp_path, "SELECT DISTINCT reason FROM captures") == [("refused",)]


def test_an_entity_bomb_in_a_feed_reads_no_file_and_asks_nobody(server: Hostile, tmp_path: Path) -> None:
    before = len(server.asked)
    source = {"name": "hostil", "url": f"{server.origin}/", "feeds": [f"{server.origin}/bomba.xml"]}
    assert crawled(tmp_path, source)["grown"] < MOST_MEMORY
    assert "/bomba.xml" in server.asked[before:]
    assert "/externa" not in server.asked[before:]
    assert "root:" not in str(asked(tmp_path, "SELECT * FROM crawl_addresses"))


def test_an_endless_calendar_is_left(server: Hostile, tmp_path: Path) -> None:
    before = len(server.asked)
    source = {"name": "hostil", "url": f"{server.origin}/", "sections": [f"{server.origin}/calendario"]}
    for _ in range(3):
        crawled(tmp_path, source)
    assert 0 < len(server.asked) - before < 60
