"""What others read about copies, clusters and revisions: of one article, of one address, of the whole archive."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from archive.clusters import LARGE, SPARSE
from archive.copies import day_of
from archive.db import judgements
from archive.db.postings import name_of
from archive.shingles import LOOKED_UP, fold, hashes, key, runs, words

#: What the other article is to this one. `excerpt`: a part of it; `holds`: this one is a part of the other.
Kind = Literal["copy", "excerpt", "holds"]

#: Hubs that are named.
NAMED = 5

_COPIES = """
SELECT articles.id, title, site, articles.url, published, first_seen, articles.words,
       CASE WHEN relation = 'copy' THEN 'copy' WHEN excerpt = other THEN 'excerpt' ELSE 'holds' END, containment,
       jaccard, shared, shared_numbers, fewer_numbers, days, judged,
       articles.url IS NOT NULL AND articles.url = (SELECT url FROM articles WHERE id = :id)
FROM (SELECT *, b AS other FROM copies WHERE a = :id UNION ALL SELECT *, a AS other FROM copies WHERE b = :id)
JOIN articles ON articles.id = other
ORDER BY published IS NULL, published, articles.words DESC, articles.content_hash LIMIT :limit OFFSET :offset
"""
_COUNT = "SELECT (SELECT count(*) FROM copies WHERE a = :id) + (SELECT count(*) FROM copies WHERE b = :id)"
_SITES = """
SELECT coalesce(site, ''), count(*), min(articles.id)
FROM clustered JOIN articles ON articles.id = article_id WHERE cluster = ?
GROUP BY 1 ORDER BY min(published) IS NULL, min(published), 1
"""
_CLUSTER = """
SELECT clusters.id, representative, articles.published, clusters.articles, copies, density
FROM clustered JOIN clusters ON clusters.id = cluster JOIN articles ON articles.id = representative
WHERE article_id = ?
"""
_REVISION = """
SELECT url, number, article_id, first_seen, last_seen, class, reason, facts, recipe, captures, capture_id
FROM revisions
"""
_OF_ARTICLE = f"""{_REVISION}
WHERE article_id = ?1 ORDER BY url IS NOT (SELECT url FROM articles WHERE id = ?1), number DESC, url LIMIT 1
"""  # noqa: S608
_OF_CAPTURE = f"""{_REVISION}
WHERE url = (SELECT address FROM captures WHERE id = ?1 AND article_id IS NOT NULL)
  AND first_seen <= (SELECT captured_at FROM captures WHERE id = ?1) ORDER BY number DESC
"""  # noqa: S608
_FIGURES = """
SELECT (SELECT count(*) FROM clustered), (SELECT count(*) FROM clusters),
       (SELECT count(*) FROM clusters WHERE articles > ? OR density < ?),
       (SELECT count(*) FROM revisions WHERE number = 2), (SELECT count(*) FROM revisions WHERE number > 1),
       (SELECT count(*) FROM unindexed)
"""
_HUB = """
SELECT key, (SELECT count(*) FROM shingle_keys WHERE shingle_keys.key = hubs.key) AS texts,
       (SELECT min(text) FROM shingle_keys WHERE shingle_keys.key = hubs.key) AS first
FROM hubs ORDER BY texts DESC, key LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Copy:
    """An article that is a copy of another, and the evidence for it.

    `containment` and `jaccard` are of runs of three words, 0 to 1; `days` apart, None where a date is missing;
    `same_address`: it is another revision of the same page.
    """

    id: int
    title: str | None
    site: str | None
    url: str | None
    published: str | None
    first_seen: str
    words: int
    kind: Kind
    containment: float
    jaccard: float
    shared: int
    shared_numbers: int
    fewer_numbers: int
    days: int | None
    judged: bool
    same_address: bool

    @property
    def evidence(self) -> str:
        """The evidence in a line."""
        parts = [f"{self.containment:.0%} of the runs of words of the shorter one"]
        if self.fewer_numbers:
            parts.append(f"{self.shared_numbers} of {self.fewer_numbers} numbers")
        if self.days is not None:
            parts.append("the same day" if not self.days else f"{self.days} day{'' if self.days == 1 else 's'} apart")
        if self.judged:
            parts.append("said by a person")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class ClusterOf:
    """The cluster an article is in. `dated`: its representative was published first; else none of them has a date.

    `sites`: name (empty where unknown), articles and one of them, the first first.
    """

    id: str
    representative: int
    dated: bool
    articles: int
    copies: int
    density: float
    sites: tuple[tuple[str, int, int], ...]

    @property
    def known_sites(self) -> int:
        """On how many sites it ran, as far as its articles say where they are from."""
        return sum(bool(name) for name, _, _ in self.sites)

    @property
    def doubtful(self) -> bool:
        """Whether a person should look: it is large, or held together by few copies."""
        return self.articles > LARGE or self.density < SPARSE


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """A row of `revisions`."""

    url: str
    number: int
    article_id: int
    first_seen: str
    last_seen: str
    kind: str
    reason: str
    facts: str
    recipe: str
    captures: int
    capture_id: int

    def __str__(self) -> str:
        return f"{self.kind}: {self.reason}" + (f" ({self.facts})" if self.facts else "")


@dataclass(frozen=True, slots=True)
class Hub:
    """A run of words that so many texts have that not all pairs of them are compared."""

    key: int
    texts: int
    words: str  #: the run itself, from one of them


def copies_of(conn: sqlite3.Connection, article_id: int, limit: int = -1, offset: int = 0) -> list[Copy]:
    """The copies of an article, the first published first."""
    values = {"id": article_id, "limit": limit, "offset": offset}
    return [_copy(tuple(row)) for row in conn.execute(_COPIES, values)]


def _copy(row: Sequence[Any]) -> Copy:
    return Copy(*(*row[:14], bool(row[14]), bool(row[15])))


def count_copies(conn: sqlite3.Connection, article_id: int) -> int:
    """How many copies an article has."""
    return int(conn.execute(_COUNT, {"id": article_id}).fetchone()[0])


def cluster_of(conn: sqlite3.Connection, article_id: int) -> ClusterOf | None:
    """The cluster an article is in; None where it has no copies."""
    row = conn.execute(_CLUSTER, (article_id,)).fetchone()
    if row is None:
        return None
    name, representative, published, articles, copies, density = row
    sites = tuple((site, n, first) for site, n, first in conn.execute(_SITES, (name,)))
    return ClusterOf(name, representative, day_of(published) is not None, articles, copies, density, sites)


def revisions_of(conn: sqlite3.Connection, url: str) -> list[RevisionRow]:
    """What an address said, in order."""
    return [RevisionRow(*tuple(row)) for row in conn.execute(f"{_REVISION} WHERE url = ? ORDER BY number", (url,))]


def revision_of_article(conn: sqlite3.Connection, article_id: int) -> RevisionRow | None:
    """The newest revision that an article is, at its own address where it is one there."""
    row = conn.execute(_OF_ARTICLE, (article_id,)).fetchone()
    return RevisionRow(*tuple(row)) if row else None


def revision_of_capture(conn: sqlite3.Connection, capture_id: int) -> RevisionRow | None:
    """The revision that a capture belongs to; None where it says nothing, or is worse than what stood."""
    rows = [RevisionRow(*tuple(row)) for row in conn.execute(_OF_CAPTURE, (capture_id,))]
    return next((row for row in rows if row.capture_id == capture_id), rows[0] if rows else None)


def hubs(conn: sqlite3.Connection, limit: int = NAMED) -> list[Hub]:
    """The hubs that most texts share, and the words they stand for."""
    return [Hub(number, texts, _words_of(conn, number, first)) for number, texts, first in conn.execute(_HUB, (limit,))]


def count_hubs(conn: sqlite3.Connection) -> int:
    """How many hubs there are."""
    return int(conn.execute("SELECT count(*) FROM hubs").fetchone()[0])


def figures(conn: sqlite3.Connection) -> dict[str, int]:
    """How many articles are in clusters, and clusters; addresses that changed, how often; articles that wait."""
    names = ("clustered", "clusters", "doubtful", "changed", "revisions", "waiting")
    return dict(zip(names, tuple(conn.execute(_FIGURES, (LARGE, SPARSE)).fetchone()), strict=True))


def _words_of(conn: sqlite3.Connection, number: int, first: int) -> str:
    """The run of words behind a key, as one of its texts has it."""
    query = "SELECT text FROM articles WHERE content_hash >= ?1 AND content_hash < ?1 || 'g'"
    for (text,) in conn.execute(query, (name_of(first),)):
        said = words(fold(text))
        for place, value in enumerate(runs(hashes(said), LOOKED_UP).tolist()):
            if key(value) == number:
                return " ".join(said[place : place + LOOKED_UP])
    return ""


def exported(conn: sqlite3.Connection, article_id: int) -> dict[str, Any]:
    """What an export tells of an article's place among others."""
    cluster = conn.execute(_CLUSTER, (article_id,)).fetchone()
    revision = revision_of_article(conn, article_id)
    return {
        "cluster": cluster[0] if cluster else None,
        "representative": cluster[1] if cluster else None,
        "revision": revision.number if revision else None,
        "revision_class": revision.kind if revision else None,
        "revision_facts": revision.facts if revision else None,
        "judged": list(_judged(conn, article_id)),
    }


def _judged(conn: sqlite3.Connection, article_id: int) -> Iterator[dict[str, Any]]:
    for other, same, at in judgements.of_article(conn, article_id):
        yield {"article": other, "same": same, "at": at}
