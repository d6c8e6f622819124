"""The wheel holds everything: it works where the checkout is not."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("archive", "scraper")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built with what the environment has."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], check=True, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_rules_models_and_all_other_data_are_in_the_wheel(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    there = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert there <= packed
    assert any(name.endswith(".toml") for name in packed)
    assert any("/models/" in name for name in packed)


def test_an_installed_wheel_cleans_the_seeds(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    where = "import archive, scraper; print(archive.__file__, scraper.__file__)"
    run = [sys.executable, "-P", "-c"]
    apart = {**os.environ, "PYTHONPATH": str(site)}  # comes before the editable checkout
    found = subprocess.run([*run, where], check=True, cwd=tmp_path, env=apart, capture_output=True, text=True)
    assert all(name.startswith(str(site)) for name in found.stdout.split())
    clean = f"from scraper.cli import main; main(['clean', {str(ROOT / 'seeds')!r}, '--archive', 'made', '--quiet'])"
    subprocess.run([*run, clean], check=True, cwd=tmp_path, env=apart)
    assert (tmp_path / "made" / "news.db").stat().st_size > 0
