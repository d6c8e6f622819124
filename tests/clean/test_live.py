"""Live blogs say that they are: by their publisher's word, or by times that fall with text under each."""

from __future__ import annotations

import json

import pytest

from archive.model import Field
from scraper.clean.live import stamp
from tests.clean.test_html import cleaned

REPORTS = (
    "The ferry has left the bank with the tide, and two tugs are bringing her round to the inner harbour tonight.",
    "All passengers are ashore, the harbour master says, and three of them are being looked at for the cold.",
    "Coastguards have asked people to keep off the sea wall, where waves were breaking over the railings at noon.",
    "The drill hall is open for the passengers, and volunteers of the rowing club are bringing blankets and tea.",
    "The lifeboat turned back to the slip with a fouled propeller, and divers hope to clear it before it is dark.",
    "A pilot cutter took the first families off at half past one, a woman who watched from the pier has told us.",
    "The ferry lost its heading past the bell buoy, and her master asked for help on the channel of the harbour.",
)
TIMES = ("17:40", "16.55", "15:20", "2:05 p.m.", "13h30", "1.10 pm", "12:50")


def live_page(times: tuple[str, ...], head: str = "", attribute: str = "") -> str:
    reports = "".join(
        f"<div class=entry><div class=when>{when}</div><p>{text}</p></div>"
        for when, text in zip(times, REPORTS, strict=True)
    )
    return (
        f"<html lang=en><head><title>Ferry aground</title>{head}</head><body><article{attribute}>"
        f"<h1>Ferry aground</h1>{reports}</article></body></html>"
    )


def kind(html: str) -> Field | None:
    article = cleaned(html).article
    assert article is not None
    return article.fields.get("kind")


def ld(*items: dict[str, object]) -> str:
    return f'<script type="application/ld+json">{json.dumps(items)}</script>'


UPDATES = {"@type": "LiveBlogPosting", "headline": "Ferry", "liveBlogUpdate": [{"@type": "BlogPosting"}] * 3}
NONE = ("",) * 7


@pytest.mark.parametrize(
    ("head", "attribute", "source"),
    [
        (ld({"@type": "LiveBlogPosting", "headline": "Ferry aground"}), "", "json-ld"),
        (ld({"@type": "NewsArticle", "headline": "Ferry aground"}, UPDATES), "", "json-ld"),
        ("", ' itemscope itemtype="https://schema.org/LiveBlogPosting"', "microdata"),
    ],
)
def test_publishers_say_it(head: str, attribute: str, source: str) -> None:
    assert kind(live_page(NONE, head, attribute)) == Field("live", source)


def test_the_shape_of_a_page_tells() -> None:
    assert kind(live_page(TIMES)) == Field("live", "structure")


def test_all_reports_are_kept() -> None:
    article = cleaned(live_page(TIMES)).article
    assert article is not None
    assert [line for line in article.text.split("\n") if line in REPORTS] == list(REPORTS)


def test_midnight_does_not_hide_it() -> None:
    assert kind(live_page(("00:40", "00:05", "23:50", "23:20", "22:35", "22:10", "21:50"))) == Field(
        "live", "structure"
    )


@pytest.mark.parametrize(
    "times",
    [
        NONE,
        tuple(reversed(TIMES)),  # the programme of a day, or a chronicle of it
        ("17:40", "09:20", "15:20", "08:05", "19:30", "13:10", "18:50"),
        ("17:40",) * 7,
        ("17:40", "16:55", "", "", "", "", ""),
    ],
)
def test_what_is_none(times: tuple[str, ...]) -> None:
    assert kind(live_page(times)) is None


def test_readers_comments_make_no_live_blog() -> None:
    body = "".join(f"<p>{text}</p>" for text in REPORTS)
    comments = "".join(
        f"<li class=comment><div class=comment-author>Hilda {when}</div><p>So they say, I have my doubts.</p></li>"
        for when in TIMES
    )
    page = f"<article><h1>Ferry aground</h1>{body}</article><div id=comments><h2>Comments</h2><ol>{comments}</ol></div>"
    assert kind(f"<html lang=en><head><title>Ferry aground</title></head><body>{page}</body></html>") is None


def test_one_update_of_another_story_is_no_word_on_this_one() -> None:
    other = {"@type": "LiveBlogPosting", "headline": "Storm", "liveBlogUpdate": [{"@type": "BlogPosting"}]}
    assert kind(live_page(NONE, ld({"@type": "NewsArticle", "headline": "Ferry aground"}, other))) is None


@pytest.mark.parametrize(
    ("line", "minutes"),
    [
        ("14:32", 872),
        ("2.05 p. m.", 845),
        ("12:10 am", 10),
        ("18 h 30", 1110),
        ("Heute, 9.05 Uhr", 545),
        ("90+3'", 93),
        ("45' + 2'", 47),
        ("67’", 67),
        ("De 9:00 a 14:00", None),
        ("1.500 personas", None),
        ("3.5.2026", None),
        ("The shop opens at 9:30 on every day but Sunday, its owner said.", None),
    ],
)
def test_stamps(line: str, minutes: int | None) -> None:
    assert stamp(line) == minutes
