"""A file is there whole, or not at all, and never in another's place."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.errors import ArchiveError, UsageError
from archive.export.output import new_folder, write_file, write_stream


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "out"

    def pieces() -> Iterator[bytes]:
        yield b"one"
        assert not target.exists()
        yield b"two"

    assert write_file(pieces(), target) == 6
    assert target.read_bytes() == b"onetwo"
    assert list(tmp_path.iterdir()) == [target]


def failing() -> Iterator[bytes]:
    yield b"one"
    raise ZeroDivisionError


def test_nothing_stays_of_an_export_that_failed(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        write_file(failing(), tmp_path / "out")
    with pytest.raises(ZeroDivisionError), new_folder(tmp_path / "folder") as folder:
        (folder / "a").write_bytes(b"".join(failing()))
    assert list(tmp_path.iterdir()) == []


def test_nothing_stays_of_an_export_that_was_interrupted(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"one"
        signal.raise_signal(signal.SIGINT)
        yield b"two"

    with pytest.raises(KeyboardInterrupt):
        write_file(pieces(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        write_file([b"yours"], target)

    def meanwhile() -> Iterator[bytes]:
        (tmp_path / "late").write_text("mine")
        yield b"yours"

    with pytest.raises(UsageError, match="exists already"):
        write_file(meanwhile(), tmp_path / "late")
    assert (tmp_path / "late").read_text() == target.read_text() == "mine"


def test_a_folder_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        write_file([], tmp_path / "missing" / "out")


def test_a_disk_that_refuses_is_said() -> None:
    with pytest.raises(ArchiveError, match="cannot be written"):
        write_file([b"x"], Path("/proc/out"))


def test_a_stream_that_takes_no_more_is_said() -> None:
    with (
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(ArchiveError, match="/dev/full: cannot be written: No space left"),
    ):
        write_stream([b"x" * 100_000], full)


def test_a_reader_that_went_away_is_left_to_the_command_line() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, ours.makefile("wb") as out, pytest.raises(BrokenPipeError):
        write_stream([b"x" * 1_000_000], out)
