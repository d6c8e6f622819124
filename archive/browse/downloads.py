"""Answers of unknown length: made piece by piece in a thread of their own, no faster than the reader takes them.

A download never holds one of the threads that pages are read in. When its reader goes away, it ends; what it had
open or on disk goes with it. When it breaks off half-way, so does the connection, so that no part passes for the whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

from archive.browse.respond import HEADERS, Refused

Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]


class Desk:
    """Where downloads are asked for: `most` at a time, since each keeps a processor busy."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.busy = 0

    async def answer(self, pieces: Iterator[bytes], receive: Receive, content_type: str, name: str) -> Download:
        """An answer with the first piece made, so that what cannot be made at all is said on a page.

        Raises Refused where too many are on, and whatever making the first piece raises.
        """
        if self.busy >= self.most:
            says = f"{self.most} downloads are on already. Try again when one of them has ended."
            raise Refused("One moment", says, HTTPStatus.SERVICE_UNAVAILABLE)
        self.busy += 1
        download = Download(pieces, receive, content_type, name, self)
        try:
            await download.begin()
        except BaseException:
            download.end()
            raise
        return download

    def leave(self) -> None:
        """A download has ended."""
        self.busy -= 1


class Download:
    """One answer, as Datasette sends it."""

    def __init__(self, pieces: Iterator[bytes], receive: Receive, content_type: str, name: str, desk: Desk) -> None:
        disposition = f'attachment; filename="{name}"'
        self.headers = HEADERS | {"Content-Type": content_type, "Content-Disposition": disposition}
        self._pieces = pieces
        self._receive = receive
        self._desk = desk
        self._thread = ThreadPoolExecutor(1, "download")  # SQLite wants one thread a connection
        self._piece = b""

    async def begin(self) -> None:
        """Make the first piece."""
        self._piece = await self._next()

    def end(self) -> None:
        """Let go of everything, in the thread that has it."""
        self._thread.submit(getattr(self._pieces, "close", lambda: None))
        self._thread.shutdown(wait=False)
        self._desk.leave()

    async def asgi_send(self, send: Send) -> None:
        """Send the pieces until there are no more, or nobody listens."""
        gone = asyncio.ensure_future(self._gone())
        try:
            headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items()]
            await send({"type": "http.response.start", "status": HTTPStatus.OK.value, "headers": headers})
            while self._piece and not gone.done():
                await send({"type": "http.response.body", "body": self._piece, "more_body": True})
                self._piece = await self._next()
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            self.end()

    async def _next(self) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._thread, next, self._pieces, b"")

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
