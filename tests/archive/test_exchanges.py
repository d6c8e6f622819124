"""What was fetched is kept as it came, has its row, and comes back from the WARC files alone."""

from __future__ import annotations

import gzip
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from archive_samples import text
from exchange_samples import URL, answer, exchange, finish_orphans, rebuild, says, take, ticking

from archive.model import Exchange, Purpose
from archive.reasons import Reason
from archive.store import Archive
from archive.verify import verify
from archive.warc import Record, records, warc_files

LONG, OTHER = text("larga", 100), text("otra", 90)
TABLES = ("runs", "captures", "removals", "articles", "notes", "warc_files", "addresses", "cleanings")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def at(second: int) -> str:
    return f"2026-12-01T09:00:{second:02}.000000Z"


def rows(folder: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    db = sqlite3.connect(folder / "news.db")
    try:
        return db.execute(query, values).fetchall()
    finally:
        db.close()


def whole(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    return {table: sorted(rows(folder, f"SELECT * FROM {table}"), key=repr) for table in TABLES}


def crawled(folder: Path, *got: Exchange, day: int = 1, purpose: Purpose = "page", commit: bool = True) -> None:
    with Archive.open(folder, ticking(day)) as archive:
        archive.start_run("hemeroteca crawl", {"operator": "mailto:ana@elfaro.example", "robots": "classic"})
        finish_orphans(archive)
        for one in got:
            take(archive, one, purpose)
            if commit:
                archive.commit()
        archive.finish_run("ok")


def found(folder: Path) -> list[Record]:
    return [one.record for path in warc_files(folder / "warcs") for one in records(path)]


def of_type(folder: Path, kind: str) -> list[Record]:
    notes = "urn:hemeroteca:note:"
    return [one for one in found(folder) if one.type == kind and not (one.target_uri or "").startswith(notes)]


def test_a_page_has_a_response_a_request_and_a_metadata_record(folder: Path) -> None:
    got = exchange(says(LONG), at=at(1), tls="TLSv1.3 TLS_AES_256_GCM_SHA384", via="https://elfaro.example/", hops="L")
    crawled(folder, got)
    info, response, request, metadata = found(folder)[:4]
    assert response.block == got.response
    assert request.block == got.request
    assert [one.date for one in (response, request, metadata)] == [at(1)] * 3
    assert [one.target_uri for one in (response, request, metadata)] == [URL] * 3
    assert [one.get("WARC-Concurrent-To") for one in (response, request, metadata)] == [
        None,
        response.record_id,
        response.record_id,
    ]
    assert {one.get("WARC-Warcinfo-ID") for one in (response, request, metadata)} == {info.record_id}
    assert [value for name, value in response.headers if name in {"WARC-Protocol", "WARC-Cipher-Suite"}] == [
        "http/1.1",
        "tls/1.3",
        "TLS_AES_256_GCM_SHA384",
    ]
    assert response.get("WARC-IP-Address") == "192.0.2.7"
    assert metadata.block == b"via: https://elfaro.example/\r\nhopsFromSeed: L\r\nfetchTimeMs: 41\r\n"
    assert metadata.get("WARC-Payload-Digest") is None
    said = info.block.decode()
    assert "operator: mailto:ana@elfaro.example\r\n" in said
    assert "robots: classic\r\n" in said
    assert "software: hemeroteca/" in said
    columns = "purpose, ip, milliseconds, protocol, tls, truncated, rebuilt, via, hops, status, source_name, dated_by"
    assert rows(folder, f"SELECT {columns}, reason, article_id FROM captures") == [
        ("page", "192.0.2.7", 41, "http/1.1", got.tls, None, 0, got.via, "L", 200, "El Faro", "fetch", None, 1)
    ]
    assert list(verify(folder)) == []


CASES: dict[str, tuple[Exchange, Purpose, str]] = {
    "redirect": (exchange("HTTP/1.1 301 x\r\nLocation: /otra\r\nContent-Length: 0\r\n\r\n"), "page", "redirect"),
    "a 300 without a place": (exchange("HTTP/1.1 300 x\r\nContent-Length: 0\r\n\r\n"), "page", "http-error"),
    "not modified, and nothing here": (exchange("HTTP/1.1 304 x\r\n\r\n"), "page", "not-modified"),
    "gone": (exchange(answer("nada", "410 Gone")), "feed", "gone"),
    "missing": (exchange(answer("nada", "404 Not Found")), "page", "gone"),
    "error": (exchange(answer("oops", "503 Busy")), "robots", "http-error"),
    "feed": (exchange(answer("<rss/>", type_="application/rss+xml")), "feed", "feed"),
    "front": (exchange(answer("<html></html>", type_="text/html")), "front", "front"),
    "sitemap": (exchange(answer(gzip.compress(b"<urlset/>"), type_="application/gzip")), "sitemap", "sitemap"),
    "robots": (exchange(answer("User-agent: *")), "robots", "robots"),
    "picture": (exchange(answer(b"\x89PNG", type_="image/png")), "page", "not-a-page"),
    "bad gzip": (exchange(answer(b"\x1f\x8b\x08 no", head="Content-Encoding: gzip\r\n")), "page", "damaged"),
    "cut by size": (exchange(says(LONG)[:-9], truncated="length"), "page", "too-large"),
    "cut by time": (exchange(says(LONG)[:-9], truncated="time"), "page", "truncated"),
    "cut, and nobody says so": (exchange(says(LONG)[:-9]), "page", "truncated"),
    "no http": (exchange(b"ICY 200 OK\r\nicy-name: x"), "page", "garbled"),
    "half a head": (exchange(b"HTTP/1.1 200 OK\r\nContent-Ty", truncated="disconnect"), "page", "garbled"),
    "nothing": (exchange(b"", error="no answer within 30 s"), "page", "unreachable"),
    "nothing sent": (exchange(b"", request=b"", ip=None, error="no such host"), "feed", "unreachable"),
}


@pytest.mark.parametrize("case", CASES)
def test_whatever_came_has_its_row_and_comes_back(folder: Path, case: str) -> None:
    got, purpose, reason = CASES[case]
    crawled(folder, got, purpose=purpose)
    assert rows(folder, "SELECT source, url, captured_at, purpose, reason, dated_by FROM captures") == [
        (URL, URL, got.started, purpose, reason, "fetch")
    ]
    kept = [one.block for kind in ("response", "resource") for one in of_type(folder, kind)]
    assert kept == ([got.response] if got.response else [])
    assert [one.block for one in of_type(folder, "request")] == ([got.request] if got.request else [])
    assert list(verify(folder)) == []
    if got.response:
        with Archive.read(folder) as reader:
            (capture,) = reader.captures_of_run(1)
            if case != "bad gzip":
                assert reader.page(capture).url == URL
            assert list(reader.captures()) == []  # none is cleaned again
    before = whole(folder)
    rebuild(folder)
    assert whole(folder) == before
    assert list(verify(folder)) == []


def test_a_reason_that_is_given_stands_and_noarchive_keeps_the_head_alone(folder: Path) -> None:
    with Archive.open(folder, ticking(1)) as archive:
        archive.start_run("crawl")
        take(archive, exchange(says(LONG), at=at(1)), reason=Reason.NOARCHIVE)
        take(archive, exchange(says(OTHER), at=at(2)), reason=Reason.BLOCKED)
        take(archive, exchange(b"", request=b"", at=at(3), error="private address"), reason=Reason.REFUSED)
        archive.finish_run("ok")
    assert rows(folder, "SELECT reason FROM captures ORDER BY captured_at") == [
        ("noarchive",),
        ("blocked",),
        ("refused",),
    ]
    head, blocked = of_type(folder, "response")
    assert head.block.endswith(b"\r\n\r\n")
    assert blocked.block == says(OTHER)
    assert head.get("WARC-Truncated") == "unspecified"
    assert list(verify(folder)) == []


def test_an_unchanged_payload_is_a_revisit_that_leads_to_its_bytes(folder: Path) -> None:
    crawled(folder, *(exchange(says(LONG), at=at(n)) for n in range(1, 4)))
    responses, revisits = of_type(folder, "response"), of_type(folder, "revisit")
    assert (len(responses), len(revisits)) == (1, 2)
    for revisit in revisits:
        assert revisit.block == says(LONG).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        assert revisit.get("WARC-Refers-To") == responses[0].record_id
        assert revisit.get("WARC-Refers-To-Date") == at(1)
        assert revisit.get("WARC-Refers-To-Target-URI") == URL
        assert revisit.get("WARC-Payload-Digest") == responses[0].get("WARC-Payload-Digest")
    assert rows(folder, "SELECT id, revisit_of, article_id FROM captures") == [(1, None, 1), (2, 1, 1), (3, 1, 1)]
    with Archive.read(folder) as reader:
        pages = [reader.page(capture) for capture in reader.captures()]
    assert [page.body for page in pages] == [pages[0].body] * 3
    assert [page.captured_at for page in pages] == [at(1), at(2), at(3)]
    assert list(verify(folder)) == []
    before = whole(folder)
    rebuild(folder)
    assert whole(folder) == before


def test_only_what_is_on_the_disk_is_referred_to(folder: Path) -> None:
    crawled(folder, *(exchange(says(LONG), at=at(n)) for n in range(1, 4)), commit=False)
    assert (len(of_type(folder, "response")), len(of_type(folder, "revisit"))) == (3, 0)


@pytest.mark.parametrize("same", ["url", "status", "entity"])
def test_what_differs_is_written_in_full(folder: Path, same: str) -> None:
    second = {
        "url": exchange(says(LONG), url=URL + "?x", at=at(2)),
        "status": exchange(says(LONG).replace(b"200 OK", b"203 OK"), at=at(2)),
        "entity": exchange(says(OTHER), at=at(2)),
    }[same]
    crawled(folder, exchange(says(LONG), at=at(1)), second)
    assert of_type(folder, "revisit") == []


def test_a_304_is_an_empty_revisit_of_the_newest_capture_and_never_of_a_revisit(folder: Path) -> None:
    not_modified = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
    crawled(folder, exchange(says(LONG), at=at(1)), exchange(says(LONG), at=at(2)))
    crawled(folder, exchange(not_modified, at=at(3)), exchange(not_modified, at=at(4)), day=2)
    revisits = of_type(folder, "revisit")[1:]
    assert [one.block for one in revisits] == [b"", b""]
    assert {one.get("WARC-Refers-To") for one in revisits} == {of_type(folder, "response")[0].record_id}
    assert "head: HTTP/1.1%20304%20Not%20Modified%0D%0A" in of_type(folder, "metadata")[-1].block.decode()
    assert rows(folder, "SELECT reason, revisit_of FROM captures ORDER BY captured_at") == [
        (None, None),
        (None, 1),
        ("not-modified", 1),
        ("not-modified", 1),
    ]
    with Archive.read(folder) as reader:
        last = reader.find_url(URL)[0]
        assert reader.page(last).body == says(LONG).partition(b"\r\n\r\n")[2]
        assert next(reader.runs()).unchanged == 2
    assert list(verify(folder)) == []
    before = whole(folder)
    rebuild(folder)
    assert {table: rows for table, rows in whole(folder).items() if table != "captures"} == {
        table: rows for table, rows in before.items() if table != "captures"
    }
    assert len(whole(folder)["captures"]) == 4
    assert list(verify(folder)) == []


def test_chunks_are_kept_and_the_digest_is_over_what_they_hold(folder: Path) -> None:
    body = says(LONG).partition(b"\r\n\r\n")[2]
    chunked = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunked += b"%x;ext=1\r\n%s\r\n0\r\nX-T: 1\r\n\r\n" % (len(body), body)
    crawled(folder, exchange(says(LONG), at=at(1)), exchange(chunked, at=at(2)))
    assert [one.type for one in found(folder)[1:7]] == [
        "response",
        "request",
        "metadata",
        "revisit",
        "request",
        "metadata",
    ]
    other = exchange(chunked, url=URL + "2", at=at(3))
    crawled(folder, other, day=2)
    assert of_type(folder, "response")[-1].block == chunked


def test_interim_responses_and_what_follows_the_end_are_told_beside_the_record(folder: Path) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    crawled(folder, exchange(hints + says(LONG) + b"tail\n", at=at(1)))
    assert of_type(folder, "response")[0].block == says(LONG)
    told = of_type(folder, "metadata")[0].block.decode()
    assert f"interimBytes: {len(hints)}\r\ninterim: HTTP/1.1%20103" in told
    assert "excessBytes: 5\r\nexcess: tail%0A\r\n" in told


def test_an_address_of_other_letters_is_a_uri(folder: Path) -> None:
    url = "https://señal.example/año?q=ñ"
    crawled(folder, exchange(says(LONG), url=url, at=at(1)))
    assert of_type(folder, "response")[0].target_uri == "https://xn--seal-hqa.example/a%C3%B1o?q=%C3%B1"
    assert rows(folder, "SELECT url, source FROM captures") == [(url, url)]
    before = whole(folder)
    rebuild(folder)
    assert whole(folder) == before


def test_a_page_cleaned_again_reads_its_revisits(folder: Path) -> None:
    crawled(folder, exchange(says(LONG), at=at(1)), exchange(says(LONG), at=at(2)), exchange(b"", at=at(3)))
    with Archive.open(folder, ticking(2)) as archive:
        archive.start_run("reclean")
        bodies = [archive.page(capture).body for capture in archive.captures()]
        archive.finish_run("ok")
    assert bodies == [says(LONG).partition(b"\r\n\r\n")[2]] * 2


def test_a_revisit_whose_original_is_lost_is_told(folder: Path) -> None:
    crawled(folder, exchange(says(LONG), at=at(1)))
    crawled(folder, exchange(says(LONG), at=at(2)), day=2)
    first, _ = warc_files(folder / "warcs")
    first.unlink()
    assert any(first.name in finding.where for finding in verify(folder))
    rebuild(folder)
    assert rows(folder, "SELECT reason, revisit_of FROM captures") == [("damaged", None)]
    assert any("revisit_of" in finding.what or "cleaning" in finding.what for finding in verify(folder))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ("UPDATE captures SET milliseconds = 7 WHERE id = 1", "milliseconds"),
        ("UPDATE captures SET via = 'x' WHERE id = 1", "via"),
        ("UPDATE captures SET reason = 'feed' WHERE id = 3", "reason"),
        ("UPDATE captures SET revisit_of = 3 WHERE id = 2", "revisit"),
        ("UPDATE captures SET revisit_of = NULL WHERE id = 2", "revisit_of"),
        ("DELETE FROM cleanings WHERE capture_id = 1", "cleaning"),
        ("DELETE FROM notes WHERE kind = 'unanswered'", "did not take in"),
    ],
)
def test_verify_sees_what_was_changed(folder: Path, spoil: str, told: str) -> None:
    crawled(
        folder,
        exchange(says(LONG), at=at(1), via="https://elfaro.example/"),
        exchange(says(LONG), at=at(2)),
        exchange(answer("no", "404 No"), at=at(3)),
        exchange(b"", at=at(4), error="reset"),
    )
    assert list(verify(folder)) == []
    db = sqlite3.connect(folder / "news.db")
    with db:
        assert db.execute(spoil).rowcount == 1
    db.close()
    assert [one for one in verify(folder) if told in str(one)] != []


def test_beside_a_run_an_answer_that_cannot_be_unpacked_is_no_damage(folder: Path) -> None:
    bad = exchange(answer(b"\x1f\x8b\x08 no", head="Content-Encoding: gzip\r\n"), at=at(1))
    with Archive.open(folder, ticking(1)) as archive:
        archive.start_run("crawl")
        for got in (bad, exchange(says(LONG), at=at(2)), exchange(says(LONG), at=at(3)), exchange(b"", at=at(4))):
            take(archive, got)
            archive.commit()
        assert [str(finding) for finding in verify(folder)] == []
        archive.finish_run("ok")
    assert list(verify(folder)) == []


def test_a_fetch_that_fails_again_has_a_row_each_time(folder: Path) -> None:
    crawled(folder, *(exchange(b"", at=at(n), error="no such host") for n in range(3)))
    assert rows(folder, "SELECT count(*) FROM captures WHERE reason = 'unreachable'") == [(3,)]
