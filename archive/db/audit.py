"""Whether the database agrees with itself: with its schema, its digests, and what `archive.settle` says of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from sqlite_utils import Database

from archive.db import articles, revisions, schema
from archive.db.articles import Wording
from archive.db.settlement import BY_ARTICLE, address_capture, capture_of
from archive.identity import content_hash, text_digest
from archive.reasons import Reason
from archive.settle import Walk, count_words, merge, walk

Part = Literal["warc", "file", "record", "capture", "article", "database"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be. `where` names the file and byte, or the row; `what` is a sentence."""

    part: Part
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


_AT_ADDRESSES = """
SELECT captures.id, captured_at, address, source, payload_digest, cleanings.content_hash, cleanings.words,
       cleanings.recipe, articles.content_hash, captures.reason, cleanings.reason, captures.error, cleanings.error
FROM captures JOIN cleanings ON capture_id = captures.id LEFT JOIN articles ON articles.id = article_id
ORDER BY address
"""
_CARRIED = """
SELECT content_hash, articles.id FROM captures JOIN articles ON articles.id = article_id WHERE address = ?
"""
_TEXTS = """
SELECT capture_id, content_hash, text_digest, words, coalesce(
  (SELECT text FROM articles WHERE articles.text_digest = cleanings.text_digest),
  (SELECT text FROM texts WHERE texts.text_digest = cleanings.text_digest))
FROM cleanings WHERE content_hash IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM articles WHERE articles.text_digest = cleanings.text_digest
    AND articles.content_hash = cleanings.content_hash AND articles.words = cleanings.words)
"""


@dataclass(frozen=True, slots=True)
class _Nothing:
    """A query that must find nothing: what its first column names, and what a row of it means."""

    part: Part
    row: str
    what: str
    query: str


def _agrees(row: str, what: str, table: str, key: str, counted: str) -> _Nothing:
    """Whether a table that triggers keep holds just the rows that a query over the others gives."""
    query = f"""
        WITH counted AS ({counted})
        SELECT DISTINCT {key} FROM (
          SELECT * FROM (SELECT * FROM counted EXCEPT SELECT * FROM {table})
          UNION ALL SELECT * FROM (SELECT * FROM {table} EXCEPT SELECT * FROM counted))
        """  # noqa: S608  # from this file alone
    return _Nothing("database", row, what, query)


_NOTHING = (
    _Nothing(
        "capture",
        "capture",
        "has no cleaning",
        """
        SELECT id FROM captures WHERE payload_digest IS NOT NULL AND (purpose IS NULL OR reason IS NULL)
          AND id NOT IN (SELECT capture_id FROM cleanings)
        """,
    ),
    _Nothing(
        "capture",
        "capture",
        "is a revisit of a capture that is one itself, has no record, or is of another address or payload",
        """
        SELECT captures.id FROM captures JOIN captures AS original ON original.id = captures.revisit_of
        WHERE original.revisit_of IS NOT NULL OR original.warc_file IS NULL
           OR original.url IS NOT captures.url OR original.payload_digest IS NOT captures.payload_digest
        """,
    ),
    _Nothing(
        "capture",
        "capture",
        "has no record, and does not say why",
        "SELECT id FROM captures WHERE payload_digest IS NULL AND (reason IS NULL OR article_id IS NOT NULL)",
    ),
    _Nothing(
        "database",
        "address",
        "has no capture",
        """
        SELECT url FROM addresses WHERE NOT EXISTS (
          SELECT 1 FROM captures JOIN cleanings ON capture_id = captures.id WHERE address = addresses.url)
        """,
    ),
    _Nothing(
        "database",
        "address",
        "has revisions, and no capture",
        "SELECT DISTINCT url FROM revisions WHERE NOT EXISTS (SELECT 1 FROM captures WHERE address = revisions.url)",
    ),
    _Nothing(
        "article",
        "article",
        "superseded_by is not the article that stands at its address",
        """
        SELECT id FROM (
          SELECT id, superseded_by, EXISTS (SELECT 1 FROM addresses WHERE article_id = articles.id) AS stands,
                 coalesce(url, (SELECT address FROM captures WHERE captures.id = lead_capture_id)) AS home
          FROM articles)
        WHERE superseded_by IS NOT
          CASE WHEN stands THEN NULL ELSE (SELECT article_id FROM addresses WHERE addresses.url = home) END
        """,
    ),
    _Nothing(
        "database",
        "text",
        "is no cleaning's, or an article has it already",
        """
        SELECT text_digest FROM texts
        WHERE NOT EXISTS (SELECT 1 FROM cleanings WHERE cleanings.text_digest = texts.text_digest)
           OR EXISTS (SELECT 1 FROM articles WHERE articles.text_digest = texts.text_digest)
        """,
    ),
    _agrees(
        "daily",
        "does not count the articles of that day and site",
        "daily",
        "day || ' ' || site",
        """
        SELECT coalesce(substr(published, 1, 10), '') AS day, coalesce(site, '') AS site, count(*) AS n
        FROM articles WHERE superseded_by IS NULL GROUP BY 1, 2
        """,
    ),
    _agrees(
        "tally",
        "does not count the articles of that site, section or language",
        "tallies",
        "kind || ' ' || value",
        """
        SELECT kind, value, count(*) AS n FROM (
          SELECT 'all' AS kind, '' AS value FROM articles WHERE superseded_by IS NULL
          UNION ALL SELECT 'site', site FROM articles WHERE superseded_by IS NULL
          UNION ALL SELECT 'section', section FROM articles WHERE superseded_by IS NULL
          UNION ALL SELECT 'language', language FROM articles WHERE superseded_by IS NULL)
        WHERE value IS NOT NULL GROUP BY 1, 2
        """,
    ),
    _agrees(
        "rule",
        "does not count the lines it took in rule_tallies",
        "rule_tallies",
        "rule",
        """
        SELECT rule, fate, count(*) AS lines, count(DISTINCT capture_id) AS captures FROM removals GROUP BY rule, fate
        """,
    ),
    _agrees(
        "author",
        "does not count the articles at a site in author_sites",
        "author_sites",
        "author",
        """
        SELECT author, site, count(*) AS n FROM article_authors JOIN articles ON articles.id = article_id
        WHERE superseded_by IS NULL AND site IS NOT NULL GROUP BY author, site
        """,
    ),
    _agrees(
        "article",
        "has other authors in article_authors",
        "article_authors",
        "article_id",
        "SELECT value AS author, articles.id AS article_id FROM articles, json_each(authors)",
    ),
)


def told(findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings of a look at the database; where that cannot be read to its end, this is one of them."""
    try:
        yield from findings
    except sqlite3.DatabaseError as error:
        yield Finding("database", "news.db", f"cannot be read to its end ({error})")


def structure(db: Database) -> Iterator[Finding]:
    """The file's own order, references between rows, and the schema."""
    for (message,) in db.conn.execute("PRAGMA integrity_check"):
        if message != "ok":
            yield Finding("database", "news.db", message)
    for table, rowid, parent, _ in db.conn.execute("PRAGMA foreign_key_check"):
        yield Finding("database", f"{table}, row {rowid}", f"points to a row of {parent} that is not there")
    have = dict(db.conn.execute("SELECT name, sql FROM sqlite_master").fetchall())
    for name, sql in _expected().items():
        if have.get(name) != sql:
            yield Finding("database", f"{name} in the schema", "is not there" if name not in have else "was altered")


def _expected() -> dict[str, str]:
    fresh = Database(sqlite3.connect(":memory:", isolation_level=None))
    try:
        schema.migrate(fresh, "", schema.shipped())
        return dict(fresh.conn.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall())
    finally:
        fresh.conn.close()


def index(db: Database) -> Iterator[Finding]:
    """The full-text index against the articles. Needs a database that may be written, and writes nothing.

    https://sqlite.org/fts5.html#the_integrity_check_command
    """
    try:
        db.conn.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        yield Finding("database", "articles_fts", f"the search index does not say what the articles say ({error})")


def contents(db: Database) -> Iterator[Finding]:
    """Every article, cleaning and address against its digests and against what the captures mean."""
    yield from _addresses(db)
    yield from _cleanings(db)
    for (article_id,) in db.conn.execute("SELECT id FROM articles ORDER BY id"):
        yield from _article(db, article_id)
    for nothing in _NOTHING:
        for (key,) in db.conn.execute(nothing.query):
            yield Finding(nothing.part, f"{nothing.row} {key}", nothing.what)


def _addresses(db: Database) -> Iterator[Finding]:
    """Walk every address as `settle` does; one address's captures in memory at a time."""
    query = "SELECT content_hash FROM addresses JOIN articles ON articles.id = article_id WHERE addresses.url = ?"
    decide = revisions.decider(db, {})
    for address, group in groupby(db.conn.execute(_AT_ADDRESSES), key=lambda row: row[2]):
        members = list(group)
        walked = walk((address_capture(row) for row in members), decide)
        yield from _revisions(db, address, walked)
        stands = db.conn.execute(query, (address,)).fetchone()
        if (stands[0] if stands else None) != walked.current:
            yield Finding("article", f"address {address}", "another text stands there than its captures say")
        for row in members:
            worse = walked.worse.get(row[0])
            told = (row[10], row[12]) if worse is None else (Reason.WORSE.value, worse.reason)
            if (row[8], row[9], row[11]) != (walked.carried.get(row[0]), *told):
                yield Finding(
                    "capture", f"capture {row[0]}", "its article, reason or error is not what its cleaning says"
                )


def _revisions(db: Database, address: str, walked: Walk[int]) -> Iterator[Finding]:
    """The revisions of an address against those that its captures mean."""
    articles_of = dict(db.conn.execute(_CARRIED, (address,)).fetchall())
    told = revisions.rows_of(address, walked.revisions, lambda text: articles_of.get(text, 0))
    if revisions.listed(db, {address}).get(address, []) != told:
        yield Finding("article", f"address {address}", "its revisions are not what its captures say")


def _cleanings(db: Database) -> Iterator[Finding]:
    """Cleanings whose text is no article's."""
    for capture_id, content, digest, words, text in db.conn.execute(_TEXTS):
        if text is None:
            yield Finding("capture", f"capture {capture_id}", "the text of its cleaning is not there")
        elif (content_hash(text), text_digest(text), count_words(text)) != (content, digest, words):
            yield Finding("capture", f"capture {capture_id}", "the text of its cleaning is not the one it was")


def _article(db: Database, article_id: int) -> Iterator[Finding]:
    row = articles.columns_by_id(db, article_id)
    where, text = f"article {article_id}", row["text"]
    if text_digest(text) != row["text_digest"]:
        yield Finding("article", where, "its text was changed: text_digest is another")
    if content_hash(text) != row["content_hash"]:
        yield Finding("article", where, "content_hash is not the one of its text")
    members = [capture_of(member) for member in db.conn.execute(BY_ARTICLE, (article_id,))]
    if not members:
        yield Finding("article", where, "no capture carries it")
        return
    merged = merge(members)
    query = "SELECT text_digest, words, recipe FROM cleanings WHERE capture_id = ?"
    digest, words, recipe = db.conn.execute(query, (merged.lead.key,)).fetchone()
    told = articles.columns_of(members[0].content_hash or "", merged, Wording(text, digest, words, recipe))
    wrong = [name for name, value in told.items() if row[name] != value]
    if wrong:
        yield Finding("article", where, f"{', '.join(wrong)}: not what its captures say")
