"""What the shape of an article says against a line the classifier kept: each function takes lines out of `kept`, but
`fill_gaps` and `keep_dialogue`, which put some back.

The order of a newspaper page is old: headline, standfirst, picture with caption, byline, text. A line is judged here by
its place in that order, not by its words.
"""

from __future__ import annotations

import re
from collections import Counter

from scraper.clean.linemodel import Judged
from scraper.clean.shape import CLOSERS, TERMINATORS
from scraper.rules.phrases import fold

Kept = list[bool]

DOUBLE_WORDS = 8  #: a kept line of so many words that was said before is said twice
_REACH = 12  # lines below the title in which headline, caption and standfirst are told apart
_ECHO_WORDS, _ECHO = 4, 0.85  # words of a second headline, and the share of them that the first one has
_CAPTION_WORDS = 25.0
_STANDFIRST_REACH = 3
_STANDFIRST_WORDS = (8.0, 60.0)
_STANDFIRST_BELOW = 0.9  # probability from which a first paragraph is text wherever it stands
_SIGNATURE = 0.45  # probability below which an unfinished last line goes
_DOUBTFUL, _GAP = 0.7, 1  # share of the page's threshold from which, and lines within which, a gap is filled
_SPEAKER = re.compile(r"([^\W\d_])[.:] \S")
_TURNS = 3  # times somebody speaks in an interview
_ABOVE = 0.5  # share of the kept words above which lines over the title are believed


def finished(line: str) -> bool:
    """Whether a line ends like a sentence, or announces the next one."""
    return line.rstrip(CLOSERS)[-1:] in tuple(TERMINATORS + ":：")


def drop_title(judged: Judged, kept: Kept, title: int) -> None:
    """The title's line and those that say it again word for word."""
    own = fold(judged.lines[title])
    for i, line in enumerate(judged.lines):
        if kept[i] and (i == title or (len(own) >= 3 and fold(line) == own)):
            kept[i] = False


def drop_above(judged: Judged, kept: Kept, title: int) -> None:
    """Teasers over the title, where most of the text stands below it."""
    above = sum(float(judged.words[i]) for i in range(title) if kept[i])
    below = sum(float(judged.words[i]) for i in range(title, len(kept)) if kept[i])
    if above < _ABOVE * below:
        kept[:title] = [False] * title


def drop_echoes(judged: Judged, kept: Kept, title: int) -> None:
    """The headline in other words: the text of a picture, a headline for search engines."""
    own = set(fold(judged.lines[title]))
    for i in range(title + 1, min(title + 1 + _REACH, len(kept))):
        words = fold(judged.lines[i])
        echo = len(words) >= _ECHO_WORDS and len(own.intersection(words)) >= _ECHO * len(set(words))
        if kept[i] and echo and not finished(judged.lines[i]):
            kept[i] = False


def drop_captions(judged: Judged, kept: Kept, title: int) -> None:
    """No article begins with a subheading: a short unfinished line between title and first sentence is a caption."""
    for i in range(title + 1, min(title + 1 + _REACH, len(kept))):
        if kept[i] and (finished(judged.lines[i]) or judged.words[i] > _CAPTION_WORDS):
            kept[title + 1 : i] = [False] * (i - title - 1)
            return


def drop_alts(judged: Judged, kept: Kept) -> None:
    """What a picture shows, where the caption beside it begins with the same words and goes on."""
    folded = {
        i: fold(judged.lines[i]) for i, hits in enumerate(judged.hits) if any(hit.fate == "caption" for hit in hits)
    }
    for i, words in folded.items():
        for beside in (i - 1, i + 1):
            if 0 <= beside < len(kept) and kept[beside] and judged.words[beside] <= _CAPTION_WORDS:
                own = fold(judged.lines[beside])
                if len(own) >= _ECHO_WORDS and words[: len(own)] == own:
                    kept[beside] = False


def drop_standfirst(judged: Judged, kept: Kept, title: int) -> None:
    """One paragraph below the title that furniture (a caption, a byline, share buttons) parts from the text."""
    first = next((i for i in range(title + 1, len(kept)) if kept[i]), len(kept))
    if first > title + _STANDFIRST_REACH or first + 1 >= len(kept) or kept[first + 1] or not any(kept[first + 1 :]):
        return
    low, high = _STANDFIRST_WORDS
    if low <= judged.words[first] <= high and judged.body[first] < _STANDFIRST_BELOW and not judged.hits[first]:
        kept[first] = False


def fill_gaps(judged: Judged, kept: Kept) -> None:
    """A doubtful line that no phrase speaks against stays between kept ones: a question of an interview, a heading."""
    before, doubtful = list(kept), _DOUBTFUL * judged.threshold
    for i, p in enumerate(judged.body):
        if before[i] or p < doubtful or judged.hits[i]:
            continue
        if any(before[max(0, i - _GAP) : i]) and any(before[i + 1 : i + 1 + _GAP]):
            kept[i] = True


def keep_dialogue(judged: Judged, kept: Kept) -> None:
    """An interview's short lines stay: where single letters (`P.`, `R.`, `Q:`) speak in turn and some of it is kept."""
    said = [match.group(1) if (match := _SPEAKER.match(line)) else "" for line in judged.lines]
    turns = Counter(filter(None, said))
    speakers = {speaker for speaker, times in turns.items() if times >= _TURNS}
    spoken = [i for i, speaker in enumerate(said) if speaker in speakers]
    if len(speakers) < 2 or sum(kept[i] for i in spoken) < _TURNS:
        return
    for i in spoken:
        if not judged.hits[i]:
            kept[i] = True


def drop_signatures(judged: Judged, kept: Kept) -> None:
    """Behind the last sentence even a page that is all text gets no indulgence."""
    for i in range(len(kept) - 1, -1, -1):
        if kept[i] and (finished(judged.lines[i]) or judged.words[i] > _CAPTION_WORDS or judged.body[i] >= _SIGNATURE):
            return
        kept[i] = False


def drop_doubles(judged: Judged, kept: Kept) -> None:
    """A paragraph said twice is kept once, where it stands first."""
    seen: set[str] = set()
    for i, line in enumerate(judged.lines):
        if not kept[i] or judged.words[i] < DOUBLE_WORDS:
            continue
        if line in seen:
            kept[i] = False
        seen.add(line)
