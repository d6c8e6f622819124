"""Pages and notes in WARC files that have no row: of a run that was killed, or of a database that is to be rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from archive.db import captures, fetches, notes, runs
from archive.db.captures import Identity
from archive.db.notes import Noted
from archive.errors import ArchiveError, WarcError
from archive.model import Location, Page
from archive.settle import instant
from archive.warc import (
    ClosedFile,
    Found,
    NoPage,
    Record,
    Wired,
    file_sha256,
    is_exchange,
    is_note,
    locate,
    note_of,
    page_of,
    read_at,
    records,
    salvage,
    shown,
    warc_files,
    wired_of,
)


@dataclass(slots=True)
class Survey:
    """What a WARC file holds: records, those of them that need a row, and pages whose capture has another record."""

    path: Path
    records: int = 0
    rows: int = 0
    spare: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """An exchange without a row; `page` is there where it is to be cleaned."""

    wired: Wired
    page: Page | None


class Orphans:
    """Looks through the WARC files that the database does not call settled."""

    def __init__(self, db: Database, folder: Path) -> None:
        self._db = db
        self._folder = folder
        settled = runs.settled_files(db)
        self._paths = [path for path in warc_files(folder) if path.name not in settled]
        self._surveys: list[Survey] = []
        self._restored: dict[str, int] = {}
        self._notes: list[tuple[str, Location]] = []
        self._revisits: list[Location] = []

    def newest_run(self) -> int:
        """The highest id that a run had which the files name; 0 where there is none."""
        found = 0
        for path in self._paths:
            with suppress(WarcError):
                found = max(found, runs.named(next(records(path)).record).run_id)
        return found

    def notes_first(self, kind: str) -> Iterator[Noted]:
        """The notes of a kind that have to be known before any page is, in the order of their time."""
        found = []
        for path in self._paths:
            for each in salvage(path):
                if isinstance(each, Found) and is_note(each.record) and not notes.known(self._db, each.location):
                    with suppress(ArchiveError):
                        found.append(Noted(note_of(each.record), each.location))
        wanted = (noted for noted in found if noted.note.kind == kind)
        yield from sorted(wanted, key=lambda one: (instant(one.note.at), one.location.file, one.location.offset))

    def find(self, settled: Callable[[Identity], bool]) -> Iterator[tuple[Page | Fetched, Location]]:
        """What has no row and where it lies, but for captures that need none; damage is passed over, `verify` tells it.

        The first call goes through the files, the second gives the revisits: what they refer to has rows by then.
        """
        for at in self._revisits:
            record = read_at(locate(self._folder, at.file), at.offset, at.length)
            with suppress(NoPage):
                fetched = self._fetched(record)
                if not settled(fetches.identity_of(fetched.wired)):
                    yield fetched, at
        self._revisits = []
        for path in self._paths:
            survey = Survey(path)
            for found in salvage(path):
                if isinstance(found, Found):
                    survey.records += 1
                    yield from self._orphan(found, survey, settled)
            self._surveys.append(survey)
        self._paths = []

    def _orphan(
        self, found: Found, survey: Survey, settled: Callable[[Identity], bool]
    ) -> Iterator[tuple[Page | Fetched, Location]]:
        record, at = found.record, found.location
        if record.type == "warcinfo":
            run_id, restored = runs.restore(self._db, runs.named(record))
            if restored:
                self._restored[at.file] = run_id
        elif is_note(record):
            survey.rows += 1
            self._notes.append((instant(record.date), at))
        else:
            with suppress(NoPage):
                yield from self._capture(record, at, survey, settled)

    def _capture(
        self, record: Record, at: Location, survey: Survey, settled: Callable[[Identity], bool]
    ) -> Iterator[tuple[Page | Fetched, Location]]:
        found = self._fetched(record) if is_exchange(record) else page_of(record)
        survey.rows += 1
        row = "SELECT 1 FROM captures WHERE warc_file = ? AND warc_offset = ?"
        if self._db.conn.execute(row, (at.file, at.offset)).fetchone():
            return
        identity = captures.identity_of(found) if isinstance(found, Page) else fetches.identity_of(found.wired)
        if captures.known(self._db, identity) or settled(identity):
            survey.spare += 1
        elif record.type == "revisit":
            self._revisits.append(at)
        else:
            yield found, at

    def _fetched(self, record: Record) -> Fetched:
        """An exchange, and the page it brought; of a revisit, with the payload of the capture it refers to."""
        wired = wired_of(record)
        if wired.reason is not None:
            return Fetched(wired, None)
        if record.type != "revisit":
            return Fetched(wired, shown(record))
        original = fetches.referred(self._db, self._folder, wired)
        return Fetched(wired, shown(record, original) if original else None)

    def run_of(self, file: str) -> int | None:
        """The run of a file whose run the database did not know; None where it knew it, or the file is new."""
        return self._restored.get(file)

    def notes(self) -> Iterator[Noted]:
        """The notes that were found on the way and are not in the database, in the order of their time."""
        for _, at in sorted(self._notes, key=lambda found: (found[0], found[1].file, found[1].offset)):
            if not notes.known(self._db, at):
                with suppress(ArchiveError):  # `verify` tells it
                    yield Noted(note_of(read_at(locate(self._folder, at.file), at.offset, at.length)), at)
        self._notes = []

    def settle(self, left_out: Mapping[str, int]) -> None:
        """Call the files settled whose pages and notes all have rows now, but for so many `left_out` by file."""
        for survey in self._surveys:
            path = survey.path
            if runs.rows_in(self._db, path.name) + left_out.get(path.name, 0) == survey.rows - survey.spare:
                closed = ClosedFile(path.name, path.stat().st_size, file_sha256(path), survey.records, survey.rows)
                runs.note_closed(self._db, closed, settled=True)
        self._surveys = []
