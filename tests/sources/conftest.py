"""What the tests of the sources share: a folder to fill, and a run over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.model import Page, Unread
from scraper.sources import SourceOptions, pages

NOW = "2026-02-03T04:05:06.700000Z"


class Folder:
    """A working folder, and what a run over some of its paths gives."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, content: bytes | str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def read(self, *paths: str, **options) -> list[Page | Unread]:
        return list(pages(paths or (".",), SourceOptions(**{"now": NOW, **options})))

    def page(self, *paths: str, **options) -> Page:
        (page,) = self.read(*paths, **options)
        assert isinstance(page, Page), page
        return page

    def unread(self, *paths: str, **options) -> Unread:
        (unread,) = self.read(*paths, **options)
        assert isinstance(unread, Unread), unread
        assert unread.error
        return unread


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Folder:
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path)
