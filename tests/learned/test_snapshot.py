"""The snapshot and a person's word as files, and pages cleaned with them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper import BOTTOM, BOX, SITE, TOP, Story, body, stories, title

from archive.errors import RuleError
from archive.learned import LearnedLine, fingerprint, rule_of
from archive.model import Outcome, Page
from scraper.clean import clean
from scraper.clean.kit import Kit, load_kit
from scraper.learning import learned_from, seen, shelf_of
from scraper.rules.learned import (
    JUDGED,
    Judgement,
    in_force,
    load_learned,
    put_judged,
    read_judged,
    read_learned,
    write_learned,
)

LINES = st.lists(
    st.builds(
        LearnedLine,
        site=st.sampled_from(["", SITE, "b.example"]),
        mark=st.sampled_from(["00ff00ff00ff00ff", "0123456789abcdef", "fedcba9876543210"]),
        text=st.text(st.sampled_from('aé"\\\n\x85\u2028\0·'), max_size=8),
        articles=st.integers(4, 60),
        of=st.just(60),
        days=st.integers(0, 60),
    ),
    unique_by=lambda line: (line.site, line.mark),
    max_size=6,
)


@cache
def kit() -> Kit:
    return load_kit()


def dump(story: Story) -> Page:
    return Page(f"{story.number}.txt", story.dump, "text/plain", f"2026-03-{story.number:02}", "manifest", story.url)


def html(story: Story) -> Page:
    return Page(f"{story.number}.html", story.html, "text/html", f"2026-03-{story.number:02}", "manifest", story.url)


@cache
def snapshot() -> tuple[LearnedLine, ...]:
    pages = [make(story) for story in stories(8, first=2) for make in (dump, html)]
    shelves: dict[tuple[str, str, str], list[object]] = {}
    for page in pages:
        shelves.setdefault(shelf_of(page), []).append(seen(page, clean(page, kit())))
    return tuple(learned_from(shelves))  # type: ignore[arg-type]


def cleaned(page: Page, *said: Judgement) -> Outcome:
    return clean(page, replace(kit(), learned=in_force(snapshot(), said)))


def fates(outcome: Outcome) -> dict[str, tuple[str, str]]:
    return {line.text: (line.fate, line.rule) for line in outcome.lines}


@pytest.mark.parametrize("make", [dump, html])
def test_the_layout_is_learned_from_the_other_pages(make: object) -> None:
    assert {line.text for line in snapshot()} >= {*TOP, *BOX, *BOTTOM}


@pytest.mark.parametrize("make", [dump, html])
def test_a_box_that_reads_like_text_goes_and_says_why(make) -> None:  # type: ignore[no-untyped-def]
    story = Story(1, body(1))
    before, after = clean(make(story), kit()), cleaned(make(story))
    assert before.article is not None
    assert after.article is not None
    assert set(BOX) & set(before.article.text.split("\n")), "without what was learned the box is taken for text"
    lines = after.article.text.split("\n")
    assert [line for line in lines if line in story.text] == list(story.text)
    assert not {*TOP, *BOX, *BOTTOM} & set(lines)
    assert fates(after)[BOX[0]] == ("dropped", rule_of(fingerprint(BOX[0])))
    assert [line.number for line in after.lines] == [line.number for line in before.lines]


@pytest.mark.parametrize("make", [dump, html])
def test_a_page_of_another_site_is_cleaned_as_ever(make) -> None:  # type: ignore[no-untyped-def]
    page = replace(make(Story(1, body(1))), url="https://other.example/1")
    assert cleaned(page) == clean(page, kit())


def test_a_learned_line_quoted_alone_in_an_article_stays() -> None:
    story = Story(1, [*body(1)[:2], BOX[0], *body(1)[2:]])
    page = replace(dump(story), body="\n\n".join([title(1), *story.text]).encode(), payload_digest="")
    after = cleaned(page)
    assert after.article is not None
    assert BOX[0] in after.article.text.split("\n")


def test_a_veto_keeps_a_line_and_a_pin_takes_one_anywhere() -> None:
    story = Story(1, body(1))
    kept = cleaned(dump(story), *(Judgement("veto", SITE, line) for line in BOX))
    assert kept.article is not None
    assert set(BOX) & set(kept.article.text.split("\n"))
    gone = cleaned(dump(story), Judgement("pin", SITE, body(1)[2]))
    assert fates(gone)[body(1)[2]] == ("dropped", rule_of(fingerprint(body(1)[2])))


def test_the_recipe_names_the_snapshot(tmp_path: Path) -> None:
    plain = load_kit(tmp_path).recipe
    write_learned(tmp_path, snapshot())
    learned = load_kit(tmp_path).recipe
    put_judged(tmp_path, Judgement("veto", SITE, BOX[0]))
    assert len({plain, learned, load_kit(tmp_path).recipe}) == 3
    assert load_kit(tmp_path, learned=False).recipe == plain


def test_other_counts_for_the_same_lines_are_the_same_recipe() -> None:
    again = [replace(line, articles=line.articles + 1, of=line.of + 1) for line in snapshot()]
    assert in_force(again, ()).digest == in_force(snapshot(), ()).digest


@given(LINES)
def test_a_snapshot_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, lines: list[LearnedLine]
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    write_learned(folder, lines)
    before = (folder / "learned.jsonl").read_bytes()
    assert sorted(read_learned(folder), key=repr) == sorted(lines, key=repr)
    write_learned(folder, read_learned(folder))
    assert (folder / "learned.jsonl").read_bytes() == before


def test_a_later_word_on_a_line_replaces_the_earlier_and_leaves_the_rest_of_the_file(tmp_path: Path) -> None:
    (tmp_path / JUDGED).write_text(f'# mine\n[[pin]]\nsite = "{SITE}"\nline = "Portada"  # the menu\n', "utf-8")
    put_judged(tmp_path, Judgement("pin", SITE, BOX[0]))
    put_judged(tmp_path, Judgement("veto", SITE, BOX[0].upper()))
    assert read_judged(tmp_path) == [Judgement("pin", SITE, "Portada"), Judgement("veto", SITE, BOX[0].upper())]
    text = (tmp_path / JUDGED).read_text("utf-8")
    assert text.startswith("# mine\n")
    assert "# the menu" in text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[pins]]\n", "unknown key pins"),
        ("[pin]\nsite = 'a'\n", "double brackets"),
        ("[[pin]]\nsite = 'a'\n", "the keys site and line"),
        ("[[pin]]\nsite = 'a'\nline = '···'\n", "no letter"),
        ("[[pin\n", "cannot be read as TOML"),
    ],
)
def test_a_mistake_in_a_persons_file_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / JUDGED).write_text(text, "utf-8")
    with pytest.raises(RuleError, match=says):
        load_learned(tmp_path)


def test_a_broken_snapshot_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "learned.jsonl").write_text('{"site": "a"}\n', "utf-8")
    with pytest.raises(RuleError, match="line 1 is no learned line"):
        load_learned(tmp_path)
