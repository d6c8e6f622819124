"""A folder of dumps and the command line as a user has it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_samples import HARBOUR, MENU, ROOT, SCHOOL, Run


@pytest.fixture
def dumps(tmp_path: Path) -> Path:
    """Two articles, one of them twice (other name, other encoding, other white space), and a menu."""
    folder = tmp_path / "dumps"
    folder.mkdir()
    (folder / "harbour.txt").write_text(HARBOUR, encoding="utf-8")
    (folder / "school.txt").write_text(SCHOOL, encoding="utf-8")
    (folder / "school-again.txt").write_bytes(SCHOOL.replace("\n", "\r\n").encode("cp1252"))
    (folder / "menu.txt").write_text(MENU, encoding="utf-8")
    return folder


@pytest.fixture
def hemeroteca(tmp_path: Path) -> Run:
    """Run the command in `tmp_path`, with its archive in `tmp_path/archive`."""

    def run(*args: object, stdin: bytes | None = None, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "scraper.cli", *map(str, args)],
            cwd=tmp_path,
            env=os.environ | {"HEMEROTECA_ARCHIVE": str(tmp_path / "archive"), "PYTHONPATH": str(ROOT)},
            input=stdin,
            capture_output=True,
            timeout=120,
            check=False,
        )
        text = subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())
        assert code is None or text.returncode == code, f"{text.args}\n{text.stdout}\n{text.stderr}"
        assert "Traceback" not in text.stderr
        return text

    return run
