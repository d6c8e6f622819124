"""A server that says exactly the bytes it is told, and how a connection then ends."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

Then = Literal["keep", "close", "reset", "hang"]


@dataclass(frozen=True)
class Shape:
    """What is sent, and what happens to the connection afterwards.

    `kept`: what the response record must hold, where it is not all. `failure`: how the fetch ends. `body`: what the
    page is after all codings are undone, where there is one.
    """

    sent: bytes
    then: Then = "keep"
    kept: bytes | None = None
    failure: str | None = None
    body: bytes | None = b"hola"
    status: int | None = 200
    piece: int = 0  #: send in pieces of so many bytes

    @property
    def held(self) -> bytes:
        return self.sent if self.kept is None else self.kept


@dataclass
class Server:
    """Where it listens, the shape it answers with by path, and the requests it got."""

    port: int = 0
    shapes: dict[str, Shape] = field(default_factory=dict)
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                self.requests.append(request)
                shape = self.shapes[request.split()[1].decode().partition("?")[0]]
                await _send(writer, shape)
                if shape.then == "hang":
                    await asyncio.sleep(30)
                if shape.then == "reset":
                    _reset(writer)
                if shape.then != "keep":
                    break
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()


async def _send(writer: asyncio.StreamWriter, shape: Shape) -> None:
    size = shape.piece or max(len(shape.sent), 1)
    for at in range(0, len(shape.sent), size):
        writer.write(shape.sent[at : at + size])
        await writer.drain()
        if shape.piece:
            await asyncio.sleep(0.002)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST, after the bytes had time to arrive."""
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def serving(shapes: dict[str, Shape], tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(shapes=shapes)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


def resolving(**hosts: list[str]) -> Callable[[str, int], object]:
    """A resolver that knows these hosts; `.` in their names is written `_`. Others are at 127.0.0.1."""

    async def resolve(host: str, port: int) -> list[str]:
        return hosts.get(host.replace(".", "_"), ["127.0.0.1"])

    return resolve
