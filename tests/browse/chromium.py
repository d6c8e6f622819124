"""A real Chromium, the archive served to it, and a listener that hears every request that gets out."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from archive.browse.serve import application, listen

CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP *.test 127.0.0.1", "--disable-popup-blocking"]


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        try:
            yield started
        finally:
            started.close()


@contextmanager
def served(folder: Path, asked: list[str] | None = None) -> Iterator[str]:
    """The archive on a port of loopback, without a slash at the end; `asked` gets the path of every request."""
    app = application(folder).app()

    async def heard(scope: Any, receive: Any, send: Any) -> None:
        if asked is not None and scope["type"] == "http":
            asked.append(scope["path"])
        await app(scope, receive, send)

    with listen("127.0.0.1", 0) as bound:
        server = uvicorn.Server(uvicorn.Config(heard, log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@dataclass
class Listener:
    """A server that answers everything and notes it; `pages` are served as they are, under their path."""

    port: int = 0
    hits: list[str] = field(default_factory=list)
    pages: Mapping[str, str] = field(default_factory=dict)

    def address(self, host: str) -> str:
        return f"http://{host}:{self.port}"

    def wait(self, wanted: Callable[[list[str]], bool], seconds: float = 6.0) -> bool:
        until = time.monotonic() + seconds
        while not wanted(self.hits):
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True


_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html"}


@contextmanager
def listening() -> Iterator[Listener]:
    heard = Listener()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            path = self.path.partition("?")[0]
            page = heard.pages.get(path)
            if page is None:
                heard.hits.append(path.lstrip("/"))
            body = (page or "").encode()
            self.send_response(200)
            kind = "text/html" if page is not None else _KINDS.get(Path(path).suffix, "application/octet-stream")
            for name, value in (("Content-Type", kind), ("Access-Control-Allow-Origin", "*")):
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_HEAD = answer  # noqa: N815  # what http.server calls

        def log_message(self, *said: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    heard.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
