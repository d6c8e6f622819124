"""`hemeroteca rules learn`, `learned`, `pin`, `veto`: what sites repeat, and a person's word on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.options import Common, Effort, common_options, effort_options, json_option
from scraper.cli.progress import printable

if TYPE_CHECKING:
    from archive.learned import LearnedLine
    from archive.model import Outcome
    from archive.store import Archive, ShownLine
    from scraper.cli.compose import Pace
    from scraper.pipeline import CleanMap, Watch
    from scraper.rules.learned import Verdict


@click.command()
@click.option("--site", metavar="HOST", help="Learn this site anew and leave the others as they are.")
@effort_options
@json_option
@common_options
def learn(site: str | None, effort: Effort, as_json: bool, common: Common) -> int:
    """Learn what repeats across the pages of each site, and write it down for the next cleaning.

    Up to 60 addresses of each site, year and form are read again from their WARC records. A line is learned where it
    stands in at least four articles and in 30 % of those looked at, on three days where there are so many, and
    beside other lines that repeat. Sites with fewer articles teach nothing.

    What is learned is a snapshot, rules/learned.jsonl in the archive's folder: pages are cleaned with it from then
    on, and `hemeroteca reclean` brings the others up to it. It changes only when this command is run again.
    """
    from archive.store import Archive
    from scraper.cli.compose import cleaner
    from scraper.cli.run import in_run
    from scraper.rules.learned import read_learned, write_learned

    Archive.read(common.folder).close()  # learning never makes an archive
    rules = common.folder / "rules"
    before = read_learned(rules)
    after: list[LearnedLine] = []
    plain = cleaner(common, effort, learned=False)

    def body(archive: Archive, _pace: Pace, watch: Watch) -> None:
        found = _look(archive, plain, site, watch)
        kept = [line for line in before if site is not None and line.site != site]
        after.extend([*kept, *found])
        write_learned(rules, after)

    in_run(common, cleaner(common, effort), body)
    _tell(before, after, common, as_json=as_json)
    return 0


def _look(archive: Archive, clean: CleanMap, site: str | None, watch: Watch) -> list[LearnedLine]:
    from archive.learned import SeenPage
    from archive.model import Page
    from scraper.learning import Shelf, learned_from, seen, shelf_of
    from scraper.pipeline import archived

    shelves: dict[Shelf, list[SeenPage]] = {}

    def note(page: Page, outcome: Outcome) -> None:
        found = seen(page, outcome)
        if found is not None:
            shelves.setdefault(shelf_of(page), []).append(found)

    for job, outcome in clean(archived(archive, archive.sample(site))):
        watch(job.key.source, outcome)
        if isinstance(job.page, Page):
            note(job.page, outcome)
    return learned_from(shelves)


def _tell(before: Sequence[LearnedLine], after: Sequence[LearnedLine], common: Common, *, as_json: bool) -> None:
    old, new = ({(line.site, line.mark) for line in lines} for lines in (before, after))
    sites = len({line.site for line in after})
    counts = {"lines": len(new), "sites": sites, "new": len(new - old), "gone": len(old - new)}
    if as_json:
        click.echo(json.dumps({"archive": str(common.folder), **counts}))
    elif not common.quiet:
        where = f"{sites:,} site" + ("" if sites == 1 else "s")
        click.echo(f"{len(new):,} lines are furniture on {where}: {len(new - old):,} new, {len(old - new):,} gone")
        if counts["new"] or counts["gone"]:
            click.echo(
                "Next: hemeroteca rules learned shows them, hemeroteca reclean --dry-run what they would change."
            )


@click.command()
@click.option("--site", metavar="HOST", help="Only this site's.")
@json_option
@common_options
def learned(site: str | None, as_json: bool, common: Common) -> None:
    """Show what was learned: the lines of each site, in how many articles they stood, and a person's word.

    Nothing learned is lost text for good: `hemeroteca rules veto` takes a line out, and reclean brings it back.
    """
    found = [line for line in _shown(common.folder) if site in (None, line.site)]
    if as_json:
        click.echo(json.dumps([{**asdict(line), "rule": line.rule} for line in found], ensure_ascii=False))
        return
    last = None
    for line in sorted(found, key=lambda line: (line.site, -(line.articles or 0), line.mark)):
        if line.site != last:
            click.echo(printable(line.site or "(dumps that name no site)"))
            last = line.site
        seen = f"{line.articles}/{line.of}" if line.of else "-"
        click.echo(printable(f"  {line.rule}  {line.verdict:<8}{seen:>8}  {line.text}"))


@click.command()
@click.argument("target", metavar="RULE_OR_LINE")
@click.option("--site", metavar="HOST", help="The site, where the line itself is given.")
@common_options
def pin(target: str, site: str | None, common: Common) -> None:
    """Say that a line is furniture: it goes wherever it stands on its site.

    RULE_OR_LINE is a rule as `explain` and `rules learned` show it (learned:1a2b3c4d), or the line itself with
    --site. The word is kept in rules/judged.toml of the archive's folder, and applies from the next cleaning on.

    \b
    Examples:
      hemeroteca rules pin learned:1a2b3c4d
      hemeroteca rules pin "El Faro, diario de la tarde" --site elfaro.example
    """
    _say("pin", target, site, common)


@click.command()
@click.argument("target", metavar="RULE_OR_LINE")
@click.option("--site", metavar="HOST", help="The site, where the line itself is given.")
@common_options
def veto(target: str, site: str | None, common: Common) -> None:
    """Say that a learned line is text: what was learned of it no longer counts.

    RULE_OR_LINE is a rule as `explain` and `rules learned` show it (learned:1a2b3c4d), or the line itself with
    --site. The word is kept in rules/judged.toml of the archive's folder, and survives learning anew.
    """
    _say("veto", target, site, common)


def _say(verdict: Verdict, target: str, site: str | None, common: Common) -> None:
    from archive.errors import UsageError
    from archive.learned import fingerprint
    from scraper.rules.learned import Judgement, put_judged

    if not common.folder.is_dir():
        raise UsageError(f"no archive at {common.folder}")
    if target.startswith("learned:"):
        found = [x for x in _shown(common.folder) if x.rule == target and site in (None, x.site)]
        if not found:
            raise UsageError(f"{target} was not learned here; `hemeroteca rules learned` lists what was")
        if len(found) > 1:
            raise UsageError(f"{target} is known on {', '.join(x.site for x in found)}: choose one with --site")
        judgement = Judgement(verdict, found[0].site, found[0].text)
        if judgement.mark != found[0].mark:
            raise UsageError(f"{target} is longer than what is kept of it: give the whole line, with --site")
    elif site is None:
        raise UsageError("say with --site on which site this line stands")
    elif not fingerprint(target):
        raise UsageError(f"{target!r} has no letter: no rule can know it")
    else:
        judgement = Judgement(verdict, site, target)
    put_judged(common.folder / "rules", judgement)
    if not common.quiet:
        fate = "furniture" if verdict == "pin" else "text"
        click.echo(printable(f"{judgement.line!r} is {fate} on {judgement.site or 'dumps without a site'}"))


def _shown(folder: Path) -> list[ShownLine]:
    from scraper.cli.mirror import shown
    from scraper.rules.learned import read_judged, read_learned

    return list(shown(read_learned(folder / "rules"), read_judged(folder / "rules")))
