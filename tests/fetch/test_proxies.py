"""A real proxy on loopback: it is used where it is asked for, never else, and only for addresses that were checked."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from wire_server import Server, Shape, resolving, serving

from scraper.fetch.client import Client, Fetched, Request
from scraper.fetch.proxies import Proxy, proxy_for, proxy_of

PAGE = Shape(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhola")


@dataclass
class Tunnels:
    """A proxy that lets CONNECT through to loopback alone; the heads of what it was asked."""

    refusing: bytes = b""
    port: int = 0
    asked: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head)
        method, target = head.split()[:2]
        host, _, port = target.decode().rpartition(":")
        if self.refusing or method != b"CONNECT" or host != "127.0.0.1":
            writer.write(self.refusing or b"HTTP/1.1 403 Forbidden\r\n\r\n")
            writer.close()
            return
        there, back = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\nVia: loopback\r\n\r\n")
        await asyncio.gather(_pour(reader, back), _pour(there, writer))


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(4096):
            writer.write(piece)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def proxying(refusing: bytes = b"") -> AsyncIterator[Tunnels]:
    proxy = Tunnels(refusing)
    listening = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = listening.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        listening.close()


Ask = Callable[[Client, Server, Tunnels], Awaitable[Fetched]]


def fetched(
    ask: Ask, tls: tuple[ssl.SSLContext, ssl.SSLContext] | None = None, refusing: bytes = b"", **hosts: list[str]
) -> tuple[Fetched, list[bytes], list[bytes]]:
    """What came, what the proxy was asked, what the site was asked."""

    async def go() -> tuple[Fetched, list[bytes], list[bytes]]:
        served, trusted = tls or (None, None)
        async with (
            serving({"/a": PAGE}, served) as site,
            proxying(refusing) as proxy,
            Client(lambda: "2026-12-01T09:00:00Z", "test", tls=trusted, resolve=resolving(**hosts)) as web,
        ):
            return await ask(web, site, proxy), proxy.asked, site.requests

    return asyncio.run(go())


def test_the_environment_is_not_heard_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def asking(setting: str | None) -> Ask:
        async def ask(web: Client, site: Server, proxy: Tunnels) -> Fetched:
            for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
                for each in (name, name.lower()):
                    monkeypatch.setenv(each, f"http://127.0.0.1:{proxy.port}")
            monkeypatch.delenv("NO_PROXY", raising=False)
            monkeypatch.delenv("no_proxy", raising=False)
            return await web.fetch(Request(f"http://elfaro.example:{site.port}/a", allow_private=True, proxy=setting))

        return ask

    got, through, direct = fetched(asking(None))
    assert (got.body, len(through), len(direct)) == (b"hola", 0, 1)
    got, through, direct = fetched(asking("environment"))
    assert (got.body, len(through), len(direct)) == (b"hola", 1, 1)


@pytest.mark.parametrize("https", [False, True])
def test_a_source_is_fetched_through_its_proxy_at_the_address_that_was_checked(
    https: bool, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    async def ask(web: Client, site: Server, proxy: Tunnels) -> Fetched:
        url = f"http{'s' if https else ''}://elfaro.example:{site.port}/a"
        given = Request(url, allow_private=True, proxy=f"http://ana:cla%20ve@127.0.0.1:{proxy.port}")
        first = await web.fetch(given)
        assert first.body == b"hola", first.error
        return await web.fetch(given)

    got, through, direct = fetched(ask, (server_tls, client_tls) if https else None)
    assert got.body == b"hola"
    assert len(direct) == 2
    (asked,) = through  # the tunnel is kept for the next page
    assert asked.startswith(b"CONNECT 127.0.0.1:"), "and not the name, which it might look up to be another"
    assert b"\r\nProxy-Authorization: Basic YW5hOmNsYSB2ZQ==\r\n" in asked
    assert got.exchange.request.startswith(b"GET /a HTTP/1.1\r\nHost: elfaro.example")
    assert got.exchange.response == PAGE.sent
    assert b"Proxy-Authorization" not in got.exchange.request
    assert (got.exchange.ip, got.exchange.rebuilt) == ("127.0.0.1", False)


@pytest.mark.parametrize("addresses", [["10.0.0.7"], ["169.254.169.254"], ["93.184.216.34", "127.0.0.1"]])
def test_a_proxy_is_not_asked_for_what_lies_inside(addresses: list[str]) -> None:
    async def ask(web: Client, site: Server, proxy: Tunnels) -> Fetched:
        return await web.fetch(Request("http://dentro.example/a", proxy=f"http://127.0.0.1:{proxy.port}"))

    got, through, direct = fetched(ask, dentro_example=addresses)
    assert (got.failure, through, direct) == ("refused", [], [])


def test_a_public_address_is_what_the_proxy_is_asked_for() -> None:
    async def ask(web: Client, site: Server, proxy: Tunnels) -> Fetched:
        return await web.fetch(Request("https://fuera.example/a", proxy=f"http://127.0.0.1:{proxy.port}"))

    got, through, _ = fetched(ask, fuera_example=["2606:4700::1111", "93.184.216.34"])
    assert [line.split(b"\r\n")[0] for line in through] == [
        b"CONNECT [2606:4700::1111]:443 HTTP/1.1",
        b"CONNECT 93.184.216.34:443 HTTP/1.1",
    ]
    assert (got.failure, got.error) == ("connect", "the proxy does not connect to 93.184.216.34:443: 403 Forbidden")


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b"220 mail\r\n\r\n", b"x" * 70_000, b"HTTP/1.1 200"],
)
def test_a_proxy_that_does_not_help_is_no_connection(answer: bytes) -> None:
    async def ask(web: Client, site: Server, proxy: Tunnels) -> Fetched:
        given = f"http://127.0.0.1:{proxy.port}"
        return await web.fetch(Request(f"http://elfaro.example:{site.port}/a", allow_private=True, proxy=given))

    got, _, direct = fetched(ask, refusing=answer)
    assert (got.failure, direct) == ("connect", [])
    assert "proxy" in (got.error or "")


def test_one_that_is_not_there_is_not_gone_around() -> None:
    async def ask(web: Client, site: Server, _: Tunnels) -> Fetched:
        url = f"http://elfaro.example:{site.port}/a"
        return await web.fetch(Request(url, allow_private=True, proxy="http://127.0.0.1:1"))

    got, _, direct = fetched(ask)
    assert (got.failure, direct) == ("connect", [])


def test_how_a_proxy_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_of("http://proxy.example:3128") == Proxy("proxy.example", 3128)
    for wrong in (
        "proxy.example:3128",
        "https://proxy.example:3128",
        "socks5://p:1",
        "http://p",
        "http://p:1/x",
        "http://p:x",
    ):
        assert proxy_of(wrong) is None
    monkeypatch.setenv("https_proxy", "proxy.example:8080")
    monkeypatch.setenv("no_proxy", "elfaro.example")
    monkeypatch.delenv("http_proxy", raising=False)
    monkeypatch.delenv("all_proxy", raising=False)
    assert proxy_for("environment", "https://otro.example/") == Proxy("proxy.example", 8080)
    assert proxy_for("environment", "https://elfaro.example/") is None
    monkeypatch.setenv("https_proxy", "socks5://proxy.example:1080")
    with pytest.raises(ValueError, match="http://host:port"):
        proxy_for("environment", "https://otro.example/")
