"""Bytes to a record: strictly, as ISO 28500 has it and we write it, or tolerantly, as others wrote it."""

from __future__ import annotations

import re
from collections import Counter

from archive.reasons import Reason
from archive.warc.record import MAX_HEAD, Malformed, Record

_TYPES_WITH_URI = {"response", "resource", "request", "revisit", "conversion", "continuation"}
_MANDATORY = ("warc-type", "warc-record-id", "warc-date", "content-length")
_REPEATABLE = {"warc-concurrent-to", "warc-protocol"}
# Blanks are taken for good (`*+`): tried again from each of them, a line of a megabyte would take an hour.
_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*+([^\x00-\x08\x0a-\x1f\x7f]*)")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?Z)?)?)?", re.ASCII)
_RECORD_ID = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*:[^<>\s]+>")
_LENGTH = re.compile(r"[0-9]{1,15}")
_LOOSE_VERSION = re.compile(rb"WARC/[0-9]+\.[0-9]+[ \t]*")
_LOOSE_END = re.compile(rb"\r?\n[ \t]*\r?\n")


def parse(data: bytes) -> Record:
    """The one record that `data` is, to the last byte. Raises `Malformed` for anything that is not as it must be."""
    end = data.find(b"\r\n\r\n", 0, MAX_HEAD + 4)
    if end < 0 or not data.startswith(b"WARC/"):
        raise Malformed(_no_head(data))
    version, headers = _strict_head(data[:end])
    record = Record(version, headers, b"")
    _hold_to_the_standard(record)
    length = int(record.get("Content-Length") or "")
    block_at = end + 4
    if len(data) < block_at + length + 4:
        there = max(len(data) - block_at - 4, 0)
        raise Malformed(f"Content-Length is {length}, but only {there} bytes follow", Reason.TRUNCATED)
    _no_more_than_the_end(data[block_at + length : block_at + length + 16], len(data) - block_at - length, length)
    return Record(version, headers, data[block_at : block_at + length])


def _no_head(data: bytes) -> str:
    if not data:
        return "an empty gzip member"
    if not data.startswith(b"WARC/"):
        return f"not a WARC record: it starts with {data[:20]!r}"
    return f"no empty line ends the record's header within {MAX_HEAD} bytes"


def _no_more_than_the_end(rest: bytes, size: int, length: int) -> None:
    if size == 4 and rest == b"\r\n\r\n":
        return
    if rest.startswith(b"\r\n\r\nWARC/"):
        raise Malformed("two records in one gzip member")
    if rest.startswith(b"\r\n\r\n"):
        raise Malformed(f"{size - 4} bytes after the end of the record")
    raise Malformed(f"the record does not end where its Content-Length ({length}) says")


def _strict_head(head: bytes) -> tuple[str, tuple[tuple[str, str], ...]]:
    first, *lines = head.split(b"\r\n")
    if first not in {b"WARC/1.0", b"WARC/1.1"}:
        raise Malformed(f"unknown version {first[:40]!r}")
    headers = []
    for line in lines:
        match = _LINE.fullmatch(line)
        if not match:
            raise Malformed(f"not a header field: {line[:80]!r}")
        try:
            headers.append((match[1].decode("ascii"), match[2].rstrip(b" \t").decode("utf-8")))
        except UnicodeDecodeError:
            raise Malformed(f"a header field is not UTF-8: {line[:80]!r}") from None
    return first.decode("ascii"), tuple(headers)


def _hold_to_the_standard(record: Record) -> None:
    """The rules of ISO 28500 for fields: present, once, in their form."""
    counts = Counter(name.lower() for name, _ in record.headers)
    for name in _MANDATORY:
        if not counts[name] or not record.get(name):
            raise Malformed(f"the mandatory field {name} is missing or empty")
    for name, count in counts.items():
        if count > 1 and name not in _REPEATABLE and name.startswith(("warc-", "content-")):
            raise Malformed(f"the field {name} is there {count} times")
    if record.type in _TYPES_WITH_URI and not record.target_uri:
        raise Malformed(f"a {record.type} record without WARC-Target-URI")
    for name, form in (("Content-Length", _LENGTH), ("WARC-Date", _DATE), ("WARC-Record-ID", _RECORD_ID)):
        value = record.get(name) or ""
        if not form.fullmatch(value):
            raise Malformed(f"{name} is not well formed: {value[:80]!r}")


def tolerant_head(data: bytes) -> tuple[Record, int] | None:
    """The head of a record as others write it, and where its block starts; None where it goes on after `data`.

    Takes any version, lines that end in LF, folded and repeated fields, spaces around names, bytes that are not
    UTF-8 (taken as Latin-1). Raises `Malformed` where it does not start with `WARC/`, a line is no field or has a NUL
    in it (a block of zeros can run two heads into one), or Content-Length is missing or no number. The record's block
    is empty: the reader fills it.
    """
    end = _LOOSE_END.search(data)
    whole_lines = data[: end.start() if end else data.rfind(b"\n") + 1]
    first, _, rest = whole_lines.partition(b"\n")
    if whole_lines and not _LOOSE_VERSION.fullmatch(first.rstrip(b"\r")):
        raise Malformed(f"not a WARC record: it starts with {first[:20]!r}")
    text = _decoded(rest)
    headers = tuple(_tolerant_field(line) for line in re.sub(r"\r?\n[ \t]+", " ", text).split("\n") if line.strip())
    if not end:
        return None
    record = Record(first.strip().decode("ascii"), headers, b"")
    if not _LENGTH.fullmatch(record.get("Content-Length") or ""):
        raise Malformed(f"Content-Length is missing or no number: {(record.get('Content-Length') or '')[:40]!r}")
    return record, end.end()


def _decoded(head: bytes) -> str:
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError:
        return head.decode("latin-1")


def _tolerant_field(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip() or "\0" in line:
        raise Malformed(f"not a header field: {line[:80]!r}")
    return name.strip(), value.strip()
