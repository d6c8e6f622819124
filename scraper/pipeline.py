"""The composition root: sources, workers and archive joined into the jobs of the command line.

Nothing here knows a clock, a terminal or an option: what a job needs is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from archive.errors import ArchiveError
from archive.identity import content_hash
from archive.model import Location, Outcome, Page, Unread
from archive.reasons import Reason

if TYPE_CHECKING:
    from archive.store import Archive, CaptureRow, Change, Reader

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Job(Generic[Key]):
    """A page on its way through the workers, with what its sender needs to know it again."""

    page: Page | Unread
    key: Key

    @property
    def body(self) -> bytes:
        """What travels: the workers' chunks are filled by its size."""
        return self.page.body if isinstance(self.page, Page) else b""


class CleanMap(Protocol):
    """Cleans a stream of jobs in processes of its own; each comes back with its outcome, in the order of the input."""

    def __call__(self, jobs: Iterable[Job[Key] | None]) -> Iterator[tuple[Job[Key], Outcome]]:
        """Read `jobs` a bounded way ahead and yield them cleaned; a None says that no job is at hand for now."""


class Watch(Protocol):
    """Who looks on: a progress bar, a log, or nobody."""

    def __call__(self, source: str, outcome: Outcome | None) -> None:
        """One more page is through; None is a capture that was there already."""


class Pace(Protocol):
    """When to commit: each page is told, and now and then the answer is yes."""

    def __call__(self) -> bool:
        """Whether the rows so far are to be committed now."""


@dataclass(frozen=True, slots=True)
class Cleaner:
    """Makes the work of a worker process; only this recipe for it travels, not the rules and models it loads."""

    rules: Path | None
    learned: bool = True  #: False: with nothing that was learned about sites, as learning needs it
    folder: Path | None = None  #: of an archive: what a person set by hand there is applied

    def __call__(self) -> Callable[[Job[Any]], Outcome]:
        """Load the kit, and clean with it."""
        from scraper.clean import clean
        from scraper.clean.kit import load_kit
        from scraper.corrections import Corrections, load

        kit = load_kit(self.rules, learned=self.learned)
        corrections = load(self.folder) if self.folder else Corrections()

        def work(job: Job[Any]) -> Outcome:
            if isinstance(job.page, Unread):
                return unread_outcome(job.page, kit.recipe)
            return corrections.apply(job.page, clean(job.page, kit))

        return work


def unread_outcome(unread: Unread, recipe: str) -> Outcome:
    """An input that never became a page, as the outcome it stands for."""
    return Outcome(recipe, reason=unread.reason, error=unread.error)


def extract_pages(items: Iterable[Page | Unread], clean: CleanMap) -> Iterator[tuple[Page | Unread, Outcome]]:
    """Clean and store nothing: every input with its outcome, in order."""
    for job, outcome in clean(Job(item, None) for item in items):
        yield job.page, outcome


def clean_into(archive: Archive, items: Iterable[Page | Unread], clean: CleanMap, pace: Pace, watch: Watch) -> None:
    """Archive each page, then clean it, then note what came of it; commit when `pace` says so, and at the end.

    Where this stops (an error, Ctrl-C), everything that was recorded is committed, and what was archived but not
    yet recorded is found and cleaned by the next run.
    """
    _record(archive, clean(_kept(archive, items, watch)), pace, watch)


def finish_orphans(archive: Archive, clean: CleanMap, pace: Pace, watch: Watch) -> None:
    """Clean and record the pages that a run archived and did not live to record, and apply the notes it left."""
    for _ in ("pages", "revisits"):
        jobs = (Job(page, location) for page, location in archive.orphans())
        _record(archive, clean(jobs), pace, watch)
    archive.replay()


def rehearse(reader: Reader | None, items: Iterable[Page | Unread], clean: CleanMap, watch: Watch) -> dict[str, int]:
    """What `clean_into` would store, counted by the names of a run's counts; `reader` is None without an archive."""
    counts = dict.fromkeys(("pages", "new", "duplicates", "unchanged", "failed", "rejected"), 0)
    texts: set[str] = set()

    def fresh() -> Iterator[Page | Unread]:
        for item in items:
            counts["pages"] += 1
            if reader is not None and isinstance(item, Page) and reader.has(item):
                counts["unchanged"] += 1
                watch(item.source, None)
            else:
                yield item

    for item, outcome in extract_pages(fresh(), clean):
        watch(item.source, outcome)
        if outcome.article is None:
            counts["failed" if outcome.failed else "rejected"] += 1
            continue
        text = content_hash(outcome.article.text)
        known = text in texts or (reader is not None and reader.has_text(text))
        counts["duplicates" if known else "new"] += 1
        texts.add(text)
    return counts


def _kept(archive: Archive, items: Iterable[Page | Unread], watch: Watch) -> Iterator[Job[Location]]:
    for item in items:
        if isinstance(item, Unread):
            archive.record_unread(item)
            watch(item.source, unread_outcome(item, ""))
        elif archive.has(item):
            watch(item.source, None)
        else:
            yield Job(item, archive.keep(item).location)


def _record(archive: Archive, cleaned: Iterator[tuple[Job[Location], Outcome]], pace: Pace, watch: Watch) -> None:
    from archive.store import Kept

    try:
        for job, outcome in cleaned:
            assert isinstance(job.page, Page)
            archive.record(Kept(job.page, job.key), outcome)
            watch(job.page.source, outcome)
            if pace():
                archive.commit()
    finally:
        archive.commit()


class Recleaned(Protocol):
    """Decides what a new outcome of a capture does: `Archive.restate` stores it, `Reader.change` only says it."""

    def __call__(self, capture_id: int, outcome: Outcome, *, accept_losses: bool) -> Change:
        """The change to one capture."""


def reclean(
    archive: Archive | Reader,
    captures: Iterable[CaptureRow],
    clean: CleanMap,
    decide: Recleaned,
    watch: Watch,
    *,
    accept_losses: bool,
) -> Iterator[Change]:
    """Clean archived captures again, without fetching, and yield what changes.

    A capture whose record cannot be read is told to `watch` and left as it is.
    """
    for job, outcome in clean(archived(archive, captures)):
        watch(job.key.source, outcome)
        if isinstance(job.page, Page):
            yield decide(job.key.id, outcome, accept_losses=accept_losses)


def archived(archive: Archive | Reader, captures: Iterable[CaptureRow]) -> Iterator[Job[CaptureRow]]:
    """The pages of captures, from their records; one that cannot be read is an `Unread`."""
    for capture in captures:
        try:
            yield Job(archive.page(capture), capture)
        except ArchiveError as error:
            yield Job(Unread(capture.source, Reason.DAMAGED, str(error)), capture)
