"""The archive read while a run writes it: nothing is blocked, nothing is stale, and no read is long."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from archive_samples import clean, clock, page, text
from browse_samples import seen, store_given
from chromium import served

import archive
from archive.browse import takeaway
from archive.browse.serve import Following, application
from archive.export.selection import Selection
from archive.store import Archive

COMMITS, BATCH = 40, 5
PAGES = [
    "/",
    "/search?q=noche",
    "/search?q=noche&sort=relevance",
    "/search.jsonl?q=noche",
    "/search.db?q=noche",
    "/article/1",
    "/article/1/cleaning",
    "/article/1/revisions",
    "/capture/1",
    "/url",
    "/runs",
    "/run/1",
    "/news/articles?_facet=site",
    "/news/search?words=noche&site=&include_superseded=",
]

_WRITER = f"""
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from archive_samples import clean, clock, page, text
from archive.store import Archive
with Archive.open(Path(sys.argv[1]), clock) as writer:
    writer.start_run("clean")
    for n in range(1, {COMMITS * BATCH}):
        new = page(f"{{n}}.txt", {{"text": text(f"nota{{n}}", 200)}}, f"https://a.example/{{n}}")
        writer.record(writer.keep(new), clean(new))
        if n % {BATCH} == 0:
            writer.commit()
            print(n, flush=True)
    writer.finish_run("ok")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    first = page("0.txt", {"text": text("nota0", 200), "removed": ["Menú"]}, "https://a.example/0")
    store_given(tmp_path / "live", [first])
    return tmp_path / "live"


def started(folder: Path) -> subprocess.Popen[str]:
    here = [str(Path(__file__).parents[1] / "archive"), str(Path(archive.__file__).parents[1])]
    command = [sys.executable, "-c", _WRITER, str(folder), *here]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def log_size(folder: Path) -> int:
    """Bytes of the log that no checkpoint has put into the database yet."""
    log = folder / "news.db-wal"
    return log.stat().st_size if log.exists() else 0


def test_pages_are_read_while_a_run_writes(folder: Path) -> None:
    counted = []
    with served(folder) as address, httpx.Client(base_url=address, timeout=60) as client, started(folder) as writer:
        while writer.poll() is None:
            for path in PAGES:
                answer = client.get(path)
                assert answer.status_code == 200, (path, answer.text[-500:])
            found = re.search(r"(\d+) articles? of", client.get("/").text)
            assert found is not None
            counted.append(int(found[1]))
        assert writer.returncode == 0, writer.stderr and writer.stderr.read()
        assert counted == sorted(counted)
        assert log_size(folder) == 0  # the run put all of it away, though the archive is still open here
        assert f"{COMMITS * BATCH} articles of" in client.get("/").text


def emptied(folder: Path) -> bool:
    """Whether the whole log can be put away now: nobody is in the middle of a read."""
    with sqlite3.connect(folder / "news.db", timeout=0.2) as db:
        busy, _, _ = db.execute("PRAGMA wal_checkpoint(truncate)").fetchone()
    db.close()
    return busy == 0 and log_size(folder) == 0


def write(folder: Path, name: str) -> None:
    """Something for the log, from a run that does not end."""
    with Archive.open(folder, clock) as writer:
        writer.start_run("clean")
        new = page(name, text(name, 60))
        writer.record(writer.keep(new), clean(new))
        writer.commit()


@pytest.mark.parametrize("path", PAGES)
def test_no_page_leaves_a_read_open(folder: Path, path: str) -> None:
    site = application(folder)
    seen(site, path)
    idle = sqlite3.connect(folder / "news.db")  # else whoever closes last puts the log away
    idle.execute("SELECT count(*) FROM runs").fetchone()
    write(folder, "z.txt")
    assert log_size(folder)
    assert emptied(folder)
    idle.close()


def test_a_download_that_waits_for_its_reader_holds_no_read(folder: Path) -> None:
    pages = [page(f"{n}.txt", text(f"nota{n}", 4000), f"https://b.example/{n}") for n in range(30)]
    store_given(folder, pages)
    pieces: Iterator[bytes] = takeaway.taken(folder, Selection(), takeaway.form_of("jsonl"), clock(), 1000)
    next(pieces)
    write(folder, "z.txt")
    assert emptied(folder)
    assert b"".join(pieces).count(b"\n") > 10
    pieces.close()  # type: ignore[attr-defined]  # it is a generator


def test_an_archive_that_may_grow_is_never_taken_as_it_lies(folder: Path) -> None:
    assert application(folder).get_database("news").is_mutable


def test_an_archive_taken_as_it_lay_is_opened_anew_when_it_grew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder where nothing could be written, as another user's; then its owner's run writes there."""
    import asyncio

    from archive.browse import serve

    monkeypatch.setattr(serve, "needs_immutable", lambda _path: True)
    following = Following(folder)

    async def front() -> str:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(following), base_url="http://here") as client:
            return (await client.get("/")).text

    assert "1 article of" in asyncio.run(front())
    monkeypatch.setattr(serve, "needs_immutable", lambda _path: False)
    with Archive.open(folder, clock) as writer:
        writer.start_run("clean")
        new = page("z.txt", text("nueva", 60), "https://z.example/1")
        writer.record(writer.keep(new), clean(new))
        writer.commit()
        assert "2 articles of" in asyncio.run(front())
        assert following.datasette.get_database("news").is_mutable
        writer.finish_run("ok")


def test_a_read_left_open_would_be_seen(folder: Path) -> None:
    """Else the tests above would prove nothing."""
    reading = sqlite3.connect(folder / "news.db", isolation_level=None)
    reading.execute("BEGIN")
    reading.execute("SELECT count(*) FROM articles").fetchone()
    write(folder, "z.txt")
    assert not emptied(folder)
    reading.close()
    assert emptied(folder)
