"""A news site on loopback that can be published to, edited and broken, and the time of a simulated crawl."""

from __future__ import annotations

import asyncio
import hashlib
import heapq
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

from archive.moments import iso, seconds_of

NOON = seconds_of("2026-11-24T12:00:00Z")
assert NOON is not None

_SENTENCES = (
    "El pleno aprobó ayer por la noche la reforma del mercado de abastos, que llevaba tres años sobre la mesa.",
    "Los vecinos del barrio alto se quejaron de que nadie les había preguntado antes de levantar la calle.",
    "La alcaldesa respondió que las obras terminarán antes de la feria y que el dinero ya está en la caja.",
    "Según el informe de la arquitecta municipal, la cubierta de hierro puede salvarse si se lija y se pinta.",
    "Un puesto de pescado y dos de fruta se mudarán mientras tanto a la plaza de la estación vieja.",
    "La oposición pidió una auditoría de las cuentas y anunció que llevará el asunto al tribunal.",
    "El presupuesto ronda los cuatro millones, de los que la provincia pagará algo menos de la mitad.",
    "Los comerciantes, reunidos desde las ocho, votaron a favor de abrir los domingos durante el verano.",
)


def prose(name: str, sentences: int = 14) -> list[str]:
    """Paragraphs that no other name has."""
    start = int(hashlib.sha256(name.encode()).hexdigest()[:6], 16)
    lines = [
        f"{_SENTENCES[(start + n * 3) % len(_SENTENCES)]} Expediente {start}-{n} de {name}." for n in range(sentences)
    ]
    return [" ".join(lines[at : at + 2]) for at in range(0, sentences, 2)]


def article(name: str, published: str = "2026-11-24T10:00:00Z", head: str = "", sentences: int = 14) -> bytes:
    """The page of an article."""
    paragraphs = "".join(f"<p>{text}</p>" for text in prose(name, sentences))
    return (
        f'<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Noticia {name}</title>'
        f'<meta property="article:published_time" content="{published}">{head}</head>'
        f"<body><nav><a href='/'>Inicio</a></nav><article><h1>Noticia {name}</h1>{paragraphs}</article></body></html>"
    ).encode()


@dataclass(frozen=True)
class Resource:
    """What an address answers; `etag` made from the body where it is not None."""

    body: bytes
    media_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    etag: str | None = ""


@dataclass(frozen=True)
class Hit:
    """A line of the server's log."""

    path: str
    status: int
    at: float
    headers: dict[str, str]


@dataclass
class Site:
    """A site of its own; `pages` may be changed while it is served. `now` dates its log."""

    now: Callable[[], float]
    pages: dict[str, Resource] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)
    url: str = ""
    feed: dict[str, str] = field(default_factory=dict)  #: path -> pubDate, the newest first
    before: Callable[[str], None] = lambda _path: None  #: called before each answer, may wait

    def publish(self, slug: str, published: float | None = None, **more: Any) -> str:
        """Put an article up and into the feed; returns its path."""
        path = f"/mundo/noticia-numero-{slug}"
        at = iso(self.now() if published is None else published)
        self.pages[path] = Resource(article(slug, at, **more))
        self.feed = {path: at, **self.feed}
        self.write_feed()
        return path

    def write_feed(self) -> None:
        """Make `/rss.xml` say what `feed` holds."""
        items = "".join(
            f"<item><title>Noticia {path}</title><link>{self.url}{path}</link><pubDate>{at[:19]}Z</pubDate></item>"
            for path, at in self.feed.items()
        )
        text = f'<?xml version="1.0"?><rss version="2.0"><channel><title>El Faro</title>{items}</channel></rss>'
        self.pages["/rss.xml"] = Resource(text.encode(), "application/rss+xml")

    def asked(self, path: str | None = None, since: int = 0) -> Counter[str]:
        """How often each path was asked for, robots.txt and the like left out; or one of them."""
        found = Counter(hit.path for hit in self.hits[since:] if not hit.path.startswith(("/robots", "/.well-known")))
        return found if path is None else Counter({path: found[path]})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        site = self.site
        site.before(self.path)
        found = site.pages.get(self.path, Resource(b"not here", "text/plain", 404, etag=None))
        tag = found.etag
        if tag == "":
            tag = f'"{hashlib.sha256(found.body).hexdigest()[:16]}"'
        if tag and found.status == 200 and self.headers.get("If-None-Match") == tag:
            found = replace(found, body=b"", status=304)
        site.hits.append(Hit(self.path, found.status, site.now(), dict(self.headers.items())))
        self.send_response(found.status)
        if tag:
            self.send_header("ETag", tag)
        for name, value in found.headers:
            self.send_header(name, value)
        if found.status != 304:
            self.send_header("Content-Type", found.media_type)
            self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        self.wfile.write(found.body)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(site: Site, host: str = "127.0.0.1") -> Iterator[Site]:
    """Serve a site on a free port of a loopback address."""
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer((host, 0), handler)
    server.daemon_threads = True
    site.url = f"http://{host}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


class SimulatedClock:
    """A clock that stands still while something is fetched, and jumps to the next moment anybody waits for.

    Hand the crawl `fetching(fetch)` for its fetch: so the clock knows when nobody waits for the network.
    """

    def __init__(self, now: float) -> None:
        self.at = now
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = count()
        self._busy = 0  #: exchanges under way

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._waiting, (self.at + seconds, next(self._number), future))
        loop.call_later(0.001, self._jump)
        await future

    def fetching(self, fetch: Callable[[Any], Any]) -> Callable[[Any], Any]:
        async def counted(request: Any) -> Any:
            self._busy += 1
            try:
                return await fetch(request)
            finally:
                self._busy -= 1

        return counted

    def _jump(self) -> None:
        while self._waiting and self._waiting[0][2].done():
            heapq.heappop(self._waiting)
        if not self._waiting:
            return
        if self._busy:
            asyncio.get_running_loop().call_later(0.002, self._jump)
            return
        at, _, future = heapq.heappop(self._waiting)
        self.at = max(self.at, at)
        future.set_result(None)
        asyncio.get_running_loop().call_later(0.001, self._jump)
