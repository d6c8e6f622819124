"""Whatever a text holds, the archive of it has copies, clusters and revisions that are sound, and takes no longer."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from archive_samples import clock, page, rows, store, text

from archive.db import catchup
from archive.store import Archive
from archive.verify import verify

HOSTILE = {
    "one word": "x",
    "ten megabytes of one word": "una " * 2_500_000,
    "all furniture": "Menú\nInicio\nSuscríbete\nCompartir\n" * 20,
    "only numbers": " ".join(str(7 * n) for n in range(400)),
    "one number": "7 " * 500,
    "no spaces, Chinese": "今天下午市政府公布了新的预算方案，" * 40,
    "no spaces, Thai": "รัฐบาลประกาศงบประมาณใหม่วันนี้" * 40,
    "emoji": "🙂 🚀 👩‍👩‍👧 " * 100,
    "lone surrogates": "\ud800 \udfff a " * 50,
    "NUL": "a\x00b palabra " * 60,
    "unpaired bidi marks": "\u202e a \u2066 b palabra \u202c " * 60,
    "combining marks": "a" + "\u0301" * 5_000 + " palabra " * 40,
}
URL = "https://a.example/1"


@pytest.mark.parametrize("said", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_and_its_copy(said: str, tmp_path: Path) -> None:
    started = time.process_time()
    pages = [
        page("a", said, URL, "2026-03-01T00:00:00Z"),
        page("b", f"{said} fin", "https://b.example/1", "2026-03-02T00:00:00Z"),
        page("c", f"{said} fin", URL, "2026-03-03T00:00:00Z"),
    ]
    store(tmp_path, pages, batch=1)
    assert [str(finding) for finding in verify(tmp_path)] == []
    assert rows(tmp_path, "SELECT max(number) FROM revisions WHERE url = ?", (URL,)) <= [(2,)]
    assert time.process_time() - started < 60


def test_an_empty_text_has_no_copies(tmp_path: Path) -> None:
    store(tmp_path, [page("a", "", URL), page("b", "\u200b", "https://b.example/1")])
    assert rows(tmp_path, "SELECT count(*) FROM copies") == [(0,)]
    assert rows(tmp_path, "SELECT count(*) FROM articles") == [(1,)], "what is left of both is the same text"
    assert list(verify(tmp_path)) == []


@pytest.mark.parametrize("published", [None, "9999-12-31", "0001-01-01", "mañana", "2026-02-30"])
def test_a_date_that_cannot_be(published: str | None, tmp_path: Path) -> None:
    said = text("uno", 90)
    fields = {"fields": {"published": published}} if published else {}
    pages = [
        page("a", {"text": said, **fields}, URL),
        page("b", {"text": f"{said} hoy", **fields}, "https://b.example/1"),
    ]
    store(tmp_path, pages)
    assert rows(tmp_path, "SELECT count(*) FROM copies") == [(1,)]
    assert list(verify(tmp_path)) == []


def test_two_addresses_that_claim_each_other(tmp_path: Path) -> None:
    """Each page says that the other one is its canonical address: both are kept, each under what it claims."""
    other = "https://a.example/2"
    pages = [
        page("a", {"text": text("uno", 90), "url": other}, URL, "2026-03-01T00:00:00Z"),
        page("b", {"text": text("dos", 90), "url": URL}, other, "2026-03-02T00:00:00Z"),
        page("c", {"text": text("tres", 90), "url": other}, URL, "2026-03-03T00:00:00Z"),
    ]
    store(tmp_path, pages, batch=1)
    found = rows(tmp_path, "SELECT url, number, class FROM revisions ORDER BY 1, 2")
    assert found == [(URL, 1, "first"), (other, 1, "first"), (other, 2, "edit")]
    assert list(verify(tmp_path)) == []


def test_many_captures_of_one_address_cost_no_more_each(tmp_path: Path) -> None:
    """What was decided before is remembered: the last captures of an address cost what the first ones did."""
    texts = [text(f"dato{n}", 60).replace("tres", str(1000 + n)) for n in range(400)]
    moments = [f"2026-03-{1 + n // 24:02}T{n % 24:02}:00:00Z" for n in range(400)]
    spent = []
    with Archive.open(tmp_path, clock) as archive:
        archive.start_run("clean")
        for start in range(0, 400, 50):
            began = time.process_time()
            store_part(archive, list(zip(texts, moments, strict=True))[start : start + 50])
            spent.append(time.process_time() - began)
        archive.finish_run("ok")
    assert rows(tmp_path, "SELECT max(number) FROM revisions") == [(400,)]
    assert min(spent[-3:]) < 6 * min(spent[:3]) + 0.2
    assert list(verify(tmp_path)) == []


def store_part(archive: Archive, part: list[tuple[str, str]]) -> None:
    from archive_samples import clean

    for said, moment in part:
        item = page(moment, said, URL, moment)
        archive.record(archive.keep(item), clean(item))
    archive.commit()


def test_an_archive_of_schema_1_gets_copies_and_revisions(tmp_path: Path) -> None:
    """Made before there were any; a kill between two portions loses nothing."""
    story = text("uno", 90).replace("pueblos", "ciudades y pueblos")
    pages = [
        page("a", story, URL, "2026-03-01T00:00:00Z"),
        page("b", f"{story} hoy", URL, "2026-03-02T00:00:00Z"),
        page("c", text("corto", 12), URL, "2026-03-03T00:00:00Z"),
        page("d", f"{story} ayer", "https://b.example/1", "2026-03-04T00:00:00Z"),
    ]
    store(tmp_path, pages)
    said = "SELECT url, number, class, reason, facts FROM revisions ORDER BY 1, 2"
    before = (rows(tmp_path, said), rows(tmp_path, "SELECT * FROM copies ORDER BY 1, 2"))
    assert (len(before[0]), len(before[1])) == (3, 3)
    db = sqlite3.connect(tmp_path / "news.db")
    for table in ("revisions", "copies", "shingle_keys", "hubs", "clustered", "clusters", "derived"):
        db.execute(f"DELETE FROM {table}")
    db.execute("UPDATE captures SET error = NULL WHERE reason = 'worse'")  # as it was before variants had a reason
    db.commit()
    db.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catchup, "PORTION", 1)
        calls = []

        def dying(*args: object) -> object:
            calls.append(args)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return settle(*args)  # type: ignore[arg-type]

        settle = catchup.settle_batch
        patch.setattr(catchup, "settle_batch", dying)
        with pytest.raises(KeyboardInterrupt):
            Archive.open(tmp_path, clock)
        assert rows(tmp_path, "SELECT count(*) FROM unwalked")[0][0] == 1
        patch.setattr(catchup, "settle_batch", settle)
        Archive.open(tmp_path, clock).close()
    assert (rows(tmp_path, said), rows(tmp_path, "SELECT * FROM copies ORDER BY 1, 2")) == before
    assert list(verify(tmp_path)) == []
