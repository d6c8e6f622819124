"""The bytes of the wire, noted as they pass: a tee around the network streams of httpcore.

httpx tells what it understood of a response, never what came: chunk framing, trailers, padding, folded lines, the case
of names, and all of a response it rejects. Below it, httpcore reads and writes through a network backend that may be
replaced; the tee sits there, above TLS. HTTP/1.1 is not pipelined, so what is read on a connection belongs to the
fetch that wrote on it last; each fetch owns its `Recording` and hands it down in a context variable, so it is there
also where httpx raises. (Looked up afterwards on the connection, it may be that of the next fetch.)
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from scraper.fetch.guard import Resolve, allowed
from scraper.fetch.library import httpcore, httpx
from scraper.fetch.proxies import Proxy, tunnel

#: Where httpx keeps its connections, and these what they connect with: the one thing that is not documented.
_POOL, _BACKEND = "_pool", "_network_backend"

_TRIAL = (
    b"HTTP/1.1 200  oK\r\nX-odd:\t  case \r\ncontent-TYPE: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"00003;e=1\r\nabc\r\n0\r\nX-Trailer: t\r\n\r\n"
)


class Enough(Exception):
    """More bytes came than the fetch wants."""


@dataclass(slots=True)
class Recording:
    """What one fetch sent and received, so far. At most `limit` bytes are received."""

    limit: int
    sent: bytearray = field(default_factory=bytearray)
    received: bytearray = field(default_factory=bytearray)
    ip: str | None = None
    tls: str | None = None
    h2: bool = False
    reused: bool = False  #: the connection had served another fetch before

    def begin(self, stream: Any, ip: str, *, h2: bool, reused: bool) -> None:
        """Start anew: the request is written to this stream, which leads to this IP address."""
        self.sent.clear()
        self.received.clear()
        self.ip = ip
        self.tls = _tls(stream.get_extra_info("ssl_object"))
        self.h2, self.reused = h2, reused


#: The recording of the fetch that runs in this context.
CURRENT: ContextVar[Recording | None] = ContextVar("recording", default=None)


def _tls(ssl_object: ssl.SSLObject | None) -> str | None:
    if ssl_object is None:
        return None
    cipher = ssl_object.cipher()
    return " ".join(filter(None, (ssl_object.version(), cipher[0] if cipher else None)))


class Tee(httpcore.AsyncNetworkStream):
    """A network stream that notes what passes. Frames of HTTP/2 are let through: they belong to several fetches."""

    def __init__(self, inner: httpcore.AsyncNetworkStream, ip: str, *, h2: bool = False) -> None:
        self._inner = inner
        self._ip = ip
        self._h2 = h2
        self._recording: Recording | None = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read, at most what the fetch still wants. Raises Enough where that is nothing."""
        recording = self._recording
        if recording is None or self._h2:
            return await self._inner.read(max_bytes, timeout)
        room = recording.limit - len(recording.received)
        data = await self._inner.read(min(max_bytes, room + 1), timeout)
        recording.received += data[:room]
        if len(data) > room:
            raise Enough
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write; the fetch that does so is the one whose answer is read next."""
        current = CURRENT.get()
        if current is not self._recording:
            if current is not None:
                current.begin(self._inner, self._ip, h2=self._h2, reused=self._recording is not None)
            self._recording = current
        if current is not None and not self._h2:
            current.sent += buffer
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close it."""
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Encrypt it; what passes above is noted."""
        inner = await self._inner.start_tls(ssl_context, server_hostname, timeout)
        ssl_object = inner.get_extra_info("ssl_object")
        return Tee(inner, self._ip, h2=ssl_object is not None and ssl_object.selected_alpn_protocol() == "h2")

    def get_extra_info(self, info: str) -> Any:
        """What the inner stream knows."""
        return self._inner.get_extra_info(info)


class Backend(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, and to no others, and notes what passes. `proxy`: by way of it."""

    def __init__(
        self,
        inner: httpcore.AsyncNetworkBackend,
        resolve: Resolve,
        *,
        allow_private: bool,
        proxy: Proxy | None = None,
    ) -> None:
        self._inner = inner
        self._resolve = resolve
        self._allow_private = allow_private
        self._proxy = proxy

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to one of a host's addresses. Raises Forbidden where one of them is not public."""
        try:
            addresses = await allowed(host, port, self._resolve, allow_private=self._allow_private)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the host cannot be found: {error}") from error
        for address in addresses[:-1]:
            try:
                return await self._connected(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue  # the next one
        return await self._connected(addresses[-1], port, timeout, local_address, socket_options)

    async def _connected(self, address: str, port: int, timeout: float | None, *how: Any) -> Tee:
        proxy = self._proxy
        if proxy is None:
            return Tee(await self._inner.connect_tcp(address, port, timeout, *how), address)
        stream = await self._inner.connect_tcp(proxy.host, proxy.port, timeout, *how)
        try:
            await tunnel(stream, proxy, address, port, timeout)
        except BaseException as error:
            await stream.aclose()
            if isinstance(error, OSError | httpcore.NetworkError | httpcore.TimeoutException):
                raise httpcore.ConnectError(str(error) or "the proxy does not answer") from error
            raise
        return Tee(stream, address)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


def install(transport: httpx.AsyncHTTPTransport, backend: Backend) -> bool:
    """Put the backend under a transport; False where that is not where it was any more."""
    pool = getattr(transport, _POOL, None)
    if not isinstance(getattr(pool, _BACKEND, None), httpcore.AsyncNetworkBackend):
        return False
    setattr(pool, _BACKEND, backend)
    return True


async def works() -> bool:
    """Whether the tee gets every byte, tried on a response that is made up; no network is touched."""

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["192.0.2.1"]

    recording = Recording(limit=len(_TRIAL))
    transport = httpx.AsyncHTTPTransport(verify=False, trust_env=False)  # nothing is connected to
    backend = Backend(_MadeUp(), resolve, allow_private=True)
    token = CURRENT.set(recording)
    try:
        if not install(transport, backend):
            return False
        request = httpx.Request("GET", "http://self-test.invalid/path", headers={"X-Test": "1"})
        response = await transport.handle_async_request(request)
        async for _ in response.stream:  # type: ignore[union-attr]  # of an asynchronous transport
            pass
        await response.aclose()
    except Exception:  # whatever a changed library does: the answer is no
        return False
    finally:
        CURRENT.reset(token)
    sent = bytes(recording.sent)
    return bytes(recording.received) == _TRIAL and sent.startswith(b"GET /path HTTP/1.1\r\n") and b"X-Test: 1" in sent


class _MadeUp(httpcore.AsyncNetworkBackend):
    """Answers everything with the trial."""

    async def connect_tcp(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """A stream that nobody is behind."""
        return _Trial()


class _Trial(httpcore.AsyncNetworkStream):
    """Gives the trial in two pieces."""

    def __init__(self) -> None:
        self._pieces = [_TRIAL[90:], _TRIAL[:90]]

    async def read(self, *_: Any, **__: Any) -> bytes:
        """The next piece."""
        return self._pieces.pop() if self._pieces else b""

    async def write(self, *_: Any, **__: Any) -> None:
        """Take the request."""

    async def aclose(self) -> None:
        """Nothing is to be closed."""
