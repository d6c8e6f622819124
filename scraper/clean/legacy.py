"""The encoding of text that is not UTF-8 and declares nothing that fits.

Western text has few letters beyond ASCII, and they stand alone between ASCII letters: windows-1252, unless the
letters make sense only in the alphabet of a language of Central Europe or in Turkish. Text whose bytes beyond ASCII
come in runs (Cyrillic, Greek, Hebrew, Arabic, Chinese, Japanese, Korean, Thai) is asked of charset-normalizer, which
is reliable there; between the Latin code pages it is not.
"""

from __future__ import annotations

import re
from collections import Counter

from charset_normalizer import from_bytes

from scraper.clean.encodings import CODECS, encoding_of

_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_WESTERN_RUN = 1.6  # mean length; French has 1.05, capitals and quotes included, Russian 5, Chinese more
_FEW = 6  # bytes: no headline of another script is that short
_MIN_COVERED = 0.97
_MIN_LETTERS = 4  # different ones that speak for another alphabet than a Western one

_SIGNS = "«»“”„‘’‚‹›–—…•·°§€©®™´×\xa0\xad"
#: Letters beyond ASCII by language, in the encodings they were written in. An encoding is right where one language
#: explains nearly all: in the wrong one the letters are of several alphabets (Spanish "ñ" and "á" as "ń" and "á").
_WESTERN_ALPHABETS = [
    ("windows-1252", letters + "¡¿ºª£½¼¾")
    for letters in (
        "áéíóúüñç",  # Spanish
        "àâäæçéèêëîïôœùûüÿ",  # French
        "áâãàçéêíóôõúü",  # Portuguese
        "äöüßé",  # German
        "àèéìíîòóùú",  # Italian
        "àçéèíïóòúü",  # Catalan
        "åäæöøéèüó",  # Danish, Norwegian, Swedish, Finnish
        "áéíóúýþæöð",  # Icelandic
        "äëïöüéèêóáí",  # Dutch
    )
]
_OTHER_ALPHABETS = [
    ("windows-1250", "áčďéěíňóřšťúůýž"),  # Czech
    ("windows-1250", "áäčďéíĺľňóôŕšťúýž"),  # Slovak
    ("windows-1250", "ąćęłńóśźż"),  # Polish
    ("windows-1250", "áéíóöőúüű"),  # Hungarian
    ("windows-1250", "ăâîşţ"),  # Romanian
    ("windows-1250", "čćđšž"),  # Croatian, Slovene
    ("iso-8859-2", "áčďéěíňóřšťúůýž"),
    ("iso-8859-2", "áäčďéíĺľňóôŕšťúýž"),
    ("iso-8859-2", "ąćęłńóśźż"),
    ("windows-1254", "çğıöşüâîû"),  # Turkish
    ("windows-1257", "ąčęėįšųūž"),  # Lithuanian
    ("windows-1257", "āčēģīķļņšūž"),  # Latvian
    ("windows-1257", "äõöüšž"),  # Estonian
]
_ASKED = [codec for name, codec in CODECS.items() if not name.startswith(("utf-", "iso-2022"))]
_SAMPLE = 8 * 1024  # bytes given to charset-normalizer: some 10 ms


def is_western(sample: bytes) -> bool:
    """Whether the bytes beyond ASCII stand as alone as they do in Western languages, or are too few to tell."""
    runs = _HIGH_RUN.findall(sample)
    total = sum(map(len, runs))
    return total < _FEW or total / len(runs) < _WESTERN_RUN


def guess(sample: bytes) -> str:
    """The most likely encoding of text that is not UTF-8: a name of `CODECS`, windows-1252 where nothing is sure."""
    if is_western(sample):
        return _latin(sample)
    best = from_bytes(_whole(sample), cp_isolation=_ASKED, preemptive_behaviour=False).best()
    return (encoding_of(best.encoding) if best else None) or "windows-1252"


def _whole(sample: bytes) -> bytes:
    """The beginning of a sample, with no character cut in two: of none of them is a byte below `0` a part."""
    if len(sample) <= _SAMPLE:
        return sample[: sample.rfind(b"\n") + 1] or sample
    cut = max(sample.rfind(end, 0, _SAMPLE) for end in (b"\n", b" ", b"."))
    return sample[: cut + 1] if cut > 0 else sample[:_SAMPLE]


def _latin(sample: bytes) -> str:
    letters = Counter(b"".join(_HIGH_RUN.findall(sample)))
    western, _ = _best(letters, _WESTERN_ALPHABETS)
    other, name = _best(letters, _OTHER_ALPHABETS)
    telling = {byte for byte in letters if bytes([byte]).decode(CODECS[name], "replace").islower()}
    sure = other >= _MIN_COVERED > western and len(telling) >= _MIN_LETTERS
    return name if sure else "windows-1252"


def _best(letters: Counter[int], alphabets: list[tuple[str, str]]) -> tuple[float, str]:
    scored = [(_covered(letters, name, alphabet + alphabet.upper() + _SIGNS), name) for name, alphabet in alphabets]
    return max(scored, key=lambda each: each[0])  # the first of equals: windows-1250 is commoner than iso-8859-2


def _covered(letters: Counter[int], name: str, alphabet: str) -> float:
    """The share of the bytes that are in an alphabet, when read in an encoding."""
    read = ((bytes([byte]).decode(CODECS[name], "replace"), count) for byte, count in letters.items())
    return sum(count for char, count in read if char in alphabet) / max(letters.total(), 1)
