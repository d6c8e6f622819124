"""Invented texts that are copies of one another in every way, and what a set of them means by definition."""

from __future__ import annotations

import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

from sqlite_utils import Database

from archive.clusters import Cluster, Member, representative
from archive.copies import Text, decide
from archive.db import schema
from archive.db.indexing import Scale

WORDS = [
    f"{start}{middle}{end}"
    for start in "bcdfglmnprst"
    for middle in ("a", "e", "ino", "oro")
    for end in ("da", "lo", "mente", "s")
]

#: Coarse enough that a dozen texts share names and make hubs.
COARSE = Scale(digits=1, cap=3, anchors=2)
SCALES = [Scale(), COARSE, Scale(digits=8, cap=2, anchors=1)]


def prose(seed: int, size: int) -> list[str]:
    generator = random.Random(seed)
    return [generator.choice(WORDS) for _ in range(size)]


_STORY, _NOTICE = prose(1, 160), prose(2, 70)
TEXTS = [
    *(" ".join([*_STORY[: 70 + 15 * n], *prose(50 + n, 20)]) for n in range(6)),
    *(" ".join([*prose(20 + n, 50), *_NOTICE, *prose(90 + n, 50)]) for n in range(5)),
    *(" ".join(_NOTICE[n:]) for n in range(4)),
    *(" ".join(prose(40 + n, 80)) for n in range(2)),
    " ".join(_NOTICE[:20]),
    "",
]
DAYS = [None, "2026-03-01", "2026-03-01T10:00:00-05:00", "2026-03-09", "9999-12-31", "soon"]

Row = tuple[str, str | None]  # a text, and when it was published


def database() -> Database:
    """The tables alone, in memory; rows of articles may stand without captures."""
    db = Database(sqlite3.connect(":memory:", isolation_level=None))
    schema.migrate(db, "", schema.shipped())
    return db


def meaning(rows: Iterable[tuple[Text, Row]], scale: Scale, said: Mapping[frozenset[str], bool]) -> dict[str, Any]:
    """Edges and clusters of a set of texts, computed from the set; what persons said goes by content hash."""
    texts = {text.content_hash: (text, row) for text, row in rows}
    keys: defaultdict[str, set[int]] = defaultdict(set)
    for text, _ in texts.values():
        keys[text.content_hash[: scale.digits]] |= text.keys
    names: defaultdict[int, list[str]] = defaultdict(list)
    for name in sorted(keys):
        for key in keys[name]:
            names[key].append(name)
    linked = set()
    for members in names.values():
        leading = members[: scale.anchors] if len(members) > scale.cap else members
        linked |= {two for two in combinations(members, 2) if not {*leading}.isdisjoint(two)}
    edges = {}
    for a, b in combinations(sorted(texts), 2):
        found = decide(texts[a][0], texts[b][0])
        word = said.get(frozenset((a, b)))
        near = (a[: scale.digits], b[: scale.digits]) in linked and found.is_edge
        if word or (near and word is None):
            relation = str(found.relation) if found.is_edge else "copy"
            shorter = {None: None, "a": a, "b": b}[found.excerpt]
            edges[a, b] = (relation, found.containment, found.jaccard, found.shared, found.days, shorter, bool(word))
    clusters = {}
    for cluster in Cluster.all(edges).values():
        members = [Member(one, len(texts[one][1][0].split()), texts[one][1][1]) for one in cluster.texts]
        clusters[cluster.id] = (representative(members).content_hash, cluster.texts, cluster.edges)
    sizes = {key: len(members) for key, members in names.items()}
    return {"edges": edges, "clusters": clusters, "keys": sizes, "hubs": {k for k, n in sizes.items() if n > scale.cap}}


def stored(db: Database) -> dict[str, Any]:
    """The same, as the tables have it."""
    name = dict(db.conn.execute("SELECT id, content_hash FROM articles").fetchall())
    edges = {}
    query = "SELECT a, b, relation, containment, jaccard, shared, days, excerpt, judged FROM copies"
    for a, b, relation, *evidence, excerpt, judged in db.conn.execute(query):
        two = tuple(sorted((name[a], name[b])))
        edges[two] = (relation, *evidence, name.get(excerpt), bool(judged))
    members: defaultdict[str, list[str]] = defaultdict(list)
    for article, cluster in db.conn.execute("SELECT article_id, cluster FROM clustered"):
        members[cluster].append(name[article])
    clusters = {
        cluster: (name[first], tuple(sorted(members.pop(cluster))), copies)
        for cluster, first, size, copies in db.conn.execute(
            "SELECT id, representative, articles, copies FROM clusters"
        ).fetchall()
        if size == len(members[cluster])
    }
    assert not members
    keys = dict(db.conn.execute("SELECT key, count(*) FROM shingle_keys GROUP BY key").fetchall())
    return {
        "edges": edges,
        "clusters": clusters,
        "keys": keys,
        "hubs": {key for (key,) in db.conn.execute("SELECT key FROM hubs")},
    }
