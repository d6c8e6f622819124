"""A server that means harm: each path answers in one of the ways that hang, bloat or mislead a crawler.

Raw sockets, so that what no honest HTTP library sends can be sent. Every behaviour is a generator of byte strings;
a behaviour that never ends is ended by the client, or by the server's own end.
"""

from __future__ import annotations

import asyncio
import gzip
import threading
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count

Behaviour = Callable[["Hostile", str], AsyncIterator[bytes]]

HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


async def endless_headers(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield HTML
    for n in count():
        yield b"X-Padding-%d: %s\r\n" % (n, b"a" * 4000)


async def drip(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield HTML + b"Content-Length: 100000\r\n\r\n"
    while True:
        yield b"a"
        await asyncio.sleep(1)


async def drip_head(server: Hostile, path: str) -> AsyncIterator[bytes]:
    while True:
        yield b"H"
        await asyncio.sleep(1)


async def endless_body(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield HTML + b"\r\n"
    while True:
        yield b"<p>Y sigue, y sigue, y sigue sin llegar a ninguna parte.</p>" * 1000
        await asyncio.sleep(0.01)  # as fast as a fast line; loopback alone would starve all others


async def endless_chunks(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield HTML + b"Transfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        await asyncio.sleep(0.01)


async def too_short(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield HTML + b"Content-Length: 5000\r\n\r\n<html><body>corto"


async def too_long(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield HTML + b"Content-Length: 5\r\n\r\n<html><body>" + b"largo" * 1000


async def lying_length(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield HTML + b"Content-Length: 99999999999999999999\r\n\r\nnada"


async def negative_length(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield HTML + b"Content-Length: -1\r\n\r\nnada"


async def two_lengths(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield HTML + b"Content-Length: 4\r\nContent-Length: 9\r\n\r\nnada nada"


async def gzip_bomb(server: Hostile, path: str) -> AsyncIterator[bytes]:
    body = server.bomb
    yield HTML + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def nested_gzip(server: Hostile, path: str) -> AsyncIterator[bytes]:
    body = gzip.compress(server.bomb)
    yield HTML + b"Content-Encoding: gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def broken_gzip(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield HTML + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nno es gzip"


async def redirect_loop(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % path.encode()


async def redirect_chain(server: Hostile, path: str) -> AsyncIterator[bytes]:
    further = path + "-y-otra"
    yield b"HTTP/1.1 301 Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % further.encode()


async def redirect_inward(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/\r\nContent-Length: 0\r\n\r\n"


async def redirect_file(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"


async def redirect_long(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 302 Found\r\nLocation: /" + b"a" * 10_000_000 + b"\r\nContent-Length: 0\r\n\r\n"


async def reset_mid_body(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield HTML + b"Content-Length: 100000\r\n\r\n" + b"<p>a</p>" * 100
    raise ConnectionResetError


async def closed_at_once(server: Hostile, path: str) -> AsyncIterator[bytes]:
    return
    yield b""


async def no_http(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield b"SSH-2.0-OpenSSH_9.2\r\n" + bytes(range(256)) * 20


async def bad_chunks(server: Hostile, path: str) -> AsyncIterator[bytes]:
    yield HTML + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nno es hexadecimal\r\n"


async def control_codes(server: Hostile, path: str) -> AsyncIterator[bytes]:
    title = b"\x1b[2J\x1b]0;pwned\x07 El titular ' ; DROP TABLE articles; --"
    body = b"<html><head><title>" + title + b"</title></head><body><h1>" + title + b"</h1></body></html>"
    yield HTML + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def deep_html(server: Hostile, path: str) -> AsyncIterator[bytes]:
    body = b"<html><body>" + b"<div>" * 200_000 + b"fondo"
    yield HTML + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def calendar(server: Hostile, path: str) -> AsyncIterator[bytes]:
    """A page that links to the next day, for ever; each with a little prose, so that it looks like news."""
    day = int(path.rsplit("/", 1)[-1].split("-")[1].split(".")[0]) if "-" in path else 0
    links = "".join(
        f'<li><a href="/calendario/dia-{day + n}.html">Agenda del día {day + n}</a></li>' for n in range(1, 9)
    )
    body = f"<html><body><h1>Agenda del día {day}</h1><p>No hay actos.</p><ul>{links}</ul></body></html>".encode()
    yield HTML + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def entity_bomb(server: Hostile, path: str) -> AsyncIterator[bytes]:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    body = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ja">{levels}<!ENTITY f SYSTEM "file:///etc/passwd">'
        f'<!ENTITY h SYSTEM "{server.origin}/externa">]><rss version="2.0"><channel><title>&l9;</title>'
        f"<item><title>&f;&h;</title><link>{server.origin}/nota/de-la-bomba-1234.html</link></item></channel></rss>"
    ).encode()
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def honest(server: Hostile, path: str) -> AsyncIterator[bytes]:
    """One good article in bad company."""
    told = "La barca de Montesclaros volvió a cruzar el río con catorce vecinos a bordo, contó su patrona, sin prisa."
    text = "".join(
        f"<p>{told} Fue el viaje número {n} de la temporada, según el cuaderno del muelle.</p>" for n in range(6)
    )
    title = "La barca de Montesclaros vuelve a cruzar el río"
    head = f"<html lang=es><head><title>{title}</title></head>"
    body = f"{head}<body><article><h1>{title}</h1>{text}</article></body></html>"
    yield HTML + b"Content-Length: %d\r\n\r\n" % len(body.encode()) + body.encode()


async def forbidden_outside(server: Hostile, path: str) -> AsyncIterator[bytes]:
    """Must never be asked for: an external entity led here."""
    yield HTML + b"Content-Length: 4\r\n\r\nmala"


#: What each article address of the hostile feed does.
BEHAVIOURS: dict[str, Behaviour] = {
    behaviour.__name__.replace("_", "-"): behaviour
    for behaviour in (
        endless_headers, drip, drip_head, endless_body, endless_chunks, too_short, too_long, lying_length,
        negative_length, two_lengths, gzip_bomb, nested_gzip, broken_gzip, redirect_loop, redirect_chain,
        redirect_inward, redirect_file, redirect_long, reset_mid_body, closed_at_once, no_http, bad_chunks,
        control_codes, deep_html, honest,
    )
}  # fmt: skip


@dataclass(slots=True)
class Hostile:
    """The running server: `origin` is its address, `asked` what was asked of it, in order."""

    origin: str = ""
    asked: list[str] = field(default_factory=list)
    bomb: bytes = b""

    @property
    def port(self) -> str:
        """The port of all its addresses: it listens on the whole of loopback."""
        return self.origin.rpartition(":")[2]

    def papers(self) -> dict[str, str]:
        """A host of its own for each behaviour, so that none is spared for what another did: name -> origin."""
        return {name: f"http://127.0.7.{n}:{self.port}" for n, name in enumerate(BEHAVIOURS, 1)}

    def link(self, name: str) -> str:
        """The one article that the feed of a paper names."""
        return f"{self.papers()[name]}/nota/{name}-que-no-acaba-bien-1000.html"

    async def answer(self, path: str) -> AsyncIterator[bytes]:
        """The bytes that a path is answered with."""
        if path.startswith("/rss/"):
            yield _plain(self._feed(path.removeprefix("/rss/").removesuffix(".xml")), "application/rss+xml")
        elif path == "/bomba.xml":
            async for piece in entity_bomb(self, path):
                yield piece
        elif path == "/calendario" or path.startswith("/calendario/"):
            async for piece in calendar(self, path):
                yield piece
        elif path.startswith("/nota/"):
            name = path.removeprefix("/nota/").partition("-que-no-acaba")[0]
            async for piece in BEHAVIOURS.get(name, closed_at_once)(self, path):
                yield piece
        else:
            yield b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    def _feed(self, name: str) -> bytes:
        item = f"<item><title>Nota</title><link>{self.link(name)}</link></item>"
        return f'<rss version="2.0"><channel><title>Hostil</title>{item}</channel></rss>'.encode()


def _plain(body: bytes, media_type: str) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (media_type.encode(), len(body)) + body
    )


def _bomb(size: int) -> bytes:
    """`size` bytes of nothing, packed to a thousandth."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(1 << 20)
    return b"".join([*(packer.compress(piece) for _ in range(size >> 20)), packer.flush()])


@contextmanager
def hostile() -> Iterator[Hostile]:
    """The hostile server in a thread of its own, on a free port of every address of loopback."""
    server = Hostile(bomb=_bomb(512 << 20))
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await _serve(server, reader, writer)
        writer.close()

    async def run() -> None:
        listening = await asyncio.start_server(serve, "0.0.0.0", 0, limit=1 << 25)
        server.origin = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        ready.set()

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(run(), loop)
    ready.wait(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def _end() -> None:
    current = asyncio.current_task()
    for task in asyncio.all_tasks():
        if task is not current:
            task.cancel()


async def _serve(server: Hostile, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    path = head.split(b" ", 2)[1].decode("latin-1")
    server.asked.append(path)
    try:
        async for piece in server.answer(path):
            writer.write(piece)
            await writer.drain()
    except ConnectionResetError:
        writer.transport.abort()
