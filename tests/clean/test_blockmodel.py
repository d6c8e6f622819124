"""How a page's blocks are decided: at a glance where that is sure, else with a witness, who is asked once."""

from __future__ import annotations

import numpy as np

from scraper.clean.blockmodel import SURE, Opinion, doubt, is_stub, opinion
from scraper.clean.blocks import readable
from scraper.clean.candidates import Asked
from scraper.clean.examine import Examined, examine
from scraper.clean.features import rule_hits
from scraper.clean.tree import parse
from tests.clean.test_html import PARAGRAPHS, article, kit
from tests.clean.test_kinds import TEASERS, page


def decided(html: str) -> tuple[Examined, list[float]]:
    found = examine(parse(html), None, kit().blocks.hints)
    segments = readable(found.segments)
    hits = rule_hits([block.text for block in segments.blocks], kit().lines)
    return found, opinion(segments.blocks, segments.elements, found.said, kit().blocks, hits).probability.tolist()


def test_a_plain_page_is_decided_at_a_glance() -> None:
    found, probability = decided(article())
    assert found.said.trafilatura.known is None
    assert min(probability[1:6]) > 0.5


def test_of_a_doubtful_page_trafilatura_is_asked() -> None:
    mixed = "".join(f"<div><p>{p}</p></div><div class=box><p>{p[:60]}</p></div>" for p in PARAGRAPHS[:3])
    found, _ = decided(page("Coast", mixed + TEASERS))
    assert found.said.trafilatura.known is not None


def test_a_witness_is_asked_once() -> None:
    times: list[str] = []

    def said() -> str:
        times.append("asked")
        return "- A line\nanother"

    asked = Asked(said)
    assert asked().covers("A line") == 1.0
    assert asked() is asked.known
    assert times == ["asked"]


def test_doubt_is_the_share_of_words_that_may_be_wrong() -> None:
    words = np.array([50.0, 50.0, 400.0])
    assert doubt(np.array([1.0, 1.0, 1.0], dtype=np.float32), words) == 0.0
    assert abs(doubt(np.array([0.9, 0.9, 0.9], dtype=np.float32), words) - 0.1) < 1e-6
    assert doubt(np.array([0.5, 0.5, 0.5], dtype=np.float32), words) > SURE
    assert doubt(np.zeros(0, dtype=np.float32), np.zeros(0)) == 0.0


def promised(probability: list[float], glance: list[float] | None = None, words: float = 30.0) -> list[bool]:
    said = np.array(probability, dtype=np.float32)
    seen = None if glance is None else np.array(glance, dtype=np.float32)
    return Opinion(said, np.full(len(said), words), seen).worthwhile


def test_of_a_page_that_is_hard_to_judge_more_than_the_likely_blocks_are_kept() -> None:
    assert promised([0.95] * 5 + [0.3] * 2) == [True] * 5 + [False] * 2
    assert promised([0.6] + [0.45] * 6 + [0.02] * 3) == [True] * 7 + [False] * 3


def test_the_glance_must_think_as_much_of_them() -> None:
    assert promised([0.6] + [0.45] * 6, [0.9] + [0.45] * 3 + [0.05] * 3) == [True] * 4 + [False] * 3


def test_where_nothing_is_likely_nothing_is_kept() -> None:
    assert promised([0.4] * 6) == [False] * 6
    assert promised([]) == []


def stub(looks: list[float], glance: list[float], words: float = 60.0) -> bool:
    second, first = (np.array(said, dtype=np.float32) for said in (looks, glance))
    return is_stub(second, first, np.full(len(first), words))


def test_where_the_looks_keep_a_stub_the_witness_was_wrong() -> None:
    assert stub([0.9, 0.1, 0.1, 0.1], [0.9] * 4)
    assert not stub([0.9, 0.1, 0.1, 0.1], [0.9, 0.9, 0.9, 0.4])  # not so much more
    assert not stub([0.9, 0.9, 0.9, *[0.1] * 12], [0.9] * 15)  # an article, if a short one
    assert not stub([0.1] * 4, [0.9] * 4)  # the looks see no article at all
