"""Pages that others crawled: taken in from a WARC with the same rows, and not fetched again by a crawl."""

from __future__ import annotations

import io
import sqlite3
import time
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from cli_samples import Run, as_json
from crawl_site import Site, serving
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

SETTINGS = """
contact = "mailto:me@elfaro.example"
[[source]]
name = "paper"
url = "{url}/"
feeds = ["{url}/rss.xml"]
every = "0s"
delay = 0
allow-private = true
"""
Pages = Iterable[tuple[str, bytes]]


def response(writer: WARCWriter, url: str, body: bytes, **headers: str) -> None:
    http = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
    dated = {"WARC-Date": "2026-11-20T08:00:00Z"} | {name.replace("_", "-"): value for name, value in headers.items()}
    record = writer.create_warc_record(url, "response", io.BytesIO(body), http_headers=http, warc_headers_dict=dated)
    writer.write_record(record)


def cc_news(path: Path, pages: Pages) -> Path:
    """One gzip member a record, responses alone behind a warcinfo."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "StormCrawler"}))
        for url, body in pages:
            response(writer, url, body, WARC_Identified_Payload_Type="text/html")
    return path


def wget(path: Path, pages: Pages) -> Path:
    """WARC/1.0, requests beside responses, the log as a resource."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="WARC/1.0")
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "Wget/1.21 (linux-gnu)"}))
        for url, body in pages:
            asked = StatusAndHeaders("GET / HTTP/1.1", [("User-Agent", "Wget/1.21")], is_http_request=True)
            writer.write_record(writer.create_warc_record(url, "request", io.BytesIO(b""), http_headers=asked))
            response(writer, url, body)
        log = writer.create_warc_record(
            "metadata://gnu.org/software/wget/warc/wget.log", "resource", io.BytesIO(b"done"),
            warc_content_type="text/plain",
        )  # fmt: skip
        writer.write_record(log)
    return path


def browsertrix(path: Path, pages: Pages) -> Path:
    """A WACZ: a zip with the WARC in `archive/`."""
    inner = cc_news(path.with_suffix(".warc.gz"), pages)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:
        package.write(inner, "archive/rec-0.warc.gz")
        package.writestr("datapackage.json", '{"profile": "data-package", "resources": []}')
    inner.unlink()
    return path


@pytest.mark.parametrize(
    ("make", "name"),
    [(cc_news, "CC-NEWS-20261120.warc.gz"), (wget, "mirror.warc.gz"), (browsertrix, "crawl.wacz")],
    ids=["cc-news", "wget", "browsertrix"],
)
def test_what_others_crawled_is_not_fetched_again(
    hemeroteca: Run, tmp_path: Path, make: Callable[[Path, Pages], Path], name: str
) -> None:
    folder = tmp_path / "archive"
    with serving(Site(time.time)) as site:
        paths = [site.publish(str(n)) for n in range(3)]
        given = make(tmp_path / name, [(site.url + path, site.pages[path].body) for path in paths])
        cleaned, crawled = tmp_path / "cleaned", folder
        hemeroteca("clean", given, "--archive", cleaned)
        taken = as_json(hemeroteca("crawl", "--from-warc", given, "--json"))
        assert (taken["new"], taken["failed"]) == (3, 0)
        assert rows(crawled) == rows(cleaned)
        (folder / "sources.toml").write_text(SETTINGS.format(url=site.url), encoding="utf-8")
        site.publish("new")
        told = as_json(hemeroteca("crawl", "--json"))["sources"]["paper"]
        assert (told["seen"], told["new"], told["known"]) == (4, 1, 3)
        assert [path for path in site.asked() if path in paths] == []
    assert hemeroteca("verify").returncode == 0


def rows(folder: Path) -> list[tuple[object, ...]]:
    """Articles and captures, without what tells one archive from another."""
    with sqlite3.connect(folder / "news.db") as db:
        articles = db.execute("SELECT id, url, title, text, content_hash, first_seen FROM articles").fetchall()
        captures = db.execute(
            "SELECT id, article_id, url, captured_at, payload_digest, status FROM captures"
        ).fetchall()
    db.close()
    return [*articles, *captures]
