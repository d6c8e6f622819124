"""`hemeroteca reclean`: today's rules over everything that was archived, without fetching."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import click

from archive.reasons import Reason
from scraper.cli.options import Common, Effort, common_options, dry_run_option, effort_options, json_option
from scraper.cli.progress import printable

if TYPE_CHECKING:
    from archive.model import Outcome
    from archive.store import Archive, Change, Reader
    from scraper.cli.compose import Pace
    from scraper.pipeline import CleanMap, Recleaned, Watch

SHOWN = 50  #: changes named besides the losses, which are all named

MEANING = {
    "same": "as before",
    "changed": "changed",
    "gained": "gained an article",
    "reason": "still no article, for another reason",
    "loss-kept": "would lose text: the old text stays (--accept-losses stores the new)",
    "loss-accepted": "lost text, accepted",
}


@click.command()
@click.option("--site", metavar="HOST", help="Only captures of this site, as in the column `site`.")
@click.option("--accept-losses", is_flag=True, help="Also store cleanings that give no text, or much less than before.")
@effort_options
@dry_run_option
@json_option
@common_options
def reclean(site: str | None, accept_losses: bool, effort: Effort, dry_run: bool, as_json: bool, common: Common) -> int:
    """Clean every archived page again with the rules of today.

    Nothing is fetched: the bytes come from the WARC records. An article keeps its id and changes in place; no
    revision is made. Where the new cleaning gives nothing, or under 80 % of the words, the old text stays and the
    case is listed, until --accept-losses stores it.
    """
    from archive.store import Archive
    from scraper.cli.compose import cleaner
    from scraper.cli.progress import watching
    from scraper.cli.run import in_run

    clean = cleaner(common, effort)
    seen = Seen()
    if dry_run:
        with Archive.read(common.folder) as reader, watching(common, "cleaning again") as watch:
            _go(reader, clean, reader.change, seen.watched(watch), seen, site, accept_losses)
    else:
        Archive.read(common.folder).close()  # reclean never makes an archive

        def body(archive: Archive, pace: Pace, watch: Watch) -> None:
            def store(change: Change) -> None:
                seen(change)
                if pace():
                    archive.commit()

            _go(archive, clean, archive.restate, seen.watched(watch), store, site, accept_losses)

        in_run(common, clean, body)
    if as_json:
        click.echo(json.dumps(seen.as_json(common, dry_run=dry_run), ensure_ascii=False))
    elif not common.quiet:
        click.echo("\n".join(seen.as_text(dry_run=dry_run)))
    return 1 if seen.failed else 0


def _go(
    archive: Archive | Reader,
    clean: CleanMap,
    decide: Recleaned,
    watch: Watch,
    tell: Callable[[Change], None],
    site: str | None,
    accept_losses: bool,
) -> None:
    from scraper.pipeline import reclean

    for change in reclean(archive, archive.captures(site), clean, decide, watch, accept_losses=accept_losses):
        tell(change)


@dataclass
class Seen:
    """What a re-cleaning did so far: counts, every loss, and the first of the other changes."""

    counts: Counter[str] = field(default_factory=Counter)
    losses: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    failed: int = 0

    def __call__(self, change: Change) -> None:
        """Note a change."""
        self.counts[change.kind] += 1
        if change.kind.startswith("loss"):
            self.losses.append(change)
        elif change.kind != "same" and len(self.changed) < SHOWN:
            self.changed.append(change)

    def watched(self, watch: Watch) -> Watch:
        """The watch, with the captures counted whose record could not be read."""

        def count(source: str, outcome: Outcome | None) -> None:
            self.failed += outcome is not None and outcome.reason == Reason.DAMAGED
            watch(source, outcome)

        return count

    def as_json(self, common: Common, *, dry_run: bool) -> dict[str, Any]:
        """The summary for machines."""
        kinds = {kind: self.counts[kind] for kind in MEANING}
        return {
            "archive": str(common.folder),
            "dry_run": dry_run,
            "captures": self.counts.total() + self.failed,
            **kinds,
            "failed": self.failed,
            "losses": [asdict(change) for change in self.losses],
        }

    def as_text(self, *, dry_run: bool) -> Iterator[str]:
        """The summary for a person."""
        yield f"{self.counts.total() + self.failed:,} captures cleaned again" + (", nothing stored" if dry_run else "")
        for kind, meaning in MEANING.items():
            if self.counts[kind]:
                yield f"{self.counts[kind]:8,} {meaning}"
        if self.failed:
            yield f"{self.failed:8,} failed: their records cannot be read; `hemeroteca verify` tells more"
        for change in (*self.losses, *self.changed):
            yield f"  {change.kind:<13} {_side(change.words_before, change.reason_before)} -> " + printable(
                f"{_side(change.words_after, change.reason_after)}  {change.source}"
            )


def _side(words: int | None, reason: str | None) -> str:
    return f"{words} words" if words is not None else str(reason)
