"""Which files are read, in which order, under which names; and those that cannot be."""

from __future__ import annotations

import gzip
import io
import logging
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from archive.errors import HemerotecaError, UsageError
from archive.model import Page
from archive.reasons import Reason
from scraper.sources import SourceOptions, pages

NOW = "2026-02-03T04:05:06.700000Z"


def test_a_file_is_a_page(folder):
    folder.write("a.txt", "Un texto.\n")
    page = folder.page("a.txt")
    assert page == Page("a.txt", b"Un texto.\n", "text/plain", NOW, "clock")


def test_the_file_s_own_date_says_nothing(folder):
    os.utime(folder.write("a.txt", "text"), (1, 1))
    assert folder.page("a.txt").captured_at == NOW


@pytest.mark.parametrize("name", ["a.html", "a.htm", "a.xhtml", "A.HTML", "a.html.gz", "a.HTM.GZ"])
def test_html_by_name(folder, name):
    body = b"<p>text</p>"
    folder.write(name, gzip.compress(body) if name.lower().endswith("gz") else body)
    page = folder.page(name)
    assert (page.source, page.media_type, page.body) == (name, "text/html", body)


def test_a_folder_in_the_order_of_its_names(folder):
    names = ["B.txt", "a/b.txt", "a/z/c.html", "a.txt", "b/a.txt.gz", "ñ.txt", "z.txt"]
    for name in random.Random(1).sample(names, len(names)):
        folder.write(name, gzip.compress(b"x") if name.endswith(".gz") else b"x")
    assert [page.source for page in folder.read()] == [
        "B.txt",
        "a/b.txt",
        "a/z/c.html",
        "a.txt",
        "b/a.txt.gz",
        "z.txt",
        "ñ.txt",
    ]


@pytest.mark.parametrize(
    ("given", "source"),
    [
        ("d/a.txt", "d/a.txt"),
        ("./d//a.txt", "d/a.txt"),
        ("d/../d/a.txt", "d/a.txt"),
        ("d", "d/a.txt"),
        ("./d/", "d/a.txt"),
        (".", "d/a.txt"),
    ],
)
def test_a_source_is_the_path_as_given_made_plain(folder, given, source):
    folder.write("d/a.txt", "x")
    assert folder.page(given).source == source


def test_a_source_is_absolute_only_where_the_path_was(folder):
    path = folder.write("a.txt", "x")
    assert folder.page(str(path)).source == str(path)
    assert folder.page(str(folder.path)).source == str(path)


def test_hidden_files_and_folders_are_left_out_unless_named(folder):
    for name in (".a.txt", ".git/a.txt", "b.txt"):
        folder.write(name, "x")
    assert folder.page().source == "b.txt"
    assert folder.page(".a.txt").source == ".a.txt"


def test_other_files_are_left_out_and_told_once(folder, caplog):
    for name in ("a.css", "b.css", "c.jpg", "README", "d/e.css", "page.txt", "page.json"):
        folder.write(name, "x")
    folder.write("page.json", "{}")
    with caplog.at_level(logging.WARNING):
        assert folder.page().source == "page.txt"
    assert caplog.messages == ["left out, being no pages: 3 .css, 1 without an ending, 1 .jpg"]


def test_a_table_in_a_folder_is_left_out_where_no_column_was_named(folder, caplog):
    folder.write("a.csv", "text\nx\n")
    folder.write("b.txt", "x")
    with caplog.at_level(logging.WARNING):
        assert folder.page().source == "b.txt"
    assert caplog.messages == ["left out, being no pages: 1 .csv"]


def test_a_file_that_was_named_is_read_whatever_its_name(folder):
    folder.write("dump", "Texto")
    folder.write("page.php", "<!doctype html><p>x")
    found = folder.read("dump", "page.php")
    assert [(page.source, page.media_type) for page in found] == [("dump", "text/plain"), ("page.php", "text/html")]


def test_the_parts_of_a_saved_page_are_no_pages(folder):
    folder.write("story.html", "<p>x</p>")
    folder.write("story_files/frame.html", "<p>ad</p>")
    folder.write("other_files/a.txt", "a folder of its own")
    assert [page.source for page in folder.read()] == ["other_files/a.txt", "story.html"]


def test_symlinks_are_followed_but_not_in_circles(folder):
    folder.write("a/b/c.txt", "x")
    (folder.path / "a/b/up").symlink_to(folder.path / "a")
    (folder.path / "a/self").symlink_to("self")
    (folder.path / "link.txt").symlink_to("a/b/c.txt")
    (folder.path / "other").symlink_to("a/b")
    sources = [page.source for page in folder.read()]
    assert sources == ["a/b/c.txt", "link.txt", "other/c.txt"]


def test_a_broken_symlink_is_missing(folder):
    (folder.path / "a.txt").symlink_to("nowhere.txt")
    assert folder.unread().reason is Reason.MISSING


WEIRD = [
    b"with space.txt",
    b"quo'te\".txt",
    b"new\nline.txt",
    b"caf\xe9.txt",
    b"#1.txt",
    b"%41.txt",
    b"-.txt",
    b"\\.txt",
]


@pytest.mark.parametrize("name", WEIRD)
def test_weird_names(folder, name):
    (folder.path / os.fsdecode(name)).write_bytes(b"x")
    source = name.decode("utf-8", "backslashreplace")
    assert folder.page().source == source
    assert folder.page(os.fsdecode(name)).source == source
    assert source.encode()


def test_a_very_deep_folder(folder):
    deep = folder.path
    for _ in range(400):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "a.txt").write_text("x")
    assert folder.page().source == "d/" * 400 + "a.txt"


def test_a_path_that_is_not_there_is_told_before_anything_is_read(folder):
    folder.write("a.txt", "x")
    for missing in ("b.txt", "a.txt/b", "", "x\x00y"):
        with pytest.raises(UsageError, match="no such file or folder") as caught:
            pages(["a.txt", missing], SourceOptions(NOW))
        assert "\n" not in str(caught.value)


def test_an_empty_folder_gives_nothing(folder):
    assert folder.read() == []


def test_an_empty_file(folder):
    folder.write("a.txt", "")
    folder.write("b.html.gz", gzip.compress(b""))
    assert [unread.reason for unread in folder.read()] == [Reason.EMPTY, Reason.EMPTY]


def test_a_file_that_vanishes_during_the_run(folder):
    for name in ("a.txt", "b.txt", "c/d.txt", "e.txt"):
        folder.write(name, "x")
    run = pages(["."], SourceOptions(NOW))
    assert next(run).source == "a.txt"
    (folder.path / "b.txt").unlink()
    (folder.path / "c/d.txt").unlink()
    (folder.path / "c").rmdir()
    rest = list(run)
    assert (rest[0].source, rest[0].reason) == ("b.txt", Reason.MISSING)
    assert [each.source for each in rest] == ["b.txt", "e.txt"]


AS_NOBODY = """
import os, sys
sys.path.insert(0, sys.argv[1])
from scraper.sources import SourceOptions, pages
os.setgroups([]); os.setgid(65534); os.setuid(65534)
for found in pages(["."], SourceOptions("2026-01-01T00:00:00Z")):
    print(found.source, getattr(found, "reason", "page"))
"""


def test_files_and_folders_that_may_not_be_read(folder):
    folder.write("a.txt", "x").chmod(0)
    folder.write("b/c.txt", "x").parent.chmod(0)
    folder.write("d.txt", "x").chmod(0o644)
    expected = "a.txt unreadable\nb unreadable\nd.txt page\n"
    if os.geteuid() != 0:
        found = folder.read()
        assert "".join(f"{each.source} {getattr(each, 'reason', 'page')}\n" for each in found) == expected
        return
    for above in (folder.path, *folder.path.parents):  # root reads everything, so somebody else does
        if above.is_relative_to(tempfile.gettempdir()) and above != Path(tempfile.gettempdir()):
            above.chmod(above.stat().st_mode | 0o055)
    root = str(Path(__file__).resolve().parents[2])
    ran = subprocess.run([sys.executable, "-c", AS_NOBODY, root], capture_output=True, text=True, cwd=folder.path)
    assert ran.stdout == expected, ran.stderr


def test_pipes_sockets_and_devices_are_not_read(folder, caplog):
    os.mkfifo(folder.path / "a.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("b.txt")
    start = time.monotonic()
    assert folder.read() == []
    assert folder.unread("a.txt").reason is Reason.UNREADABLE
    assert folder.unread("/dev/zero").reason is Reason.UNREADABLE
    os.mkfifo(folder.path / "c.warc.gz")
    os.mkfifo(folder.path / "c.jsonl")
    assert folder.unread("c.warc.gz").reason is Reason.UNREADABLE
    assert folder.unread("c.jsonl", text_column="t").reason is Reason.UNREADABLE
    assert time.monotonic() - start < 2


def test_a_file_over_the_limit_is_not_read(folder):
    path = folder.write("a.txt", "")
    with path.open("r+b") as file:
        file.truncate(200 * 1024 * 1024)  # one line of 200 MB, and sparse: it takes no room
    start = time.monotonic()
    unread = folder.unread("a.txt")
    assert time.monotonic() - start < 0.5
    assert unread.reason is Reason.TOO_LARGE
    assert unread.error == "is more than 67,108,864 bytes, the limit for a page"


def test_the_limit_is_to_the_byte(folder):
    folder.write("a.txt", "x" * 1000)
    folder.write("b.txt.gz", gzip.compress(b"x" * 1000))
    assert [len(page.body) for page in folder.read(max_bytes=1000)] == [1000, 1000]
    assert [unread.reason for unread in folder.read(max_bytes=999)] == [Reason.TOO_LARGE, Reason.TOO_LARGE]


def test_a_line_of_200_mb_is_read_where_the_limit_allows_it(folder):
    path = folder.path / "a.txt"
    with path.open("wb") as file:
        for _ in range(200):
            file.write(b"word " * 200_000)
    start = time.monotonic()
    assert len(folder.page("a.txt", max_bytes=1 << 30).body) == 200_000_000
    assert time.monotonic() - start < 10


def test_a_gzip_bomb_is_too_large(folder):
    bomb = gzip.compress(bytes(100 * 1024 * 1024), 9)
    assert len(bomb) < 200_000
    folder.write("a.txt.gz", bomb)
    start = time.monotonic()
    assert folder.unread(max_bytes=1024 * 1024).reason is Reason.TOO_LARGE
    assert time.monotonic() - start < 1


def test_a_torn_gzip_is_truncated_wherever_it_was_torn(folder):
    whole = gzip.compress(b"Un texto que se corta. " * 20)
    for cut in range(3, len(whole)):
        folder.write("a.txt.gz", whole[:cut])
        assert folder.unread().reason is Reason.TRUNCATED, cut


def test_a_wrong_gzip_is_damaged(folder):
    whole = bytearray(gzip.compress(b"Un texto. " * 20))
    whole[-5] ^= 1
    folder.write("a.txt.gz", bytes(whole))
    assert folder.unread().reason is Reason.DAMAGED


def test_gzip_is_known_by_its_bytes_and_may_have_members(folder):
    folder.write("a.txt", gzip.compress(b"one ") + gzip.compress(b"two"))
    folder.write("b.txt.gz", b"not packed at all")
    assert [page.body for page in folder.read()] == [b"one two", b"not packed at all"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input(folder, pack):
    page = folder.page("-", stdin=io.BytesIO(pack(b"<!-- saved from url=(0020)https://example.org/ -->\n<html>")))
    assert (page.source, page.media_type, page.url) == ("-", "text/html", "https://example.org/")
    assert folder.page("-", stdin=io.BytesIO(pack(b"Texto"))).media_type == "text/plain"
    assert folder.unread("-", stdin=io.BytesIO(pack(b""))).reason is Reason.EMPTY
    assert folder.unread("-", stdin=io.BytesIO(pack(b"x" * 100)), max_bytes=99).reason is Reason.TOO_LARGE


def test_a_table_and_a_warc_on_standard_input(folder):
    rows = b'{"t": "uno"}\n{"t": "dos"}\n'
    assert [page.source for page in folder.read("-", stdin=io.BytesIO(rows), text_column="t")] == ["-#1", "-#2"]
    assert [page.body for page in folder.read("-", stdin=io.BytesIO(b"t\nuno\n"), text_column="t")] == [b"uno"]
    assert folder.unread("-", stdin=io.BytesIO(b"WARC/1.0\r\n")).reason is Reason.UNREADABLE


def test_standard_input_of_the_process(folder):
    root = str(Path(__file__).resolve().parents[2])
    code = "from scraper.sources import *; print(*pages(['-'], SourceOptions('2026-01-01T00:00:00Z')))"
    ran = subprocess.run([sys.executable, "-c", code], input=b"Texto", capture_output=True, env={"PYTHONPATH": root})
    assert b"source='-', body=b'Texto'" in ran.stdout, ran.stderr


def test_a_file_called_dash(folder):
    folder.write("-", "x")
    assert folder.page("./-").source == "./-"


def test_pages_are_read_lazily(folder):
    for number in range(50):
        folder.write(f"{number:02}.txt", "x")
    run = pages(["."], SourceOptions(NOW))
    assert next(run).source == "00.txt"
    folder.write("49.txt", "changed")
    assert list(run)[-1].body == b"changed"


def test_errors_before_the_run_are_one_line(folder):
    folder.write("a.csv", "text\nx\n")
    with pytest.raises(HemerotecaError, match=r"a.csv: a table; say .* --text-column") as caught:
        pages(["a.csv"], SourceOptions(NOW))
    assert caught.value.exit_code == 2
