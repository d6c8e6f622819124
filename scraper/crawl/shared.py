"""One answer for all sources that name a list: it is asked for once in a run.

Each source reads it for itself, with its own patterns and its own first day. Sources that fetch in different ways (a
proxy, HTTP/2, private addresses) share nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scraper.crawl.running import Running

if TYPE_CHECKING:
    from archive.db.crawlrows import ListRow
    from scraper.fetch.client import Fetched

_Key = tuple[str, bool, bool, str | None]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came, and the validators that were asked with."""

    fetched: Fetched
    validators: tuple[str | None, str | None]

    def serves(self, row: ListRow) -> bool:
        """Whether it is an answer for another source too: that nothing changed is one for who has the same."""
        return self.fetched.status != 304 or self.validators == (row.etag, row.last_modified)


@dataclass
class Shared:
    """The answers of a run that somebody still waits for: each is let go with the last one."""

    _wanted: Counter[_Key] = field(default_factory=Counter)
    _answers: dict[_Key, _Answer] = field(default_factory=dict)
    _locks: defaultdict[_Key, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    def want(self, running: Running, url: str) -> None:
        """A source will ask for a list."""
        self._wanted[_key(running, url)] += 1

    async def get(self, running: Running, row: ListRow, ask: Callable[[], Awaitable[Fetched | None]]) -> Fetched | None:
        """The answer that another source had, else what `ask` brings; None where it is left for a later run."""
        key, validators = _key(running, row.url), (row.etag, row.last_modified)
        async with self._locks[key]:
            self._wanted[key] -= 1
            known = self._answers.get(key)
            if known is None or not known.serves(row):
                fetched = await ask()
                known = known if fetched is None else _Answer(fetched, validators)
            else:
                fetched = known.fetched
            if known is not None and self._wanted[key] > 0:
                self._answers[key] = known
            else:
                self._answers.pop(key, None)
            return fetched


def _key(running: Running, url: str) -> _Key:
    source = running.source
    return url, source.allow_private, source.http2, source.proxy
