"""`hemeroteca rules`: what the archive cleans with, and what a person says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.options import Common, common_options, json_option
from scraper.cli.progress import printable
from scraper.cli.rules_import import import_
from scraper.cli.rules_learned import learn, learned, pin, veto
from scraper.cli.rules_test import test

if TYPE_CHECKING:
    from scraper.rules.learned import Learned
    from scraper.rules.lines import LineRules
    from scraper.rules.sites import SiteRules

Row = dict[str, str | int]


@click.group()
def rules() -> None:
    """Show the rules, learn what sites repeat, and have the last word.

    Rules are data: phrases (lines), selectors for a site's HTML (sites), and what was learned from an archive's own
    pages. An archive's own lie in its folder rules/ and win over those that are shipped.
    """


@rules.command("list")
@click.option("--site", metavar="HOST", help="Only rules about this site.")
@json_option
@common_options
def show(site: str | None, as_json: bool, common: Common) -> None:
    """List all rules in force: of which kind, what they are called, and the file they stand in."""
    from scraper.cli.compose import rules_folder
    from scraper.rules.loading import load_rules

    lines, sites, known = load_rules(rules_folder(common.folder))
    rows = [*(() if site else _lines(lines)), *_sites(sites, site), *_learned(known, site, common.folder)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(printable(f"{row['kind']:<8} {row['id']:<32} {row['what']:<10} {row['file']}"))


def _lines(rules: LineRules) -> Iterator[Row]:
    for rule in sorted(rules.rules, key=lambda rule: (rule.origin, rule.id)):
        yield {"kind": "line", "id": rule.id, "what": rule.kind, "file": named(rule.origin), "why": rule.why}


def _sites(rules: SiteRules, site: str | None) -> Iterator[Row]:
    for host, layouts in sorted(rules.layouts.items()):
        for layout in layouts if site in (None, host) else ():
            what = "imported" if layout.imported else "html"
            yield {"kind": "site", "id": f"{host}/{layout.id}", "what": what, "file": named(layout.origin)}


def _learned(known: Learned, site: str | None, folder: Path) -> Iterator[Row]:
    from scraper.rules.learned import JUDGED, LEARNED

    for host, furniture in sorted(known.sites.items()):
        if site not in (None, host):
            continue
        found = len(furniture.learned - furniture.pinned)
        for what, count, name in (("lines", found, LEARNED), ("pinned", len(furniture.pinned), JUDGED)):
            if count:
                file = str(folder / "rules" / name)
                yield {"kind": "learned", "id": host or "(no site)", "what": f"{count} {what}", "file": file}


def named(origin: str) -> str:
    """A rule's file for a person: those that are shipped without the folder this program lies in."""
    from scraper.rules.lines import SHIPPED

    root = SHIPPED.parent
    return f"shipped: {Path(origin).relative_to(root)}" if Path(origin).is_relative_to(root) else origin


for command in (learn, learned, pin, veto, test, import_):
    rules.add_command(command)
