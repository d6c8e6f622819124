"""Files of the archive's folder that a person reads and writes, shown as tables at the end of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.learned import LearnedLine
    from archive.store import Archive, ShownLine
    from scraper.rules.learned import Judgement


def show_files(archive: Archive) -> None:
    """Bring the tables in step: `learned` with `rules/`, `corrections` with `corrections.toml`."""
    from scraper.corrections import load, said_of
    from scraper.rules.learned import read_judged, read_learned

    rules = archive.folder / "rules"
    archive.show_learned(shown(read_learned(rules), read_judged(rules)))
    archive.show_corrections((url, said_of(said)) for url, said in load(archive.folder).by_url.items())


def shown(lines: list[LearnedLine], judged: list[Judgement]) -> Iterator[ShownLine]:
    """What was learned, with a person's word on it; a later word on the same line wins."""
    from archive.store import ShownLine

    said = {(each.site, each.mark): each for each in judged}
    for line in lines:
        word = said.pop((line.site, line.mark), None)
        verdict = word.verdict if word else "learned"
        yield ShownLine(line.site, line.mark, line.text, verdict, line.articles, line.of, line.days)
    for (site, mark), word in said.items():
        yield ShownLine(site, mark, word.line, word.verdict)
