from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import RuleError
from scraper.clean.coherence import COHERENCE_COLUMNS, coherence
from scraper.clean.features import rule_hits
from scraper.clean.linefeatures import line_sheet
from scraper.clean.linemodel import threshold, together
from scraper.clean.promise import promising
from scraper.clean.rhythm import RHYTHM_COLUMNS, rhythm
from scraper.clean.wording import Wording, load_wording, terms
from scraper.recipe import MODELS
from scraper.rules.lines import load_line_rules

RULES = load_line_rules()
WORDS = Wording({"subscribe": -2.0, "said": 1.0, "^subscribe now": -1.0, "0": -0.5, "now$": -0.25})
LINES = st.lists(st.text(min_size=1, max_size=60).filter(lambda s: s.strip() != ""), min_size=1, max_size=25)


@settings(max_examples=60, deadline=None)
@given(LINES)
def test_any_text_has_finite_features(lines: list[str]) -> None:
    sheet = line_sheet(lines, rule_hits(lines, RULES), WORDS)
    assert sheet.values.shape == (len(lines), len(sheet.columns))
    assert np.isfinite(sheet.values).all()
    assert len(set(sheet.columns)) == len(sheet.columns)


def test_terms_of_a_line() -> None:
    assert terms(["page", "12", "now"]) == {"page", "0", "now", "page 0", "0 now", "^page", "^page 0", "now$"}
    assert terms([]) == frozenset()


def test_a_line_of_unknown_words_scores_nothing() -> None:
    scores = WORDS.columns([["abonnieren", "sie"], ["subscribe", "now"], ["she", "said"], []])
    assert scores[0].tolist() == [0.0, 0.0]
    assert scores[1, 0] < 0 < scores[2, 0]
    assert scores[3].tolist() == [0.0, 0.0]


def test_the_shipped_words_are_read(tmp_path: Path) -> None:
    shipped = load_wording(MODELS / "words.json")
    assert shipped.weights["cookies"] < 0 < shipped.weights["said"]
    assert len(shipped.digest) == 64
    broken = tmp_path / "words.json"
    broken.write_text('["cookies"]')
    with pytest.raises(RuleError, match="words and weights"):
        load_wording(broken)


def test_comments_beat_and_prose_does_not() -> None:
    comments = [line for name in ("Ana", "Luis", "Eva", "Juan") for line in (name, "3 days ago", "Me gusta mucho!")]
    found = rhythm(
        [*comments, "Un párrafo de la noticia, con muchas palabras que siguen y siguen hasta el punto final."]
    )
    near, beat = RHYTHM_COLUMNS.index("alike_near"), RHYTHM_COLUMNS.index("alike_beat")
    assert found[4, near] == 3
    assert found[4, beat] == 1
    assert found[-1, near] == 0


def test_a_paragraph_goes_on_and_a_teaser_does_not() -> None:
    lines = ["faro vega linterna", "linterna vega cabo", "cabo faro vega", "fútbol liga gol", "bolsa banco euro"]
    found = coherence([line.split() for line in lines])
    before = COHERENCE_COLUMNS.index("same_words_2_before")
    assert found[2, before] == 1.0
    assert found[3, before] == found[4, before] == 0.0


def test_a_line_said_twice_is_no_sign_of_going_on() -> None:
    found = coherence([["boletín", "diario"], ["boletín", "diario"]])
    assert not found.any()


def test_a_page_that_is_hard_to_judge_has_a_lower_threshold() -> None:
    words = np.full(10, 20.0)
    sure = np.array([0.95] * 4 + [0.05] * 6, dtype=np.float32)
    unsure = np.array([0.4] * 4 + [0.1] * 6, dtype=np.float32)
    assert promising(unsure, words) < 0.2 < 0.4 < promising(sure, words)
    assert threshold(unsure, words) < threshold(sure, words) < 0.5
    clean = np.full(10, 0.99, dtype=np.float32)
    assert threshold(clean, words) < 0.1


def test_the_lines_kept_promise_the_most_precision_and_recall() -> None:
    random = np.random.default_rng(3)
    for _ in range(50):
        body = random.beta(0.4, 0.6, size=12).astype(np.float32)
        words = random.integers(1, 60, size=12).astype(np.float64)
        size = words + 0.5

        def worth(keep: np.ndarray, body: np.ndarray = body, size: np.ndarray = size) -> float:
            right = float((body * size)[keep].sum())
            return right / float(size[keep].sum()) + right / float((body * size).sum())

        best = max(worth(body >= p) for p in body)
        assert worth(body >= min(promising(body, words), float(body.max()))) == pytest.approx(best, abs=0.01)


def test_both_looks_together_are_less_sure_than_either() -> None:
    first = np.array([0.0, 0.02, 0.5, 0.98, 1.0, 0.9], dtype=np.float32)
    second = np.array([0.0, 0.02, 0.5, 0.98, 1.0, 0.1], dtype=np.float32)
    both = together(first, second)
    assert (np.diff(both[:5]) > 0).all()
    assert 0.0 < both[0] < both[1]
    assert both[1] > 0.02
    assert both[3] < 0.98
    assert both[4] < 1.0
    assert both[5] == pytest.approx(float(both[2]), abs=1e-6)


def test_a_page_of_learned_furniture_alone_has_a_threshold() -> None:
    assert threshold(np.zeros(4, dtype=np.float32), np.full(4, 9.0)) == pytest.approx(0.1)
