"""`hemeroteca near`, `same`, `not-same`: the copies of an article, and a person's word on two of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from archive.errors import UsageError
from scraper.cli.options import Common, Effort, common_options, json_option
from scraper.cli.progress import printable

if TYPE_CHECKING:
    from archive.db.relations import ClusterOf, Copy
    from archive.db.rows import ArticleRow
    from archive.store import Archive, Reader

KINDS = {"copy": "copy", "excerpt": "an excerpt of it", "holds": "has it as an excerpt"}

_article = click.IntRange(min=1)


@click.command()
@click.argument("article", metavar="ID", type=_article)
@click.option("--diff/--no-diff", default=True, show_default=True, help="Show what changed in each copy, word by word.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many copies are shown.")
@json_option
@common_options
def near(article: int, diff: bool, limit: int, as_json: bool, common: Common) -> None:
    """List the copies of an article, the first published first, with the evidence and what changed.

    ID is the article's, as in the column `id`, the address of its page in `browse`, and `export`. In the diff, from
    this article to the copy, [-words-] are gone, {+words+} are new, and on a terminal both are coloured.

    \b
    Examples:
      hemeroteca near 12
      hemeroteca near 12 --no-diff --json | jq '.copies[].site'
    """
    from archive.store import Archive

    with Archive.read(common.folder) as reader:
        found = look(reader, article, limit)
        if as_json:
            click.echo(json.dumps({"archive": str(common.folder), **as_mapping(*found)}, ensure_ascii=False))
        elif not common.quiet:
            for line in told(reader, *found, limit=limit, diff=diff):
                click.echo(line)


Found = tuple["ArticleRow", "ClusterOf | None", list["Copy"], list[tuple[int, bool, str]]]


def look(reader: Reader, article_id: int, limit: int) -> Found:
    """The article, its cluster, its copies, and what persons said of it. Raises UsageError where it is not here."""
    from archive.db import judgements, relations

    row = reader.article(article_id)
    if row is None:
        raise UsageError(f"there is no article {article_id} in {reader.folder}")
    conn = reader.db.conn
    cluster = relations.cluster_of(conn, article_id)
    return row, cluster, relations.copies_of(conn, article_id, limit), list(judgements.of_article(conn, article_id))


def as_mapping(
    row: ArticleRow, cluster: ClusterOf | None, copies: list[Copy], said: list[tuple[int, bool, str]]
) -> dict[str, Any]:
    """The same for machines."""
    return {
        "article": {"id": row.id, "title": row.title, "site": row.site, "url": row.url, "published": row.published},
        "cluster": None if cluster is None else {**asdict(cluster), "doubtful": cluster.doubtful},
        "copies": [asdict(copy) for copy in copies],
        "judgements": [{"article": other, "same": same, "at": at} for other, same, at in said],
    }


def told(
    reader: Reader,
    row: ArticleRow,
    cluster: ClusterOf | None,
    copies: list[Copy],
    said: list[tuple[int, bool, str]],
    *,
    limit: int,
    diff: bool,
) -> Iterator[str]:
    """The same for a person."""
    yield printable(f"{row.id}  {_where(row.site, row.published)}  {row.title or ''}")
    if cluster is None:
        yield "no copies"
    else:
        sites = cluster.known_sites
        where = f" on {sites:,} site{'' if sites == 1 else 's'}" if sites else ""
        which = "this one" if cluster.representative == row.id else cluster.representative
        first = f"first by date, then by length: {which}" if cluster.dated else f"none is dated, the longest: {which}"
        yield f"in a cluster of {cluster.articles:,} articles{where}; {first}"
        if cluster.doubtful:
            yield f"doubtful: {cluster.density:.0%} of its pairs are copies; look before you rely on it"
    for copy in copies:
        yield ""
        address = ", at the same address" if copy.same_address else ""
        yield printable(f"{copy.id}  {_where(copy.site, copy.published)}  {copy.title or ''}")
        yield f"  {KINDS[copy.kind]}{address}: {copy.evidence}"
        if diff:
            yield from (f"  {line}" for line in changes(reader, row, copy.id))
    if len(copies) == limit:
        yield f"\n{limit} shown; --limit shows more"
    for other, same, at in said:
        yield f"{other}  said to be {'the same' if same else 'not the same'} ({at[:10]})"


def _where(site: str | None, published: str | None) -> str:
    return f"{site or 'no site'}  {published or 'undated'}"


def changes(reader: Reader, row: ArticleRow, other: int) -> list[str]:
    """What changed from an article to another one, as lines for this terminal."""
    from archive.diff import diff
    from archive.diffview import COLOURED, PLAIN, terminal

    copy = reader.article(other)
    assert copy is not None  # a copy is an article
    lines = terminal(diff(row.text, copy.text), COLOURED if sys.stdout.isatty() else PLAIN).splitlines()
    return lines or ["nothing but white space or spelling differs"]


_WITHDRAW = click.option("--withdraw", is_flag=True, help="Take the word back: what is computed holds again.")


@click.command()
@click.argument("one", metavar="A", type=_article)
@click.argument("other", metavar="B", type=_article)
@_WITHDRAW
@json_option
@common_options
def same(one: int, other: int, withdraw: bool, as_json: bool, common: Common) -> None:
    """Say that two articles are copies of one another, whatever was computed.

    The word is archived beside the pages. It holds when other rules change the texts, and when news.db is built anew.
    """
    say(one, other, None if withdraw else True, common, as_json=as_json)


@click.command("not-same")
@click.argument("one", metavar="A", type=_article)
@click.argument("other", metavar="B", type=_article)
@_WITHDRAW
@json_option
@common_options
def not_same(one: int, other: int, withdraw: bool, as_json: bool, common: Common) -> None:
    """Say that two articles are no copies of one another, whatever was computed.

    The word is archived beside the pages. It holds when other rules change the texts, and when news.db is built anew.
    Other copies may still hold both in one cluster; it then says so.
    """
    say(one, other, None if withdraw else False, common, as_json=as_json)


def say(one: int, other: int, word: bool | None, common: Common, *, as_json: bool) -> None:
    """Archive a person's word, or take it back (None), and tell what it did. Raises UsageError."""
    from scraper.cli.compose import cleaner
    from scraper.cli.run import in_run

    if one == other:
        raise UsageError(f"{one} and {other} are one article: name two")
    from archive.store import Archive as Store

    with Store.read(common.folder) as reader:
        for article_id in (one, other):
            look(reader, article_id, 1)
        known = standing(reader, one, other)
    if known != word:

        def body(archive: Archive, _pace: object, _watch: object) -> None:
            archive.judge(one, other, same=word)

        in_run(common, cleaner(common, Effort(jobs=1, timeout=60.0)), body)
    with Store.read(common.folder) as reader:
        found = outcome(reader, one, other)
    if as_json:
        click.echo(json.dumps({"archive": str(common.folder), "articles": [one, other], **found}))
    elif not common.quiet:
        click.echo("\n".join(summed(one, other, word, found, changed=known != word)))


def standing(reader: Reader, one: int, other: int) -> bool | None:
    """What a person says of two articles now."""
    from archive.db import judgements

    words = [same for article, same, _ in judgements.of_article(reader.db.conn, one) if article == other]
    return words[-1] if words else None


def outcome(reader: Reader, one: int, other: int) -> dict[str, Any]:
    """How two articles stand: whether an edge joins them, what persons say, and whether one cluster holds both."""
    from archive.db import relations

    conn = reader.db.conn
    clusters = [relations.cluster_of(conn, article_id) for article_id in (one, other)]
    together = clusters[0] is not None and clusters[1] is not None and clusters[0].id == clusters[1].id
    return {
        "copies": any(copy.id == other for copy in relations.copies_of(conn, one)),
        "judged": standing(reader, one, other),
        "one_cluster": together,
    }


def summed(one: int, other: int, word: bool | None, found: dict[str, Any], *, changed: bool) -> Iterator[str]:
    """What a word did, for a person."""
    said = {True: "the same", False: "not the same", None: "what is computed"}[word]
    yield f"{one} and {other}: {said}" + ("" if changed else " (as before)")
    if word is None:
        yield "they are copies" if found["copies"] else "they are no copies"
    if not found["copies"] and found["one_cluster"]:
        yield "other copies still hold both in one cluster: hemeroteca near shows which"
