"""Spanish that says nothing: sentences walked word by word through the project's own golden pages.

Two texts made so share words and turns of phrase and are no copies of each other. The golden pages are few, so a walk
that follows them always shares many more runs of words with others than news do: `leap` makes it leave the path.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_WORD = re.compile(r"[\w'’-]+[,;:]?", re.UNICODE)


def golden(language: str = "es") -> str:
    """The texts of the golden pages in a language, one after the other."""
    found = (json.loads(path.read_text("utf-8")) for path in sorted((ROOT / "fixtures").rglob("expected.json")))
    return "\n".join(page["text"] for page in found if page.get("language") == language)


def sentences(seed: int, number: int, text: str | None = None, leap: float = 0.0) -> tuple[str, ...]:
    """`number` sentences of 12 to 26 words; the same for the same seed.

    `leap`: the probability with which a word does not follow the one before it anywhere in the golden pages.
    """
    dice = random.Random(seed)
    follows: defaultdict[str, list[str]] = defaultdict(list)
    words = [word.lower() for word in _WORD.findall(text or golden())]
    for word, after in pairwise(words):
        follows[word.rstrip(",;:")].append(after)
    return tuple(_sentence(follows, words, leap, dice) for _ in range(number))


def _sentence(follows: dict[str, list[str]], words: list[str], leap: float, dice: random.Random) -> str:
    said = [dice.choice(words)]
    for _ in range(dice.randrange(11, 26)):
        after = words if leap and dice.random() < leap else follows.get(said[-1].rstrip(",;:")) or words
        said.append(dice.choice(after))
    line = " ".join(said).rstrip(",;:")
    return line[0].upper() + line[1:] + "."
