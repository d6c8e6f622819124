"""What is known of an address once a visit is over. Pure: the row before, what came and the time give the row after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from archive.db.crawlrows import AddressRow, ShapeRow
from scraper.crawl.endings import WALLS, Before, Came, Ending, Standing, ending_of, shrank, standing_of
from scraper.crawl.judge import Named, Past
from scraper.crawl.traps import id_of, shape_of
from scraper.crawl.visits import LOOKS, Visited, next_visit
from scraper.fetch.politeness import host_of

_STUMBLES = frozenset({Ending.FAILED, Ending.BLOCKED, Ending.NOT_ARTICLE})


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask with again: ETag and Last-Modified, as it wrote them."""

    etag: str | None = None
    last_modified: str | None = None


def stranger(key: str, named: Named, source: str, now: float, via: str | None, method: str | None) -> AddressRow:
    """An address that nobody has seen before: found, and waiting."""
    return AddressRow(
        key=key,
        url=named.url,
        source=source,
        host=host_of(named.url),
        shape=shape_of(named.url),
        ident=id_of(named.url),
        via=via,
        method=method,
        first_seen=now,
        ending=Ending.WAITING,
        published=named.youngest,
    )


def past_of(row: AddressRow | None) -> Past | None:
    """What `judge` needs to know of an address."""
    if row is None:
        return None
    return Past(row.visits, row.fetched, row.first_fetched, row.next_visit, Ending(row.ending), row.source, row.vain)


def before(row: AddressRow) -> Before:
    """What stood at an address before a visit."""
    return Before(row.visits, row.content_hash, row.words)


def visited(
    row: AddressRow,
    came: Came,
    now: float,
    validators: Validators | None = None,
    looks: tuple[float, ...] = LOOKS,
    *,
    told: bool = False,
) -> AddressRow:
    """The row of an address after a visit; `told` where a list had said that it changed. `validators` are those of the
    page: an error or a wall has none, and those from before are kept, so that the page is not sent again once it is
    back."""
    was = before(row)
    ending = ending_of(came, was)
    standing = standing_of(came, was, cast("Standing | None", row.standing))
    stumbles = row.stumbles + 1 if ending in _STUMBLES else 0
    takes = came.content_hash is not None and not shrank(came, was)
    first = row.first_fetched if row.first_fetched is not None else now
    due = next_visit(Visited(first, now, ending, standing, row.published, stumbles, looks))
    missed = standing in ("missing", "gone")
    if validators is not None and came.status == 200 and came.reason not in WALLS:
        row = replace(row, etag=validators.etag, last_modified=validators.last_modified)
    return replace(
        row,
        ending=ending,
        standing=standing,
        visits=row.visits + 1,
        stumbles=stumbles,
        vain=_vain(row, ending, told=told),
        first_fetched=first,
        fetched=now,
        next_visit=due,
        content_hash=came.content_hash if takes else row.content_hash,
        words=came.words if takes else row.words,
        gone_since=(row.gone_since or now) if missed else None,
    )


def _vain(row: AddressRow, ending: Ending, *, told: bool) -> int:
    """Visits in vain that lists asked for. A wall or an error says nothing of whether a list told the truth."""
    if ending is Ending.CHANGED:
        return 0
    return row.vain + (told and ending not in (Ending.BLOCKED, Ending.FAILED))


def moved(row: AddressRow, target: str, ending: Ending, now: float) -> AddressRow:
    """The row of an address that led to another: it is not visited again, its target is."""
    first = row.first_fetched if row.first_fetched is not None else now
    return replace(
        row,
        ending=ending,
        standing="moved",
        moved_to=target,
        visits=row.visits + 1,
        stumbles=0,
        first_fetched=first,
        fetched=now,
        next_visit=None,
    )


def led_to(row: AddressRow, landed: AddressRow, came: Came) -> Ending:
    """What an address comes to that led to another, which came to what `landed` says: by the text that stood there."""
    if row.content_hash is not None:
        return ending_of(came, before(row))
    if landed.ending in (Ending.UNCHANGED, Ending.CHANGED):
        return Ending.DUPLICATE  # it leads to an article that was known by its own address
    return Ending(landed.ending)


def counted(shape: ShapeRow, ending: Ending) -> ShapeRow:
    """The counts of a shape with one more page of it: one that could be cleaned and was seen for the first time."""
    if ending not in (Ending.NEW, Ending.DUPLICATE, Ending.NOT_ARTICLE):
        return shape
    return replace(
        shape,
        pages=shape.pages + 1,
        articles=shape.articles + (ending is not Ending.NOT_ARTICLE),
        texts=shape.texts + (ending is Ending.NEW),
    )
