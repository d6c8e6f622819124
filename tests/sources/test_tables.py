"""Pages in a column of JSON lines or CSV."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import SettingsError
from archive.model import Page
from archive.reasons import Reason
from scraper.sources import SourceOptions
from scraper.sources.tables import rows_of_csv, rows_of_json

NOW = "2026-02-03T04:05:06.700000Z"
URL = "https://example.org/1"


def jsonl(*rows) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def csv_of(*rows) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def summary(found):
    return [(each.source, each.body if isinstance(each, Page) else each.reason) for each in found]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("form", ["jsonl", "ndjson", "csv"])
def test_rows_are_pages(folder, form, pack):
    rows = [
        {"t": "Uno\nñ", "url": URL, "captured_at": "2024-03-05", "title": "T", "source": "S"},
        {"t": "Dos", "path": "x/2"},
    ]
    columns = ["t", "url", "captured_at", "title", "source", "path"]
    table = csv_of(columns, *([row.get(key, "") for key in columns] for row in rows)) if form == "csv" else jsonl(*rows)
    name = f"pages.{form}" + (".gz" if pack is gzip.compress else "")
    folder.write(name, pack(table.encode()))
    first, second = folder.read(name, text_column="t")
    assert (first.source, first.body, first.media_type) == (f"{name}#1", "Uno\nñ".encode(), "text/plain")
    assert (first.url, first.captured_at, first.dated_by) == (URL, "2024-03-05T00:00:00Z", "manifest")
    assert (first.title, first.source_name, first.charset) == ("T", "S", "utf-8")
    assert (second.source, second.url, second.captured_at, second.dated_by) == (f"{name}#x/2", None, NOW, "clock")


def test_html_and_text_columns_and_other_names(folder):
    rows = [{"h": "<p>uno", "t": "uno", "link": URL}, {"h": "", "t": "dos"}, {"h": None, "t": None}, {"t": "tres"}]
    folder.write("a.jsonl", jsonl(*rows))
    found = folder.read("a.jsonl", html_column="h", text_column="t", url_column="link")
    assert summary(found) == [
        ("a.jsonl#1", b"<p>uno"),
        ("a.jsonl#2", b"dos"),
        ("a.jsonl#3", Reason.EMPTY),
        ("a.jsonl#4", b"tres"),
    ]
    assert [found[0].media_type, found[0].url, found[1].media_type] == ["text/html", URL, "text/plain"]


def test_a_broken_row_of_json_is_told_and_the_rest_is_read(folder):
    folder.write(
        "a.jsonl",
        '{"t": "uno"}\n\n{"t": "d\n[1]\n{"t": 5}\n{"t": "x", "captured_at": "soon"}\n\xff{"t": 1}\n{"t": "dos"}',
    )
    found = folder.read("a.jsonl", text_column="t")
    assert summary(found) == [
        ("a.jsonl#1", b"uno"),
        *((f"a.jsonl#{n}", Reason.DAMAGED) for n in range(2, 7)),
        ("a.jsonl#7", b"dos"),
    ]
    assert found[1].error.startswith("row 2 is not JSON: ")
    assert found[4].error == "row 5: captured_at: not a date: 'soon'"


def test_broken_quoting_ends_a_csv(folder):
    folder.write("a.csv", 't,url\nuno,x\n"dos" y,x\ntres,x\n')
    found = folder.read("a.csv", text_column="t")
    assert summary(found) == [("a.csv#1", b"uno"), ("a.csv#2", Reason.DAMAGED)]
    assert found[1].error.endswith("; the rest of the file was not read")
    folder.write("a.csv", 't,url\nuno,x\n"dos,x\ntres,x\n')
    assert summary(folder.read("a.csv", text_column="t")) == [("a.csv#1", b"uno"), ("a.csv#2", Reason.DAMAGED)]


def test_a_row_that_is_too_large(folder):
    folder.write("a.csv", csv_of(["t"], ["uno"], ["x" * 5000], ["dos"]))
    folder.write("b.jsonl", jsonl({"t": "uno"}, {"t": "x" * 5000}, {"t": "dos"}))
    for name in ("a.csv", "b.jsonl"):
        assert summary(folder.read(name, text_column="t", max_bytes=4999)) == [
            (f"{name}#1", b"uno"),
            (f"{name}#2", Reason.TOO_LARGE),
            (f"{name}#3", b"dos"),
        ]


def test_a_huge_line_is_told_and_never_held(folder):
    huge = "x" * 12_000_000
    folder.write("a.jsonl", jsonl({"t": "uno"}, {"t": huge}, {"t": "dos"}))
    folder.write("b.csv", csv_of(["t"], ["uno"], [huge], ["dos"]))
    found = folder.read("a.jsonl", text_column="t", max_bytes=1000)
    assert summary(found) == [("a.jsonl#1", b"uno"), ("a.jsonl#2", Reason.TOO_LARGE), ("a.jsonl#3", b"dos")]
    found = folder.read("b.csv", text_column="t", max_bytes=1000)
    assert summary(found) == [("b.csv#1", b"uno"), ("b.csv#2", Reason.TOO_LARGE)]


def test_a_page_larger_than_the_module_s_default(folder):
    folder.write("a.csv", csv_of(["t"], ["x" * 1_000_000]))
    assert len(folder.page("a.csv", text_column="t").body) == 1_000_000


def test_a_column_that_is_not_there(folder):
    folder.write("a.csv", "text,url\nx,y\n")
    with pytest.raises(SettingsError, match=r"a\.csv: line 1: no column 'txt'; there are text, url"):
        folder.read("a.csv", text_column="txt")
    folder.write("a.jsonl", jsonl({"text": "x"}))
    assert folder.unread("a.jsonl", text_column="txt").error == "row 1: nothing in the column 'txt'"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "cp1252"])
def test_csv_in_other_encodings_and_with_other_delimiters(folder, codec):
    folder.write("a.csv", 'url;t\r\nx;"Año nuevo,\r\naquí"\r\n'.encode(codec))
    assert folder.page("a.csv", text_column="t").body == "Año nuevo,\r\naquí".encode()


def test_a_torn_table(folder):
    packed = gzip.compress(jsonl(*({"t": f"text {n} {n * n}"} for n in range(5000))).encode())
    folder.write("a.jsonl.gz", packed[:-2000])
    *some, last = folder.read("a.jsonl.gz", text_column="t")
    assert len(some) > 1000
    assert (last.source, last.reason) == ("a.jsonl.gz", Reason.TRUNCATED)


def test_tables_that_hold_nothing(folder):
    folder.write("a.jsonl", "\n\n")
    folder.write("b.csv", "t,url\n")
    folder.write("c.csv", "")
    folder.write("d.csv", b"\x89PNG\r\n\x1a\n\x00\x01")
    assert folder.read("a.jsonl", "b.csv", text_column="t") == []
    assert folder.unread("c.csv", text_column="t").reason is Reason.EMPTY
    assert folder.unread("d.csv", text_column="t").reason is Reason.BINARY


texts = st.text(min_size=1, max_size=50)


@given(st.lists(texts, min_size=1, max_size=8))
def test_what_was_written_in_json_lines_is_read_back(rows):
    stream = io.BytesIO(jsonl(*({"t": row} for row in rows)).encode())
    found = list(rows_of_json(stream, "f", SourceOptions(NOW, text_column="t")))
    assert [each.body for each in found] == [row.encode("utf-8", "replace") for row in rows]
    assert [each.source for each in found] == [f"f#{n}" for n in range(1, len(rows) + 1)]


@given(
    st.lists(
        st.text(
            st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff\ufffd"), min_size=1
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_was_written_in_csv_is_read_back(rows):
    rows = ["text " + row for row in rows]
    stream = io.BytesIO(csv_of(["text", "n"], *([row, n] for n, row in enumerate(rows))).encode("utf-8-sig"))
    found = list(rows_of_csv(stream, "f", SourceOptions(NOW, text_column="text")))
    assert [each.body.decode() for each in found if isinstance(each, Page)] == rows
