"""Files as others wrote them: each read whole, or with a clear word on what is wrong and where."""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warc_samples import chunks, five, member, put, short, warc_record, written

from archive.errors import WarcError
from archive.model import Page
from archive.reasons import Reason
from archive.warc import Damage, Found, NoPage, Record, foreign, is_page, page_of, read_at, record_of

INFO = warc_record(b"software: wget\r\n", WARC_Type="warcinfo", WARC_Target_URI="")
HTTP = {"WARC_Type": "response", "Content_Type": "application/http; msgtype=response"}


def write(folder: Path, data: bytes, name: str = "x.warc.gz") -> Path:
    return put(folder / name, data)


def blocks(path: Path) -> list[bytes | str]:
    return [one.record.block if isinstance(one, Found) else one.what for one in foreign(path)]


def one_page(folder: Path, record: bytes, **more: int) -> Page:
    (found,) = foreign(write(folder, record, "one.warc"))
    assert isinstance(found, Found), found
    return page_of(found.record, f"one.warc#{found.location.offset}", **more)


def offsets(path: Path) -> list[tuple[int, int]]:
    return [(one.location.offset, one.location.length) for one in foreign(path) if isinstance(one, Found)]


def test_members_are_located_in_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, member(INFO) + member(warc_record()) + member(warc_record(b"two")))
    assert blocks(path) == [b"software: wget\r\n", b"hola", b"two"]
    assert [read_at(path, *place).block for place in offsets(path)] == blocks(path)


@pytest.mark.parametrize("packed", ["no", "whole", "pieces"])
def test_unaligned_files_are_located_in_the_unpacked_stream(packed: str, tmp_path: Path) -> None:
    data = INFO + warc_record() + warc_record(b"x" * 150_000) + warc_record(b"last")
    pieces = b"".join(member(data[at : at + 60_000]) for at in range(0, len(data), 60_000))
    path = write(tmp_path, {"no": data, "whole": member(data), "pieces": pieces}[packed], "x.warc")
    assert blocks(path) == [b"software: wget\r\n", b"hola", b"x" * 150_000, b"last"]
    assert [data[at : at + size][-4:] for at, size in offsets(path)] == [b"et\r\n", b"hola", b"xxxx", b"last"]


def test_records_that_share_a_member_share_its_place(tmp_path: Path) -> None:
    path = write(tmp_path, member(INFO) + member(warc_record() + warc_record(b"two")) + member(warc_record(b"three")))
    assert blocks(path) == [b"software: wget\r\n", b"hola", b"two", b"three"]
    places = offsets(path)
    assert places[1] == places[2]


ODD = {
    "LF only": warc_record().replace(b"\r\n", b"\n"),
    "LF head, CR LF end": warc_record().replace(b"\r\n", b"\n", 7),
    "no end": warc_record(end=b""),
    "one line break": warc_record(end=b"\r\n"),
    "many line breaks": b"\r\n\n" + warc_record(end=b"\r\n\r\n\r\n\n"),
    "WARC/0.17": warc_record(version="WARC/0.17"),
    "WARC/0.18": warc_record(version="WARC/0.18"),
    "WARC/1.1": warc_record(version="WARC/1.1"),
    "folded": warc_record(X="a\r\n\tb", WARC_Target_URI="https://example.org/a"),
    "angle brackets": warc_record(WARC_Target_URI="<https://example.org/a>"),
    "no space": warc_record().replace(b": ", b":"),
    "many spaces": warc_record().replace(b": ", b" :  ").replace(b"\r\n", b" \r\n", 2),
    "lower case": warc_record().replace(b"WARC-T", b"warc-t").replace(b"Content-L", b"content-l"),
    "Latin-1": warc_record(X="n").replace(b"X: n", b"X: \xf1"),
    "twice": warc_record(Warc_Date="2019-05-06T07:08:09Z"),
    "no id, no type": warc_record(WARC_Record_ID=""),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("packed", [False, True])
def test_oddities_are_taken(odd: str, packed: bool, tmp_path: Path) -> None:
    parts = [INFO, ODD[odd], ODD[odd], warc_record(b"last")]
    path = write(tmp_path, b"".join(map(member, parts)) if packed else b"".join(parts), "x.warc")
    assert blocks(path)[1:] == [b"hola", b"hola", b"last"]
    found = [one.record for one in foreign(path) if isinstance(one, Found)][1]
    page = page_of(found, source=f"{path}#1")
    assert (page.url, page.body, page.captured_at) == ("https://example.org/a", b"hola", "2019-05-06T07:08:09Z")
    assert (page.dated_by, page.media_type, page.status, page.message) == ("warc", "text/plain", None, None)
    assert found.get("X") in {None, "a b", "ñ"}


WRONG = {
    "nothing": b"",
    "does not end where its Content-Length (3) says": warc_record(Content_Length="3"),
    "over the limit": warc_record(Content_Length="999999999999"),
    "Content-Length is missing or no number: ''": warc_record(Content_Length=""),
    "Content-Length is missing or no number: '-1'": warc_record(Content_Length="-1"),
    "not a header field": warc_record(X="\r\nno field"),
    "not a WARC record": b"<html>this is no WARC</html>\r\n",
    "no empty line ends the record's header": warc_record(X="x" * 2_500_000),
}


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("packed", [False, True])
def test_what_is_wrong_is_told_and_the_rest_read(what: str, packed: bool, tmp_path: Path) -> None:
    parts = [INFO, warc_record(), WRONG[what], warc_record(b"last")]
    path = write(tmp_path, b"".join(map(member, parts)) if packed else b"".join(parts), "x.warc")
    got = blocks(path)
    assert (got[0], got[1], got[-1]) == (b"software: wget\r\n", b"hola", b"last")
    errors = [one for one in foreign(path) if isinstance(one, WarcError)]
    assert len(errors) == (what != "nothing")
    for error in errors:
        assert what in error.what
        assert error.offset == (len(member(INFO) + member(warc_record())) if packed else len(INFO + warc_record()))


@pytest.mark.parametrize(
    ("data", "reasons"),
    [
        (warc_record(Content_Length="9") + warc_record(), [Reason.DAMAGED]),
        (member(warc_record()) + member(warc_record(Content_Length="9")), [Reason.TRUNCATED]),
        (member(warc_record()) + member(warc_record())[:-1], [Reason.TRUNCATED]),
        (warc_record()[:-8], [Reason.TRUNCATED]),
        (member(warc_record() * 2)[:-8], [Reason.TRUNCATED]),
        (warc_record(Content_Length="999999999") + warc_record(), [Reason.TOO_LARGE]),
        (member(warc_record()) + member(warc_record(bytes(2_000_000))), [Reason.TOO_LARGE]),
        (b"", [Reason.DAMAGED]),
    ],
    ids=short,
)
def test_damage_has_a_reason_of_the_closed_list(data: bytes, reasons: list[Reason], tmp_path: Path) -> None:
    got = foreign(write(tmp_path, data), limit=10_000)
    assert [one.reason for one in got if isinstance(one, Damage)] == reasons


def test_a_cut_file_gives_what_is_whole(tmp_path: Path) -> None:
    data = INFO + warc_record() + warc_record(b"last")
    assert blocks(write(tmp_path, data[:-6]))[1:] == [
        b"hola",
        f"ends in the middle of a record of 4 bytes; {len(warc_record()) - 6} bytes cannot be used",
    ]
    assert "middle of a record's header" in str(blocks(write(tmp_path, data[:-60]))[2])
    whole = blocks(write(tmp_path, member(data)[:-40]))
    assert whole[0] == b"software: wget\r\n"
    assert "the gzip file ends before its end" in str(whole[-1])
    flipped = bytearray(member(data))
    flipped[-6] ^= 1
    assert blocks(write(tmp_path, bytes(flipped)))[:3] == [b"software: wget\r\n", b"hola", b"last"]
    assert "damaged" in str(blocks(write(tmp_path, bytes(flipped)))[3])


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\x28\xb5\x2f\xfd\x04\x00", "Zstandard"),
        (b"", "an empty file"),
        (b"PK\x03\x04" + bytes(100), "not a WARC record"),
        (member(b"some text"), "not a WARC record"),
        (b"\x1f\x8b\x08\x00", "ends in the middle"),
        (b"\x1f\x8b", "ends in the middle"),
    ],
    ids=short,
)
def test_what_is_no_warc_is_named(data: bytes, word: str, tmp_path: Path) -> None:
    (error,) = foreign(write(tmp_path, data))
    assert isinstance(error, WarcError)
    assert word in str(error)


@pytest.mark.parametrize(
    "line", [b"WARC/1.0\r\n", b"WARC/1.0\r\nA: b\r\n", b"WARC/1.0\nContent-Length: 200000000\n\n", b"WARC/1:\n", b"\n"]
)
@pytest.mark.parametrize("packed", [False, True])
def test_false_starts_take_linear_time(line: bytes, packed: bool, tmp_path: Path) -> None:
    data = line * (300_000 // len(line))
    path = write(tmp_path, member(data) if packed else data)
    began = time.process_time()
    assert not any(isinstance(one, Found) for one in foreign(path))
    assert time.process_time() - began < 8


def test_our_own_files_are_read_too(tmp_path: Path) -> None:
    path, locations = written(tmp_path, five())
    assert offsets(path)[1:] == [(at.offset, at.length) for at in locations]


# What a record of somebody else is as a page


@pytest.mark.parametrize(
    ("head", "body", "wanted"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=ISO-8859-1", b"<p>", ("text/html", 200, "ISO-8859-1")),
        (b"HTTP/1.1 200\r\nContent-Type: text/html", b"<p>", ("text/html", 200, None)),
        (b"HTTP/1.0 404 Not Found\r\ncontent-type:TEXT/HTML", b"<p>", ("text/html", 404, None)),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/xhtml+xml", b"<p>", ("text/html", 200, None)),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain", b"<p>", ("text/plain", 200, None)),
        (b"HTTP/1.1 200 OK\r\nX: y", b"\n<!DOCTYPE html><p>", ("text/html", 200, None)),
        (b"HTTP/2 200\r\ncontent-type: text/html", b"<p>", ("text/html", 200, None)),
        (b"HTTP/1.1 200 OK\nContent-Type: text/html\n\n", b"<p>", ("text/html", 200, None)),
    ],
    ids=short,
)
def test_responses_of_others(head: bytes, body: bytes, wanted: tuple[object, ...], tmp_path: Path) -> None:
    block = head + (b"" if head.endswith(b"\n") else b"\r\n\r\n") + body
    page = one_page(tmp_path, warc_record(block, **HTTP))
    assert (page.media_type, page.status, page.charset) == wanted
    assert (page.body, page.message, page.source) == (body, block, "one.warc#0")


def test_framing_and_coding_are_undone(tmp_path: Path) -> None:
    packed = gzip.compress(b"<html>hola</html>", mtime=0)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    framed = chunks(packed, 9, extension=b";sig=1", trailer=b"X-Trailer: 1\r\n")
    page = one_page(tmp_path, warc_record(head + framed, **HTTP))
    assert page.body == b"<html>hola</html>"
    assert page.payload_digest == Page("", packed, "text/html", "", "warc").payload_digest


def test_an_address_with_spaces_is_kept_as_it_was_said(tmp_path: Path) -> None:
    page = one_page(tmp_path, warc_record(WARC_Target_URI="https://example.org/a b|ñ"))
    assert page.url == "https://example.org/a b|ñ"
    again = record_of(page, "<urn:uuid:1>")
    assert (again.target_uri, page_of(again)) == ("https://example.org/a%20b%7C%C3%B1", page)


@pytest.mark.parametrize(
    ("date", "wanted"),
    [
        ("2019-05-06T07:08:09.123456789Z", "2019-05-06T07:08:09.123456Z"),
        ("2019-05-06T07:08Z", "2019-05-06T07:08:00Z"),
        ("2019-05", "2019-05-01T00:00:00Z"),
        ("2019", "2019-01-01T00:00:00Z"),
        ("20190506070809", "2019-05-06T07:08:09Z"),
        ("2019-05-06T07:08:09", "2019-05-06T07:08:09Z"),
    ],
    ids=short,
)
def test_dates_of_others(date: str, wanted: str, tmp_path: Path) -> None:
    assert one_page(tmp_path, warc_record(WARC_Date=date)).captured_at == wanted


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (INFO, Reason.NOT_A_PAGE),
        (warc_record(WARC_Type="request"), Reason.NOT_A_PAGE),
        (warc_record(WARC_Type="revisit"), Reason.NOT_A_PAGE),
        (warc_record(Content_Type="image/png"), Reason.NOT_A_PAGE),
        (warc_record(Content_Type=""), Reason.NOT_A_PAGE),
        (warc_record(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx", **HTTP), Reason.NOT_A_PAGE),
        (warc_record(WARC_Date="yesterday"), Reason.DAMAGED),
        (warc_record(WARC_Date="2019-13-40T25:00:00Z"), Reason.DAMAGED),
        (warc_record(b"x" * 2_000), Reason.TOO_LARGE),
    ],
    ids=short,
)
def test_what_is_no_page_has_a_reason(record: bytes, reason: Reason, tmp_path: Path) -> None:
    with pytest.raises(NoPage) as raised:
        one_page(tmp_path, record, limit=1_000)
    assert raised.value.reason is reason


def test_pages_are_known_by_their_type() -> None:
    def record(kind: str, content_type: str, block: bytes = b"") -> Record:
        return Record("WARC/1.0", (("WARC-Type", kind), ("Content-Type", content_type)), block)

    assert is_page(record("resource", "text/html"))
    assert is_page(record("conversion", "text/plain"))
    assert is_page(record("response", "application/http", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"))
    assert is_page(record("response", "application/http", b"HTTP/1.1 200 OK\r\n\r\n<html>"))
    assert not is_page(record("response", "application/http", b"HTTP/1.1 200 OK\r\n\r\n\x89PNG"))
    assert not is_page(record("request", "text/html"))


def test_a_bomb_is_stopped_at_the_limit(tmp_path: Path) -> None:
    huge = b"WARC/1.0\r\nContent-Length: 200000000\r\n\r\n" + bytes(200_000_000)
    whole = write(tmp_path, gzip.compress(huge, 1), "whole.warc.gz")
    aligned = write(tmp_path, member(warc_record()) + gzip.compress(huge, 1) + member(warc_record()), "a.warc.gz")
    code = (
        "import resource, sys; from pathlib import Path; from archive.warc import foreign, Found\n"
        "resource.setrlimit(resource.RLIMIT_AS, (150_000_000, 150_000_000))\n"
        "for name in sys.argv[1:]:\n"
        "    for one in foreign(Path(name), limit=5_000_000):\n"
        "        print(one.record.block if isinstance(one, Found) else one.what)\n"
    )
    command = [sys.executable, "-c", code, str(whole), str(aligned)]
    first, *rest = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "over the limit of 5000000 bytes" in first or "unpacks to more than" in first
    assert (rest[0], rest[2]) == ("b'hola'", "b'hola'")


pieces = st.one_of(st.binary(max_size=50), st.binary(max_size=50).map(warc_record), st.sampled_from(list(ODD.values())))


@settings(max_examples=150)
@given(st.lists(pieces, max_size=5), st.sampled_from(["plain", "members", "whole", "cut"]))
def test_any_file_is_read_to_its_end(parts: list[bytes], how: str) -> None:
    data = b"".join(map(member, parts) if how == "members" else parts)
    data = member(data) if how == "whole" else member(data)[:-9] if how == "cut" else data
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), data)
        got = list(foreign(path))
    assert all(isinstance(one, Found | WarcError) for one in got)
    if parts and all(part in ODD.values() for part in parts) and how != "cut":
        assert [one.record.block for one in got if isinstance(one, Found)] == [b"hola"] * len(parts)
