"""Archives as the reading pages meet them, and their answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from archive_samples import NOW, clean, clock
from datasette.app import Datasette

from archive.model import Article, Line, Outcome, Page
from archive.store import Archive

#: What somebody may put into a title, an address, a file name, an author, a section or a text.
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' OR 1=1 --",
    "javascript:alert(1)",
    "{{ 7 * 7 }}",
    "</title></textarea><svg onload=alert(1)>",
    "&lt;b&gt;",
    "=HYPERLINK(1)",
]


def html_page(body: bytes, url: str | None = None, source: str = "page.html", **more: Any) -> Page:
    return Page(source, body, "text/html", NOW, "clock", url=url, **more)


def store_html(folder: Path, pages: Iterable[Page], text: str = "Some words that stand for the page") -> None:
    """A run whose every page is an article of its own."""
    with Archive.open(folder, clock) as archive:
        archive.start_run("clean")
        for n, page in enumerate(pages):
            outcome = Outcome("kit-1", Article(f"{text} {n}"), lines=(Line(1, "cut", "dropped", "r.1"),))
            archive.record(archive.keep(page), outcome)
        archive.finish_run("ok")


def store_given(folder: Path, pages: Iterable[Page]) -> None:
    """A run over pages that say themselves what cleaning them gives."""
    with Archive.open(folder, clock) as archive:
        archive.start_run("clean")
        for page in pages:
            archive.record(archive.keep(page), clean(page))
        archive.finish_run("ok")


def get(datasette: Datasette, path: str, **headers: str) -> Any:
    """The answer to a request, not following where it leads."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return asyncio.run(datasette.client.get(path, headers=named, follow_redirects=False))


def seen(datasette: Datasette, path: str) -> str:
    """A page that must be there."""
    answer = get(datasette, path)
    assert answer.status_code == 200, (path, answer.status_code, answer.text[-600:])
    return str(answer.text)
