"""Pages as WARC files: written so that nothing is lost, read so that no damage passes unseen."""

from archive.warc.files import Part, file_sha256, locate, warc_files
from archive.warc.foreign import foreign
from archive.warc.http import NoPage
from archive.warc.pages import is_page, page_of, record_of
from archive.warc.reader import Damage, Found, read_at, records, salvage
from archive.warc.record import Record, check, encode
from archive.warc.repair import Repair, repair, scan
from archive.warc.writer import ClosedFile, WarcWriter

__all__ = [
    "ClosedFile",
    "Damage",
    "Found",
    "NoPage",
    "Part",
    "Record",
    "Repair",
    "WarcWriter",
    "check",
    "encode",
    "file_sha256",
    "foreign",
    "is_page",
    "locate",
    "page_of",
    "read_at",
    "record_of",
    "records",
    "repair",
    "salvage",
    "scan",
    "warc_files",
]
