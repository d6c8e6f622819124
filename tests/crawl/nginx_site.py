"""A paper behind a real nginx that speaks HTTP/2 over TLS, and its log."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
from crawl_site import article

PROGRAM = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
_LOG = "$msec|$request_time|$status|$server_protocol|$connection|$request_completion|$uri"


@dataclass(frozen=True)
class Hit:
    """A request as nginx saw it; moments in seconds since the epoch."""

    began: float
    ended: float
    status: int
    protocol: str
    connection: int
    whole: bool  #: the answer was sent to its end
    path: str


@dataclass
class Paper:
    """A feed, and articles that its server takes some time to send; `slowness` is in bytes a second, 0 for none."""

    folder: Path
    port: int
    slowness: int = 0

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def publish(self, names: list[str]) -> None:
        """Put articles up, and a feed that names them."""
        www = self.folder / "www"
        www.mkdir(exist_ok=True)
        for name in names:
            (www / f"noticia-{name}.html").write_bytes(article(name))
        items = "".join(f"<item><title>{n}</title><link>{self.url}/noticia-{n}.html</link></item>" for n in names)
        (www / "rss.xml").write_text(f'<rss version="2.0"><channel><title>El Faro</title>{items}</channel></rss>')

    def hits(self) -> list[Hit]:
        """All requests so far, as they began."""
        found = []
        for line in (self.folder / "access.log").read_text().splitlines():
            ended, took, status, protocol, connection, completed, path = line.split("|")
            began = float(ended) - float(took)
            found.append(Hit(began, float(ended), int(status), protocol, int(connection), completed == "OK", path))
        return sorted(found, key=lambda hit: hit.began)

    def configuration(self) -> str:
        """What nginx is told."""
        return f"""
user root; daemon off; pid nginx.pid; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  log_format paper '{_LOG}';
  access_log access.log paper;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  types {{ text/html html; application/rss+xml xml; }}
  server {{
    listen 127.0.0.1:{self.port} ssl http2;
    ssl_certificate server.pem; ssl_certificate_key server.pem;
    root www;
    location ~ noticia {{ limit_rate {self.slowness}; }}
  }}
}}
"""


@contextmanager
def serving(folder: Path, authority: trustme.CA, names: list[str], slowness: int = 0) -> Iterator[Paper]:
    """A paper on the air, with articles of these names."""
    assert PROGRAM is not None
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        paper = Paper(folder, held.getsockname()[1], slowness)
    (folder / "tmp").mkdir()
    paper.publish(names)
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    (folder / "nginx.conf").write_text(paper.configuration())
    command = [PROGRAM, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "error.log"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(paper)
        yield paper
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(paper: Paper) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", paper.port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nginx did not come up: {(paper.folder / 'error.log').read_text()[-500:]}")


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """A context that believes the paper's certificate."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
