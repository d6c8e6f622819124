"""The language of a text as a BCP 47 tag, or None where nothing is sure."""

from __future__ import annotations

from functools import cache
from typing import Any

_SAMPLE = 600  # characters looked at: more cost time and change nothing
_ENOUGH = 60  # letters below which nothing is said
_SURE = 0.90  # probability below which nothing is said
#: py3langid's labels that are no language of a newspaper, or one confused with a neighbour on short texts.
_LEFT_OUT = frozenset(
    [
        "la",
        "vo",
        "zxx",
        "rm",
        "qu",
        "an",
        "wa",
        "se",
        "jv",
        "ht",
        "nb",
        "ace",
        "ary",
        "arz",
        "bcl",
        "ext",
        "fuv",
        "gcf",
        "gcr",
        "gom",
        "grc",
        "gug",
        "guw",
        "hbo",
        "kik",
        "lij",
        "ltg",
        "nso",
        "pcm",
        "sdh",
        "uzs",
        "vec",
        "wuu",
    ]
)
_AS_BCP47 = {"no": "nb"}


def language_of(text: str) -> str | None:
    """The tag of the language most of a text is written in; the same for the same text, whatever came before."""
    sample = text[:_SAMPLE]
    if sum(map(str.isalpha, sample)) < _ENOUGH:
        return None
    label, probability = _identifier().classify(sample)
    if probability < _SURE:
        return None
    return _AS_BCP47.get(str(label), str(label))


@cache
def _identifier() -> Any:
    """py3langid's model with true probabilities, never changed after loading (0.2 s, so at first use)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([label for label in identifier.labels if label not in _LEFT_OUT])
    return identifier
