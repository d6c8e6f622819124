"""The archive: one folder, its WARC files and its database. `Archive` is the only writer.

A page is archived before it is cleaned (`keep`), its row waits in memory (`record`), and `commit` writes a batch of
rows in one transaction, after the records they point to are on the disk. What a run knows beyond its pages is written
as notes (`note`). Killed at any moment, an archive is whole: what was archived and has no row is found by `orphans`
at the next run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlite_utils import Database

from archive.alarms import Alarm, Pulse
from archive.db import (
    byhand,
    captures,
    catchup,
    erasure,
    fetches,
    forgotten,
    judgements,
    learned,
    merging,
    metadata,
    notes,
    runs,
    schema,
)
from archive.db.captures import Identity, Recorded
from archive.db.connect import DATABASE, check_sqlite, open_writer, transaction, translated
from archive.db.crawl import CrawlState
from archive.db.guest import Guest
from archive.db.health import Health, health_note
from archive.db.held import Cuttings
from archive.db.learned import ShownLine
from archive.db.lock import Lock
from archive.db.orphans import Orphans
from archive.db.reader import Reader, read_page
from archive.db.restate import Restated, change_of, put_restated
from archive.db.rows import CaptureRow, Change, Kept, KeptExchange
from archive.db.rows import RunRow as RunSummary
from archive.db.settlement import Batch, settle_batch
from archive.db.union import United
from archive.errors import ArchiveError
from archive.exchanges import Exchanges
from archive.gone import Forgotten
from archive.model import Exchange, Location, Outcome, Page, Purpose, Unread
from archive.noted import Notes
from archive.reasons import Reason
from archive.tombstones import Depth
from archive.warc import (
    Note,
    Received,
    Repair,
    WarcWriter,
    Wired,
    adopt,
    answer_of,
    repair,
)

__all__ = [
    "Archive",
    "CaptureRow",
    "Change",
    "Clock",
    "Kept",
    "KeptExchange",
    "Reader",
    "RunSummary",
    "ShownLine",
    "software",
]

WARCS = "warcs"
_ROWS_AT_ONCE = 1_000

#: Reads the time: UTC, `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
Clock = Callable[[], str]


class Archive:
    """An archive opened for writing. Use as a context manager, or `close` it.

    `repairs` says what was done to files a killed run left behind; `started` is the time of the run, its one reading
    of the clock before it ends; `erased` what the end of the run erased from the WARC files, where it did. `crawl` is
    what a crawl knows: what it is told is stored at the next commit.
    """

    erased: erasure.Erased | None = None

    def __init__(self, folder: Path, db: Database, lock: Lock, now: Clock, repairs: Sequence[Repair]) -> None:
        self.folder = folder
        self.repairs = tuple(repairs)
        self.started = now()
        self._now = now
        self._db = db
        self._lock = lock
        self._warc = WarcWriter(folder / WARCS, self.started, software())
        self.crawl = CrawlState(db)
        self._orphans = Orphans(db, folder / WARCS)
        self._run: int | None = None
        self._tally = runs.Tally()
        self._in_flight: set[Identity] = set()
        self._exchanges = Exchanges(db, folder / WARCS, self._warc)
        self._recorded: list[Recorded] = []
        self._unread: list[Unread] = []
        self._restated: list[Restated] = []
        self._notes = Notes(db, self._warc, now)
        self._gone = Forgotten(db)
        self._cuttings = Cuttings()

    @classmethod
    def open(cls, folder: Path, now: Clock) -> Self:
        """Open an archive for one run: make it where there is none, lock it, migrate it, repair what was left behind.

        Raises ArchiveLocked where another run holds it, and ArchiveError where it is damaged, of a newer version,
        cannot be written, or this SQLite cannot hold it.
        """
        check_sqlite()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveError(f"{folder}: cannot be made a folder: {error.strerror}") from error
        moment, path = now(), folder / DATABASE
        lock = Lock(folder, f"since {moment}")
        try:
            db = open_writer(path)
        except BaseException:
            lock.release()
            raise
        try:
            with translated(path):
                schema.migrate(db, moment, schema.shipped())
                catchup.catch_up(db)
                runs.mark_killed(db)
                erasure.resume(db, folder / WARCS)
            adopt.clear(folder / WARCS)
            metadata.write(folder)
            repairs = repair(folder / WARCS)
            with translated(path):
                return cls(folder, db, lock, now, repairs)
        except BaseException:
            db.conn.close()
            lock.release()
            raise

    @staticmethod
    def read(folder: Path) -> Reader:
        """Open an archive for reading only, also while a run is on. Raises ArchiveError where that cannot be."""
        return Reader.open(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def start_run(self, command: str, about: Mapping[str, str] | None = None) -> int:
        """Note that a run began, and what was typed; returns its id. One run an opened archive.

        `about` is said in the warcinfo of its files besides: `operator`, `robots`, ...
        """
        if self._run is not None:
            raise ValueError("this archive was opened for one run, which has begun already")
        with self._translated(), transaction(self._db):
            self._run = runs.start(self._db, command, self.started, self._orphans.newest_run())
        self._warc.say(runs.info(self._db, self._run) | dict(about or {}))
        return self._run

    @property
    def passed_over(self) -> int:
        """How many pages came in this run that had been forgotten."""
        return self._gone.met

    @property
    def run_key(self) -> str:
        """What names the run in its WARC files, and in the data of notes."""
        with self._translated():
            return runs.key_of(self._db, self._running)

    def has(self, page: Page) -> bool:
        """Whether this very capture is here already, or was kept in this run; it is then counted as unchanged.

        One that was forgotten is as good as here: it is not to come back.
        """
        identity = captures.identity_of(page)
        with self._translated():
            here = identity in self._in_flight or captures.known(self._db, identity)
        self._tally.unchanged += here
        return here or self._gone.meets(identity)

    def forgets(self, url: str) -> bool:
        """Whether an address was forgotten, so that nothing of it is archived: it need not be fetched."""
        return self._gone.bars(url)

    def keep(self, page: Page) -> Kept:
        """Archive a page `has` does not know; durable at the next commit. Raises ArchiveError on a full disk."""
        location = self._warc.write(page)
        self._in_flight.add(captures.identity_of(page))
        return Kept(page, location)

    def keep_exchange(
        self,
        exchange: Exchange,
        source_name: str | None,
        purpose: Purpose,
        reason: Reason | None = None,
        received: Received | None = None,
    ) -> KeptExchange:
        """Archive what one fetch sent and received, whatever came of it; durable at the next commit.

        A page that is to be cleaned comes back with it, and is then recorded like any other. All else has its row
        with a reason: the one given, or the one that status, end and purpose of the answer tell. What is on the disk
        already, from the same address, becomes a revisit. Of what was forgotten nothing is kept. `received` is its
        response taken apart, where that was done already. Raises ArchiveError like `keep`.
        """
        run = self._running
        if self._gone.meets_address(exchange.url):
            return KeptExchange(None, None, Reason.HIDDEN)
        if not exchange.response:
            return self._keep_unanswered(exchange, source_name, purpose, reason or Reason.UNREACHABLE)
        answer = answer_of(exchange, source_name, purpose, reason, received)
        if self._gone.bars(payload=answer.digest):
            return KeptExchange(None, None, Reason.HIDDEN)
        with self._translated():
            wired, location = self._exchanges.write(exchange, answer, source_name, purpose)
        self._take(wired, location, run)
        return KeptExchange(answer.page, location, answer.reason)

    def _keep_unanswered(
        self, exchange: Exchange, source_name: str | None, purpose: Purpose, reason: Reason
    ) -> KeptExchange:
        data = fetches.failed_note(exchange, source_name, purpose, reason, runs.key_of(self._db, self._running))
        note = Note("unanswered", data, self._now())
        self._notes.add(self._exchanges.write_unanswered(note, exchange))
        return KeptExchange(None, None, reason)

    def _take(self, wired: Wired, location: Location, run: int) -> None:
        self._in_flight.add(fetches.identity_of(wired))
        row = self._exchanges.row_of(wired, location, run)
        if row is not None:
            self._recorded.append(row)

    def record(self, kept: Kept, outcome: Outcome) -> None:
        """Note what became of a kept page; its bytes are let go, its rows wait for the commit."""
        run = self._orphans.run_of(kept.location.file) or self._running
        row = captures.recorded(kept, outcome, run, self._exchanges.columns_of(kept.location))
        admitted = self._gone.admit(row, kept.page)
        if admitted is not None:
            self._recorded.append(admitted)

    def record_unread(self, unread: Unread) -> None:
        """Note an input that never became a page. Where it failed in the same way before, its row is brought up."""
        self._unread.append(unread)

    def note(self, kind: str, data: Mapping[str, Any]) -> None:
        """Keep what no page says, in the WARC file, and apply it to the database at the next commit.

        `kind` is one of `archive.db.notes.APPLIERS`, `data` what JSON can hold; a rebuild applies it again. Raises
        ValueError for another kind, and ArchiveError like `keep`.
        """
        if self._run is None:
            raise ValueError("no run has begun: call start_run first")
        self._notes.write(kind, data)

    def judge(self, one: int, other: int, *, same: bool | None) -> None:
        """Keep a person's word on two articles: copies of one another or not, whatever is computed; None takes it back.

        Raises ValueError where these are not two articles.
        """
        for said in judgements.words(self._db, one, other, same=same):
            self.note("judgement", said)

    @property
    def health(self) -> Health:
        """What is known of the health of its sources, as of the last commit."""
        return Health(self._db)

    def take_pulses(self, named: Mapping[str, Sequence[str]]) -> dict[str, Pulse]:
        """What this run saw of each source it crawled; `named` are the lists that the settings name for each."""
        self.commit()
        with self._translated():
            return self.health.pulses(self._running, named)

    def note_health(self, pulses: Mapping[str, Pulse], alarms: Sequence[Alarm]) -> None:
        """Keep the pulses of this run, and the alarms that changed with it."""
        self.note("health", health_note(runs.key_of(self._db, self._running), pulses, alarms))

    def commit(self) -> None:
        """Make the batch durable: first the WARC records, then all rows in one transaction.

        Raises ArchiveError, with nothing of the batch stored and the batch still waiting, where that fails.
        """
        waits = self._recorded or self._unread or self._restated or self._notes.wait or self._gone.wait
        if not (waits or self.crawl.waits):
            return
        with self._translated():
            if not captures.stored(self._db, self._recorded):
                self._note_batch()
                self._commit()
        self._in_flight.difference_update(row.identity for row in self._recorded)
        self._recorded, self._unread, self._restated = [], [], []
        self._notes.stored()
        self._gone.stored()
        self.crawl.stored()

    def _note_batch(self) -> None:
        """Write down what the batch's rows will say that its pages do not."""
        if self._unread:
            self._notes.write_unread(self._unread, self.started, self.run_key)
            self._unread = []
        adopted = [row for row in self._recorded if row.run_id == self._run and not self._warc.wrote(row.file)]
        if adopted:
            self._notes.write_adopted(adopted, self.run_key)

    def _commit(self) -> None:
        self._warc.sync()
        batch = Batch()
        with transaction(self._db):
            self._store(batch)
            effects = settle_batch(self._db, batch, self._cuttings)
            self._notes.apply()
            self._gone.apply(self.started)
        self._tally.add(effects)
        self._tally.restated += len(self._restated)

    def _store(self, batch: Batch) -> None:
        for name in {row.file for row in self._recorded}:
            runs.note_open(self._db, name)
        captures.insert(self._db, self._recorded)
        for row in self._recorded:
            if row.cleaning is not None:
                batch.add(row.address, row.cleaning)
        for restated in self._restated:
            put_restated(self._db, restated, batch)
        self.crawl.flush()

    def finish_run(self, outcome: str) -> RunSummary:
        """End the run: commit, count, close and note its WARC files, and leave a database anybody can read."""
        self.commit()
        self.replay()
        run = self._running
        with self._translated(), transaction(self._db):
            runs.count(self._db, run, self._tally)
            summary = runs.finish(self._db, run, self._now(), outcome)
            for ended in (*runs.killed_unnoted(self._db), run):
                self.note("run", runs.ended(self._db, ended))
            files = self._warc.close()
            self._notes.apply()
            for file in files:
                runs.note_closed(self._db, file, settled=self._rows_of(file.name) == file.rows)
            self._orphans.settle(self._gone.left_out)
        self._erase()
        self._tidy()
        self._run = None
        self._notes.stored()
        return summary

    def replay(self) -> None:
        """Apply the notes that `orphans` found on its way, once all its pages are recorded."""
        self.commit()
        with self._translated(), transaction(self._db):
            came_back = notes.put(self._db, self._orphans.notes())
            runs.end_rebuilding(self._db)
            self._gone.enforce(self.started, anew=came_back > 0)

    def finish_rebuild(self) -> None:
        """End without a run of its own: `orphans` were recorded for the runs that archived them."""
        self.replay()
        with self._translated(), transaction(self._db):
            self._orphans.settle(self._gone.left_out)
        self._erase()
        self._tidy()

    def _tidy(self) -> None:
        with self._translated():
            for tidy in ("analysis_limit = 1000", "optimize", "wal_checkpoint(truncate)"):
                self._db.conn.execute(f"PRAGMA {tidy}").fetchall()

    def close(self) -> None:
        """Let go of everything. What was kept and not committed is found by `orphans` when it is opened again."""
        self._warc.abandon()
        self._db.conn.close()
        self._lock.release()

    def orphans(self) -> Iterator[tuple[Page, Location]]:
        """Archived pages without a row, to be cleaned and recorded: `record(Kept(page, location), outcome)`.

        Found in files of killed runs, and everywhere where `news.db` was lost. Walk them first, and whole; then
        commit and walk them again: revisits come after what they refer to. What is no page has its row without help.
        """
        with self._translated(), transaction(self._db):
            notes.put(self._db, self._orphans.notes_first("forget"))
            self._gone.enforce(self.started)
        for found, location in self._orphans.find(self._is_settled):
            if isinstance(found, Page):
                self._in_flight.add(captures.identity_of(found))
                yield found, location
                continue
            wired = found.wired
            if wired.reason is None and found.page is None:
                wired = replace(wired, reason=Reason.DAMAGED, error="the record that it refers to is not there")
            self._take(wired, location, self._orphans.run_of(location.file) or self._running)
            if found.page is not None:
                yield found.page, location
            elif len(self._recorded) >= _ROWS_AT_ONCE:
                self.commit()

    def captures(self, site: str | None = None) -> Iterator[CaptureRow]:
        """Every archived capture, or those of a site, in the order in which they should be cleaned again.

        Those of one article come together, its lead first; `restate` and `commit` may be called on the way.
        """
        return captures.in_article_order(self._db, site)

    def sample(self, site: str | None = None) -> Iterator[CaptureRow]:
        """The captures that sites are learned from: see `archive.db.learned.sample`."""
        return learned.sample(self._db, site)

    def show_learned(self, lines: Iterable[ShownLine]) -> None:
        """Let the table `learned` say what was learned, and nothing else."""
        with self._translated(), transaction(self._db):
            learned.put(self._db, lines)

    def show_corrections(self, said: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Let the table `corrections` say what a person set of these addresses, and nothing else."""
        with self._translated(), transaction(self._db):
            byhand.put(self._db, said)

    def page(self, capture: CaptureRow) -> Page:
        """The page of a capture, from its WARC record. Raises ArchiveError where the bytes are not what they were."""
        return read_page(self._db, self.folder / WARCS, capture)

    def restate(self, capture_id: int, outcome: Outcome, accept_losses: bool = False) -> Change:
        """Clean a capture again: its new outcome replaces the old one at the next commit, unless it is a loss.

        A loss (no text any more, or under 80 % of the words) is stored only with `accept_losses`. A capture is
        restated at most once a commit. Raises ArchiveError for an id that has no cleaning.
        """
        with self._translated():
            change, restated = change_of(self._db, capture_id, outcome, accept_losses=accept_losses)
        if restated is not None:
            self._restated.append(restated)
        return change

    def merge(self, other: Path, watch: Callable[[int], None] = lambda _: None) -> United:
        """Take in another archive; `watch` is told of the bytes copied.

        Both ways, and done twice, the same comes of it, but for the run that did it. Raises UsageError where it is
        this archive, ArchiveError where it cannot be read, is locked, damaged or of another version.
        """
        self.commit()
        with Guest.open(other, self.folder, WARCS) as guest, self._translated():
            done = merging.take_in(self._db, self.folder / WARCS, guest, self.started, watch)
        self._gone.reload()
        return done

    def forgettable(self, wanted: forgotten.Wanted) -> forgotten.Found:
        """What there is of something that is to be forgotten. Raises UsageError where there is nothing."""
        with self._translated():
            return forgotten.find(self._db, wanted)

    def forget(self, found: forgotten.Found, depth: Depth) -> None:
        """Forget what was found, now and whenever it comes again; from the WARC files it goes when the run ends."""
        for data in self._gone.notes_of(found, depth):
            self.note("forget", data)
        self.commit()

    def _erase(self) -> None:
        with self._translated():
            if erasure.due(self._db):
                self.erased = erasure.erase(self._db, self.folder / WARCS, self._now())

    def _is_settled(self, identity: Identity) -> bool:
        """Whether a capture needs no row: an equal one waits for its own already, or it was forgotten."""
        return identity in self._in_flight or self._gone.bars_capture(identity)

    def _rows_of(self, file: str) -> int:
        """How many records of a file have what they need: a row, or a tombstone."""
        return runs.rows_in(self._db, file) + self._gone.left_out[file]

    @property
    def _running(self) -> int:
        if self._run is None:
            raise ValueError("no run has begun: call start_run first")
        return self._run

    def _translated(self) -> AbstractContextManager[None]:
        return translated(self.folder / DATABASE)


def software() -> str:
    """Name and version, as WARC files say who wrote them."""
    try:
        return f"hemeroteca/{version('hemeroteca')}"
    except PackageNotFoundError:
        return "hemeroteca/0"
