"""Reading an archive without writing to it: beside a run, on a read-only disk, in another user's folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlite_utils import Database

from archive.db import articles, captures, crawl, forgotten, report, runs, schema
from archive.db.connect import DATABASE, open_reader, translated
from archive.db.crawlrows import PatternRow, SourceCounts
from archive.db.health import Health
from archive.db.restate import change_of
from archive.db.rows import ArticleRow, CaptureRow, Change, RunRow
from archive.errors import ArchiveError
from archive.model import Line, Outcome, Page
from archive.tombstones import Tombstones
from archive.warc import Record, is_exchange, locate, page_of, read_at, shown

_COUNTS = """
SELECT (SELECT count(*) FROM articles) AS articles,
       (SELECT count(*) FROM articles WHERE superseded_by IS NULL) AS standing,
       (SELECT count(*) FROM captures) AS captures,
       (SELECT count(*) FROM runs) AS runs,
       (SELECT count(DISTINCT site) FROM articles) AS sites,
       (SELECT count(*) FROM warc_files) AS warc_files,
       (SELECT coalesce(sum(size), 0) FROM warc_files) AS warc_bytes
"""


class Reader:
    """A read-only view of an archive. Use as a context manager, or `close` it."""

    def __init__(self, folder: Path, db: Database) -> None:
        self.folder = folder
        self.db = db

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open an archive to read. Raises ArchiveError where there is none, or it cannot be read by this version."""
        if not folder.is_dir():
            raise ArchiveError(f"no archive at {folder}: the folder is not there; `hemeroteca clean PATH` makes one")
        db = open_reader(folder / DATABASE)
        try:
            with translated(folder / DATABASE):
                _check(db, folder)
        except BaseException:
            db.conn.close()
            raise
        return cls(folder, db)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.db.conn.close()

    @property
    def health(self) -> Health:
        """What is known of the health of its sources."""
        return Health(self.db)

    def counts(self) -> dict[str, int]:
        """How much there is: articles (and those that stand), captures, runs, sites, WARC files and their bytes."""
        return self._mapping(_COUNTS)

    def reasons(self) -> dict[str, int]:
        """How many captures gave no article, by reason."""
        query = "SELECT reason, count(*) FROM captures WHERE reason IS NOT NULL GROUP BY reason ORDER BY 2 DESC, 1"
        return dict(self.db.conn.execute(query).fetchall())

    def sites(self) -> list[Mapping[str, Any]]:
        """Sites with their articles and when each was last seen, the longest silent first."""
        return list(self.db.query("SELECT * FROM silent_sources"))

    def runs(self) -> Iterator[RunRow]:
        """All runs, the newest first."""
        return runs.runs(self.db)

    def run_report(self, run_id: int, limit: int = 10) -> report.RunReport:
        """What a run brought, in figures, with its first `limit` articles."""
        return report.run_report(self.db, run_id, limit)

    def last_crawl(self) -> list[SourceCounts]:
        """What the newest crawl did, source by source."""
        return crawl.last_crawl(self.db)

    def stopped_patterns(self) -> list[PatternRow]:
        """Patterns of addresses that are stopped as traps."""
        return crawl.stopped_patterns(self.db)

    def cleaned_otherwise(self, recipe: str) -> int:
        """How many captures were cleaned with another recipe than this one."""
        return report.cleaned_otherwise(self.db, recipe)

    def has(self, page: Page) -> bool:
        """Whether this very capture is here, or was forgotten and is not to come back."""
        return self.knows(captures.identity_of(page))

    def knows(self, identity: captures.Identity) -> bool:
        """The same of what makes it this very capture."""
        payload, _, url, _ = identity
        gone = self.forgotten.depth((url,), payload) in {"drop", "erase"}
        return gone or captures.known(self.db, identity)

    @property
    def withholds(self) -> bool:
        """Whether the WARC files hold something that is not to be shown: hidden, or dropped from the database."""
        query = "SELECT EXISTS (SELECT 1 FROM tombstones WHERE depth <> 'erase' OR erased = 0)"
        return bool(self.db.conn.execute(query).fetchone()[0])

    @cached_property
    def forgotten(self) -> Tombstones:
        """What was forgotten, as of the first time it is asked for."""
        return forgotten.load(self.db)

    def has_text(self, content_hash: str) -> bool:
        """Whether a text is an article here."""
        found = self.db.conn.execute("SELECT 1 FROM articles WHERE content_hash = ?", (content_hash,))
        return found.fetchone() is not None

    def article(self, article_id: int) -> ArticleRow | None:
        """One article."""
        return articles.row_of(self.db, article_id)

    def capture(self, capture_id: int) -> CaptureRow | None:
        """One capture."""
        return captures.row_of(self.db, capture_id)

    def captures(self, site: str | None = None) -> Iterator[CaptureRow]:
        """Every archived capture, or those of a site, in the order in which they should be cleaned again."""
        return captures.in_article_order(self.db, site)

    def change(self, capture_id: int, outcome: Outcome, *, accept_losses: bool) -> Change:
        """What a new outcome would change. Raises ArchiveError for an id that has no cleaning."""
        return change_of(self.db, capture_id, outcome, accept_losses=accept_losses)[0]

    def captures_of(self, article_id: int) -> list[CaptureRow]:
        """The captures that carry an article, by time."""
        return list(captures.rows_where(self.db, "article_id = ? ORDER BY captured_at, id", (article_id,)))

    def captures_of_run(self, run_id: int) -> Iterator[CaptureRow]:
        """The captures a run added, and the inputs it could not read."""
        return captures.rows_where(self.db, "run_id = ? ORDER BY id", (run_id,))

    def find_url(self, url: str) -> list[CaptureRow]:
        """The captures of an address, their own or the one they claim, the newest first."""
        where = "id IN (SELECT id FROM captures WHERE url = ?1 UNION SELECT id FROM captures WHERE address = ?1)"
        return list(captures.rows_where(self.db, f"{where} ORDER BY captured_at DESC, id DESC", (url,)))

    def find_source(self, source: str) -> list[CaptureRow]:
        """The captures found at a path or URL, the newest first."""
        return list(captures.rows_where(self.db, "source = ? ORDER BY captured_at DESC, id DESC", (source,)))

    def removals(self, capture_id: int) -> tuple[Line, ...]:
        """The lines of a capture that are not part of its text, in page order."""
        return tuple(Line(n, text, fate, rule) for n, text, rule, fate in captures.removals_of(self.db, capture_id))  # type: ignore[arg-type]  # a fate of the list

    def page(self, capture: CaptureRow) -> Page:
        """The page of a capture, from its WARC record. Raises ArchiveError where it has none, or not these bytes."""
        return read_page(self.db, self.folder / "warcs", capture)

    def _mapping(self, query: str) -> dict[str, int]:
        return dict(next(self.db.query(query)))


def read_page(db: Database, folder: Path, capture: CaptureRow) -> Page:
    """The page of a capture, read from the WARC file its row names; of a revisit, from that of the one it refers to."""
    at = capture.location
    if at is None:
        raise ArchiveError(f"capture {capture.id} ({capture.source}) has no record: nothing of it could be read")
    record = read_at(locate(folder, at.file), at.offset, at.length)
    page = shown(record, original_of(db, folder, capture)) if is_exchange(record) else page_of(record)
    if page.payload_digest != capture.payload_digest:
        raise ArchiveError(f"capture {capture.id}: {at.file}, byte {at.offset} holds another payload than its row says")
    return page


def original_of(db: Database, folder: Path, capture: CaptureRow) -> Record | None:
    """The record that holds the payload of a revisit; None for a capture that is none."""
    if capture.revisit_of is None:
        return None
    original = captures.row_of(db, capture.revisit_of)
    at = original.location if original else None
    if at is None:
        raise ArchiveError(f"capture {capture.id} refers to capture {capture.revisit_of}, which has no record")
    return read_at(locate(folder, at.file), at.offset, at.length)


def _check(db: Database, folder: Path) -> None:
    newest = schema.newest_version()
    version = schema.check_version(db, newest)
    if version == 0:
        raise ArchiveError(f"no archive at {folder}: its news.db is empty; `hemeroteca clean PATH` makes one")
    if version < newest:
        raise ArchiveError(f"{folder} was written by an older hemeroteca; run `hemeroteca clean` on it once to upgrade")
