"""No damage passes unseen, and none takes an intact record with it."""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warc_samples import dump, five, member, put, short, warc_record, written

from archive.errors import WarcError
from archive.warc import Found, Record, check, file_sha256, page_of, records, salvage


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[int]]:
    """The bytes of a file of a warcinfo and five pages, and where its records start and the file ends."""
    path, locations = written(tmp_path_factory.mktemp("small"), five())
    return path.read_bytes(), [0, *(at.offset for at in locations), path.stat().st_size]


def damage(path: Path) -> str | None:
    """What a strict reading that checks the digests says of a file; None where it finds nothing."""
    try:
        return next(filter(None, (" ".join(check(found.record)) for found in records(path))), None)
    except WarcError as error:
        return str(error)


def ids(path: Path) -> list[str]:
    return [found.record.record_id for found in salvage(path) if isinstance(found, Found)]


def test_every_truncation_is_seen_and_all_before_it_saved(small: tuple[bytes, list[int]], tmp_path: Path) -> None:
    data, starts = small
    path = tmp_path / "cut.warc.gz"
    put(path, data)
    whole = ids(path)
    for cut in range(len(data)):
        put(path, data[:cut])
        intact = sum(start <= cut for start in starts[1:])
        assert ids(path) == whole[:intact]
        # A cut between two records leaves a sound file: rows and the SHA-256 of the file tell that one.
        assert bool(damage(path)) == (cut == 0 or cut not in starts)


def test_every_bit_flip_that_matters_is_seen(tmp_path: Path) -> None:
    """The others are those that gunzip ignores (time and system in a member's header, filling bits) or that unpack
    to the same bytes (another copy of the same string): no record differs, and the SHA-256 of the file tells."""
    path, _ = written(tmp_path, [five()[0], five()[2]])
    data = path.read_bytes()
    whole, whole_ids, digest = list(records(path)), ids(path), file_sha256(path)
    harmless = 0
    for at in range(len(data)):
        for bit in range(8):
            put(path, data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :])
            if not damage(path):
                harmless += 1
                assert list(records(path)) == whole
                assert file_sha256(path) != digest
            elif bit == at % 8:  # salvage is slower: one bit of each byte
                saved = ids(path)
                assert len(saved) == len(whole) - 1
                assert set(saved) <= set(whole_ids)
    assert harmless < 0.03 * 8 * len(data)


def test_zeroed_blocks_are_seen_and_the_rest_saved(tmp_path: Path) -> None:
    pages = [dump("".join(f"{n * k * 7919 % 100_003} " for k in range(2500)), source=str(n)) for n in range(6)]
    path, locations = written(tmp_path / "good", pages)
    data = path.read_bytes()
    broken = tmp_path / "zeroed.warc.gz"
    for at in range(0, len(data), 512):
        put(broken, data[:at] + bytes(min(512, len(data) - at)) + data[at + 512 :])
        assert damage(broken)
        untouched = [
            page
            for page, here in zip(pages, locations, strict=True)
            if here.offset + here.length <= at or here.offset >= at + 512
        ]
        saved = [f.record for f in salvage(broken) if isinstance(f, Found)]
        assert [page_of(record) for record in saved if record.type != "warcinfo"] == untouched


def test_salvage_tells_each_stretch_that_is_lost(small: tuple[bytes, list[int]], tmp_path: Path) -> None:
    data, starts = small
    path = tmp_path / "x.warc.gz"
    put(path, b"junk!" + data[: starts[3]] + data[starts[3] + 40 :] + b"torn")
    got = list(salvage(path))
    lost = [one for one in got if isinstance(one, WarcError)]
    assert [(error.offset, error.what.split("; ")[1]) for error in lost] == [
        (0, "5 bytes cannot be used"),
        (starts[3] + 5, f"{starts[4] - starts[3] - 40} bytes cannot be used"),
        (len(data) + 5 - 40, "4 bytes cannot be used"),
    ]
    assert len(got) == 6 - 1 + 3


def test_a_torn_tail_and_an_append_after_it(small: tuple[bytes, list[int]], tmp_path: Path) -> None:
    data, starts = small
    path = tmp_path / "x.warc.gz"
    put(path, data[: starts[5] + 30] + data[starts[1] :])
    assert damage(path)
    assert len(ids(path)) == 5 + 5


BAD = {
    "two records in one gzip member": member(warc_record() * 2),
    "bytes after the end of the record": member(warc_record() + b"\r\n"),
    "Content-Length is 5, but only 4": member(warc_record(Content_Length="5")),
    "does not end where its Content-Length (3) says": member(warc_record(Content_Length="3")),
    "Content-Length is 4, but only": member(warc_record(end=b"\r\n")),
    "but only 0 bytes follow": member(warc_record(b"", end=b"")),
    "warc-date is there 2 times": member(warc_record(Warc_Date="2020-01-01T00:00:00Z")),
    "content-length is there 2 times": member(warc_record().replace(b"\r\n\r\n", b"\r\ncontent-length: 4\r\n\r\n", 1)),
    "mandatory field warc-record-id is missing": member(warc_record(WARC_Record_ID="")),
    "mandatory field content-length is missing": member(warc_record(Content_Length="")),
    "resource record without WARC-Target-URI": member(warc_record(WARC_Target_URI="")),
    "Content-Length is not well formed": member(warc_record(Content_Length="+4")),
    "WARC-Date is not well formed": member(warc_record(WARC_Date="20190506070809")),
    "WARC-Record-ID is not well formed": member(warc_record(WARC_Record_ID="urn:uuid:1")),
    "unknown version": member(warc_record(version="WARC/0.18")),
    "not a header field: b' folded'": member(warc_record(X="a\r\n folded")),
    "not a header field: b'X: a": member(warc_record(X="a\x00b")),
    "not UTF-8": member(warc_record(X="REPLACE").replace(b"REPLACE", b"\xff")),
    "no empty line ends the record's header": member(warc_record(X="x" * 2_000_000)),
    "not a WARC record": member(b"hello"),
    "an empty gzip member": member(b""),
    "an empty file": b"",
    "no gzip member starts here": warc_record(),
    "the file ends in the middle": member(warc_record())[:-1],
    "the record's CRC-32 is wrong": member(warc_record())[:-8] + b"abcd" + member(warc_record())[-4:],
    "size is not the one in its gzip trailer": member(warc_record())[:-4] + b"abcd",
}


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("first", [b"", member(warc_record())], ids=short)
def test_each_kind_of_damage_has_its_word(what: str, first: bytes, tmp_path: Path) -> None:
    if first and not BAD[what]:
        first = b""
    path = tmp_path / "bad.warc.gz"
    put(path, first + BAD[what])
    seen = records(path)
    if first:
        assert next(seen).record.block == b"hola"
    with pytest.raises(WarcError) as raised:
        next(seen)
    assert (raised.value.path, raised.value.offset) == (path, len(first))
    assert what in raised.value.what
    assert str(raised.value).startswith(f"{path}: byte {len(first)}: ")
    assert len(str(raised.value).splitlines()) == 1
    put(path, first + BAD[what] + member(warc_record(b"last")))
    assert [f.record.block for f in salvage(path) if isinstance(f, Found)][-1] == b"last"


def test_gzip_headers_of_others_are_no_damage(tmp_path: Path) -> None:
    packed = zlib.compress(warc_record(), wbits=-15)
    trailer = zlib.crc32(warc_record()).to_bytes(4, "little") + len(warc_record()).to_bytes(4, "little")
    # FEXTRA (wget and Heritrix put the length of the record there), FNAME and a time
    header = b"\x1f\x8b\x08\x0c\x01\x02\x03\x04\x00\x03" + b"\x0c\x00sl\x08\x00" + b"\x01" * 8 + b"a.warc\x00"
    path = tmp_path / "extra.warc.gz"
    put(path, (header + packed + trailer) * 2)
    assert [found.record.block for found in records(path)] == [b"hola", b"hola"]


def test_a_bomb_is_stopped_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "bomb.warc.gz"
    bomb = gzip.compress(b"WARC/1.1\r\nContent-Length: 99\r\n\r\n" + bytes(300_000_000), 9)
    put(path, member(warc_record()) + bomb + member(warc_record(b"after")))
    code = (
        "import resource, sys; from pathlib import Path; from archive.warc import salvage, Found\n"
        "resource.setrlimit(resource.RLIMIT_AS, (200_000_000, 200_000_000))\n"
        "for one in salvage(Path(sys.argv[1]), limit=5_000_000):\n"
        "    print(one.record.block if isinstance(one, Found) else one.what)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert (lines[0], lines[2]) == ("b'hola'", "b'after'")
    assert "unpacks to more than" in lines[1]


def test_a_large_file_takes_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.warc.gz"
    one = gzip.compress(warc_record(b"x" * 1_000_000), 1)
    put(path, one * 600)
    code = (
        "import resource, sys; from pathlib import Path; from archive.warc import records\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "seen = records(Path(sys.argv[1])); next(seen); before = peak()\n"
        "count = 1 + sum(1 for _ in seen); print(count, peak() - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    count, grown = map(int, done.stdout.split())
    assert count == 600
    assert grown < 20_000


START = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
FALSE_STARTS = {
    "nothing follows": b"\x1f\x8b\x08",
    "a stored block that breaks off": START + b"\x00\x05\x00\xfa\xffWARC/",
    "a stored block over all that follow": START + b"\x00\x00\x80\xff\x7fWARC/",
}


@pytest.mark.parametrize("start", FALSE_STARTS)
def test_false_starts_do_not_take_forever(start: str, tmp_path: Path) -> None:
    path = tmp_path / "false.warc.gz"
    put(path, FALSE_STARTS[start] * (2_000_000 // len(FALSE_STARTS[start])))
    began = time.process_time()
    (error,) = salvage(path)
    assert isinstance(error, WarcError)
    assert time.process_time() - began < 15


def test_digests_of_others_are_checked() -> None:
    def record(digest: str, kind: str = "resource", block: bytes = b"hola") -> Record:
        return Record("WARC/1.0", (("WARC-Type", kind), ("WARC-Payload-Digest", digest)), block)

    right = [
        "sha1:TGAAXBOTHA7DUL5UL235ABTKJB42TWWQ",
        "sha1:99800b85d3383e3a2fb45eb7d0066a4879a9dad0",
        "sha256:b221d9dbb083a7f33428d7c2a3c3198ae925614d70210e28716ccaa7cd4ddb79",
        "sha256:WIQ5TW5QQOT7GNBI27BKHQYZRLUSKYKNOAQQ4KDRNTFKPTKN3N4Q====",
        "SHA-256:siHZ27CDp/M0KNfCo8MZiuklYU1wIQ4ocWzKp81N23k=",
        "md5:4d186321c1a7f0f354b297e8914ab240",
        "md5:TRhjIcGn8PNUspfokUqyQA==",
    ]
    wrong = [text[:-6] + ("a" if text[-6] != "a" else "b") + text[-5:] for text in right]
    assert [check(record(text)) for text in right] == [()] * 7
    assert all(check(record(text)) for text in wrong)
    assert check(record("blake3:00"))
    assert "no algorithm" in check(record("nonsense"))[0]
    assert check(record(wrong[0], kind="revisit")) == ()


@settings(max_examples=150)
@given(st.lists(st.binary(max_size=60), max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
def test_any_mixture_is_read_to_its_end(parts: list[bytes], packed: list[bool]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.warc.gz"
        data = b"".join(member(warc_record(part)) if pack else part for part, pack in zip(parts, packed, strict=False))
        put(path, data)
        got = list(salvage(path))
        wanted = [part for part, pack in zip(parts, packed, strict=False) if pack]
        assert [one.record.block for one in got if isinstance(one, Found)] == wanted
