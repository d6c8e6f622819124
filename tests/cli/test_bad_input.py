"""What a folder of dumps may throw at a run: each gets a clear line, and the rest goes on."""

from __future__ import annotations

import ctypes
import gzip
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_samples import ROOT, SCHOOL, Run, as_json

# linux/prctl.h, linux/capability.h
PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER = 1, 2, 3

GOOD = {"school.txt": SCHOOL.encode()}


def bomb() -> bytes:
    """200 MB of one letter in 200 kB."""
    return gzip.compress(b"a" * 200_000_000, 6)


def open_tags() -> bytes:
    return b"<html><body>" + b"<div>" * 100_000 + b"<p>" + SCHOOL.encode()


def truncated_warc() -> bytes:
    head = b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:0>\r\nWARC-Date: 2025-07-12T00:00:00Z\r\n"
    head += b"WARC-Target-URI: https://example.org/a\r\nContent-Type: text/plain\r\nContent-Length: 90000\r\n\r\n"
    return gzip.compress(head + b"corto")


@pytest.mark.parametrize(
    ("name", "body", "reasons"),
    [
        ("empty.txt", lambda: b"", {"empty"}),
        ("blank.txt", lambda: b" \n\t\r\n", {"empty"}),
        ("program.txt", lambda: b"\x7fELF\x02\x01\x01" + bytes(2000), {"binary"}),
        ("line.txt", lambda: b"palabra " * 25_000_000, {"too-large"}),
        ("bomb.txt.gz", bomb, {"too-large"}),
        ("torn.html.gz", lambda: gzip.compress(open_tags())[:-40], {"truncated", "damaged"}),
        ("torn.warc.gz", truncated_warc, {"truncated", "damaged"}),
    ],
    ids=["empty", "blank", "program", "line", "bomb", "torn-gzip", "torn-warc"],
)
def test_told_in_a_line_and_counted(
    hemeroteca: Run, tmp_path: Path, name: str, body: Callable[[], bytes], reasons: set[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "school.txt").write_bytes(GOOD["school.txt"])
    (folder / name).write_bytes(body())
    done = hemeroteca("clean", folder, "--json", code=1)
    counts = as_json(done)
    assert (counts["new"], counts["failed"]) == (1, 1)
    assert set(counts["reasons"]) <= reasons
    assert len(done.stderr.splitlines()) == 1
    assert name in done.stderr
    hemeroteca("verify")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("tags.html", open_tags()),
        ("invalid.txt", SCHOOL.encode()[:300] + b"\xff\xfe\xc3(" + SCHOOL.encode()[300:]),
        ("nul.html", b"<p>\x00" + SCHOOL.replace("\n\n", "<p>").encode() + b"\x00"),
    ],
    ids=["tags", "invalid", "nul"],
)
def test_odd_but_readable_pages_stop_nothing(hemeroteca: Run, tmp_path: Path, name: str, body: bytes) -> None:
    (tmp_path / name).write_bytes(body)
    counts = as_json(hemeroteca("clean", name, "--json", code=None))
    assert counts["pages"] == 1
    assert counts["new"] + counts["rejected"] + counts["failed"] == 1
    hemeroteca("verify")


def test_a_full_disk_is_one_line_and_loses_nothing(hemeroteca: Run, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number:03}.txt").write_bytes(os.urandom(900).hex().encode() + SCHOOL.encode())
    command = [sys.executable, "-m", "scraper.cli", "clean", str(folder), "--archive", str(tmp_path / "archive")]
    done = subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    hemeroteca("clean", folder)  # there is room again
    with sqlite3.connect(tmp_path / "archive" / "news.db") as db:
        assert db.execute("SELECT count(*), count(DISTINCT source) FROM captures").fetchone() == (300, 300)
    hemeroteca("verify")


def test_a_read_only_disk_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    (tmp_path / "school.txt").write_bytes(GOOD["school.txt"])
    done = unprivileged(tmp_path, "clean", str(tmp_path / "school.txt"), "--archive", str(folder / "archive"))
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert "archive" in done.stderr


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "secret.txt").write_bytes(GOOD["school.txt"])
    (folder / "secret.txt").chmod(0)
    (folder / "school.txt").write_bytes(GOOD["school.txt"])
    done = unprivileged(tmp_path, "clean", str(folder), "--archive", str(tmp_path / "archive"))
    assert done.returncode == 1, done.stderr
    assert "secret.txt: unreadable" in done.stderr
    assert "1 new article" in done.stdout


def test_another_users_finished_archive_can_be_read(hemeroteca: Run, tmp_path: Path) -> None:
    (tmp_path / "school.txt").write_bytes(GOOD["school.txt"])
    hemeroteca("clean", "school.txt")
    for path in [tmp_path / "archive", *(tmp_path / "archive").rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    for command in ("verify", "status"):
        done = unprivileged(tmp_path, command, "--archive", str(tmp_path / "archive"))
        assert done.returncode == 0, done.stderr


def unprivileged(tmp_path: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the command so that permissions count, for root too: without the capabilities that overrule them."""

    def drop() -> None:
        if os.geteuid() == 0:
            libc = ctypes.CDLL(None, use_errno=True)
            for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER):
                if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
                    raise OSError(ctypes.get_errno(), "prctl")

    return subprocess.run(
        [sys.executable, "-m", "scraper.cli", *args],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        preexec_fn=drop,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
