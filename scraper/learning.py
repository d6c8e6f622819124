"""From cleaned pages to what their sites repeat: the step between the archive's sample and the snapshot.

Pages are cleaned with a kit that knows nothing learned, so that a snapshot never rests on the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from archive.identity import dump_urn
from archive.learned import LearnedLine, SeenLine, SeenPage, fingerprint, learn, merged, site_key
from archive.model import Outcome, Page

#: Pages that are compared with one another: those of a site and year, as HTML or as text.
Shelf = tuple[str, str, str]


def shelf_of(page: Page) -> Shelf:
    """Where a page is compared: a redesign or another form of dump must not hide what repeats."""
    return site_key(page.url, page.source_name), page.captured_at[:4], page.media_type


def seen(page: Page, outcome: Outcome) -> SeenPage | None:
    """A page as it is learned from; None where it holds no article."""
    if outcome.article is None:
        return None
    published = outcome.article.fields.get("published")
    day = page.captured_at[:10] if page.dated_by != "clock" else str(published.value)[:10] if published else None
    lines = tuple(
        SeenLine(fingerprint(line.text), line.text, line.fate in ("kept", "title"))
        for line in outcome.lines
        if not line.rule.startswith("json-ld.")
    )
    return SeenPage(page.url or dump_urn(page.payload_digest), day, lines)


def learned_from(shelves: Mapping[Shelf, Iterable[SeenPage]]) -> list[LearnedLine]:
    """What the sites of these pages repeat, by site."""
    by_site: dict[str, list[Sequence[LearnedLine]]] = {}
    for (site, _, _), pages in sorted(shelves.items()):
        by_site.setdefault(site, []).append(learn(site, list(pages)))
    return [line for parts in by_site.values() for line in merged(parts)]
