"""What is written comes back; what cannot be written is refused."""

from __future__ import annotations

import gzip
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warc_samples import NOW, dump, five, pages, response, warc_record, written

from archive.errors import ArchiveError, WarcError
from archive.model import Page
from archive.reasons import Reason
from archive.warc import NoPage, Record, check, encode, page_of, read_at, record_of, records
from archive.warc.parse import parse
from archive.warc.record import Malformed

ID, INFO = "<urn:uuid:00000000-0000-4000-8000-000000000001>", "<urn:uuid:00000000-0000-4000-8000-000000000002>"


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(pages)
def test_every_page_comes_back_as_it_was(page: Page) -> None:
    record = record_of(page, ID, INFO)
    data = encode(record)
    again = parse(gzip.decompress(data))
    assert again == record
    assert check(again) == ()
    assert page_of(again) == page
    assert encode(again) == data
    head = gzip.decompress(data).split(b"\r\n\r\n")[0]
    assert head.isascii()


def test_what_is_packed_already_is_stored_and_all_else_packed() -> None:
    """Text shrinks as ever; bytes that came with gzip grow by their header alone, and both come back."""
    prose = " ".join(f"El expediente {n} pasó al pleno número {n * 7 % 101}." for n in range(9_000)).encode()
    sent = gzip.compress(prose, mtime=0)
    assert len(sent) > 30_000
    for block, most in ((prose, 0.25), (sent, 1.02)):
        data = encode(Record("WARC/1.1", (("WARC-Type", "resource"),), block))
        assert gzip.decompress(data).endswith(b"\r\n\r\n" + block + b"\r\n\r\n")
        assert len(data) < most * len(block)


def test_every_shape_comes_back_from_a_file(tmp_path: Path) -> None:
    path, locations = written(tmp_path, five())
    found = list(records(path))
    assert [one.location for one in found[1:]] == locations
    assert [page_of(one.record) for one in found[1:]] == five()
    assert [page_of(read_at(path, at.offset, at.length)) for at in locations] == five()
    assert found[0].record.type == "warcinfo"
    assert found[0].record.get("WARC-Filename") == path.name
    assert all(one.record.get("WARC-Warcinfo-ID") == found[0].record.record_id for one in found[1:])


def test_a_dump_is_a_resource_with_its_own_digests() -> None:
    record = record_of(dump("hola"), ID, INFO)
    digest = "sha256:b221d9dbb083a7f33428d7c2a3c3198ae925614d70210e28716ccaa7cd4ddb79"
    assert (record.type, record.block, record.date) == ("resource", b"hola", NOW)
    assert record.target_uri == "urn:hemeroteca:dump:" + digest[7:]
    assert record.get("WARC-Payload-Digest") == record.get("WARC-Block-Digest") == digest
    assert record.get("Content-Type") == record.get("WARC-Identified-Payload-Type") == "text/plain"
    assert record.get("Hemeroteca-Url") is None


def test_a_response_keeps_the_bytes_received_and_digests_the_entity() -> None:
    page = response(coding="gzip", chunked=True)
    record = record_of(page, ID, INFO)
    assert record.type == "response"
    assert record.block == page.message
    assert record.payload == gzip.compress(page.body, 6, mtime=0)
    assert record.get("WARC-Payload-Digest") == page.payload_digest
    assert record.http is not None
    assert (record.http.status, record.http.get("content-TYPE")) == (200, "text/html; charset=utf-8")


def test_an_address_is_percent_encoded_once() -> None:
    record = record_of(dump(url="https://example.org/año nuevo?q=%C3%A1"), ID)
    assert record.target_uri == "https://example.org/a%C3%B1o%20nuevo?q=%C3%A1"
    assert page_of(record).url == "https://example.org/año nuevo?q=%C3%A1"


@pytest.mark.parametrize(
    "address", ["https://example.org/\r\nWARC-Type: warcinfo", "https://example.org/\x00", "no address", ""]
)
def test_no_field_is_injected_through_a_page(address: str) -> None:
    page = dump(url=address, title="x\r\nContent-Length: 0\r\n\r\n", source="a\nb", charset="u\r\nX: y")
    record = parse(gzip.decompress(encode(record_of(page, ID, INFO))))
    assert (record.type, page_of(record)) == ("resource", page)


@pytest.mark.parametrize(
    "field",
    [
        ("X", "a\r\nb"),
        ("X", "a\nb"),
        ("X", "a\x00"),
        ("X", "a "),
        ("X", "\ud800"),
        ("X y", "a"),
        ("", "a"),
        ("X:", "a"),
    ],
)
def test_a_field_that_breaks_the_header_is_refused(field: tuple[str, str]) -> None:
    with pytest.raises(ArchiveError, match="field"):
        encode(Record("WARC/1.1", (field,), b""))


def test_lengths_are_computed_not_believed() -> None:
    record = Record("WARC/1.1", (("WARC-Type", "resource"), ("Content-Length", "1")), b"four")
    assert b"Content-Length: 4\r\n" in gzip.decompress(encode(record))
    with pytest.raises(ArchiveError, match="version"):
        encode(Record("WARC/2", (), b""))


def test_what_could_not_be_read_again_is_not_written() -> None:
    with pytest.raises(ArchiveError, match="too large"):
        encode(record_of(dump(title="x" * 1_100_000), ID))


@pytest.mark.parametrize("page", [dump(captured_at="2026-03-01"), dump(payload_digest="sha256:00")])
def test_a_page_that_contradicts_itself_is_refused(page: Page) -> None:
    with pytest.raises(ValueError, match=r"captured_at|payload_digest"):
        record_of(page, ID)


def test_read_at_tells_what_does_not_fit(tmp_path: Path) -> None:
    path, (first, second, *_) = written(tmp_path, five())
    with pytest.raises(WarcError, match="no gzip member starts here"):
        read_at(path, first.offset + 1, first.length)
    with pytest.raises(WarcError, match="bytes long, not"):
        read_at(path, first.offset, first.length + second.length)
    with pytest.raises(WarcError, match="ends in the middle"):
        read_at(path, path.stat().st_size, 10)
    with pytest.raises(WarcError, match="cannot be read"):
        read_at(tmp_path / "none.warc.gz", 0, 10)


def test_read_with_a_source_a_record_is_anybodys() -> None:
    record = record_of(dump(url="https://example.org/", title="T"), ID)
    page = page_of(record, source="x.warc.gz#12")
    assert page == dump(url="https://example.org/", title="T", source="x.warc.gz#12", dated_by="warc")
    with pytest.raises(NoPage, match="not written by hemeroteca") as raised:
        page_of(parse(warc_record()))
    assert raised.value.reason is Reason.NOT_A_PAGE


@pytest.mark.parametrize(
    "lie",
    [("Hemeroteca-Dated-By", "me"), ("Hemeroteca-Status", "x"), ("Hemeroteca-Title", "%ff"), ("Hemeroteca-Url", "%ff")],
)
def test_own_fields_that_make_no_sense_are_damage(lie: tuple[str, str]) -> None:
    headers = [field for field in record_of(dump(), ID).headers if field[0] != lie[0]]
    with pytest.raises(NoPage) as raised:
        page_of(Record("WARC/1.1", (*headers, lie), b""))
    assert raised.value.reason is Reason.DAMAGED


@given(st.binary(max_size=400))
def test_any_bytes_are_a_record_or_malformed(data: bytes) -> None:
    for tried in (data, b"WARC/1.1\r\n" + data, warc_record(data, end=b"")):
        with suppress(Malformed):
            assert parse(tried).type
