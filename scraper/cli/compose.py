"""What the command line hands in: the clock, the processes, the archive's own rules, the pace of commits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from scraper.cli.clock import utc_now
from scraper.cli.options import Common, Effort, Given

if TYPE_CHECKING:
    from archive.model import Outcome, Page, Unread
    from scraper.pipeline import CleanMap, Job, Key
    from scraper.sources import SourceOptions

#: Imported once for all workers (by the fork server), not in each.
HEAVY = ("trafilatura", "selectolax.lexbor", "numpy", "py3langid", "scraper.clean.html", "scraper.clean.text")

COMMIT_PAGES = 500
COMMIT_SECONDS = 2.0


def rules_folder(archive: Path) -> Path | None:
    """The archive's own rules, where it has some."""
    folder = archive / "rules"
    return folder if folder.is_dir() else None


def source_options(given: Given) -> SourceOptions:
    """What is known of the inputs besides themselves; the run's clock is read here, once."""
    from scraper.sources import SourceOptions

    return SourceOptions(
        now=utc_now(),
        manifest=given.manifest,
        text_column=given.text_column,
        html_column=given.html_column,
    )


def at_least_one(items: Iterator[Page | Unread], paths: Sequence[str]) -> Iterator[Page | Unread]:
    """The same items; a mistake in the paths, or no page at all, is told before an archive is made."""
    from archive.errors import UsageError

    first = next(items, None)
    if first is None:
        raise UsageError(f"no pages found in {', '.join(paths)}; `hemeroteca clean --help` lists what is read")
    return chain((first,), items)


def cleaner(common: Common, effort: Effort, *, learned: bool = True) -> CleanMap:
    """Cleaning in processes, each page within its time; a broken rule file is told before any page is read.

    Without `learned`, with nothing that was learned about sites, and nothing that a person set by hand.
    """
    from scraper.corrections import load
    from scraper.pipeline import Cleaner
    from scraper.recipe import recipe_with
    from scraper.workers import Loaded, clean_all

    rules = rules_folder(common.folder)
    recipe = recipe_with(rules, learned=learned)
    load(common.folder)

    def clean(jobs: Iterable[Job[Key] | None]) -> Iterator[tuple[Job[Key], Outcome]]:
        work = Loaded(Cleaner(rules, learned, common.folder if learned else None))
        return clean_all(jobs, work, effort.jobs, effort.timeout, recipe=recipe, preload=HEAVY)

    return clean


def late_cleaner(common: Common, effort: Effort) -> CleanMap:
    """The same, made when it is first asked for: a run that finds the archive held has not loaded anything."""
    made: list[CleanMap] = []

    def clean(jobs: Iterable[Job[Key] | None]) -> Iterator[tuple[Job[Key], Outcome]]:
        if not made:
            made.append(cleaner(common, effort))
        return made[0](jobs)

    return clean


@dataclass
class Pace:
    """Commit every so many pages or seconds, whichever comes first: little is lost, little is synced."""

    clock: Callable[[], float] = time.monotonic
    pages: int = 0
    since: float = field(init=False)

    def __post_init__(self) -> None:
        self.since = self.clock()

    def __call__(self) -> bool:
        """Count a page; true when it is time."""
        self.pages += 1
        now = self.clock()
        if self.pages < COMMIT_PAGES and now - self.since < COMMIT_SECONDS:
            return False
        self.pages, self.since = 0, now
        return True
