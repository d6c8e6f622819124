"""WET files, read back by warcio, fastwarc and our own strict reader."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from archive.errors import UsageError
from archive.export.chosen import choose
from archive.export.selection import Selection
from archive.export.wet import checked_name, iso_639_3, wet
from archive.store import Archive
from archive.warc import check, records

NOW = "2026-11-24T21:00:00.000000Z"


def written(folder: Path, selection: Selection = Selection()) -> bytes:  # noqa: B008  # frozen
    with Archive.read(folder) as reader:
        return b"".join(wet(choose(reader, selection), NOW, "hemeroteca/1", "news.warc.wet.gz"))


def originals(folder: Path) -> dict[str, tuple[str, str]]:
    """Address and date of every archived record, by its id, as warcio reads them."""
    found = {}
    for path in (folder / "warcs").glob("*.warc.gz"):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                head = record.rec_headers
                found[head["WARC-Record-ID"]] = (head.get_header("WARC-Target-URI"), head["WARC-Date"])
    return found


def test_warcio_reads_a_conversion_an_article(samples: Path) -> None:
    info, *found = [
        (record.rec_type, dict(record.rec_headers.headers), record.content_stream().read().decode())
        for record in ArchiveIterator(io.BytesIO(written(samples)), check_digests="raise")
    ]
    assert info[0] == "warcinfo"
    assert info[1]["WARC-Filename"] == "news.warc.wet.gz"
    assert "Extracted-Date: Tue, 24 Nov 2026 21:00:00 GMT\r\n" in info[2]
    sources = originals(samples)
    with Archive.read(samples) as reader:
        articles = list(choose(reader, Selection()))
    assert len(found) == len(articles)
    for (kind, head, block), article in zip(found, articles, strict=True):
        assert kind == "conversion"
        assert head["Content-Type"] == "text/plain"
        assert block == "\n".join([*([article.title] if article.title else []), article.text, ""])
        assert sources[head["WARC-Refers-To"]] == (head["WARC-Target-URI"], head["WARC-Date"])
        assert head["WARC-Warcinfo-ID"] == info[1]["WARC-Record-ID"]
    languages = [head.get("WARC-Identified-Content-Language") for _, head, _ in found]
    assert languages == ["spa", "eng", None, None, "spa"]
    assert len({head["WARC-Record-ID"] for _, head, _ in found}) == len(found)


def test_fastwarc_reads_the_same(samples: Path) -> None:
    data, types, sound = written(samples), [], []
    for record in FastIterator(io.BytesIO(data), parse_http=False):
        types.append(record.headers["WARC-Type"])
        sound.append(record.verify_block_digest())
    assert types == ["warcinfo", *["conversion"] * 5]
    assert all(sound)


def test_it_keeps_our_own_rules(samples: Path, tmp_path: Path) -> None:
    path = tmp_path / "news.warc.wet.gz"
    path.write_bytes(written(samples))
    assert [check(found.record) for found in records(path)] == [()] * 6


def test_the_same_archive_gives_the_same_file(samples: Path) -> None:
    assert written(samples) == written(samples)
    assert len(list(ArchiveIterator(io.BytesIO(written(samples, Selection(language="en")))))) == 2


@pytest.mark.parametrize(
    ("tag", "code"),
    [("es", "spa"), ("pt-BR", "por"), ("zh-Hant", "zho"), ("nb", "nob"), ("ES", "spa"), ("ast", "ast")],
)
def test_a_tag_has_its_three_letters(tag: str, code: str) -> None:
    assert iso_639_3(tag, {"es": "spa", "pt": "por", "zh": "zho", "nb": "nob"}) == code


@pytest.mark.parametrize("tag", [None, "", "x", "xx", "x-private", "español"])
def test_a_tag_that_names_no_language_says_nothing(tag: str | None) -> None:
    assert iso_639_3(tag, {}) is None


def test_a_name_is_checked(tmp_path: Path) -> None:
    assert checked_name(tmp_path / "a.warc.wet.gz", tmp_path) == "a.warc.wet.gz"
    with pytest.raises(UsageError, match="ends in"):
        checked_name(tmp_path / "a.warc.gz", tmp_path)
    with pytest.raises(UsageError, match="outside"):
        checked_name(tmp_path / "warcs" / "a.warc.wet.gz", tmp_path)
