from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.clean.features import Sheet, describe, rule_hits, window_mean
from scraper.clean.shape import SHAPE_COLUMNS, clip, shapes, word_counts
from scraper.clean.stacking import heaviest_run, stack
from scraper.rules.lines import load_line_rules

RULES = load_line_rules()
LINES = st.lists(st.text(min_size=1, max_size=60).filter(lambda s: s.strip() != ""), min_size=1, max_size=25)


def sheet_of(lines: list[str]) -> Sheet:
    return describe(lines, rule_hits(lines, RULES))


@settings(max_examples=60, deadline=None)
@given(LINES)
def test_any_text_has_finite_features(lines: list[str]) -> None:
    sheet = sheet_of(lines)
    assert sheet.values.shape == (len(lines), len(sheet.columns))
    assert np.isfinite(sheet.values).all()
    half = np.full(len(lines), 0.5, dtype=np.float32)
    second = stack(sheet, half, half)
    assert second.values.shape == (len(lines), len(second.columns))
    assert np.isfinite(second.values).all()
    assert len(set(second.columns)) == len(second.columns)


def shape_of(line: str, column: str) -> float:
    return float(shapes([line])[0, SHAPE_COLUMNS.index(column)])


def test_words_are_counted_with_and_without_spaces() -> None:
    assert round(float(word_counts(shapes(["uno dos tres"]))[0]), 3) == 3
    assert round(float(word_counts(shapes(["東京都は新しい予算案"]))[0]), 3) == 5
    assert shape_of("東京都は新しい", "unspaced") == 1
    assert shape_of("Київ, 3 травня", "unspaced") == 0


def test_the_end_of_a_sentence_is_seen_behind_quotes_and_in_other_scripts() -> None:
    for line in ("Fin.", "«Fin.»", "“Fin!”", "終わり。", "「終わり。」", "हो गया।", "انتهى؟"):
        assert shape_of(line, "ends_sentence") == 1, line
    for line in ("Fin", "Fin:", "Fin,", "終わり"):
        assert shape_of(line, "ends_sentence") == 0, line


def test_case_joints_and_clocks() -> None:
    assert shape_of("FacebookTwitterWhatsApp", "glued") == 3
    assert shape_of("TODO EN ALTO", "all_caps") == 1
    assert shape_of("a las 10:20", "clock") == 1
    assert shape_of("nota: 20 de mayo", "clock") == 0


def test_extra_columns_are_shown_for_the_neighbours() -> None:
    lines = ["uno", "dos", "tres"]
    extra = np.array([[1.0], [2.0], [3.0]], dtype=np.float32)
    sheet = describe(lines, rule_hits(lines, RULES), extra, ["links"])
    assert sheet.column("links").tolist() == [1, 2, 3]
    assert sheet.column("links+1").tolist() == [2, 3, -1]
    assert sheet.column("links-1").tolist() == [-1, 1, 2]


def test_doubles_and_what_was_said_before() -> None:
    line = "La plaza amaneció cubierta de nieve"
    sheet = sheet_of([line, "Otra cosa muy distinta ocurrió", line])
    assert sheet.column("doubles").tolist() == [1, 0, 1]
    assert sheet.column("said_before").tolist() == [0, 0, 1]
    assert sheet.column("said_after").tolist() == [1, 0, 0]


def test_windows_are_cut_at_the_ends() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0])
    assert window_mean(values, 1, 0).tolist() == [1.0, 1.5, 2.5, 3.5]
    assert window_mean(values, 2, -1).tolist() == [0.0, 1.0, 1.5, 2.5]


def test_the_heaviest_run() -> None:
    body = np.array([0.1, 0.9, 0.2, 0.9, 0.0, 0.0, 0.0], dtype=np.float32)
    assert heaviest_run(body, np.array([5.0, 40, 3, 40, 30, 30, 30])) == (1, 4)


def test_a_huge_line_is_looked_at_in_part() -> None:
    assert len(clip("x" * 10_000_000)) < 3000
    assert clip("a\nb") == "a b"
