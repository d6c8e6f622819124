"""Rules in the format of ftr-site-config: XPaths as CSS, held against an XPath engine, and files as our own."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from selectolax.lexbor import LexborHTMLParser

from scraper.rules.loading import load_rules
from scraper.rules.siteconfig import as_toml, host_of, read, total
from scraper.rules.xpath import NoSelector, selectors

PAGE = """
<html><head><title>t</title><meta property="og:title" content="Headline"></head><body>
<div id="main" class="story body-text" data-n="1"><h1>Headline</h1>
  <p class="lead">One <a href="https://x.example/a" rel="author">Ana</a></p><p>Two</p>
  <ul class="related links"><li class="x"><a href="/b">b</a></li><li><span>c</span></li></ul>
  <div class="share-box"><p>Share</p></div></div>
<div class="story"><p>Other</p><section><p class="lead">Three</p><img src="/ads/1.png"></section></div>
<aside id="side"><div class="body"><p>Four</p><p>Five</p></div></aside></body></html>
"""
EXPRESSIONS = (
    "//div[@id='main']",
    "//div[@class='story']",
    "//div[contains(@class, 'story')]/p",
    "//div[contains(concat(' ', normalize-space(@class), ' '), ' story ')]//p",
    "//p[starts-with(@class, 'le')] | //ul/li",
    "//div[@id='main' and @data-n='1']/h1",
    "//p[@class='lead' or not(@class)]",
    "//ul[li[@class='x']]",
    "//div[.//img]",
    "//li[not(@class)]/span",
    "//h1/following-sibling::p",
    "//p[1]",
    "//p[last()]",
    "//*[@id='side']//*[2]",
    "//a[@rel='author']/parent::p",
    "//img/ancestor::div",
    "/html/body/div/p",
    "(//aside | //section)/div/p",
    "//body/div[2]/p",
    "//div[@data-n != '2']",
    "descendant::section",
)


def by_xpath(expression: str) -> list[str]:
    tree = lxml_html.fromstring(PAGE)
    return [_path([(e.tag, e) for e in reversed([node, *node.iterancestors()])]) for node in tree.xpath(expression)]


def _path(chain: list[tuple[str, object]]) -> str:
    return "/".join(f"{tag}.{element.get('class') or element.get('id') or ''}" for tag, element in chain)  # type: ignore[attr-defined]


def by_css(expression: str) -> list[str]:
    found = []
    for node in LexborHTMLParser(PAGE).css(", ".join(selectors(expression))):
        chain, at = [], node
        while at is not None and at.tag and not at.tag.startswith("-"):
            chain.append((at.tag, at.attributes))
            at = at.parent  # type: ignore[assignment]
        found.append(_path(list(reversed(chain))))  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_selector_finds_what_the_xpath_finds(expression: str) -> None:
    assert sorted(set(by_css(expression))) == sorted(set(by_xpath(expression))) != []


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("//p[contains(text(), 'Read more')]", "words"),
        ("//p[contains(., 'Read more')]", "words"),
        ("substring-after(//p, 'By ')", "substring-after"),
        ("//a/ancestor::div[2]", "axis ancestor"),
        ("//div[@class='a']/p/parent::div", "axis parent"),
        ("//div[@class='a'][2]", "meet a condition"),
        ("(//div)[1]", "list of results"),
        ("//p/@class", "as a value"),
        ("//p/..", "up the tree"),
        ("//h1/following-sibling::p[1]", "following siblings"),
        ("//div[@class=", "missing"),
        ("", "missing"),
    ],
)
def test_what_has_no_equivalent_says_why(expression: str, why: str) -> None:
    with pytest.raises(NoSelector, match=why):
        selectors(expression)


@given(st.text(st.sampled_from("/[]()@='\"|.*: ,adivplncot12-"), max_size=40))
def test_any_text_gives_selectors_or_a_reason(expression: str) -> None:
    with suppress(NoSelector):
        assert selectors(expression)


CONFIG = """
# The Wexmouth Courier
title: //h1[@class='head']
author: //a[@rel='author']
date: //time/@datetime
body: //div[@id='story']
body: //div[contains(@class, 'old-story')]
strip: //div[@class='share']
strip: //p[contains(., 'Read more')]
strip_id_or_class: newsletter
prune: no
http_header(user-agent): Mozilla/5.0
replace_string(<b>): <i>
test_url: https://courier.example/2026/02/lighthouse
"""


def test_a_file_becomes_a_layout_for_each_body(tmp_path: Path) -> None:
    rules = read("courier.example", CONFIG)
    assert total([rules]) == (7, 6)
    (tmp_path / "imported").mkdir()
    (tmp_path / "imported" / "courier.example.toml").write_text(as_toml(rules, "courier.example.txt"), "utf-8")
    _, sites, _ = load_rules(tmp_path)
    first, second = sites.layouts["courier.example"]
    assert (first.imported, first.body, second.body) == (True, "div#story", 'div[class*="old-story"]')
    assert first.fields == {"title": 'h1[class="head"]', "authors": 'a[rel="author"]', "published": "time"}
    assert [removal.select for removal in first.remove] == [
        'div[class="share"]',
        '[id*="newsletter"], [class*="newsletter"]',
    ]
    text = (tmp_path / "imported" / "courier.example.toml").read_text("utf-8")
    assert "# no CSS equivalent (a comparison with an element's words): strip: //p[contains(., 'Read more')]" in text
    assert tomllib.loads(text)["html"][0]["tests"] == ["https://courier.example/2026/02/lighthouse"]


def test_rules_of_ones_own_come_before_imported_ones(tmp_path: Path) -> None:
    for kind, body in (("imported", "div.theirs"), ("sites", "div.mine")):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "a.example.toml").write_text(f'[[html]]\nbody = "{body}"\n', "utf-8")
    _, sites, _ = load_rules(tmp_path)
    page = LexborHTMLParser('<div class="mine">a</div><div class="theirs">b</div>')
    layout = sites.layout("a.example", "2026-01-01", page)
    assert layout is not None
    assert layout.body == "div.mine"


@given(st.text(max_size=60))
def test_any_line_of_a_file_is_read_and_written_as_toml(value: str) -> None:
    rules = read("a.example", f"body: //div[@class='{value}']\ntest_url: {value}\nstrip_id_or_class: {value}\n{value}")
    tomllib.loads(as_toml(rules, "a.example.txt"))


@pytest.mark.parametrize(
    ("name", "host"),
    [("courier.example.txt", "courier.example"), (".courier.example.txt", "courier.example"), ("README.txt", None)],
)
def test_a_file_is_called_as_its_host(name: str, host: str | None) -> None:
    assert host_of(name) == host
