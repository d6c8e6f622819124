"""One fetch: one HTTP exchange, bounded in every way, noted byte for byte.

No redirect is followed, no cookie kept, no proxy used but the one that is asked for. Redirects, robots.txt and the
manners of asking are the crawl's affair.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urljoin, urlsplit

from archive.model import Exchange, Truncated
from archive.reasons import Reason
from archive.warc.exchanges import Received
from archive.warc.http import HttpHead
from scraper.fetch import guard, wire
from scraper.fetch.guard import Forbidden, Resolve, system_resolve
from scraper.fetch.library import httpcore, httpx
from scraper.fetch.proxies import Proxy, proxy_for
from scraper.fetch.wire import CURRENT, Enough, Recording

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ACCEPT_ENCODING = "gzip, br"  #: never `zstd`: replay tools cannot undo it
MAX_BYTES = 16 * 1024 * 1024
_ORIGINS = 128  # transports kept at once
_FIELD = re.compile(r"[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?")

#: Why a fetch did not end well. `refused`: not begun, for its address. `connect`: no such host, no connection, no TLS.
#: `time`, `length`: over a limit. `disconnect`: the connection was lost. `protocol`: it was no HTTP. `coding`: the
#: body cannot be unpacked, or unpacks to too much.
Failure = Literal["refused", "connect", "time", "length", "disconnect", "protocol", "coding"]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: an address, and, of what is here already, the validators its server gave (RFC 9110, 13.1).

    `limit_bytes` are received at most, the head counted. `allow_private` lets it reach private addresses. `proxy` is
    what it goes through, as the settings say it: `http://host:port`, or `environment`.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None
    limit_bytes: int = MAX_BYTES
    allow_private: bool = False
    proxy: str | None = None
    via: str | None = None
    hops: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of a request. `exchange` is for the archive, and `received` its response taken apart.

    `status` and `head` are None where no head of a response came. `error` says in a line what went wrong, if anything.
    """

    exchange: Exchange
    received: Received
    failure: Failure | None = None

    @property
    def head(self) -> HttpHead | None:
        """The head of the response."""
        return self.received.frame.head

    @property
    def body(self) -> bytes | None:
        """The body with transfer and content codings undone, as far as it came; None where that cannot be."""
        return self.received.body

    @property
    def status(self) -> int | None:
        """The status code."""
        return self.head.status if self.head else None

    @property
    def error(self) -> str | None:
        """What went wrong, for people."""
        return self.exchange.error

    @property
    def reason(self) -> Reason | None:
        """The reason that `Archive.keep_exchange` cannot tell from what was received; None where it can."""
        return Reason.REFUSED if self.failure == "refused" else None

    def header(self, name: str) -> str | None:
        """The first value of a header field, its name in any case, as Latin-1."""
        return self.head.get(name) if self.head else None

    @property
    def location(self) -> str | None:
        """The address that a redirect leads to, absolute (RFC 9110, 10.2.2); None without one that makes sense."""
        given = self.header("Location")
        if not given:
            return None
        try:
            return urljoin(self.exchange.url, _utf8(given))
        except ValueError:
            return None

    @property
    def etag(self) -> str | None:
        """The validator to send the next time."""
        return self.header("ETag")

    @property
    def last_modified(self) -> str | None:
        """The date to send the next time, as the server said it."""
        return self.header("Last-Modified")


def _utf8(latin: str) -> str:
    try:
        return latin.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return latin


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: to connect, between two pieces that are read, and for the whole exchange."""

    connect: float = 10.0
    read: float = 30.0
    total: float = 120.0


@dataclass(frozen=True, slots=True)
class _End:
    """How an exchange ended, where not well."""

    failure: Failure
    error: str
    truncated: Truncated = "unspecified"


@dataclass(slots=True)
class _Rebuilt:
    """A message put together from what the library tells, where the bytes of the wire are not to be had."""

    request: bytes = b""
    head: bytes = b""
    body: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class _Transport:
    """The connections to one origin, and how many fetches use them just now."""

    http: httpx.AsyncHTTPTransport
    used: int = 0


class Client:
    """Fetches. Use as an asynchronous context manager.

    `now` reads the time (UTC, as in `Exchange.started`), `agent` is the User-Agent, `resolve` finds the addresses of
    hosts. `faithful` says, once it is entered, whether the bytes of the wire can be had; where they cannot, every
    exchange is marked `rebuilt`. With `http2` servers that speak it are asked in HTTP/2, whose exchanges always are.
    """

    def __init__(
        self,
        now: Callable[[], str],
        agent: str,
        limits: Limits | None = None,
        *,
        http2: bool = False,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = system_resolve,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self.faithful = False
        self._now = now
        self._timer = timer
        self._agent = agent
        self._limits = limits or Limits()
        self._http2 = http2
        self._tls = tls or httpx.create_ssl_context(trust_env=False)
        self._resolve = resolve
        self._transports: OrderedDict[tuple[str, bool, Proxy | None], _Transport] = OrderedDict()

    async def __aenter__(self) -> Self:
        self.faithful = await wire.works()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        for transport in self._transports.values():
            await transport.http.aclose()
        self._transports.clear()

    async def fetch(self, request: Request) -> Fetched:
        """Do one exchange. It raises nothing but what cancels it: a failure is a `Fetched` that says so."""
        started, begun = self._now(), self._timer()
        recording, rebuilt = Recording(request.limit_bytes), _Rebuilt()
        end = await self._exchange(request, recording, rebuilt)
        if end and end.failure == "disconnect" and recording.reused and not recording.received:
            # The server closed the idle connection just as it was used again (RFC 9110, 9.2.2): once more.
            recording, rebuilt = Recording(request.limit_bytes), _Rebuilt()
            end = await self._exchange(request, recording, rebuilt)
        milliseconds = round((self._timer() - begun) * 1000)
        return _fetched(request, started, milliseconds, recording, rebuilt, end)

    async def _exchange(self, request: Request, recording: Recording, rebuilt: _Rebuilt) -> _End | None:
        token = CURRENT.set(recording)
        try:
            guard.check_url(request.url)
            async with asyncio.timeout(self._limits.total), self._transport(request) as transport:
                await self._receive(transport, await self._message(request, recording), recording, rebuilt)
        except Exception as error:  # a server can make a library fail in ways nobody thought of: none stops a run
            return _end_of(error, request, self._limits)
        finally:
            CURRENT.reset(token)
        return None

    async def _receive(
        self, transport: httpx.AsyncHTTPTransport, message: httpx.Request, recording: Recording, rebuilt: _Rebuilt
    ) -> None:
        response = await transport.handle_async_request(message)
        try:
            unseen = recording.h2 or not self.faithful
            if unseen:
                _rebuild_heads(rebuilt, message, response)
            async for piece in response.stream:  # type: ignore[union-attr]  # of an asynchronous transport
                if unseen:
                    rebuilt.body += piece[: recording.limit - len(rebuilt.body)]
                    if len(rebuilt.body) >= recording.limit:
                        raise Enough
        finally:
            await response.aclose()

    async def _message(self, request: Request, recording: Recording) -> httpx.Request:
        """The request as it is sent. Without the tee, to an address that was checked, in place of the host's name."""
        url = httpx.URL(request.url)
        headers = [
            ("Host", url.netloc.decode("ascii")),
            ("User-Agent", self._agent),
            ("Accept", ACCEPT),
            ("Accept-Encoding", ACCEPT_ENCODING),
            *_conditions(request),
        ]
        seconds = self._limits
        timeout = {"connect": seconds.connect, "read": seconds.read, "write": seconds.read, "pool": seconds.total}
        extensions: dict[str, object] = {"timeout": timeout}
        if not self.faithful:
            host = url.raw_host.decode("ascii")
            addresses = await guard.allowed(host, url.port or 443, self._resolve, allow_private=request.allow_private)
            extensions["sni_hostname"] = host
            recording.ip = addresses[0]
            url = url.copy_with(host=addresses[0])
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        return httpx.Request("GET", url, headers=encoded, extensions=extensions)

    @asynccontextmanager
    async def _transport(self, request: Request) -> AsyncIterator[httpx.AsyncHTTPTransport]:
        """Connections to the origin of a request, kept for the next one. Those to private addresses stand apart."""
        proxy = _proxy_of(request)
        if not self.faithful:
            if proxy is not None:
                raise Forbidden("this version of httpx cannot be led through a proxy to an address that was checked")
            async with self._new_transport() as alone:
                yield alone
            return
        parts = urlsplit(request.url)
        key = (f"{parts.scheme}://{parts.netloc}", request.allow_private, proxy)
        kept = self._transports.get(key)
        if kept is None:
            transport = self._new_transport()
            inner, private = httpcore.AnyIOBackend(), request.allow_private
            backend = wire.Backend(inner, self._resolve, allow_private=private, proxy=proxy)
            if not wire.install(transport, backend):
                raise RuntimeError("the connections of the library cannot be watched any more")
            kept = self._transports[key] = _Transport(transport)
        self._transports.move_to_end(key)
        kept.used += 1
        try:
            yield kept.http
        finally:
            kept.used -= 1
            await self._let_go()

    async def _let_go(self) -> None:
        """Close what was not used for longest, where there is too much."""
        idle = [key for key, transport in self._transports.items() if not transport.used]
        for key in idle[: max(len(self._transports) - _ORIGINS, 0)]:
            await self._transports.pop(key).http.aclose()

    def _new_transport(self) -> httpx.AsyncHTTPTransport:
        limits = httpx.Limits(max_connections=16, max_keepalive_connections=16, keepalive_expiry=15.0)
        return httpx.AsyncHTTPTransport(
            verify=self._tls, trust_env=False, http1=True, http2=self._http2 and self.faithful, limits=limits
        )


def _proxy_of(request: Request) -> Proxy | None:
    """What a request goes through. Raises Forbidden where that is not understood."""
    try:
        return proxy_for(request.proxy, request.url)
    except ValueError as error:
        raise Forbidden(str(error)) from None


def _conditions(request: Request) -> list[tuple[str, str]]:
    """The validators, as far as they can stand in a header."""
    given = (("If-None-Match", request.etag), ("If-Modified-Since", request.last_modified))
    return [(name, value) for name, value in given if value and _FIELD.fullmatch(value)]


def _rebuild_heads(rebuilt: _Rebuilt, message: httpx.Request, response: httpx.Response) -> None:
    """Heads in the syntax of HTTP/1.1, as is the custom in WARC files; the body has no transfer coding any more."""
    lines = (name + b": " + value + b"\r\n" for name, value in message.headers.raw)
    rebuilt.request = b"GET " + message.url.raw_path + b" HTTP/1.1\r\n" + b"".join(lines) + b"\r\n"
    reason = response.extensions.get("reason_phrase", b"")
    first = b"HTTP/1.1 %d %s\r\n" % (response.status_code, reason)
    fields = b"".join(_renamed(name) + b": " + value + b"\r\n" for name, value in response.headers.raw)
    rebuilt.head = first + fields + b"\r\n"


def _renamed(name: bytes) -> bytes:
    return b"X-Orig-" + name if name.lower() == b"transfer-encoding" else name


def _end_of(error: Exception, request: Request, limits: Limits) -> _End:
    """An error of the exchange as a failure, and what it means for what was received until then."""
    said = " ".join(str(error).split())[:300] or type(error).__name__
    if isinstance(error, Forbidden | httpx.InvalidURL | httpx.UnsupportedProtocol | UnicodeError):
        return _End("refused", said)
    if isinstance(error, Enough):
        return _End("length", f"more than {request.limit_bytes:,} bytes", "length")
    if isinstance(error, httpx.ConnectTimeout):
        return _End("connect", f"no connection within {limits.connect:g} s")
    if isinstance(error, httpx.TimeoutException):
        return _End("time", f"nothing came for {limits.read:g} s", "time")
    if isinstance(error, TimeoutError):
        return _End("time", f"not at its end after {limits.total:g} s", "time")
    if isinstance(error, httpx.ConnectError | OSError):
        return _End("connect", said)
    lost = isinstance(error, httpx.NetworkError) or ("closed connection" in said or "disconnected" in said)
    return _End("disconnect", said, "disconnect") if lost else _End("protocol", said)


def _fetched(
    request: Request, started: str, milliseconds: int, recording: Recording, rebuilt: _Rebuilt, end: _End | None
) -> Fetched:
    response = bytes(rebuilt.head + rebuilt.body) if rebuilt.head else bytes(recording.received)
    received = Received.of(response)
    undoing = str(received.refused) if received.refused else None
    exchange = Exchange(
        url=request.url,
        started=started,
        request=rebuilt.request or bytes(recording.sent),
        response=response,
        ip=recording.ip,
        milliseconds=milliseconds,
        protocol="h2" if recording.h2 else "http/1.1",
        tls=recording.tls,
        truncated=end.truncated if end and response else None,
        error=end.error if end else undoing,
        rebuilt=bool(rebuilt.head),
        via=request.via,
        hops=request.hops,
    )
    failure = end.failure if end else ("coding" if undoing else None)
    return Fetched(exchange, received, failure)
