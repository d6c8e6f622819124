"""A proxy, where a source asks for one: which it is, and the tunnel through it (CONNECT, RFC 9110, 9.3.6).

Everything goes through a tunnel, plain HTTP too: so the bytes that are archived are those of the site, and the proxy is
given the very address that was checked (`scraper.fetch.guard`), never a name that it would look up for itself.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote, urlsplit

ENVIRONMENT = "environment"  #: the setting that takes what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say
_LONGEST = 65_536  # bytes of a proxy's answer
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]([^\r\n]*)")


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where it listens, and the credentials it wants, as they are sent."""

    host: str
    port: int
    authorization: str | None = None


class Stream(Protocol):
    """What a tunnel is dug through: a network stream of httpcore."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read; nothing at the end."""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write."""


def proxy_of(setting: str) -> Proxy | None:
    """The proxy that is written as `http://name:password@host:port`; None where it is written otherwise."""
    try:
        parts = urlsplit(setting)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme != "http" or not host or not port or parts.path not in ("", "/") or parts.query:
        return None
    authorization = None
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + base64.b64encode(pair.encode()).decode("ascii")
    return Proxy(host, port, authorization)


def proxy_for(setting: str | None, url: str) -> Proxy | None:
    """The proxy by which an address is fetched, None for none. Reads the environment only where the setting says so.

    Raises ValueError for one that is not understood: nothing goes out past a proxy that was asked for.
    """
    if setting is None:
        return None
    if setting == ENVIRONMENT:
        import urllib.request  # it costs every command that reads the settings some time, and few sources ask for it

        parts, known = urlsplit(url), urllib.request.getproxies()
        found = known.get(parts.scheme) or known.get("all")
        if not found or urllib.request.proxy_bypass(parts.hostname or ""):
            return None
        setting = found if "://" in found else f"http://{found}"
    proxy = proxy_of(setting)
    if proxy is None:
        raise ValueError("the proxy is not one of the kind http://host:port")
    return proxy


async def tunnel(stream: Stream, proxy: Proxy, address: str, port: int, timeout: float | None) -> None:
    """Ask the proxy at the other end to connect to an IP address. Raises OSError where it does not."""
    target = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    await stream.write("\r\n".join([*lines, "", ""]).encode("latin-1"), timeout)
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = await stream.read(_LONGEST - len(answer), timeout) if len(answer) < _LONGEST else b""
        if not piece:
            raise OSError("the proxy did not answer as proxies do")
        answer += piece
    status = _STATUS.match(answer)
    if status is None or not status[1].startswith(b"2"):
        said = b" ".join(status.groups()).decode("latin-1").strip() if status else "no HTTP"
        raise OSError(f"the proxy does not connect to {target}: {said[:100]}")
