"""Looking at a site before it is a source: redirects followed, robots.txt asked first, never faster than is polite.

One visit at a time, one host after the other. The exchange itself, the clock and the sleep are handed in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Protocol

from scraper.fetch.politeness import Answer, Manners
from scraper.fetch.robots import LIMIT, REDIRECTS, Robots, answered, authority
from scraper.rules.addresses import Refusal, address
from scraper.rules.discovery import Habits


class Response(Protocol):
    """What one exchange gave; `status` is None where nothing came, and `error` says why."""

    @property
    def status(self) -> int | None: ...  # noqa: D102
    @property
    def body(self) -> bytes | None: ...  # noqa: D102
    @property
    def location(self) -> str | None: ...  # noqa: D102
    @property
    def error(self) -> str | None: ...  # noqa: D102
    def header(self, name: str) -> str | None: ...  # noqa: D102


Exchange = Callable[[str], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Got:
    """What stands at an address after redirects: a body with status 200, or why there is none, in a few words."""

    url: str  #: where the redirects led
    status: int | None = None
    body: bytes = b""
    error: str | None = None
    forbidden: bool = False  #: robots.txt forbids it

    @property
    def ok(self) -> bool:
        """Whether there is something to read."""
        return self.status == 200 and self.error is None


@dataclass(slots=True)
class Visitor:
    """Visits addresses of a site politely; `delay` is the seconds between two requests to one host."""

    exchange: Exchange
    habits: Habits
    delay: float
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    _robots: dict[str, Robots] = field(default_factory=dict)
    _manners: dict[str, Manners] = field(default_factory=dict)
    _lost: dict[str, str] = field(default_factory=dict)  # why nothing came, not even a robots.txt

    async def get(self, url: str) -> Got:
        """What stands at an address; robots.txt is asked first, at each step of a redirect."""
        for _ in range(REDIRECTS + 1):
            robots = await self._robots_of(url)
            if not robots.allows(url):
                lost = self._lost.get(authority(url))
                return Got(url, error=lost or _why_forbidden(robots), forbidden=lost is None)
            response = await self._ask(url)
            onward = self._onward(url, response)
            if onward is None:
                return _got(url, response)
            url = onward
        return Got(url, error=f"redirects more than {REDIRECTS} times")

    async def robots(self, url: str) -> tuple[Robots, bytes]:
        """The robots.txt that speaks for an address, and its bytes."""
        found = await self._robots_of(url)
        return found, found.text.encode("utf-8")

    async def _robots_of(self, url: str) -> Robots:
        where = authority(url)
        if where not in self._robots:
            self._robots[where] = await self._asked_for_robots(where)
            slower = self._manners[where].asked_for(self._robots[where].crawl_delay)
            self._manners[where] = replace(slower, next_at=max(slower.next_at, self.clock() + slower.pause))
        return self._robots[where]

    async def _asked_for_robots(self, where: str) -> Robots:
        url = where
        for _ in range(REDIRECTS + 1):
            response = await self._ask(url)
            onward = self._onward(url, response)
            if onward is None:
                if response.status is None and response.error:
                    self._lost[where] = response.error
                return answered(response.status, (response.body or b"")[: LIMIT + 1], self.clock())
            url = onward
        return answered(302, b"", self.clock())

    async def _ask(self, url: str) -> Response:
        """One exchange, when its host may be asked again."""
        where = authority(url)
        manners = self._manners.get(where, Manners(self.delay))
        wait = manners.wait(self.clock())
        if wait > 0:
            await self.sleep(wait)
        begun = self.clock()
        response = await self.exchange(url)
        now = self.clock()
        answer = Answer(response.status, now - begun, response.header("Retry-After"))
        self._manners[where] = manners.after(answer, now, Random(0))  # noqa: S311
        return response

    def _onward(self, url: str, response: Response) -> str | None:
        """Where a redirect leads, or None where it is none."""
        if response.status not in (301, 302, 303, 307, 308) or not response.location:
            return None
        told = address(response.location, self.habits.addresses, url)
        return None if isinstance(told, Refusal) else told


def _got(url: str, response: Response) -> Got:
    error = response.error
    if error is None and response.status != 200:
        error = f"answers {response.status}"
    return Got(url, response.status, response.body or b"", error)


def _why_forbidden(robots: Robots) -> str:
    if robots.access == "rules":
        return "robots.txt forbids it"
    return f"robots.txt answers {robots.status}, which forbids everything until it does (RFC 9309, 2.3.1.4)"
