"""`hemeroteca forget`: what was archived is hidden, dropped or erased, and does not come back."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.errors import UsageError
from scraper.cli.options import Common, Effort, common_options, json_option
from scraper.cli.progress import printable

if TYPE_CHECKING:
    from archive.db.erasure import Erased
    from archive.db.forgotten import Found, Wanted
    from archive.store import Archive
    from archive.tombstones import Depth

TIMEOUT = 60.0  # seconds a page, of those a killed run left
SHOWN = 10  #: addresses named before they are forgotten

_DONE = {
    "hide": "hidden: no list, search, page or export shows it, and its bytes stay in the WARC files",
    "drop": "dropped: nothing of it is in the database, and its bytes stay in the WARC files",
    "erase": "erased from the database and from the WARC files",
}


@click.command()
@click.argument("what", required=False, metavar="[URL|ARTICLE]")
@click.option("--site", metavar="HOST", help="Forget all that was captured at this site.")
@click.option("--hide", "depth", flag_value="hide", help="Show it nowhere; keep its bytes in the WARC files.")
@click.option("--drop", "depth", flag_value="drop", help="Take it out of the database too.")
@click.option("--erase", "depth", flag_value="erase", help="Take it out of the WARC files too. It cannot be had back.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Say what would be forgotten, and forget nothing.")
@json_option
@common_options
def forget(
    what: str | None,
    site: str | None,
    depth: Depth | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    common: Common,
) -> int:
    """Forget an address, an article (by its id), or a site, so that it does not come back.

    Of an address goes all that was captured there; of an article all that its addresses ever said. What was forgotten
    is known again by keyed digests (tombstones): neither a crawl nor an import of the same page, neither a merge nor
    a repair brings it back. Pages that only mention it (front pages, feeds) are pages of their own, and so are
    copies outside of the archive's folder.

    --erase writes the WARC files anew in which it lies. In place of each record stands a tombstone; all other records
    stay byte for byte. Stopped at any moment it is done or not begun; where it was begun, the next run ends it.

    \b
    Examples:
      hemeroteca forget https://example.org/2019/a-name.html --hide
      hemeroteca forget 4711 --erase --dry-run
      hemeroteca forget --site example.org --drop --yes
    """
    wanted = _wanted(what, site)
    if depth is None:
        raise UsageError("say how deep: --hide, --drop or --erase; `hemeroteca forget --help` explains them")
    found = _look(common, wanted)
    if dry_run:
        return _tell(common, wanted, found, depth, as_json=as_json)
    if not yes:
        _ask(common, wanted, found, depth)
    return _do(common, wanted, depth, as_json=as_json)


def _wanted(what: str | None, site: str | None) -> Wanted:
    from archive.db.forgotten import Wanted
    from archive.identity import site_of

    if (what is None) == (site is None):
        raise UsageError("name one thing to forget: an address, an article's id, or --site HOST")
    if site is not None:
        host = site_of(site if "//" in site else f"https://{site}/")
        if host is None:
            raise UsageError(f"{site!r} is no host")
        return Wanted("site", host)
    return Wanted("article" if str(what).isascii() and str(what).isdigit() else "url", str(what))


def _look(common: Common, wanted: Wanted) -> Found:
    from archive.db import forgotten
    from archive.store import Archive

    with Archive.read(common.folder) as reader:
        return forgotten.find(reader.db, wanted)


def _ask(common: Common, wanted: Wanted, found: Found, depth: Depth) -> None:
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on; to forget without being asked, say --yes")
    _tell(common, wanted, found, depth, as_json=False)
    click.confirm("Forget this?", abort=True, err=True)


def _counts(found: Found, depth: Depth) -> dict[str, Any]:
    return {
        "depth": depth,
        "articles": found.articles,
        "captures": len(found.captures),
        "addresses": len(found.addresses),
    }


def _tell(common: Common, wanted: Wanted, found: Found, depth: Depth, *, as_json: bool) -> int:
    counts = _counts(found, depth)
    if as_json:
        click.echo(json.dumps({"archive": str(common.folder), "dry_run": True, **counts}))
        return 0
    name = wanted.value if wanted.kind != "article" else f"article {wanted.value}"
    click.echo(printable(f"{name}: {_said(counts)}"))
    for address in found.addresses[:SHOWN]:
        click.echo(printable(f"  {address}"))
    if len(found.addresses) > SHOWN:
        click.echo(f"  ... and {len(found.addresses) - SHOWN:,} more")
    return 0


def _said(counts: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{counts[name]:,} {name if counts[name] != 1 else one}"
        for name, one in (("articles", "article"), ("captures", "capture"), ("addresses", "address"))
    )


@dataclass(frozen=True)
class _Work:
    """What the run does; what it found, and the archive that knows what came of it."""

    wanted: Wanted
    depth: Depth
    done: list[tuple[Found, Archive]] = field(default_factory=list)

    def __call__(self, archive: Archive, _pace: object, _watch: object) -> None:
        found = archive.forgettable(self.wanted)
        archive.forget(found, self.depth)
        self.done.append((found, archive))


def _do(common: Common, wanted: Wanted, depth: Depth, *, as_json: bool) -> int:
    from scraper.cli.compose import cleaner
    from scraper.cli.run import in_run

    work = _Work(wanted, depth)
    effort = Effort(jobs=os.cpu_count() or 1, timeout=TIMEOUT)
    # the archive must not remember what was typed
    in_run(common, cleaner(common, effort), work, f"hemeroteca forget --{depth}")
    ((found, archive),) = work.done
    erased = archive.erased
    counts = _counts(found, depth)
    if as_json:
        records = {"records": erased.records, "files": erased.files} if erased else {}
        click.echo(json.dumps({"archive": str(common.folder), **counts, **records}))
    elif not common.quiet:
        click.echo(f"{_said(counts)} {_DONE[depth]}")
        if erased and erased.files:
            click.echo(f"records: {erased.records:,}; WARC files written anew: {erased.files:,}")
    return _remains(common, found, erased) if depth == "erase" else 0


def _remains(common: Common, found: Found, erased: Erased | None) -> int:
    """Tell what was not, or could not be, looked into; returns the exit code."""
    from archive.handwritten import naming

    told = []
    if erased is not None and erased.damaged:
        told.append(f"damaged, and so not looked into: {', '.join(erased.damaged[:SHOWN])}")
    if erased is not None and not erased.scrubbed:
        told.append("another program reads news.db, and its log may hold it still; close it, and let any run end")
    aside = sorted(str(path) for pattern in ("*.bad", "warcs/*.torn-*") for path in Path(common.folder).glob(pattern))
    if aside:
        told.append(f"kept aside earlier, and not looked into; delete what may hold it: {', '.join(aside[:SHOWN])}")
    named = list(naming(common.folder, (found.site,) if found.site else found.addresses))
    if named:
        told.append(f"named in what people wrote; edit as you see fit: {', '.join(map(str, named[:SHOWN]))}")
    for line in told:
        click.echo(f"hemeroteca: {line}", err=True)
    return 1 if told else 0
