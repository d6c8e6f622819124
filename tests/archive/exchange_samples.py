"""Exchanges as a server of a test would give them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from archive_samples import clean

from archive.db.rows import KeptExchange
from archive.model import Exchange, Purpose
from archive.reasons import Reason
from archive.store import Archive, Clock, Kept

URL = "https://elfaro.example/noticia"


def ticking(day: int) -> Clock:
    """A clock that goes on by a second at each look."""
    second = 0

    def now() -> str:
        nonlocal second
        second += 1
        return f"2026-12-{day:02}T08:{second // 60:02}:{second % 60:02}.000000Z"

    return now


def exchange(
    response: bytes | str = "", url: str = URL, at: str = "2026-12-01T09:00:00.000001Z", **more: Any
) -> Exchange:
    """An exchange with a plausible request."""
    path = "/" + url.partition("://")[2].partition("/")[2]
    request = f"GET {path} HTTP/1.1\r\nHost: {url.split('/')[2]}\r\nAccept-Encoding: gzip, br\r\n\r\n".encode()
    sent = response.encode() if isinstance(response, str) else response
    fields = {"request": request, "ip": "192.0.2.7", "milliseconds": 41} | more
    return Exchange(url=url, started=at, response=sent, **fields)


def answer(body: bytes | str, status: str = "200 OK", type_: str = "text/plain", head: str = "") -> bytes:
    """A response with a length."""
    data = body.encode() if isinstance(body, str) else body
    return f"HTTP/1.1 {status}\r\nContent-Type: {type_}\r\n{head}Content-Length: {len(data)}\r\n\r\n".encode() + data


def says(text: str) -> bytes:
    """The answer with a page that `archive_samples.clean` makes this text of."""
    return answer(json.dumps({"kit-1": {"text": text, "removed": ["Menú"]}}))


def take(archive: Archive, got: Exchange, purpose: Purpose = "page", reason: Reason | None = None) -> KeptExchange:
    """Keep an exchange and clean its page, as a crawl does."""
    kept = archive.keep_exchange(got, "El Faro", purpose, reason)
    if kept.page is not None and kept.location is not None:
        archive.record(Kept(kept.page, kept.location), clean(kept.page))
    return kept


def finish_orphans(archive: Archive) -> None:
    for _ in ("pages", "revisits"):
        for found, location in archive.orphans():
            archive.record(Kept(found, location), clean(found))
        archive.commit()
    archive.replay()


def rebuild(folder: Path) -> None:
    """A new database from the WARC files."""
    for path in folder.glob("news.db*"):
        path.unlink()
    with Archive.open(folder, ticking(28)) as archive:
        finish_orphans(archive)
        archive.finish_rebuild()
