"""The records keep their promises."""

from __future__ import annotations

import pickle

import pytest

from archive.model import Article, Line, Outcome, Page
from archive.reasons import FAILURES, Reason


def test_a_page_knows_its_digest() -> None:
    page = Page("a.txt", b"hola", "text/plain", "2025-07-12T00:00:00Z", "clock")
    assert page.payload_digest == "sha256:b221d9dbb083a7f33428d7c2a3c3198ae925614d70210e28716ccaa7cd4ddb79"
    assert pickle.loads(pickle.dumps(page)) == page


def test_a_digest_that_is_given_stays() -> None:
    page = Page("a.html", b"decoded", "text/html", "2025-07-12T00:00:00Z", "warc", payload_digest="sha256:00")
    assert page.payload_digest == "sha256:00"


@pytest.mark.parametrize(("article", "reason"), [(None, None), (Article("text"), Reason.STUB)])
def test_an_outcome_is_an_article_or_a_reason(article: Article | None, reason: Reason | None) -> None:
    with pytest.raises(ValueError, match="an article or a reason"):
        Outcome("recipe", article, reason)


def test_removals_are_all_lines_but_the_kept() -> None:
    lines = (Line(1, "Título", "title", "field.title"), Line(2, "Texto.", "kept", "model 0.99"))
    outcome = Outcome("recipe", Article("Texto."), lines=lines)
    assert outcome.removals == lines[:1]
    assert (outcome.failed, outcome.complaint) == (False, None)


def test_a_complaint_is_one_line() -> None:
    assert Outcome("r", reason=Reason.STUB).complaint == "stub: too little text to be an article"
    assert Outcome("r", reason=Reason.CRASH, error="boom").complaint == "crash: boom"


def test_failures_are_reasons_and_answers_are_not() -> None:
    assert set(Reason) > FAILURES
    assert Outcome("r", reason=Reason.TIMEOUT).failed
    assert not Outcome("r", reason=Reason.NO_ARTICLE).failed


def test_every_reason_says_what_it_means() -> None:
    assert all(reason.meaning and str(reason) == reason.value for reason in Reason)
    assert len({reason.meaning for reason in Reason}) == len(Reason)
