"""WARC files as a source: ours and other people's, whole and damaged."""

from __future__ import annotations

import gzip
import io
import logging

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.model import Page
from archive.reasons import Reason

HTML = "<html><body><p>La canción número {}.</p></body></html>"


class Warc:
    """A WARC file as warcio writes it."""

    def __init__(self, packed: bool = True) -> None:
        self.out = io.BytesIO()
        self.writer = WARCWriter(self.out, gzip=packed)
        self.offsets: list[int] = []

    def add(
        self, url: str, body: bytes, kind: str = "text/html; charset=utf-8", status: str = "200 OK", **headers: str
    ):
        self.offsets.append(self.out.tell())
        fields = [("Content-Type", kind), *((name.replace("_", "-"), value) for name, value in headers.items())]
        http = StatusAndHeaders(status, fields, protocol="HTTP/1.1")
        record = self.writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(body),
            http_headers=http,
            warc_headers_dict={"WARC-Date": "2024-03-05T10:11:12Z"},
        )
        self.writer.write_record(record)
        return self

    def others(self):
        """Records that hold no page: a request, what is said of a capture, a capture that was the same as before."""
        url = "https://example.org/"
        http = StatusAndHeaders("GET / HTTP/1.1", [("Host", "example.org")], is_http_request=True)
        self.writer.write_record(self.writer.create_warc_record(url, "request", http_headers=http))
        said = self.writer.create_warc_record(url, "metadata", io.BytesIO(b"via: x"), warc_content_type="text/plain")
        self.writer.write_record(said)
        same = self.writer.create_revisit_record(url, "sha1:" + "A" * 32, url, "2024-01-01T00:00:00Z")
        self.writer.write_record(same)
        return self


def many(number: int = 5) -> Warc:
    warc = Warc()
    for n in range(number):
        warc.add(f"https://example.org/{n}", HTML.format(n).encode())
    return warc


@pytest.mark.parametrize("packed", [True, False])
def test_responses_are_pages(folder, packed):
    warc = Warc(packed).others().add("https://example.org/a", HTML.encode()).others()
    warc.add("https://example.org/b", b"Texto", "text/plain")
    name = "x.warc.gz" if packed else "x.warc"
    folder.write(f"d/{name}", warc.out.getvalue())
    first, second = folder.read("d")
    assert (first.source, first.url) == (f"d/{name}#{warc.offsets[0]}", "https://example.org/a")
    assert (first.captured_at, first.dated_by, first.status) == ("2024-03-05T10:11:12Z", "warc", 200)
    assert (first.body, first.media_type, first.charset) == (HTML.encode(), "text/html", "utf-8")
    assert first.message.startswith(b"HTTP/1.1 200 OK\r\n")
    assert (second.media_type, second.body) == ("text/plain", b"Texto")


def test_what_is_no_page_is_counted_and_errors_are_told(folder, caplog):
    warc = (
        Warc()
        .add("https://example.org/a.png", b"\x89PNG", "image/png")
        .add("https://example.org/b.png", b"\x89PNG", "image/png")
    )
    warc.add("https://example.org/c", b"gone", status="404 Not Found").add("https://example.org/d", HTML.encode())
    warc.add("https://example.org/e", b"")
    folder.write("x.warc.gz", warc.out.getvalue())
    with caplog.at_level(logging.WARNING):
        gone, page, empty = folder.read()
    assert (gone.reason, gone.url, gone.source) == (
        Reason.NOT_A_PAGE,
        "https://example.org/c",
        f"x.warc.gz#{warc.offsets[2]}",
    )
    assert gone.error == "the server answered with status 404"
    assert isinstance(page, Page)
    assert empty.reason is Reason.EMPTY
    assert caplog.messages == ["left out, being no pages: 2 image/png"]


def test_content_codings_are_undone_within_the_limit(folder):
    warc = Warc().add("https://example.org/a", gzip.compress(HTML.encode()), Content_Encoding="gzip")
    warc.add("https://example.org/b", gzip.compress(bytes(300_000)), Content_Encoding="gzip")
    folder.write("x.warc.gz", warc.out.getvalue())
    page, bomb = folder.read(max_bytes=100_000)
    assert page.body == HTML.encode()
    assert bomb.reason is Reason.TOO_LARGE


def test_a_torn_file_gives_all_that_is_whole(folder):
    warc = many()
    folder.write("x.warc.gz", warc.out.getvalue()[: warc.offsets[4] + 100])
    *some, last = folder.read()
    assert [page.url for page in some] == [f"https://example.org/{n}" for n in range(4)]
    assert (last.reason, last.source) == (Reason.TRUNCATED, f"x.warc.gz#{warc.offsets[4]}")


def test_damage_in_the_middle_costs_its_record_alone(folder):
    warc = many()
    data = bytearray(warc.out.getvalue())
    data[warc.offsets[2] + 60 : warc.offsets[2] + 90] = bytes(30)
    folder.write("x.warc.gz", bytes(data))
    found = folder.read()
    pages = [each.url for each in found if isinstance(each, Page)]
    assert pages == [f"https://example.org/{n}" for n in (0, 1, 3, 4)]
    (damage,) = [each for each in found if not isinstance(each, Page)]
    assert (damage.reason, damage.source) == (Reason.DAMAGED, f"x.warc.gz#{warc.offsets[2]}")


@pytest.mark.parametrize(
    "body", [b"", b"not a warc file at all", b"filedesc://x.arc 0.0.0.0 2024", gzip.compress(b"x", mtime=0)]
)
def test_what_is_no_warc_file(folder, body):
    folder.write("x.warc.gz", body)
    assert folder.unread().reason in (Reason.DAMAGED, Reason.TRUNCATED)


def test_a_record_over_the_limit(folder):
    warc = Warc().add("https://example.org/a", b"x" * 400_000).add("https://example.org/b", b"small")
    folder.write("x.warc", warc.out.getvalue())
    large, page = folder.read(max_bytes=100_000)
    assert large.reason is Reason.TOO_LARGE
    assert page.url == "https://example.org/b"


def record(kind: str, block: bytes, **fields: str) -> bytes:
    stated = {"WARC-Type": kind, "WARC-Record-ID": "<urn:uuid:1>"} | {n.replace("_", "-"): v for n, v in fields.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in {**stated, "Content-Length": str(len(block))}.items())
    return gzip.compress(f"WARC/1.0\r\n{head}\r\n".encode() + block + b"\r\n\r\n", mtime=0)


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML.encode()
DIGEST = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
FIRST = {
    "WARC_Target_URI": "https://example.org/a",
    "WARC_Date": "2024-03-05T10:11:12Z",
    "Content_Type": "application/http;msgtype=response",
    "WARC_Payload_Digest": DIGEST,
}
AGAIN = FIRST | {"WARC_Date": "2024-04-01T00:00:00Z"}
REFERS = {
    "WARC_Refers_To_Target_URI": "https://example.org/a",
    "WARC_Refers_To_Date": "2024-03-05T10:11:12Z",
}


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        (AGAIN, "https://example.org/a"),  # as old Heritrix did: nothing but the digest
        (AGAIN | REFERS, "https://example.org/a"),
        (AGAIN | REFERS | {"WARC_Target_URI": "https://example.org/b"}, "https://example.org/b"),
        ({**AGAIN, **REFERS, "WARC_Payload_Digest": ""}, "https://example.org/a"),  # not modified
    ],
)
def test_a_revisit_is_the_page_seen_again(folder, fields, url):
    fields = {name: value for name, value in fields.items() if value}
    folder.write("x.warc.gz", record("response", ANSWER, **FIRST) + record("revisit", b"", **fields))
    first, again = folder.read()
    assert (again.url, again.captured_at, again.body) == (url, "2024-04-01T00:00:00Z", first.body)
    assert again.source != first.source


def test_a_revisit_of_what_is_elsewhere_is_counted(folder, caplog):
    folder.write(
        "x.warc.gz",
        record("response", ANSWER, **FIRST) + record("revisit", b"", **AGAIN | {"WARC_Payload_Digest": "sha1:another"}),
    )
    with caplog.at_level(logging.WARNING):
        assert len(folder.read()) == 1
    assert caplog.messages == ["left out, being no pages: 1 revisits of what is not in the file"]


def test_what_browsertrix_makes_of_pages_is_no_page(folder, caplog):
    text = {"WARC_Target_URI": "urn:text:https://example.org/a", "WARC_Date": "2024-03-05T10:11:12Z"}
    folder.write(
        "x.warc.gz",
        record("response", ANSWER, **FIRST)
        + record("resource", b"El texto de la pagina", Content_Type="text/plain", **text)
        + record("resource", b"\x89PNG", Content_Type="image/png", **text),
    )
    with caplog.at_level(logging.WARNING):
        assert folder.page().url == "https://example.org/a"
    assert caplog.messages == ["left out, being no pages: 2 texts, pictures and logs that a crawler made"]


def test_what_wget_notes_of_its_work_is_no_page(folder, caplog):
    wget = {"Content_Type": "text/plain", "WARC_Date": "2024-03-05T10:11:12Z"}
    at = "metadata://gnu.org/software/wget/warc/"
    folder.write(
        "x.warc.gz",
        record("resource", b"--warc-file x", WARC_Target_URI=f"<{at}wget_arguments.txt>", **wget)
        + record("response", ANSWER, **FIRST)
        + record("resource", b"", WARC_Target_URI=f"<{at}wget.log>", **wget),
    )
    with caplog.at_level(logging.WARNING):
        assert folder.page().url == "https://example.org/a"
    assert caplog.messages == ["left out, being no pages: 2 texts, pictures and logs that a crawler made"]


def test_texts_of_common_crawl_are_pages(folder):
    said = {"WARC_Target_URI": "https://example.org/a", "WARC_Date": "2024-03-05T10:11:12Z"}
    folder.write("d/CC-x.warc.wet.gz", record("conversion", b"La noticia.\n", Content_Type="text/plain", **said))
    page = folder.page("d")
    assert (page.url, page.media_type, page.body) == ("https://example.org/a", "text/plain", b"La noticia.\n")
