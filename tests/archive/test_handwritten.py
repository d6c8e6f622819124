"""What people wrote in two archives, brought together without a person's word lost or a comment touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.errors import SettingsError
from archive.handwritten import naming, unite


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("a", "b"):
        (tmp_path / name / "rules" / "lines").mkdir(parents=True)
    return tmp_path / "a", tmp_path / "b"


def both(two: tuple[Path, Path], name: str, ours: str | None, theirs: str) -> tuple[list[str], str]:
    a, b = two
    if ours is not None:
        (a / name).write_text(ours)
    (b / name).write_text(theirs)
    told = list(unite(a, b))
    text = (a / name).read_text()
    assert [*unite(a, b)] == told
    assert (a / name).read_text() == text
    assert (b / name).read_text() == theirs
    return told, text


def test_what_is_missing_is_copied(two: tuple[Path, Path]) -> None:
    told, text = both(two, "rules/lines/mine.toml", None, "# by hand\n[[line]]\nid = 'x'\n")
    assert (told, text) == ([], "# by hand\n[[line]]\nid = 'x'\n")


def test_a_rule_file_that_differs_is_kept_beside(two: tuple[Path, Path]) -> None:
    (told,), text = both(two, "rules/lines/mine.toml", "a = 1\n", "a = 2\n")
    assert text == "a = 1\n"
    assert "rules/lines/mine.toml.other" in told
    assert (two[0] / "rules" / "lines" / "mine.toml.other").read_text() == "a = 2\n"


def test_sources_are_joined_by_name_and_comments_stay(two: tuple[Path, Path]) -> None:
    ours = "contact = 'm'  # mine\n\n[[source]]\nname = 'a'\nevery = '1h'  # often\n"
    theirs = "contact = 'm'\n[[source]]\nname = 'a'\nevery = '2h'\n[[source]]\nname = 'b'\nurl = 'u'\n"
    (told,), text = both(two, "sources.toml", ours, theirs)
    assert told == "sources.toml: source a is something else there, and stays as it is here"
    assert text.startswith(ours)
    assert "name = 'b'" in text


def test_corrections_are_joined_by_address(two: tuple[Path, Path]) -> None:
    ours = '["https://e.example/1"]\ntitle = "A"\n'
    theirs = '["https://e.example/1"]\ntitle = "B"\nsection = "S"\n["https://e.example/2"]\ntitle = "C"\n'
    (told,), text = both(two, "corrections.toml", ours, theirs)
    assert told == "corrections.toml: https://e.example/1.title is something else there, and stays as it is here"
    assert 'section = "S"' in text
    assert '["https://e.example/2"]' in text


def test_pins_and_vetoes_are_joined(two: tuple[Path, Path]) -> None:
    ours = "[[pin]]\nsite = 'a'\nline = 'x'\n"
    told, text = both(two, "rules/judged.toml", ours, ours + "[[veto]]\nsite = 'a'\nline = 'y'\n")
    assert told == []
    assert text.count("[[pin]]") == text.count("[[veto]]") == 1


def test_a_broken_file_is_one_line(two: tuple[Path, Path]) -> None:
    (two[0] / "sources.toml").write_text("a = 1")
    (two[1] / "sources.toml").write_text("= broken")
    with pytest.raises(SettingsError, match=r"sources\.toml"):
        list(unite(*two))


def test_files_that_name_an_address_are_found(two: tuple[Path, Path]) -> None:
    (two[0] / "sources.toml").write_text("url = 'https://e.example/'")
    (two[0] / "rules" / "learned.jsonl").write_text('{"site": "e.example"}')
    assert [path.name for path in naming(two[0], ("e.example",))] == ["learned.jsonl", "sources.toml"]
    assert list(naming(two[0], ("f.example",))) == []
