"""A person's word on what cleaning gave."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.model import Article, Field, Line, Outcome
from archive.reasons import Reason
from archive.settle import Capture, merge
from scraper.clean.corrections import Correction, corrected

URL = "https://faro.example/a"
LINES = (
    Line(1, "Portada", "dropped", "es.menu"),
    Line(2, "La presa se vacía", "title", "field.title"),
    Line(3, "El agua ha bajado doce metros.", "kept", "model 0.99"),
    Line(4, "El Faro, diario de la tarde", "kept", "model 0.51"),
    Line(5, "«Volveremos», dijo el alcalde.", "dropped", "model 0.31"),
)
OUTCOME = Outcome(
    "recipe",
    Article(
        "El agua ha bajado doce metros.\nEl Faro, diario de la tarde",
        {"title": Field("La presa", "meta"), "section": Field("Comarca", "meta")},
        URL,
    ),
    lines=LINES,
)
WORDS = st.lists(st.sampled_from([line.text for line in LINES]), max_size=3).map(tuple)


def test_fields_are_set_and_say_that_a_person_did() -> None:
    done = corrected(OUTCOME, Correction(URL, {"title": "La presa se vacía", "authors": ("Ana Roldán",)}))
    assert done.article is not None
    assert done.article.fields == {
        "title": Field("La presa se vacía", "person"),
        "authors": Field(("Ana Roldán",), "person"),
        "section": Field("Comarca", "meta"),
    }
    assert (done.article.text, done.lines) == (OUTCOME.article.text if OUTCOME.article else "", LINES)


def test_lines_change_their_fate_and_the_text_follows() -> None:
    said = Correction(URL, furniture=("el faro diario de la tarde",), text=("«Volveremos», dijo el alcalde.",))
    done = corrected(OUTCOME, said)
    assert done.article is not None
    assert done.article.text == "El agua ha bajado doce metros.\n«Volveremos», dijo el alcalde."
    assert [(line.fate, line.rule) for line in done.lines[3:]] == [("dropped", "person"), ("kept", "person")]


def test_a_page_that_is_no_article_keeps_its_lines_and_says_who_said_so() -> None:
    done = corrected(OUTCOME, Correction(URL, article=False))
    assert (done.reason, done.article, len(done.lines)) == (Reason.NO_ARTICLE, None, len(LINES))
    assert "person" in (done.error or "")


def test_a_line_that_is_text_makes_an_article_of_a_page_that_was_none() -> None:
    none = Outcome("recipe", reason=Reason.STUB, error="3 words", lines=LINES[:2])
    done = corrected(none, Correction(URL, {"section": "Comarca"}, text=("Portada",)))
    assert done.article is not None
    assert (done.article.text, dict(done.article.fields)) == ("Portada", {"section": Field("Comarca", "person")})
    assert corrected(none, Correction(URL, {"section": "Comarca"})) == none


@given(WORDS, WORDS, st.booleans())
def test_no_line_is_lost_and_saying_it_twice_changes_nothing(
    furniture: tuple[str, ...], text: tuple[str, ...], article: bool
) -> None:
    said = Correction(URL, {"title": "T"}, tuple(x for x in furniture if x not in text), text, article=article)
    done = corrected(OUTCOME, said)
    assert [(line.number, line.text) for line in done.lines] == [(line.number, line.text) for line in LINES]
    assert corrected(done, said) == done


def test_a_persons_word_wins_over_an_earlier_capture() -> None:
    first = Capture("a", "2026-01-01T00:00:00Z", URL, "a", "1", "text", 3, {"title": Field("Earlier", "meta")})
    later = Capture("b", "2026-02-01T00:00:00Z", URL, "b", "2", "text", 3, {"title": Field("By hand", "person")})
    for order in ([first, later], [later, first]):
        merged = merge(order)
        assert merged.fields["title"].field.value == "By hand"
        assert merged.lead.key == "a"
