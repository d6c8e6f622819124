"""A cleaned page for a person: its fields, then its lines with sign, number and rule."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Iterator

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from archive.model import FIELDS, Line, Outcome, Page, Unread
from scraper.cli.progress import printable

SIGNS = {"kept": "+", "dropped": "-"}  # any other fate is a field: "="
STYLES = {"+": "", "=": "cyan", "-": "dim red"}
WIDE = 100_000  #: a pipe has no width: one line of the page, one line of output
MAX_RULE = 26  #: longer rule names are shown whole all the same; this is what the column is aligned to


def _console() -> Console:
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE
    return Console(width=width, highlight=False, emoji=False, markup=False, soft_wrap=False)


def render(item: Page | Unread, outcome: Outcome, story: str | None = None) -> None:
    """Print one page on stdout; wraps on a terminal, one line a line in a pipe."""
    console = _console()
    console.print(Text(printable(item.source), style="bold"))
    console.print(Padding(_fields(item, outcome, story), (0, 0, 0, 2)))
    for row in _lines(outcome.lines, console.width):
        console.print(row)
    for text in _totals(outcome):
        console.print(Text(text, style="dim"))
    console.print()


def _fields(item: Page | Unread, outcome: Outcome, story: str | None) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(style="dim", no_wrap=True)
    article = outcome.article
    address = (article.url if article else None) or item.url
    if address:
        table.add_row("url", Text(printable(address)), "")
    if story:
        table.add_row("revision", Text(printable(story)), "")
    if article is None:
        table.add_row("result", Text(f"no article: {printable(outcome.complaint or '')}", style="yellow"), "")
        return table
    if article.refused:
        table.add_row("not believed", Text(printable(article.refused)), "[canonical]")
    for name in FIELDS:
        field = article.fields.get(name)
        if field is not None:
            value = field.value if isinstance(field.value, str) else ", ".join(field.value)
            table.add_row(name, Text(printable(value)), f"[{field.source}]")
    return table


def _lines(lines: tuple[Line, ...], width: int) -> Iterator[Table]:
    digits = len(str(lines[-1].number)) if lines else 1
    rules = min(MAX_RULE, max((len(line.rule) for line in lines), default=1))
    for line in lines:
        sign = SIGNS.get(line.fate, "=")
        row = Table.grid(padding=(0, 1))
        row.add_column(width=1)
        row.add_column(width=digits, justify="right", style="dim")
        row.add_column(min_width=rules, no_wrap=True, style="dim")
        row.add_column(overflow="fold", max_width=max(20, width - digits - rules - 4))
        row.add_row(sign, str(line.number), Text(line.rule), Text(printable(line.text), style=STYLES[sign]))
        yield row


def _totals(outcome: Outcome) -> Iterator[str]:
    kept = [line for line in outcome.lines if line.fate == "kept"]
    words = sum(len(line.text.split()) for line in kept)
    yield f"kept {len(kept)} of {len(outcome.lines)} lines, {words} words; recipe {outcome.recipe[:12]}"
    by_rule = Counter(line.rule.split(" ")[0] for line in outcome.removals)
    if by_rule:
        yield "removed by: " + ", ".join(f"{rule} {count}" for rule, count in by_rule.most_common())
