"""`hemeroteca rules import`: rules of the read-later tools, as selectors below our own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.options import Common, common_options, json_option
from scraper.cli.progress import printable

if TYPE_CHECKING:
    from scraper.rules.siteconfig import Imported

REASONS = 10  #: causes shown for XPaths that have no equivalent


@click.command("import")
@click.argument("path", metavar="FOLDER_OR_FILE", type=click.Path(path_type=Path, exists=True))
@json_option
@common_options
def import_(path: Path, as_json: bool, common: Common) -> None:
    """Import site rules in the format of ftr-site-config.

    FOLDER_OR_FILE is a file HOST.txt, or a folder of them. Each becomes rules/imported/HOST.toml in the archive's
    folder; importing again replaces it. XPaths are translated into CSS; what has no equivalent stands in the file as
    a comment. Imported rules rank below those that are shipped and your own.
    """
    from archive.errors import UsageError
    from scraper.rules.siteconfig import as_toml, total

    if not common.folder.is_dir():
        raise UsageError(f"no archive at {common.folder}")
    found = list(_read(path))
    useful = [(file, rules) for file, rules in found if rules.useful]
    if not useful:
        raise UsageError(f"{path}: no rules in the format of ftr-site-config; a file is called HOST.txt")
    folder = common.folder / "rules" / "imported"
    folder.mkdir(parents=True, exist_ok=True)
    for file, rules in useful:
        (folder / f"{rules.host}.toml").write_text(as_toml(rules, file.name), encoding="utf-8")
    sites = {rules.host for _, rules in useful}
    read, translated = total(rules for _, rules in found)
    causes = Counter(failed.why.partition("'")[0].strip() for _, rules in found for failed in rules.untranslated)
    if as_json:
        counts = {
            "files": len(found),
            "useful": len(useful),
            "sites": len(sites),
            "xpaths": read,
            "translated": translated,
        }
        click.echo(json.dumps({"archive": str(common.folder), **counts, "causes": dict(causes.most_common())}))
    elif not common.quiet:
        click.echo(f"{len(useful):,} of {len(found):,} files gave rules, on {len(sites):,} sites, in {folder}")
        share = 100 * translated / max(1, read)
        click.echo(f"{translated:,} of {read:,} XPaths have a CSS equivalent ({share:.1f} %)")
        for why, count in causes.most_common(REASONS):
            click.echo(printable(f"{count:8,} {why}"))


def _read(path: Path) -> Iterator[tuple[Path, Imported]]:
    from scraper.rules.siteconfig import host_of, read

    for file in sorted(path.glob("*.txt")) if path.is_dir() else [path]:
        host = host_of(file.name)
        if host is not None:
            yield file, read(host, file.read_text(encoding="utf-8", errors="replace"))
