"""An index of WARC records by address and time, as replay tools look them up: CDXJ, sorted byte by byte.

A line is `SURT YYYYMMDDhhmmss {"url", "mime", "status", "digest", "length", "offset", "filename"}`, as cdxj-indexer
writes it (https://specs.webrecorder.net/cdxj/0.1.0/). Its values are strings; what a record does not have is left out.
"""

from __future__ import annotations

import heapq
import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from archive.export.captured import Captures
from archive.export.surt import surt
from archive.model import Location
from archive.store import WARCS
from archive.warc import Record, records, warc_files
from archive.warc.files import OPEN
from archive.warc.record import sha256_of

#: Lines sorted in memory at a time; more are merged from files.
CHUNK = 100_000
_TYPES = {"response", "revisit", "resource", "metadata"}
_END_OF_TYPE = re.compile(r"[;\s]")


def closed_files(folder: Path) -> tuple[Path, ...]:
    """The finished WARC files of an archive; one that a run is still writing is left out."""
    return tuple(path for path in warc_files(folder / WARCS) if not path.name.endswith(OPEN))


def cdxj_of_files(paths: Iterable[Path]) -> Iterator[bytes]:
    """The sorted index of whole files. Raises WarcError at the first damage."""
    return in_order(line for path in paths for line in lines_of(path))


def cdxj_of_captures(captures: Captures) -> Iterator[bytes]:
    """The sorted index of some captures. Raises ArchiveError where a record cannot be read."""
    found = (entry(captures.record(capture), at) for capture in captures if (at := capture.location))
    return in_order(line for line in found if line)


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a file's records, in their order."""
    for found in records(path):
        line = entry(found.record, found.location)
        if line:
            yield line


def entry(record: Record, at: Location) -> bytes | None:
    """The line of a record; None for one that is not replayed: requests, warcinfo, our notes on a crawl."""
    notes = record.type in {"resource", "metadata"} and record.get("Content-Type") == "application/warc-fields"
    if record.type not in _TYPES or notes:
        return None
    url = record.target_uri or ""
    said = {
        "url": url,
        "mime": _mime(record),
        "status": _status(record),
        "digest": record.get("WARC-Payload-Digest") or sha256_of(record.payload),
        "length": str(at.length),
        "offset": str(at.offset),
        "filename": at.file,
    }
    moment = re.sub(r"\D", "", record.date)[:14].ljust(14, "0")
    return f"{surt(url)} {moment} {json.dumps({k: v for k, v in said.items() if v is not None})}\n".encode()


def _mime(record: Record) -> str | None:
    if record.type == "revisit":
        return "warc/revisit"
    head = record.http
    value = head.get("Content-Type") if head else record.get("Content-Type")
    return _END_OF_TYPE.split(value, maxsplit=1)[0] if value else value


def _status(record: Record) -> str | None:
    head = record.http if record.type in {"response", "revisit"} else None
    return None if head is None or head.status is None else f"{head.status:03}"


def in_order(lines: Iterable[bytes], chunk: int = CHUNK) -> Iterator[bytes]:
    """The lines sorted by their bytes, each once; at most `chunk` in memory, the rest in temporary files."""
    left = iter(lines)
    first = sorted(islice(left, chunk))
    with ExitStack() as open_files:
        runs: list[Iterable[bytes]] = [first]
        while part := sorted(islice(left, chunk)):
            file = open_files.enter_context(tempfile.TemporaryFile())
            file.writelines(part)
            file.seek(0)
            runs.append(file)
        before = None
        for line in heapq.merge(*runs):
            if line != before:
                yield line
            before = line
