"""What Datasette says about an archive: one source, written as `metadata.json` and `settings.json` beside `news.db`.

`datasette FOLDER` reads both; `archive.browse` hands the same to the Datasette it serves. A person may edit them. The
form is Datasette 0.65's (https://docs.datasette.io/en/0.65/metadata.html). Text typed into a search is never FTS
syntax: each word is quoted.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from archive.db import edited

#: Guessing facets takes seconds on a large table; those that make sense are named below.
SETTINGS = {
    "suggest_facets": False,
    "facet_time_limit_ms": 1000,
    "sql_time_limit_ms": 3000,
    "default_page_size": 50,
    "truncate_cells_html": 80,  # a table of articles is no place to read them
}
#: SHA-256 of what was written here before there was a note of it (0.1.0).
_EARLIER = (
    "48d550e776de8b123700f9dc6083e80be85e805d9bc226de3df0b0f3dafd145d",
    "82944c1248b35ea0fa4219ce93c649b947a33600287d407aff75b9627bc60316",
)

# `escape_fts` is Datasette's: it quotes every word. A text without words becomes an empty phrase, and finds nothing;
# `printf` ends it at a NUL, which FTS5 does not take.
_SEARCH = """
select articles.id, articles.title, articles.site, articles.published,
       snippet(articles_fts, -1, '[', ']', ' … ', 24) as found, articles.url
from articles_fts join articles on articles.id = articles_fts.rowid
where articles_fts match coalesce(nullif(escape_fts(printf('%s', :words)), ''), '""')
  and (:site = '' or articles.site = :site)
  and (:include_superseded = 'yes' or articles.superseded_by is null)
order by articles_fts.rowid desc limit 100
"""
_DAY = """
select id, title, site, published, words, url from articles
where published >= :day and published < date(:day, '+1 day') and superseded_by is null order by site, published
"""
_RULE = """
select removals.text, removals.line, captures.source, removals.capture_id
from removals join captures on captures.id = removals.capture_id where removals.rule = :rule limit 200
"""
_ADDRESS = """
select captures.id, captured_at, reason, article_id, articles.title, articles.words, source
from captures left join articles on articles.id = article_id
where captures.url = :url or captures.address = :url order by captured_at desc
"""
_COUNTS = """
select value as site, n as articles, (select min(published) from articles where site = value) as earliest,
       (select max(published) from articles where site = value) as latest,
       (select max(last_seen) from articles where site = value) as last_seen
from tallies where kind = 'site' order by n desc, value
"""

_QUERIES = {
    "search": ("Search", "Words that all stand in the title or text; accents and case do not matter.", _SEARCH),
    "published_on": ("Articles of a day", "A day as YYYY-MM-DD.", _DAY),
    "lines_removed_by": ("Lines a rule removed", "A rule as `removed_lines_by_rule` names it.", _RULE),
    "captures_of_address": ("What an address said", "All captures of an address, the newest first.", _ADDRESS),
    "sites": ("Sites", "How much there is of each site, and how recent.", _COUNTS),
}


def metadata() -> dict[str, Any]:
    """The metadata of an archive, in the form of `metadata.json`."""
    described = json.loads((files(__package__) / "descriptions.json").read_text(encoding="utf-8"))
    queries = {
        name: {"title": title, "description": says, "sql": sql.strip()} for name, (title, says, sql) in _QUERIES.items()
    }
    return {
        "title": "Hemeroteca",
        "description": "News articles, cleaned, deduplicated, and traceable to the bytes they came from.",
        "databases": {"news": {**described, "queries": queries}},
    }


def served(folder: Path) -> dict[str, Any]:
    """The metadata of an archive as the files beside it have it: with what a person changed there."""
    return edited.read(folder / "metadata.json", metadata(), _EARLIER) or metadata()


def write(folder: Path) -> None:
    """Make `datasette FOLDER` pleasant; what a person changed in these files stays. Raises ArchiveError."""
    for name, content in (("metadata.json", metadata()), ("settings.json", SETTINGS)):
        if not any((folder / name).with_suffix(suffix).exists() for suffix in (".yaml", ".yml")):
            edited.renew(folder / name, content, _EARLIER)
