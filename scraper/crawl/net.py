"""Asking for an address: at its host's desk, counted, captured, redirects followed one by one.

Every exchange is archived, whatever it brought, before anything is made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scraper.crawl.running import Running
from scraper.fetch.client import Request
from scraper.rules.addresses import Refusal, address

if TYPE_CHECKING:
    from archive.model import Purpose
    from archive.store import Archive
    from scraper.crawl.desks import Desks
    from scraper.crawl.ports import Ports
    from scraper.fetch.client import Fetched

REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Net:
    """The one way out."""

    archive: Archive
    desks: Desks
    ports: Ports

    async def ask(self, running: Running, request: Request) -> Fetched | None:
        """One exchange, not yet archived: call `keep`. None where it has to be left for a later run."""
        desk = self.desks.at(request.url, running.source)
        started = self.ports.clock.now()
        http2 = self.ports.fetch_http2 if running.source.http2 else None
        request = replace(request, proxy=running.source.proxy)
        fetched = await desk.ask(request, http2 or self.ports.fetch)
        if fetched is not None:
            running.asked(len(fetched.exchange.response), started, self.ports.clock.now())
        return fetched

    def keep(self, running: Running, fetched: Fetched, purpose: Purpose) -> None:
        """Archive an exchange that is no page."""
        self.archive.keep_exchange(fetched.exchange, running.name, purpose, fetched.reason, fetched.received)

    async def follow(
        self,
        running: Running,
        request: Request,
        purpose: Purpose,
        allowed: Callable[[str], bool] = lambda _: True,
    ) -> Fetched | None:
        """The answer at the end of at most five redirects, each hop archived; a longer chain ends in its last redirect.

        `allowed` is asked of each address that a redirect leads to.
        """
        for _ in range(REDIRECTS + 1):
            fetched = await self.ask(running, request)
            if fetched is None:
                return None
            self.keep(running, fetched, purpose)
            target = self.target(fetched)
            if target is None or not allowed(target):
                return fetched
            # What is known of a list was told by the address that its own redirects to.
            request = replace(request, url=target, via=request.url, hops=request.hops + "R")
        return fetched

    def target(self, fetched: Fetched) -> str | None:
        """The address that an answer leads to, as we would fetch it; None where it leads nowhere."""
        if fetched.status not in _REDIRECTS or not fetched.location:
            return None
        found = address(fetched.location, self.ports.habits.addresses, fetched.exchange.url)
        return None if isinstance(found, Refusal) else found


def onward(request: Request, target: str, running: Running) -> Request:
    """The request for the address that a redirect leads to: no validator of the first one holds for it."""
    return Request(
        url=target,
        limit_bytes=request.limit_bytes,
        allow_private=running.source.allow_private,
        via=request.url,
        hops=request.hops + "R",
    )
