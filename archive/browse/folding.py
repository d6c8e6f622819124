"""Search results of which copies are one: the first of each cluster that is met stands for the others."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

_CLUSTERS = "SELECT article_id, cluster FROM clustered WHERE article_id IN (SELECT value FROM json_each(?))"
_OTHERS = """
SELECT article_id, articles - 1 FROM clustered JOIN clusters ON clusters.id = cluster
WHERE article_id IN (SELECT value FROM json_each(?))
"""
_STEP = 500  #: articles looked up at a time


def folded(conn: sqlite3.Connection, ids: Iterable[int]) -> Iterator[int]:
    """The articles, in their order, but for those of a cluster that one before them is in."""
    seen: set[str] = set()
    waiting = iter(ids)
    while step := list(islice(waiting, _STEP)):
        cluster_of = dict(tuple(row) for row in conn.execute(_CLUSTERS, (json.dumps(step),)))
        for article_id in step:
            cluster = cluster_of.get(article_id)
            if cluster is None or cluster not in seen:
                yield article_id
            if cluster is not None:
                seen.add(cluster)


def others(conn: sqlite3.Connection, ids: Collection[int]) -> dict[int, int]:
    """How many other articles are in the cluster of each; those in none are left out."""
    return dict(tuple(row) for row in conn.execute(_OTHERS, (json.dumps(list(ids)),)))
