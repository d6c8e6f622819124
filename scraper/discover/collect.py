"""Links gathered from one place: each address once, what is no address counted, and an end to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from scraper.discover.found import Found, Further, Kind, Link, Method, Problem, Refused
from scraper.discover.words import moment_of, title_of
from scraper.rules.addresses import Refusal, address, is_file
from scraper.rules.discovery import Habits

_SHOWN = 200  # characters of a refused address


@dataclass(slots=True)
class Collector:
    """What one feed, sitemap or page at `via` has given so far."""

    via: str
    method: Method
    habits: Habits
    limit: int  #: links and refusals that are taken together
    links: dict[str, Link] = field(default_factory=dict)
    further: dict[str, Further] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether the limit is reached."""
        return len(self.links) + len(self.refused) + len(self.further) >= self.limit

    def add(
        self, raw: str, title: object = None, published: object = None, lastmod: object = None, base: str = ""
    ) -> None:
        """Take an address as it stood there; a second entry for one address adds what the first did not say."""
        url = self._address(raw, base)
        if url is None:
            return
        told = Link(
            url=url,
            via=self.via,
            method=self.method,
            title=title_of(title),
            published=moment_of(published, self.habits.months),
            lastmod=moment_of(lastmod, self.habits.months),
        )
        known = self.links.get(url)
        self.links[url] = told if known is None else _joined(known, told)

    def add_further(self, raw: str, lastmod: object = None, base: str = "") -> None:
        """Take the address of another sitemap, or of a feed's next page."""
        url = address(raw, self.habits.addresses, base or self.via)
        if isinstance(url, Refusal):
            self.refused.append(Refused(_shown(raw), url))
        elif url != self.via:
            self.further.setdefault(url, Further(url, moment_of(lastmod, self.habits.months)))

    def found(self, kind: Kind, problem: Problem | None = None, title: object = None) -> Found:
        """All that was gathered."""
        if problem is None and self.full:
            problem = Problem.TOO_MANY
        links, further = tuple(self.links.values()), tuple(self.further.values())
        return Found(kind, links, further, tuple(self.refused), problem, title_of(title))

    def _address(self, raw: str, base: str) -> str | None:
        url = address(raw, self.habits.addresses, base or self.via)
        if not isinstance(url, Refusal) and is_file(url, self.habits.files):
            url = Refusal.FILE
        if isinstance(url, Refusal):
            self.refused.append(Refused(_shown(raw), url))
            return None
        return url


def _joined(known: Link, told: Link) -> Link:
    return Link(
        url=known.url,
        via=known.via,
        method=known.method,
        title=known.title or told.title,
        published=known.published or told.published,
        lastmod=max(filter(None, (known.lastmod, told.lastmod)), default=None),
    )


def _shown(raw: str) -> str:
    return title_of(raw[:_SHOWN]) or ""
