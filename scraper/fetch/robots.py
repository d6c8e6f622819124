"""robots.txt, RFC 9309: what an answer to it means, and what it lets us fetch. Pure; rules are read by Protego.

| answer | means | RFC 9309 |
|---|---|---|
| 200 | its rules, of the first 500 KiB | 2.3.1.1, 2.5 |
| a redirect | what the last of at most five leads to; a longer chain is *unavailable* | 2.3.1.2 |
| 400-499, and a redirect that leads nowhere | *unavailable*: everything may be fetched | 2.3.1.3 |
| 500-599, 429, no answer | *unreachable*: nothing may be fetched | 2.3.1.4 |

Asking too often (429) says nothing about what may be fetched, so it is read as a server that cannot answer. An answer
holds for 24 hours (2.4), one that forbids everything for want of a better for one hour.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from protego import Protego

#: The product token that groups in robots.txt are matched with (2.2.1).
AGENT = "hemeroteca"
LIMIT = 500 * 1024  #: bytes that are read of one
REDIRECTS = 5
KEPT = 24 * 3600.0  #: seconds
ASK_AGAIN = 3600.0  #: seconds, where it was unreachable

Access = Literal["rules", "all", "none"]


@dataclass(frozen=True)
class Robots:
    """What one authority's robots.txt said at `checked` (seconds since the epoch); `status` is None for no answer.

    `text` holds the rules where `access` is `rules`, else nothing.
    """

    access: Access
    text: str
    checked: float
    status: int | None = None

    @functools.cached_property
    def _rules(self) -> Protego:
        return Protego.parse(self.text)

    def allows(self, url: str) -> bool:
        """Whether we may fetch an address of this authority; its robots.txt itself is always allowed (2.2.2)."""
        if urlsplit(url).path == "/robots.txt":
            return True
        if self.access == "rules":
            return bool(self._rules.can_fetch(url, AGENT))
        return self.access == "all"

    @property
    def crawl_delay(self) -> float | None:
        """Seconds between requests that it asks for: Crawl-delay, or the pace of Request-rate; None where neither."""
        if self.access != "rules":
            return None
        delay, rate = self._rules.crawl_delay(AGENT), self._rules.request_rate(AGENT)
        paces = [float(delay)] if delay is not None else []
        if rate is not None:
            paces.append(rate.seconds / rate.requests)
        return max(paces, default=None)

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps it names."""
        return tuple(self._rules.sitemaps) if self.access == "rules" else ()

    def stale(self, now: float) -> bool:
        """Whether it has to be asked for again; a clock that went backwards does not make it last for ever."""
        return not 0 <= now - self.checked < (ASK_AGAIN if self.access == "none" else KEPT)


def answered(status: int | None, body: bytes, now: float) -> Robots:
    """What the last answer of a chain means; `status` is None where nothing, or nothing whole, came.

    A status of the 3xx class says that the chain was longer than `REDIRECTS`, or led nowhere.
    """
    if status is None or status == 429 or status >= 500:
        return Robots("none", "", now, status)
    if status >= 300:
        return Robots("all", "", now, status)
    return Robots("rules", decoded(body), now, status)


def decoded(body: bytes) -> str:
    """The text of the first `LIMIT` bytes, whole lines only, without a byte order mark (2.3: it is UTF-8)."""
    if len(body) > LIMIT:
        cut = body[:LIMIT]
        body = cut[: max(cut.rfind(b"\n"), cut.rfind(b"\r")) + 1]
    return body.decode("utf-8-sig", "replace").replace("\0", "")


def authority(url: str) -> str:
    """The address of the robots.txt that speaks for an address: one a scheme, host and port (2.3)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/robots.txt"
