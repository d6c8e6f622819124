"""A zip whose table of contents holds the digest of each file: what a WACZ is made of, and nothing of web archives."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

_LARGE = 1 << 30  # bytes from which on a file is written so that it may pass 4 GiB


class Package:
    """A zip being written, and the resources it holds so far. `now` is UTC as in `Page.captured_at`."""

    def __init__(self, file: zipfile.ZipFile, now: str) -> None:
        self._file = file
        self._date = datetime.fromisoformat(now).timetuple()[:6]
        self.resources: list[dict[str, Any]] = []

    def store(self, path: str, pieces: Iterable[bytes], size: int = 0) -> None:
        """Add a file as it is. `size` is about how many bytes to expect."""
        self._add(self._info(path, zipfile.ZIP_STORED), pieces, size)

    def deflate(self, path: str, pieces: Iterable[bytes], size: int = 0) -> None:
        """Add a file, compressed."""
        self._add(self._info(path, zipfile.ZIP_DEFLATED), pieces, size)

    def close(self, about: Mapping[str, Any]) -> None:
        """Add `datapackage.json`, `about` and all resources in it, and `datapackage-digest.json` over it."""
        described = json.dumps({**about, "resources": self.resources}, indent=2, ensure_ascii=False).encode()
        digest = {"path": "datapackage.json", "hash": "sha256:" + hashlib.sha256(described).hexdigest()}
        self._file.writestr(self._info("datapackage.json", zipfile.ZIP_DEFLATED), described)
        self._file.writestr(self._info("datapackage-digest.json", zipfile.ZIP_DEFLATED), json.dumps(digest, indent=2))

    def _info(self, path: str, compression: int) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(path, self._date)
        info.compress_type = compression
        info.external_attr = 0o644 << 16
        return info

    def _add(self, info: zipfile.ZipInfo, pieces: Iterable[bytes], size: int) -> None:
        digest, written = hashlib.sha256(), 0
        with self._file.open(info, "w", force_zip64=size >= _LARGE) as out:
            for piece in pieces:
                out.write(piece)
                digest.update(piece)
                written += len(piece)
        name = info.filename.rpartition("/")[2].lower()
        said = {"name": name, "path": info.filename, "hash": f"sha256:{digest.hexdigest()}", "bytes": written}
        self.resources.append(said)
