"""Diffs: what is shown, that nothing is lost, and that no text makes them dear or dangerous."""

from __future__ import annotations

import random
import time
import tracemalloc
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.align import changes, matches
from archive.diff import Diff, diff, sentences, words
from archive.diffview import COLOURED, PLAIN, page, terminal

BEFORE = (
    "El puente viejo cerró el lunes por la tarde.\nLa obra costó 12 millones de soles. Los vecinos piden otra ruta. "
    "El alcalde Quispe no contestó.\nEl paso reabre en marzo."
)
AFTER = (
    "La obra costó 15 millones de soles. Los vecinos piden otra ruta. El alcalde Huamán no contestó.\n"
    "El puente viejo cerró el lunes por la tarde.\nHabrá buses gratis. El paso reabre en marzo."
)


def bare(text: str) -> str:
    """A text without white space, which a diff does not compare."""
    return "".join(text.split())


def test_sentences_first_then_words_and_moves() -> None:
    assert terminal(diff(BEFORE, AFTER)).splitlines() == [
        "[1>El puente viejo cerró el lunes por la tarde.<1]",
        "La obra costó [-12-] {+15+} millones de soles.",
        "Los vecinos piden otra ruta.",
        "El alcalde [-Quispe-] {+Huamán+} no contestó.",
        "{1>El puente viejo cerró el lunes por la tarde.<1}",
        "{+Habrá buses gratis.+}",
        "El paso reabre en marzo.",
    ]


def test_kinds_of_changes() -> None:
    kinds = [change.kind for change in diff(BEFORE, AFTER).changes]
    assert kinds == ["moved-from", "changed", "same", "changed", "moved-to", "added", "same"]
    moves = [change.move for change in diff(BEFORE, AFTER).changes if change.move]
    assert moves == [1, 1]


def test_equal_texts_and_other_white_space_give_nothing() -> None:
    for found in (diff(BEFORE, BEFORE), diff("", ""), diff("uno  dos.\n\ntres", "uno\ndos. tres\n")):
        assert found.is_empty
        assert terminal(found) == ""


def test_a_text_from_and_to_nothing() -> None:
    assert terminal(diff("", "Hola. Adiós.")) == "{+Hola.+}\n{+Adiós.+}\n"
    assert terminal(diff("Hola.", "")) == "[-Hola.-]\n"


def test_far_from_a_change_sentences_are_counted() -> None:
    long = " ".join(f"Frase número {n} del texto." for n in range(20))
    lines = terminal(diff(long, long.replace("número 9 ", "número nueve "))).splitlines()
    assert lines[0] == "... 8 unchanged sentences ..."
    assert lines[2] == "Frase número [-9-] {+nueve+} del texto."
    assert lines[-1] == "... 9 unchanged sentences ..."
    assert terminal(diff(long, long + " Fin."), context=0) == "... 20 unchanged sentences ...\n{+Fin.+}\n"


def test_with_colour_only_the_marks_differ() -> None:
    coloured = terminal(diff(BEFORE, AFTER), COLOURED)
    assert "La obra costó \x1b[31;9m12\x1b[0m \x1b[32;1m15\x1b[0m millones" in coloured
    assert "\x1b" not in terminal(diff(BEFORE, AFTER), PLAIN)


def test_unspaced_scripts_are_compared_by_character() -> None:
    assert terminal(diff("市长今天说好。他走了。", "市长昨天说好。他走了。")) == "市长[-今-]{+昨+}天说好。\n他走了。\n"


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "a & b", "\u202e<b>", "\x1b[2J", "\x00", "\ud800", '"><img src=x>']
)
def test_nothing_of_a_text_is_obeyed(hostile: str) -> None:
    found = diff(f"Dice {hostile} hoy.", f"Dice {hostile} ayer. Y {hostile} más.")
    html, plain = page(found), terminal(found)
    html.encode()
    plain.encode()
    tags: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.append(tag)  # type: ignore[method-assign]
    parser.feed(html)
    assert set(tags) <= {"div", "p", "del", "ins"}
    for control in "\x00\x1b\u202e\ud800":
        assert control not in html + plain


def test_html_names_both_ends_of_a_move() -> None:
    html = page(diff(BEFORE, AFTER))
    assert '<p class="moved-from" dir="auto"><del class="moved" id="from-1">El puente' in html
    assert '<ins class="moved" id="to-1">El puente' in html
    assert "costó <del>12</del> <ins>15</ins> millones" in html


PROSE = st.lists(
    st.sampled_from(
        ["uno ", "dos ", "tres, ", "cuatro. ", "¡Cinco! ", "seis.\n", "\n\n", "七。", "«ocho» ", "9,5 ", "…"]
    ),
    max_size=60,
).map("".join)


@settings(deadline=None)
@given(PROSE | st.text(), PROSE | st.text())
def test_both_texts_read_back(before: str, after: str) -> None:
    found = diff(before, after)
    assert found.after == after
    assert bare(found.before) == bare(before)
    if before.split() == after.split():
        assert found.is_empty
    if found.is_empty:
        assert bare(before) == bare(after)
    terminal(found, COLOURED).encode()
    page(found).encode()


@given(st.text())
def test_sentences_and_words_are_the_text(text: str) -> None:
    assert "".join(sentences(text)) == text == "".join(words(text))


@given(st.lists(st.integers(0, 6), max_size=80), st.lists(st.integers(0, 6), max_size=80))
def test_matches_rise_and_match(a: list[int], b: list[int]) -> None:
    found = matches(a, b)
    assert all(a[i] == b[j] for i, j in found)
    assert all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(found))
    spans = list(changes(found, len(a), len(b)))
    assert sum(to - start for start, to, _, _ in spans) == len(a) - len(found)
    assert sum(to - start for _, _, start, to in spans) == len(b) - len(found)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.data())
def test_one_item_less_is_one_difference(a: list[int], data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, len(a) - 1))
    assert len(matches(a, a[:gone] + a[gone + 1 :])) == len(a) - 1


def long_text(size: int, seed: int, vocabulary: int = 8_000, prefix: str = "w") -> str:
    draw = random.Random(seed)
    return " ".join(f"{prefix}{draw.randrange(vocabulary)}{'.' if n % 20 == 19 else ''}" for n in range(size))


def edited(text: str, share: float) -> str:
    draw = random.Random(7)
    return " ".join(f"n{draw.randrange(999)}" if draw.random() < share else word for word in text.split())


LONG = long_text(50_000, 1)
DEAR = {
    "a tenth changed": (LONG, edited(LONG, 0.1)),
    "no common word": (LONG, long_text(50_000, 2, prefix="x")),
    "the same words by chance": (LONG, long_text(50_000, 2)),
    "fifty words by chance": (long_text(50_000, 1, 50), long_text(50_000, 2, 50)),
    "no full stop": (LONG.replace(".", ""), edited(LONG.replace(".", ""), 0.1)),
    "backwards": (LONG, " ".join(reversed(LONG.split()))),
    "one word a hundred thousand times": ("eco " * 100_000, "eco " * 100_003),
    "two words": (
        " ".join("ab"[n % 997 == 0] for n in range(100_000)),
        " ".join("ab"[n % 991 == 0] for n in range(100_000)),
    ),
    "a line a letter": ("\n".join("ab" * 25_000), "\n".join("ba" * 25_000)),
    "ten megabytes": ("x" * 10_000_000, "y" * 10_000_000),
    "space": (" " * 1_000_000, "\n" * 1_000_000),
    "full stops": ("." * 100_000 + "x", "." * 99_999 + "x"),
}


@pytest.mark.parametrize("texts", DEAR.values(), ids=DEAR)
def test_time_is_bounded(texts: tuple[str, str]) -> None:
    """Under a second of an idle machine; three of processor time here, for machines that do other things."""
    started = time.process_time()
    found = diff(*texts)
    assert time.process_time() - started < 3
    assert found.after == texts[1]
    assert bare(found.before) == bare(texts[0])


@pytest.mark.parametrize("name", ["a tenth changed", "no common word", "one word a hundred thousand times"])
def test_memory_is_bounded(name: str) -> None:
    tracemalloc.start()
    try:
        found: Diff = diff(*DEAR[name])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert not found.is_empty
    assert peak < 100_000_000


def test_words_do_not_run_into_each_other() -> None:
    found = diff("El alcalde pidió calma a las dos partes.", "El alcalde pidió calma.")
    assert terminal(found) == "El alcalde pidió calma [-a las dos partes-].\n"
    assert "calma <del>a las dos partes</del>." in page(found)


def test_moves_of_several_diffs_on_a_page_have_ids_of_their_own() -> None:
    one, other = "Uno dos tres cuatro cinco.\n", "Seis siete ocho nueve diez.\n"
    found = page(diff(one + other + "Once.", other + one + "Once."), name="x-")
    assert 'id="x-from-1"' in found
    assert 'id="x-to-1"' in found
