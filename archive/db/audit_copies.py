"""Whether copies, clusters and their index are what the articles and the words of persons mean.

Everything is computed anew, article by article, from the texts: keys first, then the pairs that share one. Memory: a
few hundred texts, and the edges as pairs of numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby, product
from typing import Any

from sqlite_utils import Database

from archive.candidates import CAP, Candidates
from archive.clusters import Cluster, Member, representative
from archive.copies import Text, decide
from archive.db import judgements
from archive.db.audit import Finding
from archive.db.edges import edge, row_of
from archive.db.held import Cuttings, HeldTexts
from archive.db.postings import TablePostings

_TEXTS = "SELECT id, content_hash, text, published FROM articles ORDER BY content_hash"
_EDGES = """
SELECT a, b, relation, containment, jaccard, shared, shared_numbers, fewer_numbers, days, excerpt, rule, judged
FROM copies WHERE a = ? OR b = ?
"""
_HUBS = f"""
WITH counted AS (SELECT key FROM shingle_keys GROUP BY key HAVING count(*) > {CAP})
SELECT key FROM (SELECT * FROM counted EXCEPT SELECT key FROM hubs)
UNION ALL SELECT key FROM (SELECT key FROM hubs EXCEPT SELECT * FROM counted)
"""  # noqa: S608


def copies(db: Database) -> Iterator[Finding]:
    """Everything about copies against a computation of it from the articles."""
    waiting = db.conn.execute("SELECT count(*) FROM unindexed").fetchone()[0]
    if waiting:
        yield Finding("database", "unindexed", f"{waiting} articles wait to be compared; the next run does it")
        return
    yield from _edges(db)
    yield from _clusters(db)
    for (key,) in db.conn.execute(_HUBS):
        yield Finding("database", f"key {key}", "is noted as a hub and is none, or is one and not noted")


def _named(db: Database, postings: TablePostings) -> Iterator[tuple[str, list[tuple[int, Text]]]]:
    """The texts of all articles, those of one name together."""
    rows = db.conn.execute(_TEXTS)
    for name, group in groupby(rows, key=lambda row: postings.name(row[1])):
        yield name, [(article_id, Text.of(text, published, known)) for article_id, known, text, published in group]


def _edges(db: Database) -> Iterator[Finding]:
    """Every key that a text has is in the index, and no other; so is every edge it has with texts named after it."""
    postings, total = TablePostings(db), 0
    candidates, held, said = Candidates(postings), HeldTexts(db, Cuttings()), judgements.in_force(db)
    for name, texts in _named(db, postings):
        mine, keys = dict(texts), set().union(*(text.keys for _, text in texts))
        total += len(keys)
        if not all(postings.holds(key, name) for key in keys):
            yield Finding("article", f"article {texts[0][0]}", "is not found by every run of words it should be")
        later = {max(two) for two in candidates.of(name, keys)} - {name}
        others = [article for other in later for article in postings.articles(other)]
        told = set()
        for two in {edge(*ids) for ids in product(mine, others)} - said.keys():
            one, other = (mine.get(article_id) or held.text(article_id) for article_id in two)
            if one is not None and other is not None and (found := decide(one, other)).is_edge:
                told.add(row_of(two, found, judged=False))
        stored = {row for article in mine for row in db.conn.execute(_EDGES, (article, article))}
        apart = {row for row in stored if _later(db, postings, row, mine, name) and not row[-1]}
        for row in sorted(told ^ apart, key=str):
            yield Finding("article", f"articles {row[0]} and {row[1]}", "copies does not say what their texts say")
    rows = db.conn.execute("SELECT count(*) FROM shingle_keys").fetchone()[0]
    if rows != total:
        yield Finding("database", "shingle_keys", f"has {rows} rows, and the articles have {total} keys")
    yield from _judged(db)


def _later(db: Database, postings: TablePostings, row: Sequence[Any], mine: dict[int, Text], name: str) -> bool:
    """Whether the other article of an edge is named after this one, or like it."""
    other = row[1] if row[0] in mine else row[0]
    found = db.conn.execute("SELECT content_hash FROM articles WHERE id = ?", (other,)).fetchone()
    return found is None or postings.name(found[0]) >= name


def _judged(db: Database) -> Iterator[Finding]:
    """Persons are heard: what they called the same is an edge that says so, what they called not the same is none."""
    said = judgements.in_force(db)
    judged = {(a, b): bool(told) for a, b, told in db.conn.execute("SELECT a, b, judged FROM copies")}
    wrong = [two for two, same in said.items() if judged.get(two, False) != same or (not same and two in judged)]
    wrong += [two for two, told in judged.items() if told and not said.get(two)]
    for a, b in sorted(wrong):
        yield Finding("article", f"articles {a} and {b}", "copies does not say what a person said")


def _clusters(db: Database) -> Iterator[Finding]:
    """Clusters are the components of copies, with their names, sizes and representatives."""
    members = defaultdict(set)
    for article, cluster in db.conn.execute("SELECT article_id, cluster FROM clustered"):
        members[cluster].add(article)
    query = """
    SELECT one.content_hash, other.content_hash
    FROM copies JOIN articles AS one ON one.id = a JOIN articles AS other ON other.id = b
    """
    told = Cluster.all(db.conn.execute(query).fetchall())
    stored = {row[0]: row[1:] for row in db.conn.execute("SELECT id, representative, articles, copies FROM clusters")}
    for name in sorted(stored.keys() | told.keys() | members.keys()):
        row = _cluster_row(db, told[name]) if name in told else None
        if row != (stored.get(name), members.get(name)):
            yield Finding("database", f"cluster {name}", "is not what copies say")


def _cluster_row(db: Database, cluster: Cluster) -> tuple[tuple[int, int, int], set[int]]:
    query = "SELECT id, content_hash, words, published FROM articles WHERE content_hash = ?"
    rows = [db.conn.execute(query, (text,)).fetchone() for text in cluster.texts]
    first = representative(Member(*row[1:]) for row in rows).content_hash
    ids = {row[1]: row[0] for row in rows}
    return (ids[first], len(rows), cluster.edges), set(ids.values())
