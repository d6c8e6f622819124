"""A book to read (EPUB 3.3, https://www.w3.org/TR/epub-33/): a chapter an article, by day of publication.

No images and no scripts, and nothing is fetched. Memory: the titles.
"""

from __future__ import annotations

import re
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape, quoteattr

from archive.errors import UsageError
from archive.export.output import new_file

if TYPE_CHECKING:
    from archive.db.rows import ArticleRow

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
_HOST = re.compile(r"[a-z0-9.-]+(:[0-9]+)?", re.ASCII | re.IGNORECASE)
_IN_URL = "!$%&'()*+,-./:;=?@_~"
_UNDATED = "~"  # sorts after every day

_CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_PACKAGE = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">{identifier}</dc:identifier>
<dc:title>{title}</dc:title>
<dc:language>{language}</dc:language>
<meta property="dcterms:modified">{modified}</meta>
</metadata>
<manifest>
<item id="contents" href="contents.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="style" href="style.css" media-type="text/css"/>
{items}
</manifest>
<spine><itemref idref="contents"/>
{spine}
</spine>
</package>
"""
_XHTML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"{language}>
<head><title>{title}</title><link rel="stylesheet" href="style.css"/></head>
<body>
{body}
</body>
</html>
"""


@dataclass(frozen=True, slots=True, order=True)
class _Chapter:
    """What the table of contents says of an article."""

    day: str
    id: int
    title: str
    language: str | None


def write_epub(articles: Iterable[ArticleRow], target: Path, now: str) -> int:
    """Write a book to a new file and return its size in bytes. `now` is UTC as in `Page.captured_at`.

    Raises UsageError where there is no article to read or the file is there, ArchiveError where it cannot be written.
    """
    with new_file(target) as unfinished:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as book:
            book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
            book.writestr("META-INF/container.xml", _CONTAINER)
            book.writestr("book/style.css", (files(__package__) / "book.css").read_bytes())
            chapters = []
            for article in articles:
                book.writestr(f"book/article-{article.id}.xhtml", chapter(article))
                chapters.append(_Chapter(*_place(article), _language(article.language)))
            if not chapters:
                raise UsageError("no article is chosen, and a book needs one")
            chapters.sort()
            book.writestr("book/contents.xhtml", _contents(chapters))
            book.writestr("book/package.opf", _package(chapters, f"{now[:19]}Z"))
        return unfinished.stat().st_size


def chapter(article: ArticleRow) -> str:
    """The page of an article."""
    said = (article.site, (article.published or "")[:10], ", ".join(article.authors))
    about = [_text(part) for part in said if part]
    if article.url:
        about.append(_link(article.url))
    lines = [f"<h1>{_text(_title(article))}</h1>", *([f'<p class="about">{" · ".join(about)}</p>'] if about else [])]
    lines += [f"<p>{_text(line)}</p>" for line in article.text.split("\n") if line.strip()]
    return _page(_title(article), "\n".join(lines), _language(article.language))


def _place(article: ArticleRow) -> tuple[str, int, str]:
    return (article.published or _UNDATED)[:10], article.id, _title(article)


def _title(article: ArticleRow) -> str:
    return " ".join(_NOT_XML.sub("", article.title or "").split()) or f"Article {article.id}"


def _language(tag: str | None) -> str | None:
    return tag if tag and _TAG.fullmatch(tag) else None


def _page(title: str, body: str, language: str | None) -> str:
    said = f' lang="{language}" xml:lang="{language}"' if language else ""
    return _XHTML.format(language=said, title=_text(title), body=body)


def _contents(chapters: Sequence[_Chapter]) -> str:
    """The table of contents: the days, and under each its articles."""
    days = "\n".join(_day(day, here) for day, here in groupby(chapters, key=lambda chapter: chapter.day))
    return _page("Contents", f'<nav epub:type="toc"><h1>Contents</h1>\n<ol>\n{days}\n</ol></nav>', None)


def _day(day: str, chapters: Iterator[_Chapter]) -> str:
    links = "".join(f'<li><a href="article-{item.id}.xhtml">{_text(item.title)}</a></li>\n' for item in chapters)
    return f"<li><span>{'Undated' if day == _UNDATED else _text(day)}</span><ol>\n{links}</ol></li>"


def _package(chapters: Sequence[_Chapter], modified: str) -> str:
    days = [chapter.day for chapter in chapters if chapter.day != _UNDATED]
    names = [f"article-{chapter.id}" for chapter in chapters]
    return _PACKAGE.format(
        identifier=uuid.uuid5(uuid.NAMESPACE_URL, f"{modified} {names}").urn,
        title=_text(f"Hemeroteca, {days[0]} – {days[-1]}" if days else "Hemeroteca"),
        language=next((chapter.language for chapter in chapters if chapter.language), "und"),
        modified=modified,
        items="\n".join(f'<item id="{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in names),
        spine="\n".join(f'<itemref idref="{name}"/>' for name in names),
    )


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


def _link(url: str) -> str:
    """A link where the address is one that every reader takes; else its text."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return _text(url)
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(parts.netloc):
        return _text(url)
    return f"<a href={quoteattr(quote(url, safe=_IN_URL + '#', errors='replace'))}>{_text(parts.netloc)}</a>"
