"""What was fetched is merged and forgotten like all else: with its request, its metadata, its revisits and failures."""

from __future__ import annotations

from pathlib import Path

import pytest
from exchange_samples import answer, exchange, finish_orphans, rebuild, says, take, ticking

from archive.db.forgotten import Wanted
from archive.model import Page, Unread
from archive.store import Archive
from archive.tombstones import Depth
from archive.verify import verify
from archive.warc import Record, records, warc_files
from scraper.sources import SourceOptions, pages

SECRET, OTHER = "https://elfaro.example/secreto", "https://elfaro.example/otra"


def crawled(folder: Path, day: int) -> Path:
    """A page seen twice and a 304, one that is gone, a feed, a fetch that failed: the same addresses each day."""
    with Archive.open(folder, ticking(day)) as archive:
        archive.start_run(f"crawl {day}")
        finish_orphans(archive)
        sent = (
            (SECRET, says("palabra secreta y nada más que eso")),
            (SECRET, says("palabra secreta y nada más que eso")),
            (SECRET, b"HTTP/1.1 304 x\r\n\r\n"),
            (SECRET, b""),
            (OTHER, says("otra cosa")),
            (OTHER, answer("no", "404 x")),
        )
        for second, (url, response) in enumerate(sent):
            take(archive, exchange(response, url=url, at=f"2026-12-{day:02}T09:00:{second:02}.000000Z"))
            archive.commit()
        take(archive, exchange(answer("<rss/>"), url=f"{OTHER}/rss", at=f"2026-12-{day:02}T10:00:00.000000Z"), "feed")
        archive.finish_run("ok")
    return folder


def found(folder: Path) -> list[Record]:
    return [one.record for path in warc_files(folder / "warcs") for one in records(path)]


def rows(folder: Path) -> list[tuple[object, ...]]:
    query = """
    SELECT c.url, c.captured_at, c.reason, c.purpose, o.captured_at, c.article_id IS NULL, runs.command
    FROM captures c JOIN runs ON runs.id = c.run_id LEFT JOIN captures o ON o.id = c.revisit_of ORDER BY 1, 2
    """
    with Archive.read(folder) as reader:
        return reader.db.conn.execute(query).fetchall()


def test_two_archives_of_crawls_become_one(tmp_path: Path) -> None:
    one, other = crawled(tmp_path / "one", 1), crawled(tmp_path / "other", 2)
    both = sorted(rows(one) + rows(other))
    with Archive.open(one, ticking(3)) as archive:
        archive.start_run("merge")
        archive.merge(other)
        finish_orphans(archive)
        archive.finish_run("ok")
    assert rows(one) == both
    assert [str(finding) for finding in verify(one)] == []
    rebuild(one)
    assert rows(one) == both
    assert [str(finding) for finding in verify(one)] == []


@pytest.mark.parametrize("depth", ["hide", "drop", "erase"])
def test_an_address_that_was_fetched_is_forgotten_with_all_that_belongs_to_it(tmp_path: Path, depth: Depth) -> None:
    folder = crawled(crawled(tmp_path / "archive", 1), 2)
    with Archive.open(folder, ticking(3)) as archive:
        archive.start_run("forget")
        archive.forget(archive.forgettable(Wanted("url", SECRET)), depth)
        archive.finish_run("ok")
    left = [row for row in rows(folder) if row[0] == SECRET]
    if depth == "hide":
        assert all(row[5] for row in left)
    else:
        assert left == []
    if depth == "erase":
        assert not any(SECRET in (record.target_uri or "") for record in found(folder))
        assert not any(b"secret" in record.block for record in found(folder))
    assert [str(finding) for finding in verify(folder)] == []
    before = rows(folder)
    rebuild(folder)
    assert rows(folder) == before
    assert [str(finding) for finding in verify(folder)] == []


def test_the_files_of_a_crawl_are_read_like_anybodys(tmp_path: Path) -> None:
    """Its pages, seen again where they were; no feed, no error, nothing that was cut."""
    folder = crawled(tmp_path / "archive", 1)
    found = list(pages([str(folder / "warcs")], SourceOptions(now="2026-12-02T00:00:00.000000Z")))
    assert [(item.url, item.captured_at[11:19]) for item in found if isinstance(item, Page)] == [
        (SECRET, "09:00:00"),
        (SECRET, "09:00:01"),
        (SECRET, "09:00:02"),
        (OTHER, "09:00:04"),
    ]
    assert [item for item in found if isinstance(item, Unread)] == []
