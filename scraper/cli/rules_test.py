"""`hemeroteca rules test`: what a site's rule file does to the archived pages of that site."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.options import Common, common_options, json_option
from scraper.cli.progress import printable

if TYPE_CHECKING:
    from archive.model import Page
    from archive.store import Reader
    from scraper.pipeline import Watch
    from scraper.sitetest import Pin, Tried

SHOWN_LINES = 6  #: of each page that changed
MEANING = {
    "same": "as before",
    "changed": "another text",
    "gained": "an article where there was none",
    "lost": "no article any more",
}


@click.command("test")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--url", "urls", multiple=True, metavar="ADDRESS", help="Only captures of this address (repeatable).")
@click.option("--limit", type=click.IntRange(min=1), default=200, show_default=True, help="The newest captures only.")
@click.option("--pin", "pinning", is_flag=True, help="Expect from now on the text that comes out today.")
@json_option
@common_options
def test(file: Path, urls: tuple[str, ...], limit: int, pinning: bool, as_json: bool, common: Common) -> int:
    """Try a site's rule file on the archived HTML pages of that site.

    FILE is called HOST.toml, and may lie anywhere: a draft is tried before it is put into rules/sites/. Each page is
    cleaned without and with it; what changes is shown line by line. Nothing is stored.

    --pin records the pages tried, with the text they now give, in rules/pinned/HOST.jsonl of the archive's folder.
    From then on the test is about them too: it fails (exit code 1) where one of them comes out differently.

    \b
    Examples:
      hemeroteca rules test elfaro.example.toml
      hemeroteca rules test elfaro.example.toml --url https://elfaro.example/a --pin
    """
    from archive.errors import UsageError
    from archive.store import Archive
    from scraper.clean.kit import load_kit
    from scraper.cli.compose import rules_folder
    from scraper.cli.progress import watching
    from scraper.rules.sites import load_site_rules
    from scraper.sitetest import kits, read_pins, tried, write_pins

    host = file.stem.lower().removeprefix("www.")
    layouts = load_site_rules([file]).layouts[host]
    rules = common.folder / "rules"
    pins = read_pins(rules, host)
    with Archive.read(common.folder) as reader, watching(common, "trying") as watch:
        pages = _watched(_pages(reader, host, urls, limit, pins), watch)
        found = list(tried(pages, *kits(load_kit(rules_folder(common.folder)), host, layouts), pins))
    if not found:
        raise UsageError(f"no archived HTML page of {host} in {common.folder}")
    pinned = write_pins(rules, host, [each.pin for each in found]) if pinning else len(pins)
    broken = 0 if pinning else sum(each.broken for each in found)
    if as_json:
        click.echo(json.dumps(_json(host, found, pinned, broken), ensure_ascii=False))
    elif not common.quiet:
        click.echo("\n".join(map(printable, _text(host, found, pinned, broken))))
    return 1 if broken else 0


def _watched(pages: Iterator[Page], watch: Watch) -> Iterator[Page]:
    for page in pages:
        yield page
        watch(page.source, None)


def _pages(reader: Reader, host: str, urls: Sequence[str], limit: int, pins: Sequence[Pin]) -> Iterator[Page]:
    """The newest captures of the site or of the addresses, and all that are pinned."""
    if urls:
        rows = [row for url in urls for row in reader.find_url(url)]
    else:
        rows = sorted(reader.captures(host), key=lambda row: (row.captured_at, row.id))[-limit:]
        wanted = {(pin.url, pin.payload_digest) for pin in pins} - {(row.url, row.payload_digest) for row in rows}
        older = (row for url in sorted({url for url, _ in wanted}) for row in reader.find_url(url))
        rows += [row for row in older if (row.url, row.payload_digest) in wanted]
    for row in rows:
        if row.location is not None:
            yield reader.page(row)


def _json(host: str, found: Sequence[Tried], pinned: int, broken: int) -> dict[str, object]:
    kinds = Counter(each.kind for each in found)
    pages = [
        {"url": each.page.url, "source": each.page.source, "kind": each.kind, "broken": each.broken}
        | dict(zip(("words_before", "words_after"), each.words, strict=True))
        for each in found
        if each.kind != "same" or each.broken
    ]
    counts = {kind: kinds[kind] for kind in MEANING}  # type: ignore[index]
    return {"site": host, "pages": len(found), **counts, "pinned": pinned, "broken": broken, "changes": pages}


def _text(host: str, found: Sequence[Tried], pinned: int, broken: int) -> Iterator[str]:
    kinds = Counter(each.kind for each in found)
    yield f"{host}: {len(found)} pages tried, {pinned} pinned"
    for kind, meaning in MEANING.items():
        if kinds[kind]:  # type: ignore[index]
            yield f"{kinds[kind]:8,} {meaning}"  # type: ignore[index]
    for each in sorted(found, key=lambda each: not each.broken):
        if each.broken or each.kind != "same":
            before, after = each.words
            word = "BROKEN PIN" if each.broken else each.kind
            yield f"  {word:<10} {before} -> {after} words  {each.page.url or each.page.source}"
            lines = list(each.lines())
            yield from (f"    {line[:110]}" for line in lines[:SHOWN_LINES])
            if len(lines) > SHOWN_LINES:
                yield f"    ... and {len(lines) - SHOWN_LINES} lines more"
    if broken:
        yield f"{broken} pinned pages do not come out as expected; --pin takes the new text where it is right"
