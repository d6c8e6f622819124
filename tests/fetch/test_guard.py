"""Nothing that a page names leads inside: not its address, not what its name resolves to, now or the next time."""

from __future__ import annotations

import asyncio
import ssl

import pytest
from shapes import SHAPES
from wire_server import Server, resolving, serving

from archive.reasons import Reason
from scraper.fetch import wire
from scraper.fetch.client import Client, Fetched, Limits, Request
from scraper.fetch.guard import Forbidden, check_url, is_public

INSIDE = """
127.0.0.1 127.1.2.3 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1
100.127.255.255 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1
255.255.255.255 :: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:7f00:1
fe80::1 fe80::1%eth0 fec0::1 fc00::1 fd12:3456::1 ff02::1 2002:7f00:1:: 2002:a00:1::1 64:ff9b::127.0.0.1
64:ff9b::10.0.0.1 64:ff9b:1::1 2001::1 2001:db8::1 100::1 5f00::1 nonsense 1.2.3 127.1
"""
OUTSIDE = """
8.8.8.8 1.1.1.1 93.184.216.34 172.32.0.1 100.128.0.1 ::ffff:8.8.8.8 2606:4700::1111 2a00:1450:4003::5
64:ff9b::8.8.8.8
"""


@pytest.mark.parametrize("address", INSIDE.split())
def test_addresses_inside(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE.split())
def test_addresses_outside(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://elfaro.example/a",
        "gopher://elfaro.example:70/_x",
        "data:text/html,hola",
        "javascript:alert(1)",
        "//elfaro.example/a",
        "https:///a",
        "https://ana:clave@elfaro.example/",
        "https://elfaro.example/a b",
        "https://elfaro.example/a\r\nX: y",
        "https://elfaro.example/\x00",
        "https://elfaro.example:99999/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://elfaro.example/" + "x" * 10_000,
        "",
    ],
)
def test_what_is_no_address_of_a_page_is_refused_and_nothing_is_connected_to(url: str) -> None:
    with pytest.raises(Forbidden):
        check_url(url)

    async def go() -> Fetched:
        async with Client(lambda: "2026-12-01T09:00:00Z", "test", resolve=never) as web:
            return await web.fetch(Request(url))

    got = asyncio.run(go())
    assert (got.failure, got.reason, got.exchange.request, got.status) == ("refused", Reason.REFUSED, b"", None)
    assert got.error
    assert "\n" not in got.error


async def never(host: str, port: int) -> list[str]:
    raise AssertionError("nobody was to be asked")


def knock(host: str, *addresses: str, allow_private: bool = False, faithful: bool = True) -> tuple[Fetched, Server]:
    """Fetch from a name that is at these addresses; what listens is at 127.0.0.1 and ::1."""

    async def go() -> tuple[Fetched, Server]:
        known = resolving(**{host.replace(".", "_"): list(addresses)}) if addresses else None
        more = {"resolve": known} if known else {}
        async with serving({"/": SHAPES["length"]}) as server:
            limits = Limits(connect=0.5, read=1.0, total=2.0)
            async with Client(lambda: "2026-12-01T09:00:00Z", "test", limits, **more) as web:  # type: ignore[arg-type]
                assert web.faithful == faithful
                return await web.fetch(Request(f"http://{host}:{server.port}/", allow_private=allow_private)), server

    return asyncio.run(go())


@pytest.mark.parametrize("faithful", [True, False])
@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("::ffff:127.0.0.1",), ("::1",)])
def test_a_name_that_leads_inside_is_refused(
    addresses: tuple[str, ...], faithful: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not faithful:
        monkeypatch.setattr(wire, "_BACKEND", "_moved_elsewhere")
    got, server = knock("inside.example", *addresses, faithful=faithful)
    assert (got.failure, got.exchange.request, server.connections) == ("refused", b"", 0)
    assert "not a public address" in (got.error or "")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "127.1", "0177.0.0.1", "[::1]"])
def test_other_spellings_of_the_loopback_are_refused_too(host: str) -> None:
    got, server = knock(host)
    assert (got.failure in {"refused", "connect"}, server.connections) == (True, 0)


def test_the_operators_own_addresses_may_be_allowed() -> None:
    got, server = knock("inside.example", "127.0.0.1", allow_private=True)
    assert (got.failure, got.body, server.connections) == (None, b"hola", 1)


def test_a_host_is_asked_for_once_and_connected_to_where_it_was_found() -> None:
    """DNS rebinding: the second answer would be another one, and is never asked for."""
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["192.0.2.1"] if len(asked) == 1 else ["127.0.0.1"]

    async def go() -> tuple[Fetched, int]:
        async with serving({"/": SHAPES["length"]}) as server:
            limits = Limits(connect=0.3, read=1.0, total=2.0)
            async with Client(lambda: "2026-12-01T09:00:00Z", "test", limits, resolve=rebinding) as web:
                got = await web.fetch(Request(f"http://rebind.example:{server.port}/"))
                return got, server.connections

    got, connections = asyncio.run(go())
    assert (asked, connections, got.failure) == (["rebind.example"], 0, "refused")


def test_a_connection_that_a_private_source_opened_is_not_lent_to_another() -> None:
    async def go() -> tuple[Fetched, Fetched, int]:
        web = Client(lambda: "2026-12-01T09:00:00Z", "test", resolve=resolving())
        async with serving({"/": SHAPES["length"]}) as server, web:
            url = f"http://intranet.example:{server.port}/"
            mine = await web.fetch(Request(url, allow_private=True))
            theirs = await web.fetch(Request(url))
            return mine, theirs, server.connections

    mine, theirs, connections = asyncio.run(go())
    assert (mine.failure, theirs.failure, connections) == (None, "refused", 1)


def test_the_name_stays_the_name_for_tls(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    async def go(host: str) -> Fetched:
        web = Client(lambda: "2026-12-01T09:00:00Z", "test", tls=client_tls, resolve=resolving())
        async with serving({"/": SHAPES["length"]}, server_tls) as server, web:
            return await web.fetch(Request(f"https://{host}:{server.port}/", allow_private=True))

    assert asyncio.run(go("elfaro.example")).body == b"hola"
    other = asyncio.run(go("otro.example"))
    assert (other.failure, other.status) == ("connect", None)
    assert "certificate" in (other.error or "").lower()
