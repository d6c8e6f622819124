"""`hemeroteca add`: a site's address in, an entry of `sources.toml` out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.add_view import found_as_json, holds, shown
from scraper.cli.options import Common, common_options, dry_run_option, json_option
from scraper.cli.progress import printable, telling

if TYPE_CHECKING:
    from scraper.discover.explore import Explored, Looked
    from scraper.rules.discovery import Habits
    from scraper.settings import Settings
    from scraper.sourcefile import Entry

MOST_FEEDS = 3  #: that are written; the others are told
DELAY = 1.0  #: seconds between two requests, unless told otherwise
LIMIT = 16 << 20  #: bytes of one answer


@click.command()
@click.argument("url")
@click.option("--contact", metavar="ADDRESS", help="Who you are: an e-mail or web address, part of the user agent.")
@click.option("--since", metavar="TIME", help="How far back the first crawl goes: 30d, or a day like 2025-01-31.")
@click.option("--name", help="What the source is called; its host unless said.")
@click.option("--delay", type=click.FloatRange(min=0), metavar="SECONDS", help="Between two requests to the site.")
@click.option("--allow-private", is_flag=True, help="Let it reach loopback and private addresses.")
@click.option("--proxy", metavar="URL", help="Fetch through it: http://host:port, or environment (HTTPS_PROXY).")
@dry_run_option
@json_option
@common_options
def add(
    url: str,
    contact: str | None,
    since: str | None,
    name: str | None,
    delay: float | None,
    allow_private: bool,
    proxy: str | None,
    dry_run: bool,
    as_json: bool,
    common: Common,
) -> None:
    """Find the feeds, sitemaps and sections of a site, and add it to sources.toml.

    URL is the site's front page, one of its sections, or a feed. Some ten requests are made, one after the other, as
    robots.txt allows. What a person wrote in sources.toml stays as it is; a site that is there already changes
    nothing. Nothing is archived yet: the next crawl begins.

    \b
    Examples:
      hemeroteca add https://example.org/ --contact me@example.org
      hemeroteca add https://example.org/deportes/ --since 7d
      hemeroteca add https://example.org/ --dry-run
    """
    from archive.errors import UsageError
    from scraper.rules.addresses import Refusal, address
    from scraper.rules.discovery import load_habits

    habits = load_habits()
    home = address(url if "://" in url else f"https://{url}", habits.addresses)
    if isinstance(home, Refusal):
        raise UsageError(f"{url}: not the address of a site, like https://example.org/")
    settings = read_or_empty(common.folder)
    asked = Asked(home, name, since, delay, allow_private, _contact(contact, settings), proxy)
    known = _known(settings, home, habits)
    if known is not None:
        _tell_known(known, settings.path, common, as_json=as_json)
        return
    explored = look(asked, habits, common)
    _refuse_nothing(explored, asked)
    known = _known(settings, explored.front.url, habits)
    if known is not None:
        _tell_known(known, settings.path, common, as_json=as_json)
        return
    entry = entry_of(explored, asked, settings)
    text = _text(settings.path, entry, asked.contact if contact else None)
    if not dry_run:
        _save(settings.path, text)
    if as_json:
        click.echo(json.dumps(found_as_json(explored, entry, settings.path, added=not dry_run), ensure_ascii=False))
    elif not common.quiet:
        click.echo("\n".join(shown(explored, habits)))
        click.echo(_ending(entry, settings.path, dry_run=dry_run))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of `add`, understood."""

    url: str
    name: str | None
    since: str | None
    delay: float | None
    allow_private: bool
    contact: str
    proxy: str | None = None

    def __post_init__(self) -> None:
        from archive.errors import UsageError
        from scraper.settings import is_proxy, is_since

        if self.proxy is not None and not is_proxy(self.proxy):
            raise UsageError(f"--proxy {self.proxy}: an address like http://proxy.example.org:3128 is needed")

        if self.since is not None and not is_since(self.since):
            raise UsageError(f'--since {self.since}: a time like "30d" or a day like 2025-01-31 is needed')


def read_or_empty(archive: Path) -> Settings:
    """The settings of an archive; empty ones where it has none yet."""
    from scraper.settings import FILE, Settings, load_settings

    path = archive / FILE
    return load_settings(archive) if path.exists() else Settings(path)


def look(asked: Asked, habits: Habits, common: Common) -> Explored:
    """Explore the site over the network."""
    import asyncio

    return asyncio.run(_explored(asked, habits, common))


async def _explored(asked: Asked, habits: Habits, common: Common) -> Explored:
    import asyncio
    import time

    from scraper.cli.clock import utc_now
    from scraper.discover.explore import explore
    from scraper.discover.visit import Got, Visitor
    from scraper.fetch.agent import user_agent
    from scraper.fetch.client import Client, Fetched, Request

    async with Client(utc_now, user_agent(asked.contact)) as client:
        with telling(common) as tell:

            async def exchange(url: str) -> Fetched:
                tell(f"looking at {url}")
                request = Request(url, limit_bytes=LIMIT, allow_private=asked.allow_private, proxy=asked.proxy)
                return await client.fetch(request)

            delay = DELAY if asked.delay is None else asked.delay
            visitor = Visitor(exchange, habits, delay, time.monotonic, asyncio.sleep)

            async def get(url: str) -> Got:
                return await visitor.get(url)

            return await explore(asked.url, get, visitor.robots, habits)


def entry_of(explored: Explored, asked: Asked, settings: Settings) -> Entry:
    """What is written: the feeds with the most links, news sitemaps before others, the front page, sections as notes.

    Without feed and sitemap the sections are followed, since nothing else tells of all articles.
    """
    from datetime import UTC, datetime
    from urllib.parse import urlsplit

    from scraper.sourcefile import Entry, free_name

    home = explored.front.url
    listed = bool(explored.feeds or explored.sitemaps)
    sections = [(place.url, place.title or "") for place in explored.sections]
    front = [(home, "front page")] if explored.articles.kind == "html" else []
    host = (urlsplit(home).hostname or "").removeprefix("www.")
    path = "-".join(part for part in urlsplit(home).path.split("/") if part)
    wanted = asked.name or (f"{host}-{path}" if path and len(path) < 40 else host)
    called = f"{explored.title}; " if explored.title else ""
    return Entry(
        name=free_name(wanted, settings),
        url=home,
        note=f"{called}added {datetime.now(UTC).date().isoformat()}",
        feeds=[(looked.place.url, holds(looked)) for looked in _richest(explored.feeds)],
        sitemaps=[(looked.place.url, holds(looked)) for looked in _newsiest(explored.sitemaps)],
        sections=front if listed else [*front, *sections],
        further=[url for url, _ in sections] if listed else (),
        since=asked.since,
        delay=asked.delay,
        allow_private=asked.allow_private,
        proxy=asked.proxy,
    )


def _contact(given: str | None, settings: Settings) -> str:
    from archive.errors import UsageError
    from scraper.settings import contact_of

    if given is None:
        if settings.contact is None:
            raise UsageError(
                "no contact: add --contact you@example.org, so that a site can reach who fetches its pages; it is "
                "written to sources.toml once for all"
            )
        return settings.contact
    contact = contact_of(given)
    if contact is None:
        raise UsageError(f"--contact {given}: an e-mail address or a web address is needed")
    return contact


def _known(settings: Settings, url: str, habits: Habits) -> str | None:
    """The name of the source that is this site already, by any form of its address; or that has this feed."""
    from scraper.rules.addresses import Refusal, address, key

    wanted = key(url, habits.addresses)
    for source in settings.sources:
        for where in (source.url, *source.feeds):
            told = address(where, habits.addresses)
            if not isinstance(told, Refusal) and key(told, habits.addresses) == wanted:
                return source.name
    return None


def _refuse_nothing(explored: Explored, asked: Asked) -> None:
    """One line for a site that gives nothing to follow."""
    from archive.errors import UsageError

    url = printable(explored.front.url or asked.url)
    if explored.front.forbidden:
        raise UsageError(f"{url}: {explored.front.error}; nothing was added")
    if not explored.front.ok:
        hint = " (--allow-private lets it be reached)" if "private" in (explored.front.error or "") else ""
        raise UsageError(f"{url}: cannot be read: {printable(explored.front.error or '')}{hint}; nothing was added")
    if explored.empty:
        raise UsageError(f"{url}: no feed, no sitemap and no link to an article was found; nothing was added")


def _text(path: Path, entry: Entry, contact: str | None) -> str:
    """The file's new text, read once more as a crawl will read it before it is written."""
    from scraper.settings import read_settings
    from scraper.sourcefile import with_contact, with_entry

    text = path.read_bytes().decode("utf-8") if path.exists() else ""
    text = with_entry(text if contact is None else with_contact(text, contact), entry)
    read_settings(text, path)
    return text


def _save(path: Path, text: str) -> None:
    from archive.errors import UsageError
    from scraper.sourcefile import save

    try:
        save(path, text)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error


def _tell_known(name: str, path: Path, common: Common, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"added": False, "file": str(path), "name": name, "known": True}, ensure_ascii=False))
    elif not common.quiet:
        click.echo(printable(f"{path}: {name} is there already; nothing was changed"))


def _ending(entry: Entry, path: Path, *, dry_run: bool) -> str:
    from scraper.sourcefile import written

    head = f"Would be added to {path}:" if dry_run else f"Added to {path}:"
    lines = "\n".join(f"    {line}" for line in written(entry).splitlines())
    end = "" if dry_run else "\nNext: hemeroteca crawl, then hemeroteca schedule."
    return f"{head}\n{lines}{end}"


def _richest(looks: Sequence[Looked]) -> list[Looked]:
    ranked = sorted(looks, key=lambda looked: -len(looked.found.links if looked.found else ()))
    return ranked[:MOST_FEEDS]


def _newsiest(looks: Sequence[Looked]) -> list[Looked]:
    """News sitemaps where there are any: they hold what is new, and the others all there ever was."""
    news = [looked for looked in looks if looked.found is not None and looked.found.kind == "news-sitemap"]
    return news or list(looks)
