"""What `add` shows of a site: its feeds, sitemaps and sections, each with an example."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scraper.cli.progress import printable

if TYPE_CHECKING:
    from scraper.discover.explore import Explored, Looked
    from scraper.rules.discovery import Habits
    from scraper.sourcefile import Entry


def shown(explored: Explored, habits: Habits) -> Iterator[str]:
    """What was found, for a person."""
    from scraper.discover.explore import examples

    yield printable(f"{explored.front.url}  {explored.title or ''}".rstrip())
    for kind, places in (("feed", explored.feeds), ("sitemap", explored.sitemaps)):
        for looked in places:
            yield printable(f"  {kind:<8} {looked.place.url}  {holds(looked)}")
            links = looked.found.links if looked.found else ()
            yield from (
                f"           {_example(link.title or link.url)}" for link in examples(links, explored.front.url, habits)
            )
    articles = explored.articles
    if articles.kind == "html":
        yield f"  front    links to articles: {len(articles.links):,} of {len(articles.links) + articles.passed:,}"
        for link in examples(articles.links, explored.front.url, habits):
            yield f"           {_example(link.title or link.url)}"
    if explored.sections:
        yield printable("  sections " + ", ".join(place.title or place.url for place in explored.sections))
    for looked in explored.poor:
        yield printable(f"  left out {looked.place.url}  {holds(looked)}")


def found_as_json(explored: Explored, entry: Entry, path: Path, *, added: bool) -> dict[str, Any]:
    """The same as JSON has it."""

    def places(looks: Sequence[Looked]) -> list[dict[str, Any]]:
        return [
            {
                "url": looked.place.url,
                "kind": looked.found.kind,
                "title": looked.place.title,
                "links": len(looked.found.links),
                "examples": [link.url for link in looked.found.links[:2]],
            }
            for looked in looks
            if looked.found is not None
        ]

    return {
        "added": added,
        "file": str(path),
        "name": entry.name,
        "url": entry.url,
        "title": explored.title,
        "feeds": places(explored.feeds),
        "sitemaps": places(explored.sitemaps),
        "sections": [{"url": place.url, "title": place.title} for place in explored.sections],
        "articles": len(explored.articles.links),
        "written": {
            "feeds": [url for url, _ in entry.feeds],
            "sitemaps": [url for url, _ in entry.sitemaps],
            "sections": [url for url, _ in entry.sections],
        },
    }


def holds(looked: Looked) -> str:
    """What a place holds, in a few words: `40 links, newest 2031-05-03`."""
    found = looked.found
    if found is None:
        return looked.error or "nothing"
    days = [day[:10] for link in found.links if (day := link.published or link.lastmod)]
    what = f"{len(found.links):,} link{'' if len(found.links) == 1 else 's'}" if found.links else ""
    maps = (
        f"{len(found.further):,} sitemap{'' if len(found.further) == 1 else 's'}"
        if found.kind == "sitemap-index"
        else ""
    )
    newest = f"newest {max(days)}" if days else ""
    broken = f"{found.problem}, but readable" if found.problem else ""
    return ", ".join(filter(None, (what, maps, newest, broken)))


def _example(text: str) -> str:
    text = printable(text)
    return f"· {text[:97]}…" if len(text) > 98 else f"· {text}"
