"""WARC files of another archive, taken over byte for byte.

They are copied beside the archive's own, into a folder that nobody looks into, and checked on the way; when all are
there and sound, each gets its place. Killed in the middle, the archive has none of them, or some of them whole, and
those are found by the next run as any file is whose pages have no rows.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from archive.errors import ArchiveError, WarcError
from archive.warc.files import file_sha256, remove_stage, sync_folder
from archive.warc.reader import records

#: Where files are copied to, in `warcs/`.
STAGE = ".adopted"

_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Adopted:
    """A file of the other archive and what it is here.

    `name` is its name here. `known` tells that the archive had it: the same bytes, or (`moved`) the same file before
    or after records were erased from it, so that records lie elsewhere.
    """

    theirs: str
    name: str
    known: bool = False
    moved: bool = False


def plan(folder: Path, files: Mapping[Path, str]) -> tuple[Adopted, ...]:
    """What each of the other archive's files, with its SHA-256 in hex, would be in `folder`."""
    return tuple(_plan(folder, path, sha256) for path, sha256 in files.items())


def _plan(folder: Path, path: Path, sha256: str) -> Adopted:
    ours = folder / path.name
    if not ours.exists():
        return Adopted(path.name, path.name)
    if file_sha256(ours) == sha256:
        return Adopted(path.name, path.name, known=True)
    if _first_id(ours) == _first_id(path):
        return Adopted(path.name, path.name, known=True, moved=True)
    stem = path.name.removesuffix(".warc.gz")
    name = f"{stem}-{sha256[:8]}.warc.gz"
    return Adopted(path.name, name, known=(folder / name).exists(), moved=(folder / name).exists())


def _first_id(path: Path) -> str:
    """The id of a file's warcinfo, which no two files share and which stays when records are erased."""
    try:
        return next(records(path)).record.record_id
    except WarcError:
        return ""


def adopt(folder: Path, files: Mapping[Path, str], plans: Iterable[Adopted], watch: Callable[[int], None]) -> None:
    """Copy the files that are not known into `folder`; `watch` is told of the bytes copied.

    Raises `ArchiveError`, with nothing changed, where one is not what its SHA-256 says, or cannot be read or written.
    """
    stage = folder / STAGE
    by_name = {path.name: (path, sha256) for path, sha256 in files.items()}
    wanted = [one for one in plans if not one.known]
    try:
        clear(folder)
        stage.mkdir(parents=True)
        for one in wanted:
            path, sha256 = by_name[one.theirs]
            if _copy(path, stage / one.name, watch) != sha256:
                raise ArchiveError(f"{path}: is not the file that was closed; `hemeroteca verify` tells more")
        sync_folder(stage)
        for one in wanted:
            (stage / one.name).rename(folder / one.name)
        sync_folder(folder)
    except OSError as error:
        raise ArchiveError(f"{stage}: the files cannot be taken over: {error.strerror or error}") from error
    finally:
        clear(folder)


def _copy(source: Path, target: Path, watch: Callable[[int], None]) -> str:
    digest = hashlib.sha256()
    with source.open("rb") as old, target.open("xb") as new:
        while piece := old.read(_PIECE):
            digest.update(piece)
            new.write(piece)
            watch(len(piece))
        new.flush()
        os.fsync(new.fileno())
    return digest.hexdigest()


def clear(folder: Path) -> None:
    """Remove what a merge that was killed had copied. Raises `ArchiveError` where that cannot be."""
    remove_stage(folder / STAGE)
