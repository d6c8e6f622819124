"""Fields out of a page's head and text: where each comes from, and that nothing is made up."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.clean import jsonld
from scraper.clean.authors import declared_authors
from scraper.clean.pubdates import in_url, not_after, stated
from scraper.clean.titles import Saying, choose_title
from tests.clean.test_html import article, cleaned, kit, value

VOCABULARY = kit().lines.vocabulary
MONTHS = kit().lines.months


def said(head: str) -> dict[str, tuple[object, str]]:
    outcome = cleaned(article(head))
    assert outcome.article is not None
    return {name: (field.value, field.source) for name, field in outcome.article.fields.items()}


def ld(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle"} | fields)}</script>'


def test_json_ld_is_believed_first() -> None:
    meta = '<meta name=author content="Someone Else"><meta property="article:published_time" content="2026-01-01">'
    fields = said(
        meta + ld(author={"@type": "Person", "name": "Ana von Stein"}, datePublished="2026-02-03T09:30:00+01:00")
    )
    assert fields["authors"] == (("Ana von Stein",), "json-ld")
    assert fields["published"] == ("2026-02-03T09:30:00+01:00", "json-ld")


def test_meta_elements_say_what_json_ld_does_not() -> None:
    fields = said(
        '<meta property="article:published_time" content="2026-02-03"><meta property="article:section" content="Coast">'
        '<meta name=description content="A light stays on."><meta property="og:image" content="/a.jpg">'
        '<meta name=keywords content="light, sea, light">'
    )
    assert fields["published"] == ("2026-02-03", "meta")
    assert fields["section"] == ("Coast", "meta")
    assert fields["description"] == ("A light stays on.", "meta")
    assert fields["image"] == ("https://news.example/a.jpg", "meta")
    assert fields["tags"] == (("light", "sea"), "meta")


@pytest.mark.parametrize(
    ("published", "modified", "path", "expected"),
    [
        # the evening of a newsroom west of Greenwich is the next day in UTC
        ("2026-02-04T02:10:00Z", "", "/2026/02/03/a", ("2026-02-03", "url")),
        ("2026-02-04T02:10:00-06:00", "", "/2026/02/03/a", ("2026-02-04T02:10:00-06:00", "json-ld")),
        ("2026-02-04T02:10:00Z", "", "/2026/01/03/a", ("2026-02-04T02:10:00+00:00", "json-ld")),
        # the template gives the last change for both
        ("2026-02-05T18:37:32+01:00", "2026-02-05T18:37:32+01:00", "/2026/02/01/a", ("2026-02-01", "url")),
        ("2026-02-05T18:37:32+01:00", "2026-02-06T18:37:32+01:00", "/2026/02/01/a",
         ("2026-02-05T18:37:32+01:00", "json-ld")),
        # day and month, or month and day: the day of the change tells
        ("02/03/2026 05:22 pm", "2026-02-03T18:00:00+01:00", "/a", ("2026-02-03T17:22", "json-ld")),
        ("03/02/2026 05:22 pm", "2026-02-03T18:00:00+01:00", "/a", ("2026-02-03T17:22", "json-ld")),
    ],
)  # fmt: skip
def test_the_newsrooms_own_day(published: str, modified: str, path: str, expected: tuple[str, str]) -> None:
    outcome = cleaned(article(ld(datePublished=published, dateModified=modified)), f"https://news.example{path}")
    assert outcome.article is not None
    field = outcome.article.fields["published"]
    assert (field.value, field.source) == expected


def test_two_readings_and_nothing_to_tell_them_apart_are_no_date() -> None:
    assert "published" not in said(ld(datePublished="02/03/2026 05:22 pm"))


def test_nothing_is_dated_after_its_capture() -> None:
    assert "published" not in said(ld(datePublished="2026-03-05T00:10:00Z"))


def test_the_text_overrules_a_wrong_language() -> None:
    outcome = cleaned(article().replace("<html lang=en>", "<html lang=de>"))
    assert value(outcome, "language") == "en"


@pytest.mark.parametrize(
    ("canonical", "wanted", "refused"),
    [
        (
            "https://news.example/2026/02/lighthouse-stays-lit",
            "https://news.example/2026/02/lighthouse-stays-lit",
            None,
        ),
        ("/2026/02/lit#top", "https://news.example/2026/02/lit", None),
        ("/2026/02/lit?utm_source=front", "https://news.example/2026/02/lit", None),
        ("https://m.news.example/2026/02/lit", "https://m.news.example/2026/02/lit", None),
        ("https://news.example/index.html", None, "https://news.example/index.html (the front page)"),
        ("https://blogs.news.example/lit", None, "https://blogs.news.example/lit (of another site)"),
        ("https://news.example/", None, "https://news.example/ (the front page)"),
        ("https://elsewhere.example/2026/02/lit", None, "https://elsewhere.example/2026/02/lit (of another site)"),
        ("javascript:void(0)", None, None),
    ],
)
def test_a_canonical_address_is_believed_within_its_site_and_else_told(
    canonical: str, wanted: str | None, refused: str | None
) -> None:
    outcome = cleaned(article(f'<link rel=canonical href="{canonical}">'))
    assert outcome.article is not None
    assert (outcome.article.url, outcome.article.refused) == (wanted, refused)


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2026-02-03", "2026-02-03"),
        ("2026-02-03T00:00:00Z", "2026-02-03"),
        ("2026-02-03T09:30", "2026-02-03T09:30"),
        ("2026-02-03T09:30:15.123Z", "2026-02-03T09:30:15+00:00"),
        ("2026-02-03 09:30:00 +0530", "2026-02-03T09:30:00+05:30"),
        ("20260203T093000Z", "2026-02-03T09:30:00+00:00"),
        ("Tue, 03 Feb 2026 09:30:00 +0100", "2026-02-03T09:30:00+01:00"),
        ("Tue, 03 Feb 2026 09:30:00 EST", "2026-02-03T09:30:00"),
        ("3 de febrero de 2026", "2026-02-03"),
        ("2026-13-41", None),
        ("yesterday", None),
    ],
)
def test_dates_keep_their_precision(written: str, iso: str | None) -> None:
    assert stated(written, MONTHS) == iso


@given(st.text(max_size=60))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = stated(text, MONTHS)
    assert found is None or not_after(found, "9999-01-01T00:00:00Z") == found


def test_addresses_name_days() -> None:
    assert in_url("/2026/02/03/lit") == "2026-02-03"
    assert in_url("/story-20260203.html") == "2026-02-03"
    assert in_url("/2026/22/03/lit") is None
    assert in_url("/sport/1234") is None


@pytest.mark.parametrize(
    ("author", "wanted"),
    [
        ({"name": "Ana Roldán"}, ("Ana Roldán",)),
        (
            [{"@type": "Person", "name": "Ana Roldán"}, {"@type": "Person", "name": "Otto von Stein"}],
            ("Ana Roldán", "Otto von Stein"),
        ),
        ("By Ruth Pascoe and Byron Dale", ("Ruth Pascoe", "Byron Dale")),
        ("Por María de la Cruz", ("María de la Cruz",)),
        ({"@type": "Organization", "name": "The Example News"}, ()),
        ("https://news.example/authors/ana", ()),
        ("ana@news.example", ()),
        ("The Example News", ()),
        ("", ()),
        (None, ()),
        ("María del Carmen Ansúrez de la Ría y Solís", ("María del Carmen Ansúrez de la Ría y Solís",)),
        ("Ana Roldán y Luis Lemos", ("Ana Roldán", "Luis Lemos")),
        ("Ana Roldán, Pío Lemos y Solís y Luis Paz", ("Ana Roldán", "Pío Lemos y Solís", "Luis Paz")),
        ("Ana y Luis", ("Ana", "Luis")),
        ("Ana Roldán y Agencias", ("Ana Roldán",)),
        ("Rita Costa e Silva", ("Rita Costa e Silva",)),
    ],
)
def test_authors_are_persons(author: object, wanted: tuple[str, ...]) -> None:
    assert declared_authors(author, VOCABULARY, ["The Example News"]) == wanted


@pytest.mark.parametrize(
    ("headings", "sayings", "wanted"),
    [
        (["Lighthouse stays lit"], ["Lighthouse stays lit - The Example News"], "Lighthouse stays lit"),
        ([], ["Lighthouse stays lit | The Example News"], "Lighthouse stays lit"),
        (["The Example News", "Lighthouse stays lit"], ["Lighthouse stays lit"], "Lighthouse stays lit"),
        (["Opinion | Lighthouse stays lit at last"], ["Lighthouse stays lit at last"], "Lighthouse stays lit at last"),
        (["Black - and white - and red"], ["Black - and white - and red"], "Black - and white - and red"),
        ([], [], None),
    ],
)
def test_titles_lose_the_name_of_the_site(headings: list[str], sayings: list[str], wanted: str | None) -> None:
    found = choose_title(headings, [Saying(text, "meta") for text in sayings], ["The Example News", "news.example"])
    assert (found.text if found else None) == wanted


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "NewsArticle", "headline": "Lit",}',
        '<!-- {"@type": "NewsArticle", "headline": "Lit"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "Lit"}\n//]]>',
        '{"@graph": [{"@type": ["Thing", "NewsArticle"], "headline": "Lit"}]}',
        '[[{"@type": "http://schema.org/NewsArticle", "headline": "Lit"}]]',
        '{"@type": "NewsArticle", "headline": "Lit", "description": "two\nlines\tand a tab"}',
        "{&quot;@type&quot;: &quot;NewsArticle&quot;, &quot;headline&quot;: &quot;Lit&quot;}",
        '{"@type": "NewsArticle", "headline": "Lit"};',
        '{"@type": "NewsArticle", "headline": "Lit"} {"@type": "Person"}',
    ],
)
def test_broken_json_ld_is_read(script: str) -> None:
    assert jsonld.article_of(jsonld.objects([script]), [])["headline"] == "Lit"


@given(st.text(max_size=200))
def test_any_script_is_survived(script: str) -> None:
    assert isinstance(jsonld.objects([script, "{" + script, "[" + script + "]"]), list)


def test_a_site_is_nobodys_second_surname() -> None:
    assert declared_authors("Ana Roldán y Lucero", VOCABULARY, ["Lucero"]) == ("Ana Roldán",)
    assert declared_authors("Ana Roldán y Lucero", VOCABULARY, []) == ("Ana Roldán y Lucero",)


def test_the_card_of_a_page_names_its_author() -> None:
    card = '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Ana Roldán">'
    assert said(card)["authors"] == (("Ana Roldán",), "meta")
    other = '<meta name="twitter:label1" content="Est. reading time"><meta name="twitter:data1" content="Ana Roldán">'
    assert "authors" not in said(other)


@pytest.mark.parametrize(
    ("links", "wanted"),
    [
        ('<a href="/author/roldan">Ana Roldán</a> <a href="/author/roldan/feed">Follow</a>', ("Ana Roldán",)),
        ('<a href="/author/roldan">Ana Roldán</a> <a href="/author/otto">Otto von Stein</a>', None),
        ('<a href="/author/roldan">More articles</a>', None),
    ],
)
def test_one_link_to_an_authors_page_names_the_author(links: str, wanted: tuple[str, ...] | None) -> None:
    outcome = cleaned(article().replace("<div class=", f"<div>{links}</div><div class=", 1))
    assert value(outcome, "authors") == wanted


def test_what_stands_beside_a_marked_author_is_no_author() -> None:
    marked = "".join(f"<span rel=author>{text}</span>" for text in ("Ruth Pascoe", "More about Ruth", "Reporter"))
    outcome = cleaned(article().replace("<div class=", f"<div>{marked}</div><div class=", 1))
    assert value(outcome, "authors") == ("Ruth Pascoe",)


def test_a_date_of_a_change_is_not_that_of_the_publication() -> None:
    line = "<div class=date>Last updated on 3 February 2026</div>"
    outcome = cleaned(article().replace("<div class=", f"{line}<div class=", 1), "https://news.example/lit")
    assert value(outcome, "published") is None


def test_the_pages_own_date_stands_in_for_the_articles() -> None:
    data = json.dumps({"@graph": [{"@type": "WebPage", "datePublished": "2026-02-03T09:30:00+01:00"}]})
    assert said(f'<script type="application/ld+json">{data}</script>')["published"] == (
        "2026-02-03T09:30:00+01:00",
        "json-ld",
    )


@pytest.mark.parametrize("claim", ["https://[", "http://[::1", "//", "%"])
def test_an_address_that_cannot_be_read_does_no_harm(claim: str) -> None:
    fields = said(f'<link rel=canonical href="{claim}"><meta property="og:url" content="{claim}">')
    assert fields["title"][0] == "Lighthouse stays lit"
