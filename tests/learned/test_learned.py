"""What is learned from a set of pages, and what never is: the decider alone, on lines."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from paper import BOTTOM, BOX, DISCLAIMER, HEADING, SITE, TOP, Story, body, stories, title

from archive.learned import (
    LEAST_ARTICLES,
    MOST_LINES,
    LearnedLine,
    SeenLine,
    SeenPage,
    fingerprint,
    in_company,
    learn,
    merged,
)

TEMPLATE = {*TOP, *BOX, *BOTTOM}


def seen(story: Story, day: int = 0, key: str = "") -> SeenPage:
    own = {title(story.number), *story.text, *BOX}
    lines = tuple(SeenLine(fingerprint(line), line, line in own) for line in story.lines)
    return SeenPage(key or story.url, f"2026-03-{day or story.number:02}", lines)


def texts(pages: Sequence[SeenPage]) -> set[str]:
    return {line.text for line in learn(SITE, pages)}


def test_the_template_is_learned_and_nothing_else() -> None:
    assert texts([seen(story) for story in stories(8)]) == TEMPLATE


def test_the_counts_are_the_evidence() -> None:
    found = {line.text: line for line in learn(SITE, [seen(story) for story in stories(8)])}
    assert found[BOX[0]] == LearnedLine(SITE, fingerprint(BOX[0]), BOX[0], articles=8, of=8, days=8)


def test_few_articles_teach_nothing() -> None:
    assert texts([seen(story) for story in stories(LEAST_ARTICLES - 1)]) == set()


def test_a_heading_and_a_disclaimer_alone_among_paragraphs_stay() -> None:
    pages = [Story(n, [*body(n)[:2], HEADING, *body(n)[2:4], DISCLAIMER, body(n)[4]]) for n in range(1, 11)]
    assert texts([seen(page) for page in pages]) == TEMPLATE


def test_a_stamp_of_every_live_blog_stays() -> None:
    pages = [Story(n, [x for p in body(n) for x in ("Hace 5 minutos", p)]) for n in range(1, 11)]
    assert "Hace 5 minutos" not in texts([seen(page) for page in pages])


def test_a_teaser_on_all_pages_stays_because_one_article_is_its_own() -> None:
    announced = body(1)[0]
    pages = [Story(n, body(n), () if n == 1 else (title(1), announced)) for n in range(1, 11)]
    found = texts([seen(page) for page in pages])
    assert announced not in found
    assert title(1) not in found


def test_what_stands_on_all_pages_of_one_day_only_stays() -> None:
    news = ("Sube la marea en la ría y se corta el paseo", "La lonja abre hoy dos horas más tarde por el temporal")
    pages = [Story(n, body(n), news if n <= 5 else ()) for n in range(1, 11)]
    found = texts([seen(page, day=1 if page.number <= 5 else page.number) for page in pages])
    assert found == TEMPLATE


def test_one_article_captured_or_published_many_times_is_one() -> None:
    copies = [seen(Story(1, body(1)), day=n, key=f"https://{SITE}/copia/{n}") for n in range(1, 9)]
    assert texts(copies) == set()
    others = [seen(story) for story in stories(6, first=2)]
    assert texts([*copies, *others]) == TEMPLATE


def test_a_table_that_some_articles_share_stays() -> None:
    table = ("Kilómetro 5", "Kilómetro 10", "Kilómetro 15")
    pages = [Story(n, [*body(n)[:3], *(table if n <= 3 else ()), *body(n)[3:]]) for n in range(1, 13)]
    assert texts([seen(page) for page in pages]) == TEMPLATE


@given(st.randoms(use_true_random=False), st.integers(4, 12))
def test_the_order_of_pages_does_not_matter(chance: random.Random, count: int) -> None:
    pages = [seen(story) for story in stories(count)]
    shuffled = list(pages)
    chance.shuffle(shuffled)
    assert learn(SITE, shuffled) == learn(SITE, pages)


def test_what_is_learned_of_a_site_is_bounded() -> None:
    menu = [f"Sección {chr(97 + n // 26)}{chr(97 + n % 26)} del periódico" for n in range(600)]
    pages = [seen(Story(n, body(n), menu)) for n in range(1, 7)]
    assert len(learn(SITE, pages)) == MOST_LINES
    assert len(merged([learn(SITE, pages), learn(SITE, pages[:5])])) == MOST_LINES


def test_case_and_punctuation_do_not_count_and_digits_do() -> None:
    assert fingerprint("¡Suscríbete YA!") == fingerprint("suscríbete ya")
    assert fingerprint("Kilómetro 5") != fingerprint("Kilómetro 6")
    assert fingerprint("12 · 34") == ""


def test_a_learned_line_alone_in_a_page_is_let_be_and_a_pinned_one_is_not() -> None:
    assert list(in_company(["a", "x", "b", "c", "y"], {"a", "b", "c"})) == [False, False, True, True, False]
    assert list(in_company(["a", "x"], {"a"}, {"a"})) == [True, False]
