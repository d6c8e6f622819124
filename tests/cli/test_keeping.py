"""`merge` and `forget` as a person has them."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

from cli_samples import HARBOUR, ROOT, SCHOOL, Run, as_json

URL = "https://diario.example/puerto"


def archives(hemeroteca: Run, tmp_path: Path) -> tuple[Path, Path]:
    """Ours in `archive`, with the harbour; another one with the school."""
    for name, text in (("harbour", HARBOUR), ("school", SCHOOL)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "harbour" / "harbour.json").write_text(f'{{"url": "{URL}"}}')
    hemeroteca("clean", "harbour", "-q")
    hemeroteca("clean", "school", "-q", "--archive", tmp_path / "other")
    return tmp_path / "archive", tmp_path / "other"


def test_two_archives_become_one(hemeroteca: Run, tmp_path: Path) -> None:
    ours, other = archives(hemeroteca, tmp_path)
    rules = "[[line]]\nid = 'mine.app'\nwhy = 'x'\nis = ['descarga la app']\n"
    for folder, text in ((ours, rules), (other, rules.replace("la app", "nuestra app"))):
        (folder / "rules" / "lines").mkdir(parents=True)
        (folder / "rules" / "lines" / "mine.toml").write_text(text)
    (other / "rules" / "lines" / "theirs.toml").write_text(rules.replace("mine.", "theirs."))
    (ours / "sources.toml").write_text("# by hand\ncontact = 'a'\n[[source]]\nname = 'a'\nurl = 'https://a.example/'\n")
    (other / "sources.toml").write_text("contact = 'b'\n[[source]]\nname = 'b'\nurl = 'https://b.example/'\n")

    first = hemeroteca("merge", other)
    assert "1 captures" in first.stdout.replace("  ", " ")
    told = first.stderr.splitlines()
    assert len(told) == 2
    assert "rules/lines/mine.toml says something else there: kept as rules/lines/mine.toml.other" in told[0]
    assert "sources.toml: contact is something else there" in told[1]
    assert (ours / "rules" / "lines" / "theirs.toml").exists()
    sources = (ours / "sources.toml").read_text()
    assert sources.startswith("# by hand")
    assert "b.example" in sources
    again = hemeroteca("merge", other)
    assert "nothing new" in again.stdout
    assert (ours / "sources.toml").read_text() == sources
    hemeroteca("verify")
    assert as_json(hemeroteca("status", "--json"))["articles"] == 2


def test_a_mistake_is_one_line_and_no_run(hemeroteca: Run, tmp_path: Path) -> None:
    ours, _ = archives(hemeroteca, tmp_path)
    before = as_json(hemeroteca("status", "--json"))["runs"]
    for args, code, told in (
        (("merge", ours), 2, "this very archive"),
        (("merge", tmp_path / "nowhere"), 3, "no archive at"),
        (("forget", "--hide"), 2, "name one thing"),
        (("forget", URL), 2, "say how deep"),
        (("forget", URL, "--hide"), 2, "say --yes"),
        (("forget", "https://diario.example/none", "--drop", "--yes"), 2, "nothing of"),
        (("forget", "99", "--drop", "--yes"), 2, "nothing of"),
    ):
        done = hemeroteca(*args, code=code)
        assert told in done.stderr
        assert done.stderr.count("\n") == 1
    assert as_json(hemeroteca("status", "--json"))["runs"] == before


def test_forgetting_is_asked_rehearsed_and_done(hemeroteca: Run, tmp_path: Path) -> None:
    ours, other = archives(hemeroteca, tmp_path)
    assert as_json(hemeroteca("forget", URL, "--erase", "--dry-run", "--json"))["articles"] == 1
    assert URL in hemeroteca("forget", "1", "--drop", "--dry-run").stdout
    assert as_json(hemeroteca("status", "--json"))["articles"] == 1

    assert hemeroteca("forget", URL, "--erase", "--yes").stdout.startswith("1 article, 1 capture, 1 address erased")
    again = hemeroteca("clean", "harbour")
    assert "left out 1 page that had been forgotten" in again.stderr
    hemeroteca("merge", other)
    hemeroteca("verify")
    assert as_json(hemeroteca("status", "--json"))["articles"] == 1
    assert not any(b"diario.example" in path.read_bytes() for path in ours.rglob("*") if path.is_file())

    shutil.rmtree(ours / "rules", ignore_errors=True)
    (ours / "news.db").unlink()
    hemeroteca("verify", "--repair")
    assert as_json(hemeroteca("status", "--json"))["articles"] == 1
    assert "nothing of" in hemeroteca("forget", URL, "--erase", "--yes", code=2).stderr


def test_on_a_terminal_it_asks(hemeroteca: Run, tmp_path: Path) -> None:
    ours, _ = archives(hemeroteca, tmp_path)
    env = os.environ | {"HEMEROTECA_ARCHIVE": str(ours), "PYTHONPATH": str(ROOT)}
    for answer, articles in ((b"n\n", 1), (b"y\n", 0)):
        ours_end, theirs = pty.openpty()
        os.write(ours_end, answer)
        command = [sys.executable, "-m", "scraper.cli", "forget", URL, "--hide"]
        done = subprocess.run(command, stdin=theirs, capture_output=True, env=env, timeout=120, check=False)
        os.close(theirs)
        os.close(ours_end)
        assert URL in done.stdout.decode()
        assert (done.returncode == 0) == (articles == 0)
        assert as_json(hemeroteca("status", "--json"))["articles"] == articles


def test_what_is_hidden_is_in_no_export(hemeroteca: Run, tmp_path: Path) -> None:
    archives(hemeroteca, tmp_path)
    hemeroteca("forget", URL, "--hide", "--yes")
    for form, name in (
        ("jsonl", "a.jsonl"),
        ("cdxj", "a.cdxj"),
        ("wacz", "a.wacz"),
        ("sqlite", "a.db"),
        ("wet", "a.warc.wet.gz"),
    ):
        hemeroteca("export", form, tmp_path / name)
    assert b"diario" not in (tmp_path / "a.jsonl").read_bytes()
    assert (tmp_path / "a.cdxj").read_bytes() == b""
    assert HARBOUR[:40].encode() not in (tmp_path / "a.db").read_bytes()
    assert len((tmp_path / "a.wacz").read_bytes()) < 4_000
