"""When a phrase decides against the classifier, in lines of dumps and blocks of HTML alike."""

from __future__ import annotations

from scraper.clean.features import Hits
from scraper.rules.phrases import fold

SURE = 0.85  #: probability from which the classifier overrules a phrase


def overruled(text: str, probability: float, hits: Hits) -> bool:
    """Whether a phrase decides against the classifier: a sure one, or in a doubtful text a firm one or all of it."""
    if any(rule.sure for rule in hits):
        return True
    if probability >= SURE:
        return False
    if any(rule.firm for rule in hits):
        return True
    words = fold(text)
    droppers = (rule for rule in hits if rule.kind == "line" and rule.fate == "dropped")
    return any(phrase.place == "is" and phrase.fits(words) for rule in droppers for phrase in rule.phrases)
