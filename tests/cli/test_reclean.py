"""Re-cleaning from the archive: in place, without fetching, and never a silent loss."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from cli_samples import Run, as_json

#: A user's rule that takes a whole paragraph away; the school's text keeps under 80 % of its words.
RULE = """\
[[line]]
id = "own.teacher"
phrases = ["La maestra"]
match = "start"
why = "a test"
drops = ["La maestra, Lucía Ferrán, llegó de la capital con su familia."]
keeps = []
"""


def texts(archive: Path) -> dict[int, str]:
    with sqlite3.connect(archive / "news.db") as db:
        return dict(db.execute("SELECT id, text FROM articles"))


def test_the_same_rules_change_nothing(hemeroteca: Run, dumps: Path, tmp_path: Path) -> None:
    hemeroteca("clean", dumps)
    before = texts(tmp_path / "archive")
    done = as_json(hemeroteca("reclean", "--json"))
    assert (done["captures"], done["same"], done["failed"]) == (4, 4, 0)
    assert texts(tmp_path / "archive") == before


def test_a_damaged_record_is_told_and_left_alone(hemeroteca: Run, dumps: Path, tmp_path: Path) -> None:
    hemeroteca("clean", dumps)
    before = texts(tmp_path / "archive")
    warc = next((tmp_path / "archive" / "warcs").iterdir())
    with sqlite3.connect(tmp_path / "archive" / "news.db") as db:
        offset, length = db.execute("SELECT warc_offset, warc_length FROM captures LIMIT 1").fetchone()
    damaged = bytearray(warc.read_bytes())
    damaged[offset + length // 2] ^= 0x20
    warc.write_bytes(damaged)
    done = as_json(hemeroteca("reclean", "--json", code=1))
    assert (done["failed"], done["same"]) == (1, 3)
    assert texts(tmp_path / "archive") == before
    assert hemeroteca("verify", code=3).stdout
