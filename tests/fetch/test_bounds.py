"""Every fetch ends: in time, in size, and with an error that says so."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc

import brotli
import pytest
from shapes import CHUNKED, PLAIN, coded
from wire_server import Shape, resolving, serving

from archive.warc import Received
from scraper.fetch.client import Client, Fetched, Limits, Request

LIMITS = Limits(connect=0.8, read=0.5, total=1.5)
SIZE = 100_000


def fetched(shape: Shape, limit: int = SIZE, limits: Limits = LIMITS) -> Fetched:
    async def go() -> Fetched:
        web = Client(lambda: "2026-12-01T09:00:00Z", "test", limits, resolve=resolving())
        async with serving({"/": shape}) as server, web:
            url = f"http://elfaro.example:{server.port}/"
            return await web.fetch(Request(url, limit_bytes=limit, allow_private=True))

    return asyncio.run(go())


@pytest.mark.parametrize(
    "sent",
    [
        PLAIN + b"Content-Length: 999999999\r\n\r\n" + b"x" * 3_000_000,
        PLAIN + b"\r\n" + b"x" * 3_000_000,
        CHUNKED + b"f4240\r\n" + b"x" * 3_000_000,
    ],
    ids=["length", "until the end", "chunks"],
)
def test_a_body_is_read_up_to_the_limit(sent: bytes) -> None:
    got = fetched(Shape(sent))
    assert (got.failure, got.exchange.truncated, got.status) == ("length", "length", 200)
    assert got.exchange.response == sent[:SIZE]


def test_a_body_of_just_the_limit_is_whole() -> None:
    sent = PLAIN + b"Content-Length: 4\r\n\r\nhola"
    assert fetched(Shape(sent), limit=len(sent)).failure is None
    assert fetched(Shape(sent), limit=len(sent) - 1).failure == "length"


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X-Name: value\r\n" * 300_000,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 3_000_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000,
        CHUNKED + b"4;" + b"e" * 3_000_000,
        CHUNKED + b"4\r\nhola\r\n0\r\n" + b"X: y\r\n" * 500_000,
    ],
    ids=["endless fields", "an endless field", "endless interim", "an endless extension", "endless trailers"],
)
def test_heads_that_do_not_end_are_left(sent: bytes) -> None:
    got = fetched(Shape(sent), limit=1_000_000)
    assert got.failure in {"length", "protocol", "time"}
    assert len(got.exchange.response) <= 1_000_000
    assert got.exchange.response == sent[: len(got.exchange.response)]


def test_a_drip_ends_at_the_total_time() -> None:
    got = fetched(Shape(PLAIN + b"Content-Length: 9000\r\n\r\n" + b"x" * 9_000, piece=1), limits=Limits(2.0, 0.5, 0.4))
    assert (got.failure, got.exchange.truncated) == ("time", "time")
    assert 0 < len(got.exchange.response) < 9_000
    assert got.exchange.milliseconds < 2_000


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_bomb_is_not_unpacked(coding: str) -> None:
    zeros = b"\0" * 300_000_000
    bomb = gzip.compress(zeros, 1) if coding == "gzip" else brotli.compress(zeros, quality=1)
    del zeros
    sent = Shape(coded(coding.encode(), bomb))
    tracemalloc.start()
    got = fetched(sent, limit=len(bomb) + 1_000, limits=Limits(2.0, 5.0, 20.0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (got.failure, got.body) == ("coding", None)
    assert "unpacks to more than" in (got.error or "")
    assert got.exchange.response == sent.sent
    assert peak < 200_000_000


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (coded(b"gzip", b"\x1f\x8b\x08\x00 broken"), "damaged"),
        (coded(b"br", b"no brotli at all"), "damaged"),
        (coded(b"zstd", b"(\xb5/\xfd"), "zstd"),
        (coded(b"gzip, gzip", gzip.compress(gzip.compress(b"hola"))), ""),
    ],
    ids=["gzip", "brotli", "zstd", "twice"],
)
def test_codings(sent: bytes, error: str) -> None:
    got = fetched(Shape(sent))
    assert (got.failure, got.body) == (("coding", None) if error else (None, b"hola"))
    assert error in (got.error or "")


def test_no_host_no_port_no_tls() -> None:
    async def go() -> list[Fetched]:
        async def nowhere(host: str, port: int) -> list[str]:
            raise OSError("Name or service not known")

        async with (
            serving({"/": Shape(b"")}) as server,
            Client(lambda: "2026-12-01T09:00:00Z", "t", LIMITS, resolve=nowhere) as lost,
        ):
            got = [await lost.fetch(Request("http://nowhere.example/"))]
            async with Client(lambda: "2026-12-01T09:00:00Z", "t", LIMITS, resolve=resolving()) as web:
                got.append(await web.fetch(Request("http://elfaro.example:1/", allow_private=True)))
                got.append(await web.fetch(Request(f"https://elfaro.example:{server.port}/", allow_private=True)))
        return got

    for got in asyncio.run(go()):
        assert (got.failure, got.exchange.response, got.exchange.truncated) == ("connect", b"", None)
        assert got.error


@pytest.mark.parametrize(
    ("location", "leads"),
    [
        (b"/otra", "https://a.example/otra"),
        (b"//b.example/x", "https://b.example/x"),
        ("/año".encode(), "https://a.example/año"),
        ("/año".encode("latin-1"), "https://a.example/año"),
        (b"", None),
        (b"http://[::1", None),
    ],
)
def test_where_a_redirect_leads(location: bytes, leads: str | None) -> None:
    from archive.model import Exchange

    sent = b"HTTP/1.1 301 x\r\nLocation: %s\r\n\r\n" % location
    exchange = Exchange("https://a.example/b", "2026-12-01T09:00:00Z", b"", sent)
    assert Fetched(exchange, Received.of(sent)).location == leads
