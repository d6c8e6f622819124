"""The rows of `clusters` and `clustered`, brought in step with the edges that were made and cut.

Where edges were only made, clusters grow together by their rows alone, so that one more copy of a text that has
thousands costs no more than the second. Where one was cut, what it held is walked anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from archive.clusters import Member
from archive.db.edges import Edge, Shifts
from archive.db.rows import dump_json

_LISTED = "(SELECT value FROM json_each(?))"
_NEXT = f"SELECT a, b FROM copies WHERE a IN {_LISTED} UNION SELECT a, b FROM copies WHERE b IN {_LISTED}"  # noqa: S608
_MEMBERS = f"SELECT article_id FROM clustered WHERE cluster IN {_LISTED}"  # noqa: S608
_CLUSTER_OF = f"SELECT article_id, cluster FROM clustered WHERE article_id IN {_LISTED}"  # noqa: S608
_ARTICLES = f"SELECT id, content_hash, words, published FROM articles WHERE id IN {_LISTED}"  # noqa: S608
_CLUSTERS = f"SELECT id, representative, articles, copies FROM clusters WHERE id IN {_LISTED}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class _Group:
    """Articles known to belong together: a cluster as it stands, or one article. `first` stands for it."""

    id: str
    first: Member
    article: int  #: the id of `first`
    articles: int
    edges: int


def regroup(db: Database, shifts: Shifts) -> None:
    """Bring clusters in step with what became of edges."""
    covered = _apart(db, shifts.cut)
    _together(db, sorted(two for two in shifts.made if two[0] not in covered))


def _apart(db: Database, cut: Collection[int]) -> set[int]:
    """Walk anew the clusters of some articles, and whatever they hang together with; returns all that was walked."""
    named = {cluster for _, cluster in db.conn.execute(_CLUSTER_OF, (dump_json(sorted(cut)),))}
    start = set(cut).union(*(_ids(db, _MEMBERS, {name}) for name in named))
    near: defaultdict[int, set[int]] = defaultdict(set)
    frontier = start
    while frontier:
        listed = dump_json(sorted(frontier))
        for a, b in db.conn.execute(_NEXT, (listed, listed)):
            near[a].add(b)
            near[b].add(a)
        known = start | near.keys()
        frontier = known - start
        start = known
    _forget(db, start)
    members = _members(db, near)
    seen: set[int] = set()
    for article in sorted(near):
        if article not in seen:
            component = _reached(article, near)
            seen |= component
            _put(db, component, members, sum(len(near[one]) for one in component) // 2)
    return start


def _reached(article: int, near: dict[int, set[int]]) -> set[int]:
    found, frontier = {article}, [article]
    while frontier:
        fresh = near[frontier.pop()] - found
        found |= fresh
        frontier.extend(fresh)
    return found


def _forget(db: Database, articles: Collection[int]) -> None:
    """Take articles out of their clusters, and those clusters away whose articles all are."""
    listed = dump_json(sorted(articles))
    named = sorted({cluster for _, cluster in db.conn.execute(_CLUSTER_OF, (listed,))})
    db.conn.execute(f"DELETE FROM clustered WHERE article_id IN {_LISTED}", (listed,))  # noqa: S608
    db.conn.execute(f"DELETE FROM clusters WHERE id IN {_LISTED}", (dump_json(named),))  # noqa: S608


def _put(db: Database, component: Collection[int], members: dict[int, Member], edges: int) -> None:
    first = min(component, key=lambda article: members[article].turn)
    name = min(members[article].content_hash for article in component)
    db.conn.execute("INSERT INTO clusters VALUES (?, ?, ?, ?)", (name, first, len(component), edges))
    db.conn.executemany("INSERT INTO clustered VALUES (?, ?)", [(article, name) for article in sorted(component)])


def _together(db: Database, made: Collection[Edge]) -> None:
    """Let clusters and single articles grow together along new edges."""
    ends = {article for two in made for article in two}
    cluster_of = dict(db.conn.execute(_CLUSTER_OF, (dump_json(sorted(ends)),)).fetchall())
    groups = _groups(db, ends, cluster_of)
    name_of = {article: cluster_of.get(article) or f"article {article}" for article in ends}
    leads = {name: name for name in groups}

    def lead(name: str) -> str:
        while (above := leads[name]) != name:
            leads[name] = name = leads[above]
        return name

    edges: defaultdict[str, int] = defaultdict(int)
    for a, b in made:
        one, other = lead(name_of[a]), lead(name_of[b])
        leads[one] = other
        edges[other] += 1 + (edges.pop(one, 0) if one != other else 0)
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for name in groups:
        parts[lead(name)].append(name)
    single = {f"article {article}": article for article in ends if article not in cluster_of}
    for root, names in parts.items():
        _join(db, [groups[name] for name in names], edges[root], [single[name] for name in names if name in single])


def _groups(db: Database, ends: Collection[int], cluster_of: dict[int, str]) -> dict[str, _Group]:
    rows = db.conn.execute(_CLUSTERS, (dump_json(sorted(set(cluster_of.values()))),)).fetchall()
    members = _members(db, {*ends, *(row[1] for row in rows)})
    groups = {name: _Group(name, members[first], first, size, edges) for name, first, size, edges in rows}
    for article in ends:
        if article not in cluster_of:
            member = members[article]
            groups[f"article {article}"] = _Group(member.content_hash, member, article, 1, 0)
    return groups


def _join(db: Database, groups: Collection[_Group], edges: int, single: Iterable[int]) -> None:
    """Write what some groups make together."""
    name = min(group.id for group in groups)
    first = min(groups, key=lambda group: group.first.turn)
    old = [group.id for group in groups if group.articles > 1]
    db.conn.execute(f"DELETE FROM clusters WHERE id IN {_LISTED}", (dump_json(old),))  # noqa: S608
    sizes = (sum(group.articles for group in groups), sum(group.edges for group in groups) + edges)
    db.conn.execute("INSERT INTO clusters VALUES (?, ?, ?, ?)", (name, first.article, *sizes))
    moved = [(name, other) for other in old if other != name]
    db.conn.executemany("UPDATE clustered SET cluster = ? WHERE cluster = ?", moved)
    db.conn.executemany("INSERT INTO clustered VALUES (?, ?)", [(article, name) for article in single])


def _members(db: Database, articles: Iterable[int]) -> dict[int, Member]:
    rows = db.conn.execute(_ARTICLES, (dump_json(sorted(articles)),))
    return {article_id: Member(*row) for article_id, *row in rows}


def _ids(db: Database, query: str, names: Collection[str]) -> set[int]:
    return {row[0] for row in db.conn.execute(query, (dump_json(sorted(names)),))}
