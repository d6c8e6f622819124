"""Where the looks and the glance disagree: sections outside of the article's element, and the rest of a list."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from archive.model import Line
from scraper.clean.blockmodel import Opinion
from scraper.clean.blocks import Segments, readable
from scraper.clean.candidates import Asked
from scraper.clean.examine import Examined, examine
from scraper.clean.features import rule_hits
from scraper.clean.sections import adjoining, apart
from scraper.clean.tree import parse
from scraper.clean.verdicts import decide, verdicts
from tests.clean.test_html import PARAGRAPHS, cleaned, kit

TERMS = ("You may print our stories whole, with the name of whoever wrote them.", "You may not sell them to others.")
WINNERS = ("2031: Otto von Stein", "2030: Ana Ruth Pascoe", "2029: Byron Dale")


def page(*, terms: str = "", tail: str = "", above: str = "") -> str:
    text = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    return (
        f"<html lang=en><head><title>The lighthouse is lit again</title></head><body>{above}<main>"
        f"<h1>The lighthouse is lit again</h1><div class=text>{text}{tail}</div></main>{terms}</body></html>"
    )


def looked_at(html: str) -> tuple[Examined, Segments]:
    found = examine(parse(html), None, kit().blocks.hints)
    return found, readable(found.segments)


def decided(html: str, looks: dict[str, float], glance: dict[str, float], witness: str) -> tuple[list[str], list[str]]:
    """The kept texts, and the rules of those that are not, where what is not named is text to both."""
    found, segments = looked_at(html)
    texts = [block.text for block in segments.blocks]
    said = replace(found.said, trafilatura=Asked(lambda: witness))
    said.trafilatura()
    first, second = (np.array([p.get(text, 0.95) for text in texts], dtype=np.float32) for p in (looks, glance))
    opinion = Opinion(first, np.array([len(text.split()) for text in texts], dtype=np.float64), second)
    made = decide(segments, opinion, rule_hits(texts, kit().lines), said, None, kit().blocks.hints)
    told = verdicts(made, (), "", kit().blocks.hints)
    return made.texts, [rule for fate, rule in told if fate == "dropped"]


def test_a_section_outside_goes_where_the_glance_rejects_it() -> None:
    html = page(terms=f"<div class=policy><p>{TERMS[0]}</p><p>{TERMS[1]}</p></div>")
    kept, rules = decided(html, {}, dict(zip(TERMS, (0.1, 0.4), strict=True)), "\n".join((*PARAGRAPHS, *TERMS)))
    assert kept == list(PARAGRAPHS)
    assert rules == ["shape.apart"] * 2


def test_a_section_outside_stays_where_both_keep_it() -> None:
    html = page(terms=f"<div class=policy><p>{TERMS[0]}</p><p>{TERMS[1]}</p></div>")
    kept, _ = decided(html, {}, dict(zip(TERMS, (0.9, 0.3), strict=True)), "")
    assert kept == [*PARAGRAPHS, *TERMS]


def test_teasers_that_outweigh_a_short_article_go() -> None:
    said = "The harbour office has published the tide tables of the coming year, and asks skippers to compare number"
    teasers = [f"{said} {number} with the one before." for number in range(12)]
    html = page(terms="".join(f"<div class=card><p>{teaser}</p></div>" for teaser in teasers))
    kept, rules = decided(html, dict.fromkeys(teasers, 0.6), dict.fromkeys(teasers, 0.2), "")
    assert kept == list(PARAGRAPHS)
    assert rules == ["shape.apart"] * len(teasers)


def test_what_stands_in_the_articles_element_is_not_apart() -> None:
    found, segments = looked_at(page())
    assert found.title is not None
    doubted = np.full(len(segments.blocks), 0.1, dtype=np.float32)
    assert apart(segments, doubted, [True] * len(segments.blocks)) == [0]  # the title: it stands outside


@pytest.mark.parametrize(("glance", "witness", "more"), [(0.6, True, 3), (0.4, True, 1), (0.6, False, 1)])
def test_the_rest_of_a_list(glance: float, witness: bool, more: int) -> None:
    html = page(tail="<ul>" + "".join(f"<li>{name}</li>" for name in WINNERS) + "</ul>")
    text = "\n".join((*PARAGRAPHS, *(WINNERS if witness else ())))
    kept, _ = decided(html, dict.fromkeys(WINNERS[1:], 0.06), dict.fromkeys(WINNERS, glance), text)
    assert kept == [*PARAGRAPHS, *WINNERS[:more]]


def test_a_list_of_which_nothing_is_kept_stays_out() -> None:
    _, segments = looked_at(page(tail="<ul>" + "".join(f"<li>{name}</li>" for name in WINNERS) + "</ul>"))
    kept = [block.text not in WINNERS for block in segments.blocks]
    witness = Asked(lambda: "\n".join(WINNERS))()
    assert adjoining(segments, np.full(len(kept), 0.9, dtype=np.float32), kept, witness) == []


def test_what_a_click_opens_may_be_text_but_a_buttons_label_is_not() -> None:
    offer = (
        "The keeper's lamp, eleven kilos of brass and glass, is sold by the port authority on the twelfth of May: " * 2
    )
    html = page(tail=f"<div role=button>{offer}</div><div role=button>Reserve now</div>")
    found = lines(html)
    assert found[offer.strip()].rule != "role:button"
    assert found["Reserve now"].rule == "role:button"


def lines(html: str) -> dict[str, Line]:
    return {line.text: line for line in cleaned(html).lines}


def test_teasers_over_the_heading_go() -> None:
    teaser = "The ferry has left the bank with the tide, and two tugs are bringing her round to the harbour."
    _, rules = decided(page(above=f"<div><p>{teaser}</p></div>"), {}, {}, "")
    assert rules == ["shape.above"]


def test_a_paragraph_of_a_caption_is_a_caption() -> None:
    caption = "Posing for a picture on the stairs of the lighthouse are, from left, Ana Roldán, Otto von Stein and Ida."
    figure = f"<figure><img src=a.jpg><figcaption class=x><p class=y>{caption}</p></figcaption></figure>"
    found = lines(page(tail=figure))
    assert found[caption].fate == "caption"


def test_the_reports_of_a_live_blog_stand_in_sections_of_their_own() -> None:
    reports = "".join(f"<section><p>{said}</p></section>" for said in TERMS)
    unsaid, said = (f"<div {told}>{reports}</div>" for told in ("", "itemtype='https://schema.org/LiveBlogPosting'"))
    glance = dict(zip(TERMS, (0.1, 0.4), strict=True))
    assert decided(page(terms=unsaid), {}, glance, "")[0] == list(PARAGRAPHS)
    assert decided(page(terms=said), {}, glance, "")[0] == [*PARAGRAPHS, *TERMS]


@pytest.mark.parametrize(
    ("tail", "rules"),
    [
        ("<p>THE HARBOUR FILES: <a href=/2>The ferry has left the bank</a></p>", ["shape.reference"]),
        ("<p><a href=/2>THE HARBOUR FILES : The ferry has left the bank</a></p>", ["shape.reference"]),
        ("<p>[ <a href=/2>The ferry has left the bank</a> ]</p>", ["shape.reference"]),
        ("<p>(The ferry has left the bank, <a href=/2>as we wrote</a>.)</p>", []),
        ("<p>The harbour files: <a href=/2>The ferry has left the bank</a></p>", []),
        ("<p>THE HARBOUR FILES: the ferry has left, <a href=/2>as we wrote</a></p>", []),
        ("<ul><li>NO. 7: <a href=/2>The ferry has left the bank</a></li></ul>", []),
    ],
)
def test_a_line_that_points_to_another_article_goes(tail: str, rules: list[str]) -> None:
    html = page(tail=tail)
    texts = [block.text for block in looked_at(html)[1].blocks]
    kept, gone = decided(html, {texts[-1]: 0.85}, {}, "")
    assert gone == rules
    assert kept == [*PARAGRAPHS, *(texts[-1:] if not rules else ())]


def scrolled(own: str, other: str, words: int = 5) -> str:
    """A page that shows another article below its own, each in a section with a headline."""
    told = "".join(f"<p>{p}</p>" for p in PARAGRAPHS[:words])
    return (
        "<html lang=en><head><title>The lighthouse is lit again</title></head><body>"
        f"<section><div class=top><h1 class={own}>The lighthouse is lit again</h1></div><div>{told}</div></section>"
        f"<section><div class=top><h1 class={other}>Ferry off the bank</h1></div><p>{TERMS[0]}</p><p>{TERMS[1]}</p>"
        "</section></body></html>"
    )


@pytest.mark.parametrize("other", ["headline", "'headline large'"])
def test_the_articles_that_follow_the_pages_own_go(other: str) -> None:
    kept, rules = decided(scrolled("headline", other), {}, {}, "")
    assert kept == list(PARAGRAPHS)
    assert set(rules) == {"shape.following"}


def test_the_reports_of_a_live_blog_are_no_other_articles() -> None:
    live = scrolled("headline", "headline").replace("<body>", "<body itemtype=https://schema.org/LiveBlogPosting>")
    assert TERMS[1] in decided(live, {}, {}, "")[0]


@pytest.mark.parametrize("html", [scrolled("headline", "part"), scrolled("headline", "headline", words=2)])
def test_a_heading_of_another_kind_or_right_below_the_title_begins_no_other_article(html: str) -> None:
    assert TERMS[1] in decided(html, {}, {}, "")[0]


@pytest.mark.parametrize("doubtful", ["<h3>A lamp of brass</h3>", "<p>This is what the letter says:</p>"])
def test_what_leads_on_to_the_next_paragraph_is_text(doubtful: str) -> None:
    halves = [f"<section>{''.join(f'<p>{p}</p>' for p in part)}</section>" for part in (PARAGRAPHS[:2], PARAGRAPHS[2:])]
    html = page(tail=doubtful + "".join(f"<p>{said}</p>" for said in TERMS)).replace(
        "".join(f"<p>{p}</p>" for p in PARAGRAPHS), "".join(halves)
    )  # no element has most of the text
    text = parse(doubtful).text()
    assert decided(html, {text: 0.3}, {}, "")[0] == [*PARAGRAPHS, text, *TERMS]
    assert decided(html, {text: 0.2}, {}, "")[0] == [*PARAGRAPHS, *TERMS]
    assert decided(html, {text: 0.3, TERMS[0]: 0.1}, {}, "")[0] == [*PARAGRAPHS, TERMS[1]]
