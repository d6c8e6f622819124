"""The summary at the end of a run: for a person, or as JSON."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from archive.reasons import FAILURES, Reason
from scraper.cli.options import Common
from scraper.cli.progress import printable

if TYPE_CHECKING:
    from rich.table import Table

    from archive.db.report import RunReport
    from archive.store import RunSummary

NAMED = 10  #: articles named in a summary
PIPE = 120  #: columns where there is no terminal

EXPLAINED = {
    "new": ("new article", "new articles", ""),
    "duplicates": ("duplicate", "duplicates", " (a text that was an article already)"),
    "unchanged": ("unchanged", "unchanged", " (captured before)"),
    "rejected": ("page without an article", "pages without an article", ""),
    "worse": ("worse", "worse", " (much less than the text that stands at the address)"),
    "failed": ("failed", "failed", ""),
}


def print_summary(common: Common, run: RunSummary, seconds: float, *, as_json: bool) -> None:
    """Print what a run did."""
    from archive.store import Archive

    if common.quiet and not as_json:
        return
    with Archive.read(common.folder) as reader:
        report = reader.run_report(run.id, NAMED)
    if as_json:
        click.echo(json.dumps(_as_json(common, run, report, seconds), ensure_ascii=False))
    else:
        _as_text(common, run, report, seconds)


def _as_json(common: Common, run: RunSummary, report: RunReport, seconds: float) -> dict[str, Any]:
    counts = asdict(run)
    return {
        "archive": str(common.folder),
        "run": counts.pop("id"),
        **counts,
        "seconds": round(seconds, 3),
        "words": report.words,
        "reasons": dict(report.reasons),
        "languages": dict(report.languages),
        "removed": dict(report.removed),
    }


def _as_text(common: Common, run: RunSummary, report: RunReport, seconds: float) -> None:
    from rich.console import Console
    from rich.text import Text

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPE
    console = Console(width=width, highlight=False, emoji=False, markup=False)
    pages = f"{run.pages:,} page" + ("" if run.pages == 1 else "s")
    console.print(Text(f"{common.folder}: {pages} read in {seconds:.1f} s", style="bold"))
    console.print(_counts(run, report))
    if report.articles:
        console.print(_articles(report))
        if run.new > len(report.articles):
            console.print(f"{'':>10}... and {run.new - len(report.articles):,} more")
    for line in _remarks(run, report):
        console.print(Text(line, style="dim"), soft_wrap=True)


def _counts(run: RunSummary, report: RunReport) -> Table:
    from rich.table import Table

    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", min_width=8)
    table.add_column()
    for name, (one, many, remark) in EXPLAINED.items():
        count = getattr(run, name)
        if count or name == "new":
            table.add_row(f"{count:,}", (one if count == 1 else many) + remark + _which(name, report.reasons))
    return table


def _which(name: str, reasons: Mapping[str, int]) -> str:
    """The reasons behind a count: `: captcha 2, stub 1`."""
    if name not in ("failed", "rejected"):
        return ""
    asked = {r for r in Reason if (r in FAILURES) == (name == "failed") and r != Reason.WORSE}
    found = [f"{reason} {count}" for reason, count in reasons.items() if reason in asked]
    return ": " + ", ".join(found) if found else ""


def _articles(report: RunReport) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(justify="right", style="dim", width=8)
    table.add_column(style="dim", width=3)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column(style="dim", justify="right", no_wrap=True, width=12)
    for row in report.articles:
        title = Text(printable(row["title"])) if row["title"] else Text("without a title", style="dim italic")
        table.add_row(str(row["id"]), row["language"] or "?", title, f"{row['words']:,} words")
    return table


def _remarks(run: RunSummary, report: RunReport) -> Iterator[str]:
    if report.removed:
        rules = [f"{rule} {count:,}" for rule, count in list(report.removed.items())[:8]]
        more = f", and {len(report.removed) - 8} more rules" if len(report.removed) > 8 else ""
        yield f"Lines removed: {sum(report.removed.values()):,} ({', '.join(rules)}{more})"
    if run.pages == run.unchanged:
        yield "Nothing changed: every one of these captures was here already."
    else:
        yield "Next: hemeroteca browse, or hemeroteca explain PATH to see a page line by line."
