"""The invented papers behind a real nginx: files written for a moment of the world, and what the server logged.

Each paper has an address of its own on loopback. Files carry the world's time as theirs, so that ETag and
Last-Modified are what they would be. Moved and deleted pages and outages are nginx's answers, not ours.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.world import pages
from bench.world.stories import DAY, SECTIONS, Paper, Story, World

CHALLENGE = "/.challenge.html"  #: what is served in place of an article where a wall stands
_BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so")
_LOG = (
    "$msec|$request_time|$server_addr|$request_method|$status|$body_bytes_sent|$connection|$request_uri"
    "|$uri|$http_user_agent"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One request as nginx saw it: when its answer ended and how long it took (seconds), what was asked and served."""

    ended: float
    took: float
    host: str
    method: str
    status: int
    size: int
    connection: int
    path: str
    served: str
    agent: str

    @property
    def began(self) -> float:
        """When the first bytes of the request were read."""
        return self.ended - self.took


@dataclass(slots=True)
class Site:
    """The world on disk and on the air; `show` brings it to a moment."""

    world: World
    folder: Path
    port: int
    shown: int = -1
    _process: subprocess.Popen[bytes] | None = None
    _places: dict[Path, bytes] = field(default_factory=dict)
    _told: dict[int, tuple[Story, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._told = {paper.number: self.world.of(paper) for paper in self.world.papers}

    def origin(self, paper: Paper) -> str:
        """The paper's address."""
        return f"http://{paper.ip}:{self.port}"

    def show(self, now: int) -> None:
        """Bring all papers to a moment: what changed since the last one is written, and nginx told of moves."""
        for paper in self.world.papers:
            self._show_paper(paper, now)
        self._answers(now)
        self.shown = now

    def _show_paper(self, paper: Paper, now: int) -> None:
        root, origin = self._root(paper), self.origin(paper)
        told = self._told[paper.number]
        out = [story for story in told if story.visible(now)]
        moments = (when for story in told for when in _moments(story, paper))
        stale = self.shown < 0 or any(self.shown < when <= now for when in moments)
        down = any(begin <= now < end for begin, end in paper.outages)
        _flag(root / ".down", on=down)
        trouble = paper.trouble
        _flag(root / ".wall", on=trouble is not None and trouble.kind == "blocked" and trouble.lasts(now))
        if not stale:
            return
        changed = max([when for story in told for when in _moments(story) if when <= now], default=0)
        for place, story in enumerate(told):
            if any(self.shown < when <= now for when in _moments(story, paper)):
                self._show_story(paper, told[max(0, place - 5) : place], story, now)
        newest = out[::-1]
        self._put(root / "index.html", pages.front(paper, origin, newest[: pages.FRONT_ITEMS], now, "Portada"), changed)
        for section in SECTIONS:
            listed = [story for story in newest if story.section == section][: pages.FRONT_ITEMS]
            self._put(root / f"{section}.html", pages.front(paper, origin, listed, now, section.title()), changed)
        self._put(root / "robots.txt", pages.robots(paper, origin), 0)
        self._put(root / CHALLENGE.lstrip("/"), pages.challenge(paper), 0)
        if paper.feed != "none":
            text = pages.feed(paper, origin, newest[: pages.FEED_ITEMS], now)
            self._put(root / pages.feed_path(paper).lstrip("/"), text, changed)
        self._sitemaps(paper, newest, now, changed)

    def _sitemaps(self, paper: Paper, newest: list[Story], now: int, changed: int) -> None:
        root, origin = self._root(paper), self.origin(paper)
        if paper.sitemap == "none":
            return
        if paper.sitemap == "index":
            weeks: dict[int, list[Story]] = {}
            for story in newest:
                weeks.setdefault(story.published // (7 * DAY), []).append(story)
            for week, listed in weeks.items():
                self._put(root / f"mapa-{week}.xml", pages.sitemap(paper, origin, listed, now), changed)
            names = [f"/mapa-{week}.xml" for week in sorted(weeks)]
            self._put(root / "sitemap.xml", pages.sitemap_index(origin, names), changed)
            return
        listed = [s for s in newest if now - s.published < 2 * DAY] if paper.sitemap == "news" else newest
        self._put(root / "sitemap.xml", pages.sitemap(paper, origin, listed, now), changed)

    def _show_story(self, paper: Paper, before: tuple[Story, ...], story: Story, now: int) -> None:
        path = self._root(paper) / story.path(now).lstrip("/")
        first = self._root(paper) / story.path(story.published).lstrip("/")
        if path != first:
            first.unlink(missing_ok=True)
        if not story.visible(now):
            path.unlink(missing_ok=True)
            return
        text = pages.article(paper, self.origin(paper), story, now, [o for o in before if o.visible(story.published)])
        self._put(path, text, max(when for when in _moments(story, paper) if when <= now))

    def _put(self, path: Path, text: str, changed: int) -> None:
        """Write a file whose content is new, with the world's time as its own."""
        body = text.encode()
        if self._places.get(path) == body and path.exists():
            return
        if path.name in {"sitemap.xml", "index.html"} or path.suffix in {".xml", ".json"}:
            self._places[path] = body
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        stamp = pages.moment(changed).timestamp()
        os.utime(path, (stamp, stamp))

    def _root(self, paper: Paper) -> Path:
        return self.folder / "www" / paper.ip

    def _answers(self, now: int) -> None:
        """What nginx answers itself: redirects of moved stories, 410 for every second deleted one."""
        lines = []
        for story in self.world.stories:
            paper = self.world.papers[story.paper]
            old = paper.ip + story.path(story.published)
            if story.moved_at is not None and story.moved_at <= now:
                lines.append(f'"{old}" "301 {self.origin(paper)}{story.path(now)}";')
            elif story.gone_at is not None and story.gone_at <= now and story.number % 2:
                lines.append(f'"{old}" "410";')
        text = "\n".join(lines) + "\n"
        answers = self.folder / "answers.map"
        if answers.exists() and answers.read_text() == text:
            return
        answers.write_text(text)
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)
            time.sleep(0.2)  # old workers finish, new ones take over; nginx gives no sign of it

    def start(self) -> None:
        """Start nginx and wait until it answers. Raises FileNotFoundError where it is not installed."""
        program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
        if program is None:
            raise FileNotFoundError("nginx is not installed")
        for folder in ("www", "tmp"):
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
        (self.folder / "answers.map").touch()
        (self.folder / "nginx.conf").write_text(self._configuration())
        command = [program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "error.log"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait()

    def _wait(self) -> None:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{self.origin(self.world.papers[0])}/robots.txt", timeout=1).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"nginx did not come up: {(self.folder / 'error.log').read_text()[-500:]}")

    def stop(self) -> None:
        """Stop nginx."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def hits(self) -> Iterator[Hit]:
        """What nginx logged, in the order in which answers ended."""
        for line in (self.folder / "access.log").read_text().splitlines():
            ended, took, host, method, status, size, connection, path, served, agent = line.split("|", 9)
            numbers = (int(status), int(size), int(connection))
            yield Hit(float(ended), float(took), host, method, *numbers, path, served, agent)

    def _configuration(self) -> str:
        servers = "\n".join(self._server(paper) for paper in self.world.papers)
        brotli = f"load_module {_BROTLI};" if _BROTLI.exists() else ""
        return f"""{brotli}
user root;
daemon off;
pid nginx.pid;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
  log_format world '{_LOG}';
  access_log access.log world;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  types {{ text/html html; application/rss+xml rss; application/xml xml; application/feed+json json; text/plain txt; }}
  default_type text/html;
  charset utf-8;
  map_hash_max_size 65536; map_hash_bucket_size 512;
  map $server_addr$uri $answer {{ default ""; include answers.map; }}
  map $answer $target {{ default ""; "~^301 (?<to>.*)$" $to; }}
  {servers}
}}
"""

    def _server(self, paper: Paper) -> str:
        packing = {"gzip": "gzip on; gzip_types *; gzip_min_length 1;", "br": _brotli(), "none": ""}[paper.packing]
        unvalidated = "" if paper.validated else 'etag off; if_modified_since off; add_header Last-Modified "";'
        return f"""server {{
    listen {paper.ip}:{self.port};
    root www/{paper.ip};
    {packing} {unvalidated}
    if (-f $document_root/.down) {{ return 503; }}
    if (-f $document_root/.wall) {{ rewrite "-[0-9]+[.]html$" {CHALLENGE} last; }}
    if ($target) {{ return 301 $target; }}
    if ($answer = "410") {{ return 410; }}
    location = {CHALLENGE} {{ internal; ssi on; etag off; if_modified_since off; add_header Last-Modified ""; }}
    location / {{ try_files $uri $uri.html $uri/index.html =404; }}
  }}"""


def _brotli() -> str:
    return "brotli on; brotli_types *; brotli_min_length 1;" if _BROTLI.exists() else ""


def _moments(story: Story, paper: Paper | None = None) -> Iterator[int]:
    """When anything about a story changes; with its paper, when anything about its page does, once it is out."""
    trouble = paper.trouble if paper is not None else None
    if trouble is not None and trouble.kind == "broken":
        yield from (at for at in (trouble.since, trouble.until) if at is not None and at > story.published)
    yield from (version.since for version in story.versions)
    if story.moved_at is not None:
        yield story.moved_at
    if story.gone_at is not None:
        yield story.gone_at


def _flag(path: Path, *, on: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if on:
        path.touch()
    else:
        path.unlink(missing_ok=True)


@contextmanager
def served(world: World, folder: Path, port: int) -> Iterator[Site]:
    """The world on the air, at its beginning; gone when the block ends."""
    site = Site(world, folder, port)
    site.start()
    try:
        site.show(0)
        yield site
    finally:
        site.stop()
