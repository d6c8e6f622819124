"""The texts as WARC `conversion` records, after the conventions of Common Crawl's WET files.

A `warcinfo` with `Extracted-Date`, then a record an article: `text/plain` in UTF-8, the title on the first line.
WARC-Target-URI and WARC-Date are those of the capture, WARC-Refers-To its record's id, and
WARC-Identified-Content-Language the language in ISO 639-3. Record ids follow from what they name, so that the same
archive gives the same file but for the date. Such a file belongs outside `warcs/`: replay tools that index it show
the text instead of the page.
"""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import UsageError
from archive.export.captured import lead_of, warc_record
from archive.store import WARCS
from archive.warc.record import Record, encode, sha256_of

if TYPE_CHECKING:
    from archive.db.rows import ArticleRow
    from archive.export.chosen import Chosen

ENDING = ".warc.wet.gz"
_CONFORMS_TO = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


def wet(chosen: Chosen, now: str, software: str, name: str | None) -> Iterator[bytes]:
    """A gzip member a record. `now` is UTC as in `Page.captured_at`; `name` the file's, None where it has none.

    Raises ArchiveError where the record of a capture cannot be read.
    """
    info = _warcinfo(now, software, name)
    yield encode(info)
    languages = tomllib.loads((files(__package__) / "iso639.toml").read_text("utf-8"))
    convert = partial(conversion, languages=languages, warcinfo_id=info.record_id)
    for article in chosen:
        yield encode(convert(article, of=warc_record(chosen.reader, lead_of(chosen.reader, article))))


def checked_name(target: Path, archive: Path) -> str:
    """The name of a file to write to. Raises UsageError for one that no tool would take for a WET file."""
    if not target.name.endswith(ENDING):
        raise UsageError(f"{target}: the name of a WET file ends in {ENDING}")
    if target.resolve().is_relative_to((archive / WARCS).resolve()):
        raise UsageError(f"{target}: a WET file belongs outside {archive / WARCS}: replay would show it for the pages")
    return target.name


def conversion(article: ArticleRow, of: Record, languages: Mapping[str, str], warcinfo_id: str) -> Record:
    """The record of an article's text, converted from the record `of` its capture."""
    lines = [" ".join(article.title.split())] if article.title else []
    block = "\n".join([*lines, article.text, ""]).encode()
    language = iso_639_3(article.language, languages)
    headers = (
        ("WARC-Type", "conversion"),
        ("WARC-Target-URI", of.target_uri or ""),
        ("WARC-Date", of.date),
        ("WARC-Record-ID", _id(f"{of.record_id}#{article.content_hash}#{article.title}")),
        ("WARC-Refers-To", of.record_id),
        ("WARC-Warcinfo-ID", warcinfo_id),
        ("WARC-Block-Digest", sha256_of(block)),
        *([("WARC-Identified-Content-Language", language)] if language else []),
        ("Content-Type", "text/plain"),
    )
    return Record("WARC/1.1", headers, block)


def iso_639_3(tag: str | None, languages: Mapping[str, str]) -> str | None:
    """The three-letter code of a BCP 47 tag; None where there is none."""
    primary = (tag or "").partition("-")[0].lower()
    return languages.get(primary) or (
        primary if len(primary) == 3 and primary.isascii() and primary.isalpha() else None
    )


def _warcinfo(now: str, software: str, name: str | None) -> Record:
    extracted = format_datetime(datetime.fromisoformat(now), usegmt=True)
    fields = {"software": software, "format": "WARC File Format 1.1", "conformsTo": _CONFORMS_TO}
    said = {**fields, "Extracted-Date": extracted, "description": "Texts of articles, without the pages' furniture"}
    block = "".join(f"{key}: {value}\r\n" for key, value in said.items()).encode()
    headers = (
        ("WARC-Type", "warcinfo"),
        ("WARC-Date", now),
        *([("WARC-Filename", name)] if name else []),
        ("WARC-Record-ID", _id(f"{now}#{software}#{name}")),
        ("WARC-Block-Digest", sha256_of(block)),
        ("Content-Type", "application/warc-fields"),
    )
    return Record("WARC/1.1", headers, block)


def _id(name: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}>"
