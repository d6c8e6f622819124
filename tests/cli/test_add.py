"""`hemeroteca add` against a server on loopback, as a user has it: a process of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cli_samples import Run, as_json

from scraper.settings import load_settings

FRONT = b"""<!doctype html><html><head><title>El Faro</title>
<link rel="alternate" type="application/rss+xml" href="/rss.xml"></head><body>
<nav><a href="/mundo/">Mundo</a></nav>
<h2><a href="/a/la-veda-del-arenque-otra-vez">La veda del arenque\x1b[31m otra vez</a></h2></body></html>"""
RSS = b"""<rss><channel><title>Portada</title><item><title>El jurado absuelve</title><link>/a/1</link>
<pubDate>s\xc3\xa1b, 03 may 2031 18:07:00 GMT</pubDate></item></channel></rss>"""
NEWS = b"""<urlset><url><loc>/a/1</loc><news:news><news:publication_date>2031-05-03</news:publication_date></news:news>
</url></urlset>"""
ROBOTS = b"User-agent: *\nDisallow: /secreto/\nSitemap: /news.xml\n"
SITE: Mapping[str, bytes] = {"/": FRONT, "/rss.xml": RSS, "/news.xml": NEWS, "/robots.txt": ROBOTS}


class Site(ThreadingHTTPServer):
    """A site that is a table of pages, and the requests it got."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, bytes] = dict(SITE)
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["User-Agent"]))
        body = self.server.pages.get(self.path)
        if self.path == "/moved":
            self.send_response(301)
            self.send_header("Location", "/")
        else:
            self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


PRIVATE = ("--allow-private", "--delay", "0")
MINE = ("--contact", "me@elfaro.example", *PRIVATE)


def test_a_site_is_explored_politely_shown_and_written(hemeroteca: Run, site: Site, tmp_path: Path) -> None:
    done = hemeroteca("add", site.url, *MINE, "--since", "7d")
    settings = load_settings(tmp_path / "archive")
    (source,) = settings.sources
    assert settings.contact == "mailto:me@elfaro.example"
    assert (source.feeds, source.sitemaps, source.sections) == (
        (site.url + "rss.xml",),
        (site.url + "news.xml",),
        (site.url,),
    )
    assert (source.name, source.allow_private, source.delay, source.since.days) == (
        "127.0.0.1", True, 0.0, 7,
    )  # fmt: skip
    assert [path for path, _ in site.asked] == ["/robots.txt", "/", "/rss.xml", "/news.xml"]
    assert {agent.partition(" ")[2] for _, agent in site.asked} == {"(+mailto:me@elfaro.example)"}
    for said in ("El jurado absuelve", "La veda del arenque", "1 link, newest 2031-05-03", "Mundo", "El Faro; added"):
        assert said in done.stdout
    assert "\x1b" not in done.stdout


def test_adding_twice_changes_nothing_and_says_so(hemeroteca: Run, site: Site, tmp_path: Path) -> None:
    hemeroteca("add", site.url, *MINE)
    path = tmp_path / "archive" / "sources.toml"
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    for url in (site.url, site.url + "index.html", site.url + "moved", site.url + "rss.xml"):
        assert "127.0.0.1 is there already; nothing was changed" in hemeroteca("add", url, *PRIVATE).stdout
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_what_a_person_wrote_stays(hemeroteca: Run, site: Site, tmp_path: Path) -> None:
    path = tmp_path / "archive" / "sources.toml"
    path.parent.mkdir()
    mine = b"# mine\r\ncontact = 'https://a.example/b'\n[[source]] #x\nurl='https://otro.example/'\nevery=\"1d\"# end"
    path.write_bytes(mine)
    hemeroteca("add", site.url, *PRIVATE)
    assert path.read_bytes().startswith(mine + b"\n")
    assert len(load_settings(path.parent).sources) == 2


def test_a_dry_run_and_json(hemeroteca: Run, site: Site, tmp_path: Path) -> None:
    assert "Would be added" in hemeroteca("add", site.url, *MINE, "--dry-run").stdout
    assert not (tmp_path / "archive").exists()
    found = as_json(hemeroteca("add", site.url, *MINE, "--json"))
    assert (found["added"], found["name"], found["feeds"][0]["kind"]) == (True, "127.0.0.1", "rss")
    assert found["written"]["sitemaps"] == [site.url + "news.xml"]
    assert as_json(hemeroteca("add", site.url, *MINE, "--json"))["known"] is True


def test_without_feed_and_sitemap_the_sections_are_followed(hemeroteca: Run, site: Site, tmp_path: Path) -> None:
    site.pages = {"/": FRONT.replace(b"/rss.xml", b"/nada.xml")}
    done = hemeroteca("add", site.url, *MINE)
    (source,) = load_settings(tmp_path / "archive").sources
    assert (source.feeds, source.sitemaps, source.sections) == ((), (), (site.url, site.url + "mundo/"))
    assert f"left out {site.url}nada.xml  answers 404" in done.stdout


@pytest.mark.parametrize(
    ("pages", "path", "says"),
    [
        ({}, "", "cannot be read: answers 404; nothing was added"),
        ({"/": FRONT, "/robots.txt": b"User-agent: *\nDisallow: /"}, "", "robots.txt forbids it; nothing was added"),
        ({"/": b"<html><p>En obras</p></html>"}, "", "no feed, no sitemap and no link to an article was found"),
        (SITE, "secreto/x", "robots.txt forbids it"),
    ],
)
def test_what_gives_nothing_is_one_line(
    hemeroteca: Run, site: Site, tmp_path: Path, pages: Mapping[str, bytes], path: str, says: str
) -> None:
    site.pages = dict(pages)
    done = hemeroteca("add", site.url + path, *MINE, code=2)
    assert done.stdout == ""
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "archive").exists()


def test_private_addresses_are_reached_only_where_that_is_allowed(hemeroteca: Run, site: Site) -> None:
    done = hemeroteca("add", site.url, "--contact", "me@elfaro.example", code=2)
    assert "--allow-private" in done.stderr
    assert site.asked == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("https://elfaro.example/",), "no contact: add --contact"),
        (("https://elfaro.example/", "--contact", "nobody"), "--contact nobody: an e-mail address"),
        (("mailto:me@elfaro.example", *MINE), "not the address of a site"),
        (("https://elfaro.example/", *MINE, "--since", "always"), "--since always: a time like"),
        (("http://127.0.0.1:9/", *MINE), "cannot be read: "),
    ],
)
def test_a_mistake_is_one_line(hemeroteca: Run, arguments: tuple[str, ...], says: str) -> None:
    done = hemeroteca("add", *arguments, code=2)
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_broken_sources_toml_is_told_and_left(hemeroteca: Run, site: Site, tmp_path: Path) -> None:
    path = tmp_path / "archive" / "sources.toml"
    path.parent.mkdir()
    path.write_text("contakt = 'x'\n", encoding="utf-8")
    assert "did you mean contact?" in hemeroteca("add", site.url, *MINE, code=2).stderr
    assert path.read_text(encoding="utf-8") == "contakt = 'x'\n"
