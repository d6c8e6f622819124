"""Where a crawl may connect to: public addresses alone, unless the source is the operator's own.

A page, feed or redirect can name any host, and a host can name any address, another one at each question (DNS
rebinding). So a name is resolved here, once; every address it has must be public; and one of exactly these is connected
to. Addresses that carry an IPv4 address inside (mapped, 6to4, NAT64) are judged by it as well. The registries are
IANA's: https://www.iana.org/assignments/iana-ipv4-special-registry/ and iana-ipv6-special-registry.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

#: Addresses of a host, as text, in the order in which they are to be tried; raises OSError for a host that has none.
Resolve = Callable[[str, int], Awaitable[list[str]]]

MAX_URL = 8_000  #: characters; RFC 9110, 4.1 asks for at least 8,000 octets
_STRANGE = re.compile(r"[\x00-\x20\x7f]")
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_COMPATIBLE = IPv6Network("::/96")  # RFC 4291, 2.5.5.1
#: What the registries call global, or Python 3.11 does, and no web server has: local NAT64 (RFC 8215), Teredo
#: (RFC 4380), segment routing (RFC 9602), site-local (RFC 3879).
_NEVER = tuple(map(IPv6Network, ("64:ff9b:1::/48", "2001::/32", "5f00::/16", "fec0::/10")))


class Forbidden(Exception):
    """An address that is not fetched; the message says why, in a line."""


def check_url(url: str) -> None:
    """Raise Forbidden for what is no address of a web page, or of another scheme, with a password, or too long."""
    if len(url) > MAX_URL:
        raise Forbidden(f"an address of {len(url):,} characters; the limit is {MAX_URL:,}")
    if _STRANGE.search(url):
        raise Forbidden("an address with spaces or control characters")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise Forbidden(f"no address: {error}") from None
    if parts.scheme not in {"http", "https"}:
        raise Forbidden(f"addresses of the kind {parts.scheme[:40]!r} are not fetched")
    if not host or "%" in host:
        raise Forbidden("an address without a host")
    if parts.username is not None or parts.password is not None:
        raise Forbidden("an address with a user name or password in it")


def is_public(address: str) -> bool:
    """Whether an IP address, as text, is one of the public internet; False for what is none."""
    try:
        given = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(map(_public, _meant(given)))


def _meant(given: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """The address, and one that lies in it; what is mapped (RFC 4291, 2.5.5.2) or translated is that one alone."""
    if isinstance(given, IPv6Address):
        if given.ipv4_mapped is not None:
            yield given.ipv4_mapped
            return
        if given in _NAT64:
            yield IPv4Address(int(given) & 0xFFFFFFFF)
            return
        if given.sixtofour is not None:
            yield given.sixtofour
    yield given


def _public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and (address in _COMPATIBLE or any(address in net for net in _NEVER)):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


async def system_resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[4][0]) for where in found))


async def allowed(host: str, port: int, resolve: Resolve, *, allow_private: bool) -> list[str]:
    """The addresses of a host that may be connected to: all that it has.

    Raises Forbidden where one of them is not public, unless `allow_private`, and OSError where there is none.
    """
    addresses = await resolve(host, port)
    if not addresses:
        raise OSError("the host has no address")
    private = [address for address in addresses if not is_public(address)]
    if private and not allow_private:
        raise Forbidden(f"{host} is at {private[0]}, which is not a public address (allow-private)")
    return addresses
