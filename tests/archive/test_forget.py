"""What was forgotten is gone, as deep as was asked, and stays gone whatever comes."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import shutil
import subprocess
import sys
import textwrap
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from archive_samples import NOW, clean, clock, dump, page, reclean, rows, store, text

from archive.db.forgotten import Wanted
from archive.errors import UsageError
from archive.model import Page
from archive.store import Archive, Kept
from archive.tombstones import DEPTHS, Depth, Tombstone, Tombstones, digest_of, things
from archive.verify import verify
from archive.warc import records
from archive.warc.erase import is_tombstone

DAY = "2025-01-02T03:04:05Z"
SECRET = "Zyzzogeton"  # a word that stands in what is forgotten, and nowhere else
URL = f"https://a.example/{SECRET}-url"
GONE = page(
    f"{SECRET}.txt",
    {"text": text(SECRET, 40), "fields": {"title": f"{SECRET} title"}, "removed": [f"{SECRET} menu"]},
    URL,
    DAY,
)
OTHERS = [
    page("1", text("uno", 40), "https://a.example/1", DAY),
    page("2", {"text": text("dos", 50), "fields": {"authors": ["Ana"]}}, "https://b.example/2", DAY),
    page("3", text("tres", 30), None, DAY),
]


def forget(folder: Path, wanted: Wanted, depth: Depth) -> None:
    with Archive.open(folder, clock) as archive:
        archive.start_run(f"forget --{depth}")
        archive.forget(archive.forgettable(wanted), depth)
        archive.finish_run("ok")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    store(folder, [OTHERS[0], GONE, *OTHERS[1:]], batch=2)
    return folder


@pytest.fixture
def without(tmp_path: Path) -> dict[str, Any]:
    """What an archive says that never had it."""
    store(tmp_path / "without", OTHERS)
    return dump(tmp_path / "without")


def traces(folder: Path, word: str = SECRET) -> set[str]:
    """The files in which a word stands, packed or not, in any case."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file() and any(word.lower().encode() in data.lower() for data in _layers(path.read_bytes())):
            found.add(str(path.relative_to(folder)))
    return found


def _layers(data: bytes) -> Iterator[bytes]:
    yield data
    at = data.find(b"\x1f\x8b\x08")
    while at >= 0:
        unpacker = zlib.decompressobj(31)
        with contextlib.suppress(zlib.error):
            yield unpacker.decompress(data[at:])
        at = data.find(b"\x1f\x8b\x08", at + 1)


def sound(folder: Path) -> list[str]:
    return [str(finding) for finding in verify(folder)]


def shown(folder: Path) -> dict[str, Any]:
    """What an archive says without the captures that are hidden."""
    tables = dump(folder)
    hidden = {row["source"] for row in tables["captures"] if row["reason"] == "hidden"}
    for table in ("captures", "cleanings"):
        tables[table] = [
            row for row in tables[table] if not any(str(v).startswith(tuple(hidden or "\0")) for v in row.values())
        ]
    return tables


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("by", ["url", "article", "site"])
def test_it_is_as_if_it_had_never_been_there(tmp_path: Path, depth: Depth, by: str, without: dict[str, Any]) -> None:
    folder, url = tmp_path / "a", f"https://c.example/{SECRET}-url"
    it = page(f"{SECRET}.txt", {"text": text(SECRET, 40), "removed": [f"{SECRET} menu"]}, url, DAY)
    store(folder, [OTHERS[0], it, *OTHERS[1:]])
    ((number,),) = rows(folder, "SELECT id FROM articles WHERE url = ?", [url])
    value = {"url": url, "article": str(number), "site": "c.example"}[by]
    forget(folder, Wanted(by, value), depth)  # type: ignore[arg-type]
    assert sound(folder) == []
    assert shown(folder) == without
    if depth == "hide":
        assert rows(folder, "SELECT reason, article_id FROM captures WHERE url = ?", [url]) == [("hidden", None)]
    else:
        assert rows(folder, "SELECT * FROM captures WHERE url = ?", [url]) == []


def test_dropped_it_is_in_no_page_of_the_database(folder: Path) -> None:
    forget(folder, Wanted("url", URL), "erase")
    assert traces(folder) == set()


def test_erased_it_leaves_a_tombstone_and_all_other_records_as_they_were(folder: Path) -> None:
    (path,) = (folder / "warcs").iterdir()
    before = {found.record.record_id: found.record for found in records(path)}
    forget(folder, Wanted("url", URL), "erase")
    after = {found.record.record_id: found.record for found in records(path)}
    assert after.keys() == before.keys()
    changed = [key for key in before if after[key] != before[key]]
    assert len(changed) == 1
    assert is_tombstone(after[changed[0]])
    assert sound(folder) == []
    with Archive.read(folder) as reader:
        assert [reader.page(capture).body for capture in reader.captures()] == [p.body for p in OTHERS]


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(
    "again",
    [
        GONE,
        page("elsewhere", {"text": text(SECRET, 44)}, URL, "2026-01-01T00:00:00Z"),  # another text, the same address
        page("copy.txt", {"text": text(SECRET, 40), "removed": ["x"]}, None, "2026-01-01T00:00:00Z"),  # the same text
        page("claims.txt", {"text": text("otro", 40), "url": URL}, "https://a.example/x?utm=1", "2026-01-01T00:00:00Z"),
        Page("dump.txt", GONE.body, "text/plain", NOW, "clock"),  # the same bytes
    ],
    ids=["the same", "its address", "its text", "who claims it", "its bytes"],
)
def test_no_import_brings_it_back(folder: Path, depth: Depth, again: Page, without: dict[str, Any]) -> None:
    forget(folder, Wanted("url", URL), depth)
    for _ in range(2):
        store(folder, [again])
        assert sound(folder) == []
        assert shown(folder) == without
    if depth == "erase":
        assert traces(folder) == set()


@pytest.mark.parametrize("depth", DEPTHS)
def test_no_repair_brings_it_back(folder: Path, depth: Depth, without: dict[str, Any]) -> None:
    forget(folder, Wanted("url", URL), depth)
    before = dump(folder)
    (folder / "news.db").unlink()
    store(folder, [])
    assert sound(folder) == []
    assert dump(folder) == before
    assert shown(folder) == without
    store(folder, [GONE])
    assert shown(folder) == without


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("into_it", [True, False])
def test_no_merge_brings_it_back(
    tmp_path: Path, folder: Path, depth: Depth, into_it: bool, without: dict[str, Any]
) -> None:
    other = shutil.copytree(folder, tmp_path / "other")
    store(other, [page("late", {"text": text(SECRET, 40)}, None, DAY)])
    forget(folder, Wanted("url", URL), depth)
    a, b = (folder, other) if into_it else (other, folder)
    for _ in range(2):
        with Archive.open(a, clock) as archive:
            archive.start_run("merge")
            archive.merge(b)
            archive.finish_run("ok")
        assert sound(a) == []
        assert shown(a) == without
        if depth == "erase":
            assert traces(a) == set()


@pytest.mark.parametrize("depth", DEPTHS)
def test_no_recleaning_brings_it_back(folder: Path, depth: Depth) -> None:
    forget(folder, Wanted("url", URL), depth)
    reclean(folder, "kit-2")
    assert rows(folder, "SELECT * FROM articles WHERE title LIKE ?", [f"%{SECRET}%"]) == []
    assert sound(folder) == []


def test_a_deeper_forgetting_takes_what_a_shallower_left(folder: Path) -> None:
    for depth in DEPTHS[:1] + DEPTHS[2:]:
        forget(folder, Wanted("url", URL), depth)
        assert sound(folder) == []
    assert traces(folder) == set()


def test_what_others_carry_too_stays(folder: Path) -> None:
    store(folder, [page("copy", text("uno", 40), "https://b.example/copy", DAY)])
    forget(folder, Wanted("url", "https://a.example/1"), "erase")
    assert rows(folder, "SELECT url FROM articles WHERE text LIKE 'uno%'") == [("https://b.example/copy",)]
    assert sound(folder) == []
    store(folder, [page("copy", text("uno", 40), "https://b.example/copy", "2026-01-01T00:00:00Z")])
    assert rows(folder, "SELECT last_seen FROM articles WHERE text LIKE 'uno%'") == [("2026-01-01T00:00:00Z",)]


def test_nothing_of_it_is_one_line(folder: Path) -> None:
    for wanted in (Wanted("url", "https://a.example/none"), Wanted("article", "99"), Wanted("site", "none.example")):
        with Archive.open(folder, clock) as archive, pytest.raises(UsageError, match="is here"):
            archive.forgettable(wanted)


STEP = textwrap.dedent(
    """
    import os, sys
    from pathlib import Path
    left = int(sys.argv[2])
    folder = sys.argv[1]
    sys.path[:0] = sys.argv[3:]

    def step(*_):
        global left
        left -= 1
        if left < 0:
            os._exit(9)

    import archive.db.erasure, archive.warc.erase, archive.store
    from archive.db.forgotten import Wanted
    from archive.store import Archive
    from archive_samples import clock

    for name in ("replace", "rename", "unlink", "fsync", "rmdir", "mkdir"):
        before = getattr(os, name)
        setattr(os, name, lambda *a, before=before, **k: (step(), before(*a, **k))[1])

    changes = ("BEGIN", "COMMIT", "DELETE", "UPDATE", "INSERT", "VACUUM", "PRAGMA")
    with Archive.open(Path(folder), clock) as archive:
        archive._db.conn.set_trace_callback(lambda sql: step() if sql.split(None, 1)[0] in changes else None)
        archive.start_run("forget --erase")
        archive.forget(archive.forgettable(Wanted("url", sys.argv[-1])), "erase")
        archive.finish_run("ok")
    """
)


def test_killed_at_any_step_it_is_done_or_not_begun(folder: Path, tmp_path: Path, without: dict[str, Any]) -> None:
    intact, places = dump(folder), [str(Path(__file__).parent), str(Path(__file__).parents[2])]
    outcomes = set()
    for steps in itertools.count(0, 5):
        half = shutil.copytree(folder, tmp_path / f"half-{steps}")
        done = subprocess.run([sys.executable, "-c", STEP, half, str(steps), *places, URL], check=False)
        with Archive.open(half, clock) as archive:
            archive.start_run("clean")
            for found, location in archive.orphans():
                archive.record(Kept(found, location), clean(found))
            archive.finish_run("ok")
        assert sound(half) == [], steps
        left = traces(half)
        assert dump(half) == (without if not left else intact), steps
        outcomes.add(bool(left))
        shutil.rmtree(half)
        if done.returncode == 0:
            break
        assert done.returncode == 9
    assert outcomes == {True, False}


def test_a_tombstone_holds_nothing_that_can_be_read() -> None:
    salt = "00" * 16
    stone = Tombstone("address", digest_of(salt, "address", URL), salt, "drop")
    assert SECRET not in repr(stone)
    stones = Tombstones([stone])
    assert stones.depth((URL,)) == "drop"
    assert stones.depth((URL + "x",)) is None
    assert digest_of("11" * 16, "address", URL) != stone.digest
    assert dict(things((URL, None, "urn:hemeroteca:dump:0"), "p", "t")) == {
        "address": URL,
        "site": "a.example",
        "payload": "p",
        "text": "t",
    }


def test_gzip_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"..." + gzip.compress(SECRET.encode()))
    assert traces(tmp_path) == {"x"}
