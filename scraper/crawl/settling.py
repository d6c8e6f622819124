"""What came of a visit: recorded, written down for the next run, counted, and looked at for traps."""

from __future__ import annotations

from collections.abc import MutableSet
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from archive.db.crawlrows import AddressRow, PatternRow
from archive.identity import content_hash
from archive.model import Outcome
from archive.settle import count_words
from scraper.crawl.endings import Came, Ending
from scraper.crawl.judge import Named
from scraper.crawl.ports import Ports
from scraper.crawl.results import Validators, counted, led_to, moved, stranger, visited
from scraper.crawl.running import Running
from scraper.crawl.traps import Shape, stop_for
from scraper.rules.addresses import Refusal, address, key

if TYPE_CHECKING:
    from archive.store import Archive, Kept


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that ended at `at`: of `row`, that led to `landed`, which is the same where nothing redirected.

    `kept` is where the page lies, where there is one to clean.
    """

    running: Running
    row: AddressRow
    landed: AddressRow
    at: float
    status: int | None
    validators: Validators
    kept: Kept | None = None
    told: bool = False  #: a list said that the address changed


@dataclass
class Settling:
    """The end of each visit. `stopped` are the patterns that are stopped, `newly_stopped` those of this run."""

    archive: Archive
    ports: Ports
    stopped: MutableSet[str]
    newly_stopped: list[PatternRow] = field(default_factory=list)
    _texts: set[str] = field(default_factory=set)

    def cleaned(self, visit: Visit, outcome: Outcome) -> None:
        """The page of a visit came back from the cleaners."""
        assert visit.kept is not None
        self.archive.record(visit.kept, outcome)
        self.ports.watch(visit.landed.url, outcome)
        self.ended(visit, self._came(visit, outcome))
        self._claimed(visit, outcome)
        if self.ports.pace():
            self.archive.commit()

    def _came(self, visit: Visit, outcome: Outcome) -> Came:
        if outcome.article is None:
            return Came(visit.status, outcome.reason, outcome.failed)
        text = content_hash(outcome.article.text)
        known = text in self._texts or self.archive.crawl.has_text(text)
        self._texts.add(text)
        return Came(visit.status, content_hash=text, words=count_words(outcome.article.text), known_text=known)

    def ended(self, visit: Visit, came: Came) -> None:
        """Write down what a visit came to, and count it."""
        state, running = self.archive.crawl, visit.running
        first = not visit.landed.visits
        told = visit.told and visit.row.key == visit.landed.key
        landed = visited(visit.landed, came, visit.at, visit.validators, running.source.again, told=told)
        ending = Ending(landed.ending)
        state.put_address(landed)
        if visit.row.key != visit.landed.key:
            own = led_to(visit.row, landed, came)
            state.put_address(moved(visit.row, landed.url, own, visit.at))
            running.end(visit.row.key, own)
        running.end(landed.key, ending)
        if first:
            self._trap(running, landed, ending)

    def _claimed(self, visit: Visit, outcome: Outcome) -> None:
        """The address that a page rightly claims is known then too: it is not fetched besides."""
        state, habits = self.archive.crawl, self.ports.habits.addresses
        carrier = state.address(visit.landed.key)
        if carrier is None or outcome.article is None or not outcome.article.url:
            return
        claim = address(outcome.article.url, habits)
        if isinstance(claim, Refusal):
            return
        name = key(claim, habits)
        known = state.address(name)
        if name == carrier.key or (known is not None and known.visits):
            return
        row = known or stranger(name, Named(claim), visit.running.name, visit.at, carrier.url, "canonical")
        state.put_address(
            replace(
                row,
                ending=Ending.KNOWN,
                standing="online",
                visits=1,
                first_fetched=visit.at,
                fetched=visit.at,
                content_hash=carrier.content_hash,
                words=carrier.words,
            )
        )

    def _trap(self, running: Running, row: AddressRow, ending: Ending) -> None:
        """Count a page that was new, and stop its pattern where that is a trap."""
        state = self.archive.crawl
        shape = counted(state.shape(row.shape), ending)
        state.put_shape(shape)
        same = state.same_text(row.content_hash, row.host) if row.content_hash else []
        same_id = sum(each.ident == row.ident for each in same)
        stop = stop_for(row.url, Shape(shape.pages, shape.articles, shape.texts), len(same), same_id)
        if stop is None or stop.pattern in self.stopped or state.pattern(stop.pattern) is not None:
            return
        self.stopped.add(stop.pattern)
        pattern = PatternRow(stop.pattern, running.name, stop.why, row.url, self.ports.clock.now())
        state.put_pattern(pattern)
        self.newly_stopped.append(pattern)
        self.ports.look.tell(running.name, f"stopped {stop.pattern}: {stop.why}, such as {row.url}")
