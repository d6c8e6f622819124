"""Dumps that we wrote ourselves, and what the tests of the command line share."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

_DUMPS = Path(__file__).parent / "dumps"
HARBOUR = (_DUMPS / "harbour.txt").read_text(encoding="utf-8")
SCHOOL = (_DUMPS / "school.txt").read_text(encoding="utf-8")
MENU = (_DUMPS / "menu.txt").read_text(encoding="utf-8")

Run = Callable[..., subprocess.CompletedProcess[str]]


def as_json(done: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON object a command printed."""
    return json.loads(done.stdout)
