"""WACZ: web archives in a zip, as Browsertrix, ArchiveWeb.page and `hemeroteca export wacz` write them.

The WARC files lie in `archive/`, stored as they are (https://specs.webrecorder.net/wacz/1.1.1/#archive), and are read
where they lie: nothing is unpacked, and no name in the zip becomes a path. The source of a page is
`FILE.wacz#NAME#OFFSET`.
"""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from archive.model import Page, Unread
from archive.reasons import Reason
from archive.warc import Part
from scraper.sources.files import Kind
from scraper.sources.given import Refused, SourceOptions
from scraper.sources.gz import opened
from scraper.sources.warcfiles import pages_of_warc

_LOCAL = struct.Struct("<4s22xHH")  # of a local file header: signature, lengths of name and extra field
_ENCRYPTED = 0x1
_MAX_DIRECTORY = 64 * 1024 * 1024  # bytes of the list of what is in the zip


def pages_of_wacz(
    path: Path, source: str, options: SourceOptions, count: Callable[[str], None]
) -> Iterator[Page | Unread]:
    """The pages of all WARC files of a WACZ, in the order of their names; `count` is told of each record left out.

    Raises `Refused` where the file is no zip, or holds no WARC file.
    """
    with opened(path) as file:
        members = [member for member in _directory(file) if _is_warc(member.filename)]
        if not members:
            raise Refused(Reason.DAMAGED, "a zip without WARC files in archive/: no WACZ")
        size, end = os.fstat(file.fileno()).st_size, 0
        places = []
        for member in sorted(members, key=lambda member: member.header_offset):
            place = _place(file, member, size)
            if isinstance(place, Part) and place.offset < end:
                raise Refused(Reason.DAMAGED, "the zip is broken: files in it overlap")
            end = place.offset + place.length if isinstance(place, Part) else end
            places.append((_shown(member), place))
    for name, place in sorted(places, key=lambda each: each[0]):
        if isinstance(place, Part):
            yield from pages_of_warc(path, f"{source}#{name}", options, count, place)
        else:
            yield Unread(f"{source}#{name}", Reason.DAMAGED, place)


class _Bounded:
    """A file whose pieces have a limit: a zip's list of members is read at once, whatever size it claims."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises `Refused` for too many."""
        if size > _MAX_DIRECTORY:
            raise Refused(Reason.TOO_LARGE, f"the zip's list of files has more than {_MAX_DIRECTORY:,} bytes")
        return self._file.read(size)


def _directory(file: BinaryIO) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(cast(BinaryIO, _Bounded(file))) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, IndexError, OverflowError) as error:
        raise Refused(Reason.DAMAGED, f"the zip cannot be read: {error}") from None


def _is_warc(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return len(parts) > 1 and parts[0] == "archive" and name.lower().endswith(Kind.WARC.value)


def _shown(member: zipfile.ZipInfo) -> str:
    return member.filename.encode("utf-8", "backslashreplace").decode()


def _place(file: BinaryIO, member: zipfile.ZipInfo, size: int) -> Part | str:
    """Where the bytes of a member lie in the zip, or why they cannot be read in place."""
    if member.flag_bits & _ENCRYPTED:
        return "the zip has it encrypted; unpack it, and clean the folder"
    if member.compress_type != zipfile.ZIP_STORED:
        return "the zip has it compressed, where a WACZ stores it as it is; unpack it, and clean the folder"
    try:
        file.seek(member.header_offset)
        signature, name, extra = _LOCAL.unpack(file.read(_LOCAL.size))
    except (struct.error, ValueError, OverflowError, OSError):
        return "the zip is broken: nothing lies where its list says"
    start = member.header_offset + _LOCAL.size + name + extra
    if signature != b"PK\x03\x04" or member.file_size != member.compress_size or start + member.file_size > size:
        return "the zip is broken: nothing lies where its list says"
    return Part(start, member.file_size)
