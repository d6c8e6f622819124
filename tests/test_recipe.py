"""The recipe that is told without loading a model is the one that cleaning notes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from archive.errors import RuleError
from scraper.clean.kit import load_kit
from scraper.recipe import FORESTS, MODELS, recipe_with


def test_it_is_that_of_the_kit() -> None:
    assert recipe_with() == load_kit().recipe


def test_and_that_of_a_kit_with_rules_of_an_archive(tmp_path: Path) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "mine.toml").write_text(
        '[[line]]\nid = "mine.weather"\nwhy = "A widget."\nis = ["tiempo de hoy"]\n'
    )
    assert recipe_with(tmp_path) == load_kit(tmp_path).recipe != recipe_with()
    assert recipe_with(tmp_path, learned=False) == load_kit(tmp_path, learned=False).recipe


def test_a_broken_rule_is_told(tmp_path: Path) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "mine.toml").write_text("[[line\n")
    with pytest.raises(RuleError, match=r"mine\.toml"):
        recipe_with(tmp_path)


def test_every_model_counts() -> None:
    assert {path.name for path in MODELS.glob("*.json")} == {"words.json", *FORESTS}


def test_telling_it_loads_no_cleaner() -> None:
    code = "import sys; from scraper.recipe import recipe_with; recipe_with(); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
