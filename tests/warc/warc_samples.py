"""Pages, records and files that the tests of the WARC room are made of."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

from hypothesis import strategies as st

from archive.model import Location, Page
from archive.warc import WarcWriter

NOW = "2026-03-01T08:30:00.123456Z"
RUN = "hemeroteca/test"


def dump(text: str = "El puente reabre.\n\nLos vecinos esperaban desde enero.\n", **more: object) -> Page:
    fields = {
        "source": "dumps/puente.txt",
        "body": text.encode(),
        "media_type": "text/plain",
        "captured_at": NOW,
        "dated_by": "clock",
    }
    return Page(**(fields | more))  # type: ignore[arg-type]


def chunks(data: bytes, size: int = 7, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    framed = b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts)
    return framed + b"0\r\n" + trailer + b"\r\n"


def encoded(body: bytes, coding: str) -> bytes:
    if coding == "gzip":
        return gzip.compress(body, 6, mtime=0)
    if coding == "deflate":
        return zlib.compress(body)
    if coding == "raw deflate":
        packer = zlib.compressobj(wbits=-15)
        return packer.compress(body) + packer.flush()
    return body


def response(
    body: bytes = b"<html><p>Hola</p></html>", coding: str = "", chunked: bool = False, **more: object
) -> Page:
    entity = encoded(body, coding)
    head = b"HTTP/1.1 200 OK\r\nContent-type:   text/html; charset=utf-8\r\n"
    if coding:
        head += b"Content-Encoding: %s\r\n" % coding.removeprefix("raw ").encode()
    head += b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"Content-Length: %d\r\n\r\n" % len(entity)
    fields = {
        "source": "https://example.org/",
        "url": "https://example.org/noticia",
        "body": body,
        "media_type": "text/html",
        "captured_at": NOW,
        "dated_by": "warc",
        "status": 200,
        "charset": "utf-8",
        "message": head + (chunks(entity) if chunked else entity),
        "payload_digest": "sha256:" + hashlib.sha256(entity).hexdigest(),
    }
    return Page(**(fields | more))  # type: ignore[arg-type]


def five() -> list[Page]:
    """With the warcinfo, a file of six records of all our shapes."""
    return [
        dump(),
        dump(
            "Otro texto, más corto.", url="https://example.org/ñandú y más", title="Título: 100 %", dated_by="manifest"
        ),
        response(chunked=True),
        response(b"<html>" + b"<p>Texto.</p>" * 40 + b"</html>", coding="gzip"),
        dump("<html><p>Guardado</p></html>", media_type="text/html", charset="windows-1252", source="a\nb.html"),
    ]


def written(folder: Path, pages: list[Page]) -> tuple[Path, list[Location]]:
    """The pages in one closed file."""
    writer = WarcWriter(folder, NOW, RUN)
    locations = [writer.write(page) for page in pages]
    (closed,) = writer.close()
    return folder / closed.name, locations


def short(value: object) -> str | None:
    """The name of a test's parameter: of bytes, their number."""
    return f"{len(value)} bytes" if isinstance(value, bytes) else None


def put(path: Path, data: bytes) -> Path:
    """Write a file anew: cutting an old one to nothing makes some filesystems wait for the disk."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    return path


def warc_record(block: bytes = b"hola", end: bytes = b"\r\n\r\n", version: str = "WARC/1.0", **fields: str) -> bytes:
    """A record as somebody else may have written it; a field given as an empty string is left out."""
    stated = {
        "WARC-Type": "resource",
        "WARC-Record-ID": "<urn:uuid:12345678-1234-1234-1234-123456789abc>",
        "WARC-Date": "2019-05-06T07:08:09Z",
        "WARC-Target-URI": "https://example.org/a",
        "Content-Type": "text/plain",
        "Content-Length": str(len(block)),
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in stated.items() if value)
    return f"{version}\r\n{head}\r\n".encode() + block + end


def member(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


any_text = st.text(st.characters(), max_size=40)
urls = st.one_of(
    st.none(),
    any_text,
    any_text.map(lambda rest: "https://example.org/" + rest),
    st.sampled_from(["urn:hemeroteca:dump:" + "0" * 64, "https://example.org/a%20b?x=1#y", "https://münchen.de/ä"]),
)
times = st.from_regex(r"\A20[0-9]{2}-0[1-9]-[12][0-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z\Z")
told = {
    "source": any_text,
    "captured_at": times,
    "dated_by": st.sampled_from(["manifest", "sidecar", "page", "warc", "clock"]),
    "media_type": st.sampled_from(["text/plain", "text/html"]),
    "url": urls,
    "charset": st.one_of(st.none(), any_text, st.sampled_from(["utf-8", "windows-1252"])),
    "status": st.one_of(st.none(), st.integers(-1, 999)),
    "title": st.one_of(st.none(), any_text),
    "source_name": st.one_of(st.none(), any_text),
}
bodies = st.one_of(
    st.binary(max_size=300), st.sampled_from([b"", b"\r\n\r\n", b"WARC/1.1\r\n", b"\r\n\r\nWARC/1.1\r\n"])
)
dumps = st.builds(Page, body=bodies, **told)
responses = st.builds(
    response,
    body=bodies,
    coding=st.sampled_from(["", "gzip", "deflate", "raw deflate"]),
    chunked=st.booleans(),
    **told,
)
pages = st.one_of(dumps, responses)
