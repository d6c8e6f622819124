"""Site rules: what a rule file may say, how it is refused, and what it does to a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from archive.errors import RuleError
from archive.model import Page
from scraper.clean import clean
from scraper.clean.kit import load_kit
from scraper.rules.sites import load_site_rules
from tests.clean.test_html import CAPTURED, PARAGRAPHS, article

RULES = """
[[html]]
id = "old"
until = "2020-01-01"
body = "td.text"

[[html]]
id = "new"
since = 2020-01-01
when = "article"
body = ["div.article-body"]
title = "h2.real"
authors = ".who"
published = "time"

[[html.remove]]
id = "offer"
select = ".offer, .offer-box"
why = "The paper sells itself between paragraphs."
"""


def written(tmp_path: Path, text: str, host: str = "news.example") -> Path:
    folder = tmp_path / "sites"
    folder.mkdir(exist_ok=True)
    (folder / f"{host}.toml").write_text(text, "utf-8")
    return folder


def test_a_layout_is_chosen_by_day_and_page(tmp_path: Path) -> None:
    rules = load_site_rules([written(tmp_path, RULES)])
    page, bare = LexborHTMLParser("<article>x</article>"), LexborHTMLParser("<p>x")
    assert [
        layout.id if (layout := rules.layout(site, day, tree)) else None
        for site, day, tree in [
            ("news.example", "2019-12-31T23:59:59Z", page),
            ("news.example", "2020-01-01T00:00:00Z", page),
            ("m.news.example", "2026-01-01T00:00:00Z", page),
            ("news.example", "2026-01-01T00:00:00Z", bare),
            ("example", "2026-01-01T00:00:00Z", page),
            (None, "2026-01-01T00:00:00Z", page),
        ]
    ] == ["old", "new", "new", None, None, None]


def test_an_archives_own_rules_come_first(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    shipped = written(tmp_path / "a", '[[html]]\nid = "shipped"\nbody = "p"')
    own = written(tmp_path / "b", '[[html]]\nid = "own"\nbody = "p"')
    layout = load_site_rules([shipped, own]).layout("news.example", CAPTURED, LexborHTMLParser("<p>"))
    assert layout is not None
    assert layout.id == "own"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[html]]\nbdy = 'p'", "unknown key bdy (did you mean body?)"),
        ("[[htm]]\nbody = 'p'", "unknown key htm (did you mean html?)"),
        ("[html]\nbody = 'p'", "in double brackets"),
        ("[[html]]\nbody = '['", "key body: '[' is no CSS selector"),
        ("[[html]]\nbody = 3", "key body: a CSS selector"),
        ("[[html]]\nbody = ''", "key body: a CSS selector"),
        ("[[html]]\nsince = 'soon'", "key since: a day like 2025-01-31"),
        ("[[html]]\n[[html.remove]]\nid = 'x'\nselect = 'p'", "key why: a text is needed"),
        ("[[html", "cannot be read as TOML"),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(RuleError) as caught:
        load_site_rules([written(tmp_path, text)])
    assert message in str(caught.value)
    assert "news.example.toml" in str(caught.value)


def test_rules_decide_over_the_classifier(tmp_path: Path) -> None:
    written(tmp_path, RULES)
    kit = load_kit(tmp_path)
    offer = '<p class="offer">Read on for a month, and pay when you have seen that it is worth your while.</p>'
    body = f'<h2 class="real">A light for the coast</h2><p class="who">Ruth Pascoe</p><time>2026-02-03</time>{offer}'
    html = article(body=body + "".join(f"<p>{p}</p>" for p in PARAGRAPHS))
    outcome = clean(Page("x", html.encode(), "text/html", CAPTURED, "manifest", url="https://www.news.example/a"), kit)
    assert outcome.article is not None
    fields = {name: (field.value, field.source) for name, field in outcome.article.fields.items()}
    assert fields["title"] == ("A light for the coast", "rule")
    assert fields["authors"] == (("Ruth Pascoe",), "rule")
    assert fields["published"] == ("2026-02-03", "rule")
    rules = {line.text: line.rule for line in outcome.lines}
    assert rules[PARAGRAPHS[0]] == "site:news.example/body"
    assert [rule for text, rule in rules.items() if text.startswith("Read on")] == ["site:news.example/offer"]
    assert "Read on" not in outcome.article.text
    assert all(paragraph in outcome.article.text for paragraph in PARAGRAPHS)


def test_rules_change_the_recipe(tmp_path: Path) -> None:
    written(tmp_path, RULES)
    assert load_kit(tmp_path).recipe != load_kit().recipe
