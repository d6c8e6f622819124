"""Archives that others made, through the command line: read once, and nothing more the second time."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from pathlib import Path

from cli_samples import Run

TEXT = " ".join(f"La palabra número {n} de esta noticia inventada sobre el puerto y sus barcas." for n in range(30))
PAGE = (
    f"<html><head><title>El puerto</title></head><body><article><h1>El puerto</h1><p>{TEXT}</p></article></body></html>"
)
BLOCK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + PAGE.encode()


def record(url: str, day: str) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{day}>\r\nWARC-Date: {day}T08:00:00Z\r\n"
        f"WARC-Target-URI: {url}\r\nContent-Type: application/http;msgtype=response\r\nContent-Length: {len(BLOCK)}\r\n"
    )
    return head.encode() + b"\r\n" + BLOCK + b"\r\n\r\n"


def arc(url: str) -> bytes:
    about = b"filedesc://x.arc 0.0.0.0 20010101000000 text/plain 3\n1 0\n"
    return about + f"{url} 192.0.2.1 20010203040506 text/html {len(BLOCK)}\n".encode() + BLOCK + b"\n"


def test_wacz_warc_and_arc_are_read_once(hemeroteca: Run, tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as file:
        file.writestr("archive/data.warc", record("https://example.org/a", "2019-05-06"))
    (inputs / "x.wacz").write_bytes(zipped.getvalue())
    (inputs / "x.warc").write_bytes(record("https://example.org/a", "2018-01-02"))
    (inputs / "x.arc").write_bytes(arc("https://example.org/old"))

    first = json.loads(hemeroteca("clean", str(inputs), "--json").stdout)
    assert (first["pages"], first["new"], first["duplicates"], first["failed"]) == (3, 1, 2, 0)
    again = json.loads(hemeroteca("clean", str(inputs), "--json").stdout)
    assert (again["pages"], again["unchanged"]) == (3, 3)
    db = sqlite3.connect(tmp_path / "archive" / "news.db")
    seen = db.execute("SELECT url, first_seen, last_seen FROM articles").fetchall()
    db.close()
    assert seen == [("https://example.org/old", "2001-02-03T04:05:06Z", "2019-05-06T08:00:00Z")]
    hemeroteca("verify")
