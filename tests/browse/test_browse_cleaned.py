"""Kept and removed lines in one order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.browse.cleaned import merged, numbered
from archive.model import Fate, Line


def removed(*numbers: int) -> list[Line]:
    fate: Fate = "dropped"
    return [Line(n, f"cut {n}", fate, "r") for n in numbers]


def test_blocks_of_a_page_have_no_gaps() -> None:
    lines, exact = merged(removed(1, 3), ["a", "b"], None)
    assert [(line.number, line.text) for line in lines] == [(1, "cut 1"), (2, "a"), (3, "cut 3"), (4, "b")]
    assert exact


def test_blank_lines_of_a_dump_are_passed_over() -> None:
    numbers = numbered(b"menu\r\n\r\n  \r\nuno\r\n\r\ndos\r\nmas\r\n")
    assert numbers == (1, 4, 6, 7)
    lines, exact = merged(removed(1, 7), ["uno", "dos"], numbers)
    assert [(line.number, line.fate) for line in lines] == [(1, "dropped"), (4, "kept"), (6, "kept"), (7, "dropped")]
    assert exact


def test_where_the_bytes_do_not_tell_places_are_a_guess() -> None:
    lines, exact = merged(removed(2), ["uno", "dos"], (1, 2, 3, 4))
    assert [line.number for line in lines] == [1, 2, 3]
    assert not exact


def test_line_numbers_of_other_encodings() -> None:
    assert numbered("uno\n\ndos".encode("utf-16")) == (1, 3)
    assert numbered("año\n\ndos\x85tres".encode("latin-1")) == (1, 3)
    assert numbered("\ufeff\nuno".encode()) == (2,)


@given(st.sets(st.integers(1, 60)), st.lists(st.text(), max_size=30), st.none() | st.sets(st.integers(1, 60)))
def test_every_line_is_there_once_and_in_order(cut: set[int], kept: list[str], numbers: set[int] | None) -> None:
    given_lines = removed(*sorted(cut))
    lines, _ = merged(given_lines, kept, None if numbers is None else sorted(numbers))
    assert [line for line in lines if line.fate == "dropped"] == given_lines
    assert [line.text for line in lines if line.fate == "kept"] == kept
    assert [line.number for line in lines] == sorted({line.number for line in lines})
