"""What a picture shows is often said twice: as its alternative text, and in the caption."""

from __future__ import annotations

import numpy as np

from scraper.clean.features import rule_hits
from scraper.clean.linemodel import Judged
from scraper.clean.structure import drop_alts
from scraper.rules.lines import load_line_rules

RULES = load_line_rules()


def after(*lines: str) -> list[bool]:
    """Which lines are left of those that were all kept but the captions."""
    hits = tuple(rule_hits(lines, RULES))
    words = np.array([len(line.split()) for line in lines], dtype=np.float64)
    doubt = np.full(len(lines), 0.5, dtype=np.float32)
    kept = [not any(hit.fate == "caption" for hit in found) for found in hits]
    drop_alts(Judged(lines, hits, words, doubt, doubt), kept)
    return kept


def test_an_alternative_text_goes_with_the_caption_that_repeats_it() -> None:
    text = "La maestra cerró la escuela y se llevó la llave, que nadie ha vuelto a pedir."
    alt, caption = "La maestra de Villaluz", "La maestra de Villaluz ante la escuela. Foto: EFE."
    assert after(text, alt, caption) == [True, False, False]
    assert after(text, caption, alt) == [True, False, False]


def test_what_does_not_stand_beside_the_caption_or_says_something_else_stays() -> None:
    caption = "La maestra de Villaluz ante la escuela. Foto: EFE."
    assert after("La maestra de Villaluz", "Nadie abrió la puerta en tres días.", caption) == [True, True, False]
    assert after("La maestra de Pozoseco", caption) == [True, False]
    assert after("La maestra", caption) == [True, False]
