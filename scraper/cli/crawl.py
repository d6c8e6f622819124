"""`hemeroteca crawl`: one scheduled run over the sources."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from scraper.cli.options import Common, Effort, common_options, effort_options, json_option

if TYPE_CHECKING:
    from archive.alarms import Alarm
    from archive.db.crawlrows import SourceCounts
    from archive.store import Archive, RunSummary
    from scraper.cli.crawl_view import Board
    from scraper.crawl.run import Options
    from scraper.pipeline import CleanMap, Watch
    from scraper.settings import Settings, Source


UNFAITHFUL = (
    "hemeroteca: this version of httpx hides the bytes of the wire: heads of what is fetched are rebuilt, "
    "and marked so (captures.rebuilt)"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed beside the sources. `max_time` is in seconds, `floor` seconds since the epoch."""

    forced: bool
    floor: float | None
    backfill: int
    max_pages: int | None
    max_time: float | None
    released: tuple[str, ...] = ()

    @property
    def options(self) -> Options:
        """The same as a run takes it. Imported late: a run that finds the archive held leaves at once."""
        from scraper.crawl.run import Options

        return Options(self.forced, self.floor, self.backfill, self.max_pages, self.released)


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--since", metavar="DAY", help="Go back to this day, or so far: 2025-01-31, 90d.")
@click.option(
    "--backfill",
    type=click.IntRange(min=0),
    default=0,
    metavar="PAGES",
    help="Fetch so many pages of each source from before its first day, the newest first.",
)
@click.option("--max-time", metavar="TIME", help="End after this time: 25m, 2h. What is left waits for the next run.")
@click.option("--max-pages", type=click.IntRange(min=1), metavar="PAGES", help="Fetch at most so many pages a source.")
@click.option(
    "--from-warc",
    "archives",
    multiple=True,
    type=click.Path(exists=True),
    metavar="PATH",
    help="Fetch nothing: take in the pages of a WARC or WACZ that others crawled (repeatable).",
)
@click.option("--alarm-command", metavar="COMMAND", help="Run when alarms open; they are its input, JSON lines.")
@click.option("--ping", "ping_url", metavar="URL", help="Ask for this address after each good end: a watch outside.")
@click.option("--release", "released", multiple=True, metavar="PATTERN", help="Let a stopped pattern go (repeatable).")
@effort_options
@json_option
@common_options
def crawl(
    sources: tuple[str, ...],
    since: str | None,
    backfill: int,
    max_time: str | None,
    max_pages: int | None,
    archives: tuple[str, ...],
    alarm_command: str | None,
    ping_url: str | None,
    released: tuple[str, ...],
    effort: Effort,
    as_json: bool,
    common: Common,
) -> int:
    """Fetch what the sources of sources.toml have published.

    Reads the feeds, sitemaps and front pages that are due, fetches the articles they name that are not here yet, the
    newest first, and looks again at young ones: after 1 hour, 6 hours, 1 day and 7 days. Sources that are named are
    read whether due or not. robots.txt is obeyed, one request at a time goes to a host, and what is fetched is
    archived as it was received before anything is made of it.

    The first crawl of a source goes back 30 days, or as `since` in sources.toml or --since says; what is older is
    counted, and --backfill fetches it bit by bit.

    Each address that a run sees ends in exactly one count: new, changed, unchanged, known, too-old, robots, filtered,
    blocked, failed, not-article, duplicate, gone, waiting (docs/crawl.md). A run that is stopped, by its time, Ctrl-C,
    SIGTERM or a power cut, is gone on with by the next.

    At the end each source is held against its own past, and what is not as it used to be opens an alarm: it is
    printed, `status` shows it, the exit code is 1, and --alarm-command is given it (docs/crawling.md).

    --from-warc does what `clean` does with such files: the same rows, and no page of theirs is fetched again later.

    From cron it prints nothing unless a person is needed. Another run that holds the archive: code 3, at once.

    \b
    Examples:
      hemeroteca crawl
      hemeroteca crawl elfaro.example --max-pages 50
      hemeroteca crawl elfaro.example --since 2024-01-01 --max-time 6h
      hemeroteca crawl --backfill 200
      hemeroteca crawl --ping https://watch.example/me --alarm-command "mail -s alarms me@example.org"
    """
    from archive.errors import SettingsError
    from scraper.cli.alarms import tell_outside
    from scraper.cli.compose import late_cleaner
    from scraper.cli.crawl_view import board, print_crawl
    from scraper.settings import load_settings

    if archives:
        return take_in(archives, effort, common, as_json=as_json)
    settings = load_settings(common.folder)
    chosen = settings.chosen(sources)
    _ = settings.operator  # told before anything is opened
    if not chosen:
        raise SettingsError(f"{settings.path}: there is no source: hemeroteca add https://example.org/ adds one")
    asked = replace(_asked(since, backfill, max_time, max_pages, forced=bool(sources)), released=released)
    began = time.monotonic()
    with board(common, [source.name for source in chosen]) as look:
        runner = _Runner(common, settings, chosen, asked, look)
        summary = runner.run(late_cleaner(common, effort))
    print_crawl(common, summary, runner.counts, look, time.monotonic() - began, as_json=as_json)
    tell_outside(runner.opened, alarm_command, ping_url if summary.outcome == "ok" else None)
    return 1 if runner.opened or any(_ailing(counts) for counts in runner.counts) else 0


def take_in(paths: tuple[str, ...], effort: Effort, common: Common, *, as_json: bool) -> int:
    """Clean what others crawled, as `clean` does."""
    from scraper.cli.compose import at_least_one, cleaner, source_options
    from scraper.cli.options import Given
    from scraper.cli.run import recorded
    from scraper.pipeline import clean_into
    from scraper.sources import pages

    items = at_least_one(pages(paths, source_options(Given(None, None, None))), paths)
    work = cleaner(common, effort)
    return recorded(
        common, work, lambda archive, pace, watch: clean_into(archive, items, work, pace, watch), as_json=as_json
    )


@dataclass
class _Runner:
    """A crawl within a run of the archive."""

    common: Common
    settings: Settings
    sources: tuple[Source, ...]
    asked: Asked
    look: Board
    counts: tuple[SourceCounts, ...] = ()
    opened: tuple[Alarm, ...] = ()

    def run(self, clean: CleanMap) -> RunSummary:
        """Open the archive, crawl, end the run with how it went."""
        from scraper.cli.run import in_run

        return in_run(
            self.common,
            clean,
            lambda archive, _pace, watch: self._crawl(archive, clean, watch),
            about={"operator": self.settings.operator, "robots": "obey"},
            shown=lambda _common, _what: nullcontext(self.look.watch),
        )

    def _crawl(self, archive: Archive, clean: CleanMap, watch: Watch) -> None:
        import asyncio

        _check_stopped(archive, self.asked.released)
        if asyncio.run(self._crawled(archive, clean, watch)):
            raise KeyboardInterrupt
        self._examine(archive)

    def _examine(self, archive: Archive) -> None:
        """Hold each source against its own past; alarms that open are told."""
        from scraper.health.watch import after_crawl, opened

        now = time.time()
        self.opened = tuple(opened(after_crawl(archive, self.settings.sources, now), now))
        for alarm in self.opened:
            self.look.tell(alarm.source, f"{alarm.code}: {alarm.evidence}")

    async def _crawled(self, archive: Archive, clean: CleanMap, watch: Watch) -> bool:
        """Crawl; whether somebody asked for the end."""
        from contextlib import AsyncExitStack
        from random import SystemRandom

        from scraper.cli.clock import utc_now
        from scraper.cli.compose import Pace
        from scraper.cli.signals import asking
        from scraper.crawl.ports import Ports, WallClock
        from scraper.crawl.run import crawl
        from scraper.crawl.stop import Stop
        from scraper.fetch.agent import user_agent
        from scraper.fetch.client import Client
        from scraper.rules.discovery import load_habits

        clock, agent = WallClock(), user_agent(self.settings.operator)
        deadline = None if self.asked.max_time is None else clock.now() + self.asked.max_time
        stop = Stop(clock, deadline)
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(Client(utc_now, agent))
            if not client.faithful:
                click.echo(UNFAITHFUL, err=True)
            modern = None
            if any(source.http2 for source in self.sources):
                modern = (await stack.enter_async_context(Client(utc_now, agent, http2=True))).fetch
            ports = Ports(
                clock=clock,
                fetch=client.fetch,
                clean=clean,
                pace=Pace(),
                habits=load_habits(),
                fetch_http2=modern,
                random=SystemRandom(),
                look=self.look,
                watch=watch,
            )
            stack.enter_context(asking(stop.ask))
            self.counts = await crawl(archive, self.sources, ports, self.asked.options, stop)
        return stop.asked


def _ailing(counts: SourceCounts) -> bool:
    """Whether something of a source failed (exit code 1)."""
    return counts.failed_lists > 0 or any(ending == "failed" for ending, _ in counts.counts)


def _asked(since: str | None, backfill: int, max_time: str | None, max_pages: int | None, *, forced: bool) -> Asked:
    """The options as a run takes them. Raises UsageError for one that cannot be understood."""
    from archive.errors import UsageError
    from archive.moments import seconds_of
    from scraper.settings import duration

    floor, limit = None, None
    if since is not None:
        span = duration(since)
        floor = seconds_of(since) if span is None else time.time() - span
        if floor is None:
            raise UsageError(f"--since {since}: a day like 2025-01-31 or a time like 90d is needed")
    if max_time is not None:
        limit = duration(max_time)
        if not limit:
            raise UsageError(f"--max-time {max_time}: a time like 25m or 2h is needed")
    return Asked(forced, floor, backfill, max_pages, limit)


def _check_stopped(archive: Archive, patterns: tuple[str, ...]) -> None:
    """Raises UsageError for a pattern that is not stopped."""
    from archive.errors import UsageError

    for pattern in patterns:
        if archive.crawl.pattern(pattern) is None:
            stopped = ", ".join(each.pattern for each in archive.crawl.stopped()) or "none"
            raise UsageError(f"--release {pattern}: it is not stopped; stopped are: {stopped}")
