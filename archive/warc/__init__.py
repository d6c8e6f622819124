"""Pages as WARC files: written so that nothing is lost, read so that no damage passes unseen."""

from archive.warc.exchanges import (
    Answer,
    Original,
    Received,
    Wired,
    answer_of,
    is_exchange,
    records_of,
    shown,
    unanswered,
    wired_of,
)
from archive.warc.files import Part, file_sha256, locate, warc_files
from archive.warc.foreign import foreign
from archive.warc.http import NoPage
from archive.warc.notes import Note, fields_of, is_note, note_of
from archive.warc.pages import is_page, page_of, record_of
from archive.warc.reader import Damage, Found, found_at, read_at, records, salvage
from archive.warc.record import Record, check, encode
from archive.warc.repair import Repair, repair, scan
from archive.warc.writer import ClosedFile, WarcWriter

__all__ = [
    "Answer",
    "ClosedFile",
    "Damage",
    "Found",
    "NoPage",
    "Note",
    "Original",
    "Part",
    "Received",
    "Record",
    "Repair",
    "WarcWriter",
    "Wired",
    "answer_of",
    "check",
    "encode",
    "fields_of",
    "file_sha256",
    "foreign",
    "found_at",
    "is_exchange",
    "is_note",
    "is_page",
    "locate",
    "note_of",
    "page_of",
    "read_at",
    "record_of",
    "records",
    "records_of",
    "repair",
    "salvage",
    "scan",
    "shown",
    "unanswered",
    "warc_files",
    "wired_of",
]
