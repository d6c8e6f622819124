"""Records of ARC files, the format before WARC, as WARC records.

An ARC record is a line of fields that are separated by spaces, so many bytes, and a line break. Version 1 has five
fields (address, IP, 14 digits of time, media type, length), version 2 ten, the length the last in both
(https://archive.org/web/researcher/ArcFileFormat.php). The first record describes the file.
"""

from __future__ import annotations

import re

from archive.warc.record import Malformed, Record

#: What the first line of a record may start with: the description of the file, or the scheme of an address.
STARTS = (b"filedesc://", b"http://", b"https://", b"ftp://", b"dns:", b"mailto:", b"metadata:", b"warcinfo:")
#: Bytes of that line.
MAX_LINE = 16 * 1024

_STARTS = b"|".join(map(re.escape, STARTS))
#: Where the next record may start, after damage.
NEXT = re.compile(rb"\n(?:" + _STARTS + rb")")
_START = re.compile(rb"(?P<url>\S[^\n]*?) (?P<ip>[0-9A-Fa-f.:]{1,45}|-) (?P<date>[0-9]{8,14}) ")
_END = re.compile(rb" (?P<length>[0-9]{1,15})\r?")
_STATUS = re.compile(rb"[0-9]{1,3}|-")


def arc_head(data: bytes) -> tuple[Record, int] | None:
    """The head of an ARC record as that of a WARC record, and where its block starts; None where the line goes on.

    An HTTP answer becomes a `response`, the file's own description a `warcinfo`, all else a `resource`. The record's
    block is empty: the reader fills it. Raises `Malformed` where the line is none of an ARC record.
    """
    end = data.find(b"\n")
    if end < 0:
        if len(data) > MAX_LINE:
            raise Malformed(f"not an ARC record: no line break within {MAX_LINE} bytes")
        return None
    said = _fields(data[:end])
    if said is None:
        raise Malformed(f"not an ARC record: it starts with {data[:40]!r}")
    web, described = said["url"].lower().startswith(("http://", "https://")), said["url"].startswith("filedesc:")
    headers = (
        ("WARC-Type", "warcinfo" if described else "response" if web else "resource"),
        ("WARC-Target-URI", said["url"]),
        ("WARC-Date", said["date"]),
        ("WARC-IP-Address", said["ip"]),
        ("Content-Type", "application/http;msgtype=response" if web else said["type"]),
        ("Content-Length", said["length"]),
    )
    return Record("ARC/1.0", headers, b""), end + 1


def _fields(line: bytes) -> dict[str, str] | None:
    """The fields of a line by name; None where it is none of an ARC record. Address and media type may have spaces.

    Taken from both ends, each once: a line that is all but right takes no longer than any other.
    """
    start = _START.match(line)
    last = line.rfind(b" ")
    end = _END.fullmatch(line, last) if last >= 0 else None
    if start is None or end is None or last < start.end():
        return None
    kind = line[start.end() : last]
    parts = kind.rsplit(b" ", 5)
    if len(parts) == 6 and _STATUS.fullmatch(parts[1]) and parts[4].isdigit():  # version 2
        kind = parts[0]
    named = {**start.groupdict(), **end.groupdict(), "type": kind}
    return {name: value.decode("utf-8", "replace") for name, value in named.items()}
