"""A book, held to the rules of EPUB: those that can be checked here, and all of them by epubcheck."""

from __future__ import annotations

import posixpath
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.db.rows import ArticleRow
from archive.errors import UsageError
from archive.export.chosen import choose
from archive.export.epub import chapter, write_epub
from archive.export.selection import Selection
from archive.store import Archive

EPUBCHECK = Path("/usr/share/java/epubcheck.jar")
NOW = "2026-11-24T21:00:00.000000Z"
OPF = "{http://www.idpf.org/2007/opf}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def article(**said: Any) -> ArticleRow:
    empty: dict[str, Any] = dict.fromkeys(ArticleRow.__slots__)
    return ArticleRow(**empty | {"id": 7, "authors": (), "tags": (), "text": "", "field_sources": {}} | said)


@pytest.fixture
def book(samples: Path, tmp_path: Path) -> zipfile.ZipFile:
    target = tmp_path / "week.epub"
    with Archive.read(samples) as reader:
        size = write_epub(choose(reader, Selection()), target, NOW)
    assert size == target.stat().st_size
    return zipfile.ZipFile(target)


@pytest.mark.skipif(not (EPUBCHECK.exists() and shutil.which("java")), reason="Debian's epubcheck is not installed")
def test_epubcheck_finds_no_fault(samples: Path, tmp_path: Path) -> None:
    with Archive.read(samples) as reader:
        write_epub(choose(reader, Selection()), tmp_path / "week.epub", NOW)
    command = ["java", "-jar", str(EPUBCHECK), "--failonwarnings", str(tmp_path / "week.epub")]
    told = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert told.returncode == 0, told.stdout + told.stderr


def test_the_first_file_says_what_it_is(book: zipfile.ZipFile) -> None:
    first = book.infolist()[0]
    assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")
    assert book.read(first) == b"application/epub+zip"


def test_the_manifest_names_every_file_and_the_spine_every_chapter(book: zipfile.ZipFile) -> None:
    package = ElementTree.fromstring(book.read("book/package.opf"))
    items = {item.attrib["id"]: item.attrib["href"] for item in package.iter(f"{OPF}item")}
    named = {posixpath.join("book", href) for href in items.values()}
    assert named == {name for name in book.namelist() if name.startswith("book/")} - {"book/package.opf"}
    spine = [items[item.attrib["idref"]] for item in package.iter(f"{OPF}itemref")]
    nav = ElementTree.fromstring(book.read("book/contents.xhtml"))
    links = [link.attrib["href"] for link in nav.iter(f"{XHTML}a")]
    assert spine == ["contents.xhtml", *links]
    assert links == [f"article-{n}.xhtml" for n in (1, 2, 3, 6, 4)]  # by day, the undated last
    days = [span.text for span in nav.iter(f"{XHTML}span")]
    assert days == ["2025-07-01", "2025-07-02", "2025-08", "2026", "Undated"]


def test_a_chapter_reads_as_the_article(book: zipfile.ZipFile) -> None:
    body = ElementTree.fromstring(book.read("book/article-3.xhtml"))
    assert [line.text for line in body.iter(f"{XHTML}h1")] == ["@cmd|' /C calc'!A0"]
    assert [line.text for line in body.iter(f"{XHTML}p")][1:3] == ['=HYPERLINK("http://evil.example")', "# no heading"]
    assert not list(body.iter(f"{XHTML}script"))
    assert [a.attrib["href"] for a in body.iter(f"{XHTML}a")] == ["https://example.org/c?q=a%20b&c=%3Cd%3E"]


def test_no_article_is_no_book(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no article is chosen"):
        write_epub([], tmp_path / "a.epub", NOW)
    assert list(tmp_path.iterdir()) == []


any_text = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


@settings(deadline=None)
@given(any_text, any_text, any_text, any_text)
def test_any_article_is_well_formed(title: str, text: str, language: str, url: str) -> None:
    page = chapter(article(title=title, text=text, language=language, url="http://" + url, site=title))
    ElementTree.fromstring(page)
