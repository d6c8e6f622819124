"""The files under the paths that were given, in an order that depends on their names alone."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from archive.errors import UsageError

STDIN = "-"


class Kind(Enum):
    """What a file is by its name."""

    PAGE = (".txt", ".html", ".htm", ".xhtml", ".txt.gz", ".html.gz", ".htm.gz", ".xhtml.gz")
    WARC = (".warc", ".warc.gz", ".warc.wet", ".warc.wet.gz", ".arc", ".arc.gz")
    WACZ = (".wacz",)
    MHTML = (".mhtml", ".mht")
    JSON_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
    CSV = (".csv", ".csv.gz")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file to be read, or what stands in the way of reading (`error`).

    `path` is for the system, and None for standard input; `source` is for people: forward slashes, and every byte
    that is not UTF-8 as `\\xNN`.
    """

    path: Path | None
    source: str
    kind: Kind | None
    error: OSError | None = None


def kind_of(name: str) -> Kind | None:
    """What a file is by the ending of its name; None for one that says nothing."""
    lower = name.lower()
    return next((kind for kind in Kind if lower.endswith(kind.value)), None)


def source_of(path: Path | str) -> str:
    """How a path is written in the archive: normalised, never made absolute."""
    normal = os.path.normpath(path)
    if normal == STDIN:
        normal = f"{os.curdir}{os.sep}{normal}"
    return os.fsencode(normal).decode("utf-8", "backslashreplace").replace(os.sep, "/")


def expect_paths(paths: Sequence[str]) -> None:
    """Raise `UsageError` for the first path that is not there."""
    for path in paths:
        if path != STDIN and not os.path.lexists(path):
            raise UsageError(f"{source_of(path) if path else repr(path)}: no such file or folder")


def walk(paths: Sequence[str], skip: Callable[[Path], None]) -> Iterator[Entry]:
    """The files under the paths, each path in turn, a folder's entries in the order of their names' bytes.

    A file named outright is taken whatever its name. In a folder hidden files are left out in silence; `skip` is
    told the others that are no input. A folder that was entered through itself is not entered again.
    """
    for path in paths:
        if path == STDIN:
            yield Entry(None, STDIN, None)
        elif Path(path).is_dir():
            yield from _folder(Path(path), skip)
        else:
            yield Entry(Path(path), source_of(path), kind_of(path))


def _folder(top: Path, skip: Callable[[Path], None]) -> Iterator[Entry]:
    #: Of each folder that was entered, what is left of it, and the folders it lies in, itself too.
    entered: list[tuple[Iterator[Path], frozenset[tuple[int, int]]]] = [(iter((top,)), frozenset())]
    while entered:
        paths, above = entered[-1]
        path = next(paths, None)
        if path is None:
            entered.pop()
            continue
        try:
            status = path.stat()
            if not stat.S_ISDIR(status.st_mode):
                if entry := _file(path, status, skip):
                    yield entry
                continue
            if (status.st_dev, status.st_ino) in above:
                continue
            names = _names(path)
        except OSError as error:
            if kind_of(path.name) is None and error.errno in {errno.ENOENT, errno.ELOOP}:
                skip(path)
            else:
                yield Entry(path, source_of(path), None, error)
            continue
        within = above | {(status.st_dev, status.st_ino)}
        entered.append((map(path.joinpath, names), within))


def _file(path: Path, status: os.stat_result, skip: Callable[[Path], None]) -> Entry | None:
    kind = kind_of(path.name)
    if kind is not None and stat.S_ISREG(status.st_mode):
        return Entry(path, source_of(path), kind)
    skip(path)
    return None


def _names(folder: Path) -> list[str]:
    """The entries of a folder in order, without the parts (`x_files`) that a browser saved beside a page."""
    names = sorted((path.name for path in folder.iterdir() if not path.name.startswith(".")), key=os.fsencode)
    pages = {Path(name).stem for name in names if name.lower().endswith((".html", ".htm"))}
    return [name for name in names if not (name.endswith("_files") and name.removesuffix("_files") in pages)]
