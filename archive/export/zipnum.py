"""A sorted index packed so that a line is found by reading a little: blocks of lines, and an index of the blocks.

The form is pywb's ZipNum as WACZ uses it: `index.cdx.gz` is gzip members of some hundred lines, `index.idx` names
the first key of each, its place and its digest.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice

LINES = 300


class ZipNum:
    """Packs lines; `index` is there once `blocks` was walked to its end."""

    def __init__(self, name: str) -> None:
        self._offset = 0
        self._index = [f"!meta 0 {json.dumps({'format': 'cdxj-gzip-1.0', 'filename': name})}\n".encode()]

    def blocks(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The gzip members, for `index.cdx.gz`."""
        left = iter(lines)
        while block := list(islice(left, LINES)):
            packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
            member = packer.compress(b"".join(block)) + packer.flush()
            self._index.append(self._entry(block[0], member))
            self._offset += len(member)
            yield member

    def index(self) -> Iterator[bytes]:
        """The lines of `index.idx`."""
        yield from self._index

    def _entry(self, first: bytes, member: bytes) -> bytes:
        place = {"offset": self._offset, "length": len(member)}
        digest = "sha256:" + hashlib.sha256(member).hexdigest()
        return first.partition(b" {")[0] + b" " + json.dumps({**place, "digest": digest}).encode() + b"\n"
