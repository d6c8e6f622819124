"""What a crawl shows: a live table on a terminal, its counts at the end, and in cron only what a person must know."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.options import Common
from scraper.cli.progress import printable

if TYPE_CHECKING:
    from rich.table import Table

    from archive.db.crawlrows import PatternRow, SourceCounts
    from archive.model import Outcome
    from archive.store import RunSummary

ROWS = 20  #: sources in the live table, the busiest first
_SHOWN = ("new", "changed", "unchanged", "known", "failed", "blocked")
_ORDER = (
    *("new", "changed", "unchanged", "known", "duplicate", "too-old", "robots", "filtered", "blocked", "failed"),
    *("gone", "not-article", "waiting"),
)


class Board:
    """What happened so far, source by source; `lines` is what a person must know.

    With `verbose`, pages that failed or gave no article are said at once.
    """

    def __init__(self, names: Sequence[str], *, verbose: bool = False) -> None:
        self._verbose = verbose
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter, {name: Counter() for name in names})
        self.lines: list[str] = []
        self._began = time.monotonic()

    def __call__(self, source: str, what: str, n: int = 1) -> None:
        """Count something."""
        self.counts[source][what] += n

    def tell(self, source: str, line: str) -> None:
        """Keep a line for the end."""
        self.lines.append(printable(f"{source}: {line}"))

    def watch(self, source: str, outcome: Outcome | None) -> None:
        """A page is clean."""
        if self._verbose and outcome is not None and outcome.complaint:
            click.echo(printable(f"{source}: {outcome.complaint}"), err=True)

    def __rich__(self) -> Table:
        """The table as it stands."""
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        table.add_column("source", no_wrap=True, overflow="ellipsis", max_width=40)
        for name in (*_SHOWN, "requests", "/s"):
            table.add_column(name, justify="right")
        busiest = sorted(self.counts.items(), key=lambda item: -item[1]["request"])
        seconds = max(time.monotonic() - self._began, 0.001)
        for source, counts in busiest[:ROWS]:
            numbers = [f"{counts[name]:,}" if counts[name] else "" for name in _SHOWN]
            table.add_row(printable(source), *numbers, f"{counts['request']:,}", f"{counts['request'] / seconds:.1f}")
        if len(busiest) > 1:
            total = sum((counts for _, counts in busiest), Counter[str]())
            numbers = [f"{total[name]:,}" if total[name] else "" for name in _SHOWN]
            sums = (f"{total['request']:,}", f"{total['request'] / seconds:.1f}")
            table.add_row(f"{len(busiest)} sources", *numbers, *sums, style="bold")
        return table


@contextmanager
def board(common: Common, names: Sequence[str]) -> Iterator[Board]:
    """A board for one run, shown where there is a terminal."""
    found = Board(names, verbose=common.verbose)
    if common.quiet or not sys.stderr.isatty():
        yield found
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    with Live(console=console, refresh_per_second=4, transient=True, get_renderable=lambda: found.__rich__()):
        yield found


def print_crawl(
    common: Common, run: RunSummary, counts: Sequence[SourceCounts], board: Board, seconds: float, *, as_json: bool
) -> None:
    """Print what a crawl did: on a terminal and where it is asked for; always what a person must know."""
    for line in (*board.lines, *needing(counts)):
        click.echo(line, err=True)
    if as_json:
        click.echo(json.dumps(_as_json(common, run, counts, seconds), ensure_ascii=False))
    elif not common.quiet and (common.verbose or sys.stdout.isatty()):
        click.echo("\n".join(_as_text(common, counts, seconds)))


def needing(counts: Iterable[SourceCounts]) -> Iterator[str]:
    """The sources of which no list could be read."""
    for source in counts:
        if source.lists and source.failed_lists == source.lists:
            yield printable(f"{source.source}: {source.remark}")


def _as_json(common: Common, run: RunSummary, counts: Sequence[SourceCounts], seconds: float) -> dict[str, Any]:
    return {
        "archive": str(common.folder),
        "run": run.id,
        "outcome": run.outcome,
        "seconds": round(seconds, 3),
        "sources": {source.source: counted(source) for source in counts},
    }


def counted(source: SourceCounts) -> dict[str, Any]:
    """What a run did for a source, as JSON has it; `filtered` is by pattern."""
    endings: dict[str, Any] = {ending: n for (ending, pattern), n in source.counts.items() if not pattern}
    patterns = {pattern: n for (_, pattern), n in source.counts.items() if pattern}
    return {
        "seen": source.seen,
        **endings,
        **({"filtered": patterns} if patterns else {}),
        "lists": source.lists,
        "failed_lists": source.failed_lists,
        "requests": source.requests,
        "bytes": source.bytes,
        "seconds": source.seconds,
        "remark": source.remark,
    }


def _as_text(common: Common, counts: Sequence[SourceCounts], seconds: float) -> Iterator[str]:
    requests, size = sum(each.requests for each in counts), sum(each.bytes for each in counts)
    received = f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"
    what = f"{_many(len(counts), 'source')}, {_many(requests, 'request')}, {received}"
    yield f"{common.folder}: {what} in {seconds:.1f} s"
    yield from map(line_of, counts)


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def line_of(source: SourceCounts) -> str:
    """A source in a line: its endings, the sum of which is `seen`, and the step that ate it where nothing came."""
    totals: Counter[str] = Counter()
    for (ending, _), n in source.counts.items():
        totals[ending] += n
    parts = [f"{totals[name]:,} {name}" for name in _ORDER if totals[name]]
    said = ", ".join(parts) or source.remark
    remark = f"  ({source.remark})" if source.remark and parts else ""
    return printable(f"  {source.source}: {source.seen:,} seen: {said}{remark}")


def crawl_lines(counts: Sequence[SourceCounts], patterns: Sequence[PatternRow]) -> Iterator[str]:
    """The last crawl, for `status`."""
    if counts:
        yield "Last crawl:"
        yield from map(line_of, counts)
    if patterns:
        yield "Stopped patterns (hemeroteca crawl --release PATTERN lets one go):"
        for row in patterns:
            yield printable(f"  {row.pattern}  {row.why}, such as {row.example}")


def crawl_json(counts: Sequence[SourceCounts], patterns: Sequence[PatternRow]) -> Mapping[str, Any]:
    """The same as JSON."""
    return {
        "last_crawl": {source.source: counted(source) for source in counts},
        "stopped_patterns": [{"pattern": row.pattern, "why": row.why, "example": row.example} for row in patterns],
    }
