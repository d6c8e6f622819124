"""The article in the data of a page's scripts: found by its shape and its place, whatever the fields are called."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.reasons import Reason
from scraper.clean.state import body_in
from tests.clean.test_html import PARAGRAPHS, cleaned, text_of

TITLE = "Lighthouse stays lit"
TEXT = [*PARAGRAPHS, "The light was first lit in 1841, and has been dark on three nights only, all of them in the war."]
OTHER = "The harbour of Little Haven is to be dredged again, for the fourth time since the ferry came, it was said."
HTML = "".join(f"<p>{paragraph}</p>" for paragraph in TEXT)


def script(data: Any) -> str:
    return f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script>'


def fusion(content: Any) -> str:
    return f"<script>window.Fusion=window.Fusion||{{}};Fusion.globalContent={json.dumps(content)};Fusion.x=1</script>"


def parsed(data: Any) -> str:
    return f"<script>window.__STATE__ = JSON.parse({json.dumps(json.dumps(data))});</script>"


def flight(rows: list[str]) -> str:
    return "".join(f"<script>self.__next_f.push([1,{json.dumps(row)}])</script>" for row in rows)


def elements(texts: list[str]) -> list[dict[str, str]]:
    return [{"type": "text", "_id": str(i), "content": text} for i, text in enumerate(texts)]


def fragments(texts: list[str]) -> list[dict[str, Any]]:
    """Paragraphs as trees, each in three pieces, as some newsrooms' editors write them."""
    return [
        {"type": "p", "children": [{"value": text[:30]}, {"bold": True, "value": text[30:50]}, {"value": text[50:]}]}
        for text in texts
    ]


RELATED = [{"headline": f"Other {i}", "summary": OTHER} for i in range(4)]
CARRIED = {
    "a string of markup": script({"props": {"article": {"title": TITLE, "body": HTML}, "related": RELATED}}),
    "a list of strings": script({"props": {"story": {"headline": TITLE, "paragraphs": TEXT}}, "more": RELATED}),
    "fusion": fusion({"headlines": {"basic": TITLE}, "content_elements": elements(TEXT), "related": RELATED}),
    "trees": script({"page": {"title": TITLE, "content": fragments(TEXT)}, "related": RELATED}),
    "a string of data": parsed({"article": {"title": TITLE, "body": HTML}}),
    "flight": flight(
        [f'5:["$","div",null,{{"title":"{TITLE}","html":"$1a"}}]\n', f"1a:T{len(HTML.encode()):x},{HTML}"]
    ),
}
HEAD = f'<title>{TITLE} - The Example News</title><meta property="og:title" content="{TITLE}">'
ARTICLE = '<meta property="og:type" content="article">'


@pytest.mark.parametrize("carried", CARRIED.values(), ids=CARRIED.keys())
def test_a_page_that_draws_itself_has_its_text_in_a_script(carried: str) -> None:
    outcome = cleaned(f"<html><head>{HEAD}{ARTICLE}</head><body><div id=app></div>{carried}</body></html>")
    assert text_of(outcome) == TEXT
    assert {line.rule for line in outcome.lines if line.fate == "kept"} == {"state"}


@pytest.mark.parametrize("carried", CARRIED.values(), ids=CARRIED.keys())
def test_the_first_paragraph_shown_leads_to_the_rest(carried: str) -> None:
    shown = f"<main><h1>{TITLE}</h1><p>{TEXT[0]}</p></main>"
    outcome = cleaned(f"<html><head>{HEAD}{ARTICLE}</head><body>{shown}{carried}</body></html>")
    assert text_of(outcome) == TEXT


def test_another_articles_data_is_not_this_article() -> None:
    carried = script({"story": {"headline": "A harbour is dredged", "paragraphs": [f"{OTHER} {i}." for i in range(9)]}})
    outcome = cleaned(f"<html><head>{HEAD}{ARTICLE}</head><body><div id=app></div>{carried}</body></html>")
    assert outcome.article is None


def test_a_front_pages_data_is_no_article() -> None:
    carried = script({"page": {"title": TITLE, "lead": {"title": TITLE, "body": HTML}}})
    outcome = cleaned(f"<html><head>{HEAD}</head><body><a href=/1>One</a>{carried}</body></html>")
    assert outcome.reason in (Reason.NO_ARTICLE, Reason.STUB)


def test_what_the_page_shows_whole_is_not_replaced() -> None:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    outcome = cleaned(
        f"<html><head>{HEAD}{ARTICLE}</head><body><article><h1>{TITLE}</h1>{body}</article>"
        f"{CARRIED['fusion']}</body></html>"
    )
    assert text_of(outcome) == list(PARAGRAPHS)


def test_code_is_no_prose() -> None:
    code = "function start() { const x = 1; return x => { console.log(x); }; } // the end of the start of it all."
    assert body_in([json.dumps({"title": TITLE, "a": [code] * 20})], [], [TITLE]) == ""


@given(st.text(max_size=300))
def test_any_script_is_survived(junk: str) -> None:
    padded = junk + " " * 900
    for text in (padded, "{" + padded, "x = {" + padded, 'JSON.parse("' + padded, "self.__next_f.push([1," + padded):
        assert isinstance(body_in([text], [], [TITLE]), str)


@given(st.recursive(st.text(max_size=80), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner)))
def test_any_data_is_survived(data: Any) -> None:
    assert isinstance(body_in([json.dumps(data) + " " * 900], ["x" * 80], [TITLE]), str)
    deep = json.dumps("y")
    assert body_in(["[" * 5000 + deep + "]" * 5000], [], [TITLE]) == ""
