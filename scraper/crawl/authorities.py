"""What each authority (scheme, host, port) allows, asked for at most once a day and kept between runs."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from archive.db.crawlrows import RobotsRow
from scraper.crawl.net import Net
from scraper.crawl.reservation import WELL_KNOWN, Reserved, SiteRule, reserved_by_site, site_rules
from scraper.crawl.running import Running
from scraper.fetch.client import Request
from scraper.fetch.robots import LIMIT, Access, Robots, answered, authority

if TYPE_CHECKING:
    from archive.db.crawl import CrawlState

_RESERVED_LIMIT = 256 * 1024  # bytes of a tdmrep.json


@dataclass(frozen=True)
class Authority:
    """What one allows: its robots.txt, and what its tdmrep.json reserves."""

    robots: Robots
    rules: tuple[SiteRule, ...] = ()

    def reserved(self, url: str) -> Reserved | None:
        """What reserves an address."""
        return reserved_by_site(url, self.rules)


@dataclass
class Authorities:
    """Those of a run. One that is asked for by several at once is fetched once."""

    state: CrawlState
    net: Net
    _known: dict[str, Authority] = field(default_factory=dict)
    _locks: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def of(self, running: Running, url: str) -> Authority | None:
        """What the authority of an address allows; None where nobody could ask it in this run."""
        key = authority(url)
        async with self._locks[key]:
            known = self._known.get(key) or self._kept(key)
            if known is None or known.robots.stale(self.net.ports.clock.now()):
                known = await self._asked(running, key)
            if known is not None:
                self._known[key] = known
                self.net.desks.at(url, running.source).asked_for(known.robots.crawl_delay)
            return known

    def _kept(self, key: str) -> Authority | None:
        row = self.state.robots(key)
        if row is None:
            return None
        robots = Robots(cast("Access", row.access), row.text, row.checked, row.status)
        return Authority(robots, site_rules(row.reserved.encode()))

    async def _asked(self, running: Running, key: str) -> Authority | None:
        request = Request(url=key, limit_bytes=LIMIT + 1, allow_private=running.source.allow_private, hops="P")
        fetched = await self.net.follow(running, request, "robots")
        if fetched is None:
            return None
        broken = fetched.failure not in (None, "length") or fetched.body is None
        status = None if broken else fetched.status
        robots = answered(status, fetched.body or b"", self.net.ports.clock.now())
        self.net.desks.at(key, running.source).asked_for(robots.crawl_delay)
        reserved = "" if robots.access == "none" else await self._reserved(running, key)
        row = RobotsRow(key, robots.access, robots.text, robots.checked, robots.status, reserved)
        self.state.put_robots(row)
        return Authority(robots, site_rules(reserved.encode()))

    async def _reserved(self, running: Running, key: str) -> str:
        """The site's tdmrep.json; an empty text where it has none."""
        parts = urlsplit(key)
        url = f"{parts.scheme}://{parts.netloc}{WELL_KNOWN}"
        request = Request(url=url, limit_bytes=_RESERVED_LIMIT, allow_private=running.source.allow_private, hops="P")
        fetched = await self.net.follow(running, request, "robots")
        if fetched is None or fetched.status != 200 or fetched.body is None:
            return ""
        text = fetched.body.decode("utf-8-sig", "replace").replace("\0", "")
        return text if site_rules(text.encode()) else ""
