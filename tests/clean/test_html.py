"""HTML pages cleaned whole: what is kept, what each block became, and that hostile pages end in a reason."""

from __future__ import annotations

import json
import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import Outcome, Page
from archive.reasons import Reason
from scraper.clean import clean
from scraper.clean.kit import Kit, load_kit

CAPTURED = "2026-03-01T12:00:00Z"
PARAGRAPHS = (
    "The council of Wexmouth voted on Monday to keep the old lighthouse burning, against the advice of its engineer.",
    "About four hundred people had signed the petition, among them most of the fishermen who still leave the harbour.",
    "“We know where the rocks are,” said the harbour master, Ruth Pascoe, “but the visitors do not, and they pay.”",
    "The repair of the lens is to cost ninety thousand pounds, of which the county has promised to bear one half.",
    "Work begins in May, when the weather allows it, and should be over before the autumn gales reach the coast.",
)


@cache
def kit() -> Kit:
    return load_kit()


def cleaned(html: str, url: str | None = "https://news.example/2026/02/lighthouse") -> Outcome:
    return clean(Page("page.html", html.encode(), "text/html", CAPTURED, "manifest", url=url), kit())


def article(head: str = "", body: str | None = None) -> str:
    text = body if body is not None else "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    return (
        f"<!doctype html><html lang=en><head><title>Lighthouse stays lit - The Example News</title>{head}</head><body>"
        '<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><main><article><h1>Lighthouse stays lit</h1>'
        f'<div class="article-body">{text}</div></article></main>'
        '<footer>© 2026 The Example News</footer><script>var x = "unseen"</script></body></html>'
    )


def text_of(outcome: Outcome) -> list[str]:
    assert outcome.article is not None, outcome.complaint
    return outcome.article.text.split("\n")


def value(outcome: Outcome, name: str) -> object:
    assert outcome.article is not None, outcome.complaint
    field = outcome.article.fields.get(name)
    return field.value if field else None


def test_paragraphs_are_kept_and_the_rest_is_told() -> None:
    outcome = cleaned(article())
    assert text_of(outcome) == list(PARAGRAPHS)
    fates = {line.text: (line.fate, line.rule) for line in outcome.lines}
    assert fates["Home Sport"] == ("dropped", "tag:nav")
    assert fates["Lighthouse stays lit"] == ("title", "field.title")
    assert fates["© 2026 The Example News"] == ("dropped", "tag:footer")


def test_every_visible_text_is_in_exactly_one_line() -> None:
    outcome = cleaned(article())
    assert [line.number for line in outcome.lines] == list(range(1, len(outcome.lines) + 1))
    assert len(outcome.lines) == len(PARAGRAPHS) + 3
    assert not any("unseen" in line.text for line in outcome.lines)


def test_a_body_split_over_containers_comes_out_whole() -> None:
    halves = "".join(f'<div class="part"><p>{p}</p></div><div class="ad">Advertisement</div>' for p in PARAGRAPHS)
    assert text_of(cleaned(article(body=halves))) == list(PARAGRAPHS)


def test_a_body_said_twice_comes_out_once() -> None:
    twice = "".join(f"<p>{p}</p>" for p in PARAGRAPHS * 2)
    assert text_of(cleaned(article(body=twice))) == list(PARAGRAPHS)


def test_line_breaks_part_paragraphs() -> None:
    assert text_of(cleaned(article(body="<br><br>".join(PARAGRAPHS)))) == list(PARAGRAPHS)


def test_captions_and_embedded_posts_are_not_text() -> None:
    figure = "<figure><img src=a.jpg><figcaption>The lighthouse at dusk, seen from the pier.</figcaption></figure>"
    post = '<blockquote class="twitter-tweet"><p>The light stays on, and so does all of Wexmouth.</p></blockquote>'
    outcome = cleaned(
        article(body=f"<p>{PARAGRAPHS[0]}</p>{figure}{post}" + "".join(f"<p>{p}</p>" for p in PARAGRAPHS[1:]))
    )
    assert text_of(outcome) == list(PARAGRAPHS)
    assert {line.fate for line in outcome.lines if "dusk" in line.text} == {"caption"}


def test_the_publishers_body_stands_in_where_the_page_shows_a_stub() -> None:
    body = "\n".join(PARAGRAPHS * 2)
    data = json.dumps({"@type": "NewsArticle", "headline": "Lighthouse stays lit", "articleBody": body})
    outcome = cleaned(article(f'<script type="application/ld+json">{data}</script>', "<p>Loading the article.</p>"))
    assert text_of(outcome) == body.split("\n")
    assert {line.rule for line in outcome.lines if line.fate == "kept"} == {"json-ld.articleBody"}


def test_a_page_without_a_body_is_no_article() -> None:
    for html in ("<html></html>", "<frameset><frame src=a></frameset>", "<p>", article(body="")):
        assert cleaned(html).reason in (Reason.NO_ARTICLE, Reason.STUB)


def test_a_list_of_links_is_no_article() -> None:
    links = "".join(
        f'<li><a href="/{i}">The harbour, the lens and the {i} gales of the year</a></li>' for i in range(40)
    )
    outcome = cleaned(f"<html><body><h1>News</h1><ul>{links}</ul></body></html>", "https://news.example/")
    assert outcome.reason is Reason.NO_ARTICLE


def test_a_page_that_asks_for_javascript_says_so() -> None:
    html = "<html><body><div id=root></div><noscript>You need to enable JavaScript to run this app.</noscript>"
    assert cleaned(html).reason is Reason.NEEDS_JAVASCRIPT


NEST = {
    "divisions": "<div>" * 100_000,
    "bold": "<b>" * 100_000,
    "tables": "<table><tr><td>" * 30_000,
    "fonts": "<p><font>" * 50_000,
    "closed": "<div>" * 100_000 + "x" + "</div>" * 100_000,
    "quotes": "<blockquote>" * 900,
}


@pytest.mark.parametrize("html", NEST.values(), ids=NEST.keys())
def test_deep_nesting_ends_in_a_reason(html: str) -> None:
    assert cleaned(html + "".join(f"<p>{p}</p>" for p in PARAGRAPHS)).reason is Reason.TOO_DEEP


HARMLESS = {
    "attributes": "<div " + " ".join(f'a{i}="x"' for i in range(200_000)) + ">",
    "one attribute": f'<div data-x="{"y" * 5_000_000}">',
    "comments": "<!--" * 50_000 + "-->",
    "angles": "< " * 200_000,
    "nul": "<p>a\0b</p>",
    "broken data": '<script type="application/ld+json">' + '{"a":' * 50_000 + "</script>",
    "lists in data": '<script type="application/ld+json">' + "[" * 50_000 + "</script>",
    "nested but fine": "<div>" * 200,
}


@pytest.mark.parametrize("html", HARMLESS.values(), ids=HARMLESS.keys())
def test_odd_pages_are_cleaned_like_any_other(html: str) -> None:
    outcome = cleaned(html + "<article>" + "".join(f"<p>{p}</p>" for p in PARAGRAPHS) + "</article>")
    assert outcome.article is not None, outcome.complaint
    assert PARAGRAPHS[2] in outcome.article.text


def test_a_page_of_data_is_too_large() -> None:
    assert cleaned("<p>x</p>" * 3_000_000).reason is Reason.TOO_LARGE


def test_order_and_company_do_not_matter() -> None:
    pages = [
        article(body="".join(f"<p>{p}</p>" for p in random.Random(seed).sample(PARAGRAPHS, 4))) for seed in range(12)
    ]
    alone = [cleaned(page) for page in pages]
    order = list(range(len(pages)))
    random.Random(7).shuffle(order)
    again = {i: cleaned(pages[i]) for i in order}
    assert [again[i] for i in range(len(pages))] == alone


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("<>/=\"' apdivbrt\n\0é漢&;!-"), max_size=400))
def test_anything_gives_an_outcome(junk: str) -> None:
    outcome = cleaned("<html>" + junk)
    assert outcome.reason is not Reason.CRASH, outcome.error
    assert (outcome.article is None) != (outcome.reason is None)
