"""Markdown to read and to keep: one file, or a folder with a file an article.

The text is escaped, so that a Markdown reader shows it as it stands in the archive (CommonMark 0.31).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from archive.export.output import new_folder

if TYPE_CHECKING:
    from archive.db.rows import ArticleRow

_INLINE = re.compile(r"([\\`*_\[\]<>&~|])")
_AT_START = re.compile(r"^(#|[-+=]|\d{1,9}(?=[.)]))")
_UNSAFE_IN_YAML = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_DEVICE = re.compile(r"con|prn|aux|nul|com\d|lpt\d")  # no file can be called so on Windows
_IN_LINK = "!#$%&'()*+,-./:;=?@[]_~"
_HEAD = ("title", "authors", "published", "modified", "language", "section", "tags", "description", "url", "site", "id")


def document(articles: Iterable[ArticleRow]) -> Iterator[bytes]:
    """All articles in one document, a rule between two."""
    for n, article in enumerate(articles):
        parts = [*(["---"] if n else []), *_story(article)]
        yield ("\n\n".join(parts) + "\n\n").encode()


def write_folder(articles: Iterable[ArticleRow], target: Path) -> int:
    """Write `SITE/YYYY/YYYY-MM-DD-title-ID.md` into a new folder and return how many bytes.

    The folder appears when it is whole. Raises UsageError where it is there, ArchiveError where it cannot be written.
    """
    size = 0
    with new_folder(target) as folder:
        for article in articles:
            path = folder / file_name(article)
            path.parent.mkdir(parents=True, exist_ok=True)
            size += path.write_bytes(page(article))
    return size


def page(article: ArticleRow) -> bytes:
    """One article with its fields in front, as YAML between two lines of `---`."""
    given = ((name, getattr(article, name)) for name in _HEAD)
    head = "".join(f"{name}: {_yaml(value)}\n" for name, value in given if value not in (None, "", ()))
    return (f"---\n{head}---\n\n" + "\n\n".join(_story(article)) + "\n").encode()


def file_name(article: ArticleRow) -> str:
    """A path that every file system takes: lower-case ASCII letters, digits, hyphens; short, and unique by its id."""
    site = _slug(article.site or "")[:100].strip("-")
    site = f"{site}_" if _DEVICE.fullmatch(site) else site or "no-site"
    day = (article.published or "")[:10] if re.match(r"\d{4}", article.published or "", re.ASCII) else ""
    stem = "-".join(part for part in (_slug(day), _slug(article.title or "")[:60].strip("-"), str(article.id)) if part)
    return f"{site}/{day[:4] or 'undated'}/{stem}.md"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return _NOT_IN_NAMES.sub("-", plain).strip("-")


def _story(article: ArticleRow) -> Iterator[str]:
    """Heading, source line and paragraphs."""
    yield f"# {_escaped(article.title or article.url or f'Article {article.id}')}"
    said = (article.site, (article.published or "")[:10], ", ".join(article.authors))
    source = [_escaped(part) for part in said if part]
    if article.url:
        source.append(_link(article.url))
    if source:
        yield " · ".join(source)
    yield from (escaped for line in article.text.split("\n") if (escaped := _escaped(line)))


def _link(url: str) -> str:
    """A web address between angle brackets, which nothing in it can close; any other as text."""
    if url.startswith(("http://", "https://")):
        return f"<{quote(url, safe=_IN_LINK, errors='replace')}>"
    return _escaped(url)


def _escaped(text: str) -> str:
    """A text as one paragraph of Markdown that reads as the text."""
    line = " ".join(text.split())
    return _AT_START.sub(_backslashed, _INLINE.sub(r"\\\1", line))


def _backslashed(start: re.Match[str]) -> str:
    """`#` as `\\#`, and `1.`, which would begin a list, as `1\\.`"""
    return start[1] + "\\" if start[1].isdigit() else "\\" + start[1]


def _yaml(value: object) -> str:
    """JSON is YAML, but for a few characters (YAML 1.2, 5.1)."""
    return _UNSAFE_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
