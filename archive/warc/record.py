"""A WARC record, and how it becomes bytes (WARC/1.1, ISO 28500:2017)."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from zlib_ng import zlib_ng

from archive.errors import ArchiveError
from archive.reasons import Reason
from archive.warc.http import HttpHead, entity_of, parse_head

#: The level of zlib that a record is packed with: beyond it, records take long to write and shrink no more.
LEVEL = 6
#: What is packed already (a page as it came with gzip or brotli, a picture) is stored: it would cost as much to pack
#: as a page, and shrink by nothing. Told by a sample from its middle, of so many bytes ...
SAMPLE = 2048
#: ... that does not shrink below this share. Shorter blocks are packed.
SHRINKS = 0.97
#: Bytes of a record's own header that are written or read; and of its block.
MAX_HEAD = 1024 * 1024
MAX_BLOCK = 256 * 1024 * 1024

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")


class Malformed(ValueError):
    """Bytes that are no good WARC record: `truncated`, `too-large` or `damaged`. The reader adds file and offset."""

    def __init__(self, message: str, reason: Reason = Reason.DAMAGED) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Record:
    """A WARC record: header fields in order, as they are written, and the block.

    `version` is the first line (`WARC/1.1`). A field's name is found in any case.
    """

    version: str
    headers: tuple[tuple[str, str], ...]
    block: bytes

    def get(self, name: str) -> str | None:
        """The first value of a field."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def type(self) -> str:
        """WARC-Type: `response`, `resource`, `warcinfo`, ..."""
        return (self.get("WARC-Type") or "").lower()

    @property
    def record_id(self) -> str:
        """WARC-Record-ID, with its angle brackets."""
        return self.get("WARC-Record-ID") or ""

    @property
    def date(self) -> str:
        """WARC-Date, as it is written."""
        return self.get("WARC-Date") or ""

    @property
    def target_uri(self) -> str | None:
        """WARC-Target-URI, without the angle brackets that WARC/1.0 put around it."""
        value = self.get("WARC-Target-URI")
        return value[1:-1] if value and value.startswith("<") and value.endswith(">") else value

    @property
    def content_type(self) -> str:
        """Content-Type of the block, lower case, without parameters."""
        return (self.get("Content-Type") or "").partition(";")[0].strip().lower()

    @property
    def http(self) -> HttpHead | None:
        """The parsed head of a block that is an HTTP message, else None. Parsed at each call."""
        return parse_head(self.block) if self._is_http else None

    @property
    def payload(self) -> bytes:
        """What WARC-Payload-Digest is over: the entity, its transfer coding removed and its content coding kept.

        Of a block that is no HTTP message, the block.
        """
        head = self.http
        return entity_of(head, self.block) if head else self.block

    @property
    def _is_http(self) -> bool:
        if self.content_type:
            return self.content_type == "application/http"
        return self.type == "response" and (self.target_uri or "").startswith("http")


def encode(record: Record) -> bytes:
    """The record as one gzip member, always the same bytes for the same record.

    Content-Length is computed from the block, whatever the record says. Raises `ArchiveError` for a field with
    a line break, a control character or no valid name in it, and for a header or block over the limits.
    """
    head = _head_of(record)
    if len(head) > MAX_HEAD or len(record.block) > MAX_BLOCK:
        raise ArchiveError(
            f"a WARC record for {(record.target_uri or '')[:200]!r} is too large: {len(head)} bytes of header "
            f"(limit {MAX_HEAD}), {len(record.block)} bytes of content (limit {MAX_BLOCK})"
        )
    level = _level_for(record.block)
    packer = zlib_ng.compressobj(level, zlib_ng.DEFLATED, zlib_ng.MAX_WBITS | 16)  # writes no name, and 0 as its time
    return b"".join(
        (packer.compress(head), packer.compress(record.block), packer.compress(b"\r\n\r\n"), packer.flush())
    )


def _level_for(block: bytes) -> int:
    if len(block) < 4 * SAMPLE:
        return LEVEL
    middle = len(block) // 2
    sample = block[middle : middle + SAMPLE]
    return 0 if len(zlib_ng.compress(sample, LEVEL)) > SHRINKS * SAMPLE else LEVEL


def _head_of(record: Record) -> bytes:
    length = ("Content-Length", str(len(record.block)))
    has_length = any(name.lower() == "content-length" for name, _ in record.headers)
    headers = [length if name.lower() == "content-length" else (name, value) for name, value in record.headers]
    lines = [_line(name, value) for name, value in (headers if has_length else [*headers, length])]
    if record.version not in {"WARC/1.0", "WARC/1.1"}:
        raise ArchiveError(f"no WARC version that can be written: {record.version!r}")
    return "".join((record.version, "\r\n", *lines, "\r\n")).encode("utf-8")


def _line(name: str, value: str) -> str:
    if not _NAME.fullmatch(name):
        raise ArchiveError(f"a WARC field cannot have the name {name[:80]!r}")
    if _FORBIDDEN.search(value) or value != value.strip(" \t"):
        raise ArchiveError(f"the value of the WARC field {name} has a line break, control character or outer space")
    return f"{name}: {value}\r\n"


def new_id() -> str:
    """A WARC-Record-ID that no other record has."""
    return f"<urn:uuid:{uuid.uuid4()}>"


def sha256_of(data: bytes) -> str:
    """`sha256:` and lower-case hex, the form of our digest fields."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def check(record: Record) -> tuple[str, ...]:
    """What is wrong with the record's digests, a sentence each; empty where all that it has are right.

    Knows md5, sha1, sha256 and sha512 in hex, base32 and base64. A payload digest is also accepted over the chunk
    framing, as warcio writes it, and is not checked where the payload is not in the record: revisits and segments.
    """
    of_block, of_payload = record.get("WARC-Block-Digest"), record.get("WARC-Payload-Digest")
    problems = list(_wrong("block", of_block, (record.block,)))
    head = record.http
    elsewhere = record.type in {"revisit", "continuation"} or record.get("WARC-Segment-Number") is not None
    if head is not None and not elsewhere:
        problems.extend(_wrong("payload", of_payload, _payloads(record, head)))
    elif of_payload != of_block and not elsewhere:
        problems.extend(_wrong("payload", of_payload, (record.block,)))
    return tuple(problems)


def _payloads(record: Record, head: HttpHead) -> Iterable[bytes]:
    yield entity_of(head, record.block)
    if head.chunked:
        yield record.block[head.body_at :]


def _wrong(what: str, stated: str | None, candidates: Iterable[bytes]) -> Iterable[str]:
    if not stated:
        return
    label, colon, value = stated.partition(":")
    algorithm = label.strip().lower().replace("-", "")
    if not colon or algorithm not in {"md5", "sha1", "sha256", "sha512"}:
        yield f"the {what} digest {stated[:100]!r} is in no algorithm known here"
        return
    sums = (hashlib.new(algorithm, data, usedforsecurity=False).digest() for data in candidates)
    if not any(_says(value.strip(), digest) for digest in sums):
        yield f"the {what} digest does not match: {stated[:140]}"


def _says(value: str, digest: bytes) -> bool:
    """Whether a written digest is this one: in hex, base32 or base64, padded or not."""
    bare = value.rstrip("=")
    if len(bare) == 2 * len(digest):
        return bare.lower() == digest.hex()
    base32 = base64.b32encode(digest).decode().rstrip("=")
    if len(bare) == len(base32):
        return bare.upper() == base32
    return bare in {form(digest).decode().rstrip("=") for form in (base64.b64encode, base64.urlsafe_b64encode)}
