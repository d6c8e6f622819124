"""WACZ files: read in place, and whatever is wrong with the zip told in a line."""

from __future__ import annotations

import gzip
import io
import logging
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import Page
from archive.reasons import Reason

HTML = "<html><body><p>El faro número {} vuelve a encenderse.</p></body></html>"


def warc(*numbers: int) -> bytes:
    """A WARC file of so many pages, one gzip member a record."""
    out = []
    for n in numbers:
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML.format(n).encode()
        head = (
            "WARC/1.1\r\nWARC-Type: response\r\nContent-Type: application/http;msgtype=response\r\n"
            f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{n:012}>\r\nWARC-Date: 2023-04-0{n}T05:06:07Z\r\n"
            f"WARC-Target-URI: https://example.org/{n}\r\nContent-Length: {len(block)}\r\n\r\n"
        )
        out.append(gzip.compress(head.encode() + block + b"\r\n\r\n", mtime=0))
    return b"".join(out)


def zipped(members: dict[str, bytes], packing: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


WACZ = {
    "archive/b.warc.gz": warc(3),
    "archive/a.warc.gz": warc(1, 2),
    "pages/pages.jsonl": b'{"format": "json-pages-1.0"}\n',
    "datapackage.json": b"{}",
}


def test_pages_are_read_in_the_order_of_names(folder):
    folder.write("d/x.wacz", zipped(WACZ))
    found = folder.read("d")
    assert [page.url for page in found] == [f"https://example.org/{n}" for n in (1, 2, 3)]
    assert [page.captured_at for page in found] == [f"2023-04-0{n}T05:06:07Z" for n in (1, 2, 3)]
    assert [page.source for page in found] == [
        "d/x.wacz#archive/a.warc.gz#0",
        f"d/x.wacz#archive/a.warc.gz#{len(warc(1))}",
        "d/x.wacz#archive/b.warc.gz#0",
    ]
    assert all(page.dated_by == "warc" for page in found)


def test_names_in_the_zip_are_never_paths(folder, tmp_path):
    names = ["archive/../../evil.warc.gz", "/archive/abs.warc.gz", "archive\\..\\evil.warc.gz", "archive/\n.warc.gz"]
    folder.write("d/x.wacz", zipped({name: warc(1) for name in names}))
    before = sorted(tmp_path.rglob("*"))
    found = folder.read("d/x.wacz")
    assert all(isinstance(each, Page) for each in found)
    assert len(found) == 2
    assert sorted(tmp_path.rglob("*")) == before


def test_a_compressed_member_is_told_and_the_others_read(folder):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("archive/a.warc.gz", warc(1), zipfile.ZIP_DEFLATED)
        file.writestr("archive/b.warc.gz", warc(2))
    folder.write("x.wacz", out.getvalue())
    told, page = folder.read()
    assert (told.reason, told.source) == (Reason.DAMAGED, "x.wacz#archive/a.warc.gz")
    assert "the zip has it compressed" in told.error
    assert page.url == "https://example.org/2"


def test_an_encrypted_member_is_told(folder):
    data = bytearray(zipped({"archive/a.warc.gz": warc(1)}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    folder.write("x.wacz", bytes(data))
    assert "encrypted" in folder.unread().error


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "the zip cannot be read"),
        (b"no zip at all", "the zip cannot be read"),
        (zipped(WACZ)[:-30], "the zip cannot be read"),
        (zipped({"a.warc.gz": warc(1)}), "without WARC files in archive/"),
        (zipped({"archive/": b"", "archive/x.txt": b"x"}), "without WARC files in archive/"),
        (zipped(WACZ).replace(b"PK\x03\x04", b"PK\x03\x05", 1), "nothing lies where its list says"),
    ],
)
def test_what_is_no_wacz_is_told(folder, body, told):
    folder.write("x.wacz", body)
    found = [each for each in folder.read() if not isinstance(each, Page)]
    assert [each.reason for each in found] == [Reason.DAMAGED]
    assert told in found[0].error


def test_members_that_overlap_are_refused(folder):
    data = bytearray(zipped({"archive/a.warc.gz": warc(1), "archive/b.warc.gz": warc(1)}))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = bytes(4)  # its place: that of the first
    folder.write("x.wacz", bytes(data))
    assert "overlap" in folder.unread().error


def test_damage_inside_costs_its_record_alone(folder):
    data = zipped(WACZ).replace(warc(1)[30:50], bytes(20), 1)
    folder.write("x.wacz", data)
    damage, *pages = folder.read()
    assert (damage.reason, damage.source) == (Reason.DAMAGED, "x.wacz#archive/a.warc.gz#0")
    assert [page.url for page in pages] == ["https://example.org/2", "https://example.org/3"]


def test_every_cut_of_a_wacz_is_told_or_read(folder, caplog):
    whole = zipped(WACZ)
    with caplog.at_level(logging.CRITICAL):
        for end in range(0, len(whole), 7):
            folder.write("x.wacz", whole[:end])
            assert folder.unread().reason is Reason.DAMAGED


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_change_of_bytes_is_told_or_read(tmp_path_factory, data):
    from scraper.sources import SourceOptions, pages

    body = bytearray(zipped({"archive/a.warc.gz": warc(1)}))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("w") / "x.wacz"
    path.write_bytes(body)
    for each in pages([str(path)], SourceOptions(now="2026-02-03T04:05:06.700000Z")):
        assert isinstance(each, Page) or each.error
