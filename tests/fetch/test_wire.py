"""What the server sent is what the record holds, byte for byte; through TLS too."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from shapes import SHAPES
from wire_server import Shape, resolving, serving

from archive.store import Archive
from archive.warc import Record, records, warc_files
from scraper.fetch import wire
from scraper.fetch.client import Client, Fetched, Limits, Request

NOW = "2026-12-01T09:00:00.000000Z"
AGENT = "hemeroteca/test (+mailto:ana@elfaro.example)"
LIMITS = Limits(connect=5.0, read=0.6, total=5.0)


def client(tls: ssl.SSLContext | None = None, **more: object) -> Client:
    return Client(lambda: NOW, AGENT, LIMITS, tls=tls, resolve=resolving(), **more)  # type: ignore[arg-type]


async def fetched(
    shape: Shape, server_tls: ssl.SSLContext | None = None, client_tls: ssl.SSLContext | None = None
) -> Fetched:
    async with serving({"/noticia": shape}, server_tls) as server, client(client_tls) as web:
        scheme = "https" if server_tls else "http"
        url = f"{scheme}://elfaro.example:{server.port}/noticia"
        got = await web.fetch(Request(url, allow_private=True))
        assert got.exchange.request == server.requests[-1]
        return got


def main_record(folder: Path, got: Fetched) -> Record | None:
    with Archive.open(folder, lambda: NOW) as archive:
        archive.start_run("crawl")
        archive.keep_exchange(got.exchange, "El Faro", "page", got.reason)
        archive.finish_run("ok")
    found = [one.record for path in warc_files(folder / "warcs") for one in records(path)]
    mains = [one for one in found if one.type in {"response", "resource"}]
    return mains[0] if mains else None


@pytest.mark.parametrize("over", ["tcp", "tls"])
@pytest.mark.parametrize("name", SHAPES)
def test_the_record_holds_what_was_sent(
    tmp_path: Path, name: str, over: str, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    shape = SHAPES[name]
    got = asyncio.run(fetched(shape, server_tls, client_tls) if over == "tls" else fetched(shape))
    assert got.exchange.response == shape.sent
    assert (got.failure, got.status, got.body) == (shape.failure, shape.status, shape.body)
    assert got.exchange.ip == "127.0.0.1"
    assert (got.exchange.tls or "").startswith("TLSv1.3 ") == (over == "tls")
    assert not got.exchange.rebuilt
    record = main_record(tmp_path, got)
    assert (record.block if record else b"") == shape.held
    if record is not None:
        assert (record.type == "response") == (shape.status is not None)
        cut = {"time": "time", "disconnect": "disconnect", "protocol": "unspecified"}
        assert record.get("WARC-Truncated") == cut.get(shape.failure or "")


def test_the_request_is_ours_and_nothing_else(tmp_path: Path) -> None:
    async def go() -> tuple[int, bytes, bytes]:
        async with serving({"/": SHAPES["repeated fields"]}) as server, client() as web:
            url = f"http://elfaro.example:{server.port}/"
            await web.fetch(Request(url, allow_private=True))
            await web.fetch(
                Request(url, etag='W/"ñ"', last_modified="Tue, 01 Dec 2026 00:00:00 GMT", allow_private=True)
            )
            await web.fetch(Request(url, etag='"a"\r\nX: y', allow_private=True))
            return server.port, server.requests[1], server.requests[2]

    port, second, third = asyncio.run(go())
    head = (
        f"GET / HTTP/1.1\r\nHost: elfaro.example:{port}\r\nUser-Agent: {AGENT}\r\n"
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Encoding: gzip, br\r\n"
    )
    conditions = 'If-None-Match: W/"ñ"\r\nIf-Modified-Since: Tue, 01 Dec 2026 00:00:00 GMT\r\n\r\n'
    assert second == head.encode() + conditions.encode("latin-1")  # no cookie, though one was set
    assert third == head.encode() + b"\r\n"


def test_many_at_once_on_kept_connections_never_mix() -> None:
    async def go() -> None:
        names = {
            f"/{n}": Shape(
                b"HTTP/1.1 200 OK\r\nX-N: %d\r\nContent-Length: %d\r\n\r\n%s" % (n, n * 37, b"%d" % (n % 10) * (n * 37))
            )
            for n in range(60)
        }
        broken = ["less than it says", "more than it says", "half a chunk", "reset in the body", "garbage", "trailers"]
        names |= {f"/b{n}": SHAPES[broken[n % len(broken)]] for n in range(60)}
        async with serving(names) as server, client() as web:
            gate = asyncio.Semaphore(12)

            async def one(path: str) -> None:
                async with gate:
                    got = await web.fetch(Request(f"http://elfaro.example:{server.port}{path}", allow_private=True))
                    assert got.exchange.response == names[path].sent, path
                    assert got.exchange.request.startswith(f"GET {path} ".encode())

            await asyncio.gather(*(one(path) for path in [*names] * 5))
            assert server.connections < 5 * len(names)

    asyncio.run(go())


def test_a_connection_that_was_closed_while_idle_is_tried_once_more() -> None:
    async def go() -> None:
        closes = Shape(SHAPES["length"].sent, "close")
        async with serving({"/": closes}) as server, client() as web:
            for _ in range(4):
                got = await web.fetch(Request(f"http://elfaro.example:{server.port}/", allow_private=True))
                assert got.failure is None
                assert got.exchange.response == closes.sent

    asyncio.run(go())


# Without the tee


@pytest.mark.parametrize("over", ["tcp", "tls"])
@pytest.mark.parametrize(
    "name", ["length", "gzip in chunks", "trailers", "until the end", "redirect", "less than it says"]
)
def test_without_the_tee_the_head_is_rebuilt_and_marked(
    tmp_path: Path,
    name: str,
    over: str,
    server_tls: ssl.SSLContext,
    client_tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wire, "_BACKEND", "_moved_elsewhere")
    shape = SHAPES[name]
    got = asyncio.run(
        fetched_rebuilt(shape, server_tls, client_tls) if over == "tls" else fetched_rebuilt(shape, None, None)
    )
    assert got.exchange.rebuilt
    assert (got.failure, got.status, got.body) == (shape.failure, shape.status, shape.body)
    assert got.exchange.response.startswith(b"HTTP/1.1 ")
    record = main_record(tmp_path, got)
    assert record is not None
    assert record.get("Hemeroteca-Rebuilt") == "yes"


async def fetched_rebuilt(
    shape: Shape, server_tls: ssl.SSLContext | None, client_tls: ssl.SSLContext | None
) -> Fetched:
    async with serving({"/noticia": shape}, server_tls) as server, client(client_tls) as web:
        assert not web.faithful
        scheme = "https" if server_tls else "http"
        return await web.fetch(Request(f"{scheme}://elfaro.example:{server.port}/noticia", allow_private=True))


def test_the_self_test_sees_bytes_that_were_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asyncio.run(wire.works())
    read = wire.Tee.read

    async def tidied(self: wire.Tee, max_bytes: int, timeout: float | None = None) -> bytes:
        data = await read(self, max_bytes, timeout)
        if self._recording is not None:
            self._recording.received[:] = self._recording.received.replace(b"  oK", b" OK")
        return data

    monkeypatch.setattr(wire.Tee, "read", tidied)
    assert not asyncio.run(wire.works())
