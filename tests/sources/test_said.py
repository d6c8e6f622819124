"""Who says where and when a page was taken: manifest, sidecar, the page itself, nobody."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.errors import SettingsError
from archive.reasons import Reason
from scraper.sources import SourceOptions, pages
from scraper.sources.manifest import load_manifest
from scraper.sources.moments import moment
from scraper.sources.saved import saved

NOW = "2026-02-03T04:05:06.700000Z"
URL = "https://example.org/story?id=1"
MARK = f"<!-- saved from url=({len(URL):04}){URL} -->\n<html><body><p>x</p>"
SINGLE_FILE = """<!DOCTYPE html> <html lang=es><!--
 Page saved with SingleFile
 url: https://example.org/nota
 saved date: Tue Mar 05 2024 10:11:12 GMT+0100 (hora estándar de Europa central)
--><meta charset=utf-8><title>x</title><p>x"""


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2024-03-05T10:11:12Z", "2024-03-05T10:11:12Z"),
        ("2024-03-05T10:11:12+01:00", "2024-03-05T09:11:12Z"),
        ("2024-03-05 10:11:12", "2024-03-05T10:11:12Z"),
        ("2024-03-05T10:11", "2024-03-05T10:11:00Z"),
        (" 2024-03-05 ", "2024-03-05T00:00:00Z"),
        ("20240305", "2024-03-05T00:00:00Z"),
        ("20240305101112", "2024-03-05T10:11:12Z"),
        ("2024-03-05T10:11:12.5Z", "2024-03-05T10:11:12.500000Z"),
        ("2024-03-05T10:11:12.123456789Z", "2024-03-05T10:11:12.123456Z"),
        ("Tue, 05 Mar 2024 10:11:12 +0100", "2024-03-05T09:11:12Z"),
        ("Tue, 5 Mar 2024 10:11:12 -0000", "2024-03-05T10:11:12Z"),
        ("Tue, 5 Mar 2024 10:11:12 GMT", "2024-03-05T10:11:12Z"),
        ("Tue Mar 05 2024 10:11:12 GMT+0100 (Central European Standard Time)", "2024-03-05T09:11:12Z"),
        ("Tue Mar 05 2024 10:11:12 GMT-0530", "2024-03-05T15:41:12Z"),
        ("Tue Mar 5 2024 10:11:12 GMT", "2024-03-05T10:11:12Z"),
    ],
)
def test_moments(written, utc):
    assert moment(written) == utc


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "05/03/2024",
        "2024-02-30",
        "2024",
        "1709633472",
        "0001-01-01T00:00:00+05:00",
        "24-1-1",
        "Tue Mar 05 2024 1:11:12 GMT+0100",
        "Tue, 5 Mar 2024 10:11:12 CET",
        "\x00",
    ],
)
def test_what_is_no_moment(written):
    with pytest.raises(ValueError, match="not a date"):
        moment(written)


@given(st.datetimes(min_value=datetime(1000, 1, 2), max_value=datetime(9999, 12, 30)), st.integers(-14 * 60, 14 * 60))
def test_a_moment_is_the_same_instant(when, minutes):
    zoned = when.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    read = moment(zoned.isoformat())
    assert datetime.fromisoformat(read) == zoned
    assert read.endswith("Z")
    javascript = zoned.strftime("%a %b %d %Y %H:%M:%S GMT%z (Some Time)")
    assert datetime.fromisoformat(moment(javascript)) == zoned.replace(microsecond=0)


@given(st.text(max_size=60))
@example("Mon, 99 Mar 2024 10:11:12 +9999")
@example("Tue Mar 05 2024 99:11:12 GMT+9999")
def test_any_text_is_a_moment_or_not(text):
    try:
        read = moment(text)
    except ValueError:
        read = "1970-01-01T00:00:00Z"
    assert datetime.fromisoformat(read).tzinfo == UTC


def test_the_mark_of_the_web(folder):
    folder.write("a.html", MARK)
    page = folder.page()
    assert (page.url, page.captured_at, page.dated_by) == (URL, NOW, "clock")
    assert page.body == MARK.encode()


@pytest.mark.parametrize(
    ("comment", "url"),
    [
        ("<!-- saved from url=(0020)https://example.org/ -->", "https://example.org/"),
        ("<!-- saved from url=(0020)https://example.org/-->", "https://example.org/"),
        ("\ufeff<!DOCTYPE html>\n<!-- saved from url=(0022)http://example.org/a b -->", None),
        ("<!-- saved from url=(0024)https://example.org/a--b -->", "https://example.org/a--b"),
        ("<!-- saved from url=(0099)https://example.org/ -->", "https://example.org/"),
        ("<!-- saved from url=(0003)https://example.org/ -->", "https://example.org/"),
        ("<!-- saved from url=(0014)about:internet -->", None),
        ("<!-- saved from url=(0020)file:///C:/page.html -->", None),
        ("<!-- saved from url=(12)https://example.org/ -->", None),
        ("<p>no comment</p>", None),
    ],
)
def test_marks_of_the_web(comment, url):
    for codec in ("utf-8", "utf-16"):
        said = saved(f"{comment}\r\n<html><!-- more --></html>".encode(codec))
        assert (said.url, said.captured_at) == (url, None)


def test_single_file(folder):
    folder.write("a.html", SINGLE_FILE)
    page = folder.page()
    assert (page.url, page.captured_at, page.dated_by) == ("https://example.org/nota", "2024-03-05T09:11:12Z", "page")


def test_single_file_with_a_date_nobody_understands():
    said = saved(SINGLE_FILE.replace("Tue Mar 05 2024 10:11:12 GMT+0100", "martes 5").encode())
    assert (said.url, said.captured_at) == ("https://example.org/nota", None)


def test_a_comment_deep_in_the_page_is_text_of_the_page():
    assert saved(b"<p>" + b"x" * 20_000 + MARK.encode()).url is None


addresses = st.text(st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), max_size=60).map(
    lambda path: "https://example.org/" + path
)


@given(addresses)
@example("https://example.org/-->x")
def test_any_address_in_a_mark_is_read_back(url):
    body = f"<!-- saved from url=({len(url):04}){url} -->\r\n<html>"
    assert saved(body.encode()).url == url


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"<!-- saved from url=(0", b"<!--\n SingleFile\n url: ", SINGLE_FILE.encode()]),
)
def test_any_bytes_say_something_or_nothing(tail, head):
    said = saved(head + tail)
    assert said.url is None or said.url.lower().startswith("http")


def sidecar_of(folder, name, content):
    folder.write(name, content if isinstance(content, str) else json.dumps(content))


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.htm"])
def test_a_sidecar(folder, name):
    folder.write(name, "x")
    told = {
        "url": URL,
        "captured_at": "2024-03-05T10:11:12+01:00",
        "title": "Un título",
        "source": "Diario",
        "more": [1],
    }
    sidecar_of(folder, "a.json", told)
    page = folder.page()
    assert (page.url, page.captured_at, page.dated_by) == (URL, "2024-03-05T09:11:12Z", "sidecar")
    assert (page.title, page.source_name) == ("Un título", "Diario")


def test_a_sidecar_of_a_packed_file_and_in_another_encoding(folder):
    folder.write("a.txt.gz", "x")
    folder.write("a.json", json.dumps({"url": URL}).encode("utf-8-sig"))
    assert folder.page().url == URL


@pytest.mark.parametrize("content", ["[1, 2]", "null", "{}", '{"url": "", "captured_at": null}'])
def test_a_sidecar_that_says_nothing(folder, content):
    folder.write("a.txt", "x")
    sidecar_of(folder, "a.json", content)
    page = folder.page()
    assert (page.url, page.captured_at, page.dated_by) == (None, NOW, "clock")


@pytest.mark.parametrize("content", ["{", "", "[" * 100_000, '{"captured_at": "ayer"}', '{"url": 5}', "\x00\xff"])
def test_a_sidecar_that_cannot_be_understood_keeps_its_page_out(folder, content):
    folder.write("a.txt", "x")
    sidecar_of(folder, "a.json", content)
    folder.write("b.txt", "x")
    unread, page = folder.read()
    assert (unread.source, page.source) == ("a.txt", "b.txt")
    assert unread.error.startswith("its sidecar a.json: ")
    assert unread.reason in (Reason.DAMAGED, Reason.EMPTY)


CSV = "path,url,captured_at,title,source\na.txt,https://example.org/1,2024-03-05,Uno,Diario\nd/b.html,https://example.org/2,,,\n"


JSON_LINES = """{"path": "a.txt", "url": "https://example.org/1", "captured_at": "2024-03-05", "title": "Uno",
 "source": "Diario"}

{"path": "d/b.html", "url": "https://example.org/2", "title": null}""".replace(",\n", ",")


@pytest.mark.parametrize(
    "manifest",
    [
        CSV,
        CSV.replace(",", ";"),
        CSV.replace(",", "\t"),
        CSV.replace("\n", "\r\n"),
        "\ufeff" + CSV,
        CSV.encode("utf-16"),
        JSON_LINES,
    ],
)
def test_a_manifest(folder, manifest):
    folder.write("a.txt", "x")
    folder.write("d/b.html", "<p>x")
    path = folder.write("list", manifest)
    first, second = folder.read("a.txt", "d", manifest=path)
    assert (first.url, first.captured_at, first.dated_by) == (
        "https://example.org/1",
        "2024-03-05T00:00:00Z",
        "manifest",
    )
    assert (first.title, first.source_name) == ("Uno", "Diario")
    assert (second.url, second.captured_at, second.dated_by) == ("https://example.org/2", NOW, "clock")


def test_paths_beside_the_manifest_come_before_those_of_the_working_folder(folder):
    folder.write("a.txt", "here")
    folder.write("b.txt", "here")
    folder.write("d/a.txt", "there")
    path = folder.write("d/list.csv", "path,url\na.txt,https://example.org/there\nb.txt,https://example.org/here\n")
    urls = {page.source: page.url for page in folder.read(manifest=path)}
    assert urls == {"a.txt": None, "b.txt": "https://example.org/here", "d/a.txt": "https://example.org/there"}


def test_a_manifest_among_the_pages_is_none_of_them(folder, caplog):
    folder.write("a.txt", "x")
    path = folder.write("list.jsonl", '{"path": "a.txt", "url": "https://example.org/1"}')
    assert folder.page(".", manifest=path, text_column="path").source == "a.txt"
    assert caplog.messages == []


def test_a_row_whose_file_is_not_there_is_missing(folder):
    folder.write("a.txt", "x")
    path = folder.write("list.csv", f"path,url\n./gone.txt,{URL}\na.txt,\n")
    page, unread = folder.read("a.txt", manifest=path)
    assert page.source == "a.txt"
    assert (unread.source, unread.reason, unread.url) == ("gone.txt", Reason.MISSING, URL)


def test_the_manifest_outranks_the_sidecar_which_outranks_the_page(folder):
    folder.write("a.html", SINGLE_FILE)
    assert folder.page("a.html").dated_by == "page"
    folder.write("a.json", json.dumps({"captured_at": "2024-04-01", "title": "sidecar"}))
    page = folder.page("a.html")
    assert (page.dated_by, page.url, page.title) == ("sidecar", "https://example.org/nota", "sidecar")
    path = folder.write("list.csv", "path,url,captured_at\na.html,https://example.org/m,2024-05-01T12:00\n")
    page = folder.page("a.html", manifest=path)
    assert (page.captured_at, page.dated_by, page.url) == ("2024-05-01T12:00:00Z", "manifest", "https://example.org/m")
    assert page.title == "sidecar"


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("path,captured_at\na.txt,2024-01-01\na.txt,soon\n", "line 3: captured_at: not a date: 'soon'"),
        ("path,captured\na.txt,x\n", "line 1: unknown column 'captured'; did you mean 'captured_at'?"),
        ("path,colour\na.txt,x\n", "line 1: unknown column 'colour'; known are path, url, captured_at, title, source"),
        ("url\nx\n", "line 1: the column 'path' is missing"),
        ("path,url\n,x\n", "line 2: path: not a path: ''"),
        ("path\na.txt,x\n", "line 2: 2 fields under 1 columns"),
        ('path,url\na.txt,"x\nb.txt,y\n', "line 4: unexpected end of data"),
        ("path,url\na.txt,x\na.txt,y\n", "line 3: path: 'a.txt' is there twice, and not with the same words"),
        ('{"path": "a.txt"}\n{"path": "a.txt", }\n', "line 2: not JSON: "),
        ('{"path": "a.txt"}\n[]\n', "line 2: not an object of path, url"),
        ('{"path": "a.txt", "urls": []}\n', "line 1: unknown column 'urls'; did you mean 'url'?"),
        ('{"path": "a.txt", "url": ["x"]}\n', "line 1: url: not a text: "),
        ('{"path": 5}\n', "line 1: path: not a path: 5"),
        ("path,url\na.txt," + "x" * 200_000, "line 2: field larger than field limit"),
        ("", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00", "not text but a PNG image"),
    ],
)
def test_a_manifest_that_cannot_be_understood(folder, manifest, message):
    csv.field_size_limit(131072)
    folder.write("a.txt", "x")
    path = folder.write("list.csv", manifest)
    with pytest.raises(SettingsError) as caught:
        pages(["a.txt"], SourceOptions(NOW, manifest=path))
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


cells = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Cs")), max_size=20)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=6), st.sampled_from(["csv", "json"]))
def test_a_manifest_says_what_was_written(tmp_path_factory, rows, form):
    folder = tmp_path_factory.mktemp("manifest")
    table = [(f"{n}.txt", url, title) for n, (url, title) in enumerate(rows)]
    if form == "csv":
        out = io.StringIO()
        csv.writer(out).writerows([("path", "url", "title"), *table])
        text = out.getvalue()
    else:
        keys = ("path", "url", "title")
        text = "\n".join(json.dumps(dict(zip(keys, row, strict=True)), ensure_ascii=False) for row in table)
    (folder / "list").write_text(text, encoding="utf-8")
    for path, *_ in table:
        (folder / path).touch()
    manifest = load_manifest(folder / "list")
    for path, url, title in table:
        said = manifest.of(folder / path)
        assert said is not None
        assert (said.url, said.title) == (url.strip() or None, title.strip() or None)


@given(st.binary(max_size=200))
@example(b'{"path": "x\\u0000"}')
@example(b"path\n\xff\xfe")
@example(b'path\n"\n')
def test_any_bytes_are_a_manifest_or_a_settings_error(tmp_path_factory, body):
    path = tmp_path_factory.mktemp("manifest") / "list.csv"
    path.write_bytes(body)
    try:
        assert load_manifest(path).path
    except SettingsError as error:
        assert str(error).startswith(str(path))  # noqa: PT017
