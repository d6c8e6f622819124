"""Pages that were archived and have no row: of a run that was killed, or of a database that is to be rebuilt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from archive.db import captures, runs
from archive.model import Location, Page
from archive.warc import ClosedFile, Found, NoPage, file_sha256, page_of, salvage, warc_files


@dataclass(slots=True)
class Survey:
    """What a WARC file holds: records, pages among them, and pages whose capture has another record (`spare`)."""

    path: Path
    records: int = 0
    pages: int = 0
    spare: int = 0


class Orphans:
    """Looks through the WARC files that the database does not call settled."""

    def __init__(self, db: Database, folder: Path) -> None:
        self._db = db
        settled = runs.settled_files(db)
        self._paths = [path for path in warc_files(folder) if path.name not in settled]
        self._surveys: list[Survey] = []

    def find(self) -> Iterator[tuple[Page, Location]]:
        """The pages without a row and where each lies; damage is passed over, `verify` tells it."""
        for path in self._paths:
            survey = Survey(path)
            for found in salvage(path):
                if isinstance(found, Found):
                    survey.records += 1
                    yield from self._orphan(found, survey)
            self._surveys.append(survey)
        self._paths = []

    def _orphan(self, found: Found, survey: Survey) -> Iterator[tuple[Page, Location]]:
        try:
            page = page_of(found.record)
        except NoPage:
            return
        survey.pages += 1
        at = found.location
        row = "SELECT 1 FROM captures WHERE warc_file = ? AND warc_offset = ?"
        if self._db.conn.execute(row, (at.file, at.offset)).fetchone():
            return
        if captures.known(self._db, captures.identity_of(page)):
            survey.spare += 1
        else:
            yield page, at

    def note(self) -> None:
        """Call the files settled that were looked through and whose pages all have rows now."""
        for survey in self._surveys:
            if runs.pages_in(self._db, survey.path.name) == survey.pages - survey.spare:
                path = survey.path
                closed = ClosedFile(path.name, path.stat().st_size, file_sha256(path), survey.records)
                runs.note_closed(self._db, closed, settled=True)
        self._surveys = []
