"""From probabilities to fates: which blocks are the text, and what the others are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from archive.model import Fate
from scraper.clean.blockfeatures import Statements
from scraper.clean.blockmodel import Opinion
from scraper.clean.blocks import Block, Elements, Segments
from scraper.clean.candidates import Witness
from scraper.clean.features import Hits
from scraper.clean.overruling import SURE, overruled
from scraper.clean.sections import APART, FOLLOWING, adjoining, apart, following
from scraper.clean.structure import finished
from scraper.clean.vouched import RULE, vouched
from scraper.rules.hints import Hints

Vector = NDArray[np.float32]
Verdict = tuple[Fate, str]

_WORD = re.compile(r"\w+")
_SURER = 0.97  # probability from which the classifier overrules a caption's phrase in a block that is no sentence
#: Class names that overrule the classifier where its probability is lower.
_CONVICTED = {"embed": 1.0, "comment": 0.95, "byline": 0.95}
_UP = 4  # elements from a block upwards whose names are asked
_LABEL_WORDS = 6  # words that a section's name may have
ABOVE = "shape.above"  #: the rule by which text over the page's heading goes
_ABOVE = 0.5  # share of the words below a heading from which text over it is believed
_CAPTION, _CAPTION_WORDS = 0.9, 25  # probability below which, and words up to which, a caption's class name is believed
REFERENCE = "shape.reference"  #: the rule by which a line that points to another article goes
_LABEL = re.compile(r"\W*(\w[^:]{2,30}?)\s?:\s*")
_PLAIN = frozenset({"p", "div", "section", "aside"})  # where it stands: headings and items of lists are links of a list
_BRACKETS, _BRACKETED = frozenset({"()", "[]", "【】", "（）"}), 4  # and the characters of a pair with a blank in each
_LINKED, _REFERRED = 0.9, 0.9  # share behind the label that is a link, and probability below which it is a reference
_DOUBLE_WORDS = 8  # words from which a block said twice is furniture the second time
_BYLINE = 200  # characters of a byline or date line
_BEFORE, _AFTER = 4, 10  # blocks around the title where bylines and dates are looked for


@dataclass(frozen=True, slots=True)
class Decided:
    """The readable blocks of a page, and which are kept; `site` is the rule that named the article's element.

    `chosen` are those that the classifier would keep; `against`: the rules by which some of them go.
    """

    segments: Segments
    probability: Vector
    chosen: tuple[bool, ...]
    kept: tuple[bool, ...]
    hits: Sequence[Hits]
    title_at: int | None
    site: str | None
    against: Mapping[int, str] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        """The kept blocks, in reading order."""
        return [block.text for block, kept in zip(self.segments.blocks, self.kept, strict=True) if kept]


def decide(
    segments: Segments, opinion: Opinion, hits: Sequence[Hits], said: Statements, site: str | None, hints: Hints
) -> Decided:
    """Which of the readable blocks are the article's text."""
    texts, probability = [block.text for block in segments.blocks], opinion.probability
    chosen = opinion.worthwhile if said.article else opinion.likely
    kept = _inside(segments) if segments.bodies else list(chosen)
    for i in [] if segments.bodies else _besides(segments, opinion, kept, said.trafilatura.known):
        kept[i] = True
    for i, found in enumerate(hits):
        if kept[i] and not segments.bodies and _block_overruled(texts[i], float(probability[i]), found):
            kept[i] = False
        if kept[i] and _convicted(segments, i, float(probability[i]), hints) is not None:
            kept[i] = False
    title_at = _title_at(texts, segments, kept, said.title)
    if title_at is not None:
        kept[title_at] = False
        _drop_labels(texts, kept, title_at)
    against = {} if segments.bodies else _misplaced(segments, opinion, kept, title_at, said)
    for i in against:
        kept[i] = False
    _drop_doubles(texts, kept)
    return Decided(segments, probability, tuple(chosen), tuple(kept), hits, title_at, site, against)


def _besides(segments: Segments, opinion: Opinion, kept: Sequence[bool], said: Witness | None) -> list[int]:
    """The blocks to keep besides those that the classifier keeps."""
    more = vouched(segments, opinion.probability, kept, said)
    if opinion.glance is None or said is None:
        return more
    with_them = [keep or i in more for i, keep in enumerate(kept)]
    return [*more, *adjoining(segments, opinion.glance, with_them, said)]


def _misplaced(
    segments: Segments, opinion: Opinion, kept: list[bool], title_at: int | None, said: Statements
) -> dict[int, str]:
    """The kept blocks that stand where the article does not, and the rule that says so.

    The reports of a live blog may have sections and headings of their own: none is apart, or another article.
    """
    gone = {} if title_at is None else dict.fromkeys(_above(segments, kept, title_at), ABOVE)
    if said.live:
        return gone
    if title_at is not None:
        gone |= dict.fromkeys(following(segments, kept, title_at), FOLLOWING)
    if opinion.glance is not None:
        left = [keep and i not in gone for i, keep in enumerate(kept)]
        gone |= dict.fromkeys(apart(segments, opinion.glance, left), APART)
    return gone


def _above(segments: Segments, kept: Sequence[bool], title_at: int) -> list[int]:
    """Kept blocks over a title that is the page's heading, where most of the text stands below it."""
    if segments.elements.tag[segments.blocks[title_at].element] != "h1":
        return []
    words = [block.words if keep else 0 for block, keep in zip(segments.blocks, kept, strict=True)]
    above = [i for i in range(title_at) if kept[i]]
    return above if sum(words[:title_at]) < _ABOVE * sum(words[title_at + 1 :]) else []


def _inside(segments: Segments) -> list[bool]:
    kept = [False] * len(segments.blocks)
    for element in segments.bodies:
        for i in range(segments.elements.first[element], segments.elements.end[element]):
            kept[i] = True
    return kept


def _block_overruled(text: str, probability: float, hits: Hits) -> bool:
    """Whether a phrase decides against the classifier, as in a line of a dump or, since a block has edges, as the
    caption or the announcement that a doubtful one is."""
    if overruled(text, probability, hits):
        return True
    captioned = any(rule.fate == "caption" for rule in hits)
    if probability >= SURE:
        return captioned and probability < _SURER and not finished(text)
    return captioned or any(rule.kind == "pair" for rule in hits)


def _convicted(segments: Segments, i: int, probability: float, hints: Hints) -> str | None:
    """The element or class name by which a block is no text, however it reads; None where there is none."""
    block, elements = segments.blocks[i], segments.elements
    if _is_inside(elements, block.element, "figcaption"):
        return "tag:figcaption"
    if block.text.startswith(('{"', '[{"')):
        return "data"
    if probability < _REFERRED and elements.tag[block.element] in _PLAIN and _is_reference(block):
        return REFERENCE
    element = block.element
    hinted = (elements.hints[element] | elements.hints[elements.parent[element]]) & hints.bits["caption"]
    if hinted and probability < _CAPTION and block.words <= _CAPTION_WORDS and not finished(block.text):
        return "class:caption"
    for _ in range(_UP):
        for name, limit in _CONVICTED.items():
            if elements.hints[element] & hints.bits[name] and probability < limit:
                return f"class:{name}"
        element = elements.parent[element]
    return None


def _is_reference(block: Block) -> bool:
    """Whether a block points to another article: all of it is a link in brackets, or all behind a label in capitals."""
    if block.text[0] + block.text[-1] in _BRACKETS:
        return block.linked >= _LINKED * (len(block.text) - _BRACKETED)
    label = _LABEL.match(block.text)
    if label is None or not label[1].isupper():
        return False
    return block.linked >= _LINKED * (len(block.text) - label.end())


def _is_inside(elements: Elements, element: int, tag: str) -> bool:
    """Whether an element's tag, or that of one of a few above it, is this."""
    for _ in range(_UP):
        if elements.tag[element] == tag:
            return True
        element = elements.parent[element]
    return False


def _title_at(texts: Sequence[str], segments: Segments, kept: Sequence[bool], title: str) -> int | None:
    """The block that is the title: a first heading before others, and the last of several before the text."""
    own = _key(title)
    if not own:
        return None
    found = [i for i, text in enumerate(texts) if len(text) <= 2 * len(title) + 40 and _key(text) == own]
    if not found:
        return None
    first = next((i for i, keep in enumerate(kept) if keep and i not in found), len(texts))
    heads = [i for i in found if segments.elements.tag[segments.blocks[i].element] == "h1"]
    before = [i for i in found if i < first]
    return (heads or before[-1:] or found)[0]


def _drop_labels(texts: Sequence[str], kept: list[bool], title_at: int) -> None:
    """A word or two above the title, where the text stands below it: the section's name."""
    if any(kept[title_at + 1 :]):
        for i in range(title_at):
            if kept[i] and texts[i].count(" ") < _LABEL_WORDS and not finished(texts[i]):
                kept[i] = False


def _drop_doubles(texts: Sequence[str], kept: list[bool]) -> None:
    seen: set[str] = set()
    for i, text in enumerate(texts):
        if kept[i] and len(text) > 30:
            own = _key(text)
            if own in seen and own.count(" ") + 1 >= _DOUBLE_WORDS:
                kept[i] = False
            seen.add(own)


def _key(text: str) -> str:
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return " ".join(_WORD.findall(plain.casefold()))


def around_title(decided: Decided) -> Iterator[int]:
    """Blocks near the title that are not text: where bylines and dates stand."""
    kept = decided.kept
    first = next((i for i, keep in enumerate(kept) if keep), len(kept))
    at = decided.title_at if decided.title_at is not None else first
    order = [*range(at + 1, min(len(kept), max(first + 2, at + 1 + _AFTER))), *range(max(0, at - _BEFORE), at)]
    return (i for i in order if not kept[i])


def bylines(decided: Decided, hints: Hints) -> list[str]:
    """Lines that may name the authors, by their place and by a class name or a phrase."""
    elements, bit = decided.segments.elements, hints.bits["byline"]
    out = []
    for i in around_title(decided):
        block = decided.segments.blocks[i]
        hinted = (elements.hints[block.element] | elements.hints[elements.parent[block.element]]) & bit
        if len(block.text) <= _BYLINE and (hinted or any(hit.fate == "byline" for hit in decided.hits[i])):
            out.append(block.text)
    return out


def date_lines(decided: Decided) -> list[str]:
    """Short lines near the title that hold digits."""
    texts = [decided.segments.blocks[i].text for i in around_title(decided)]
    return [text for text in texts if len(text) <= _BYLINE and sum(map(str.isdigit, text)) >= 4]


def verdicts(decided: Decided, authors: Sequence[str], description: str, hints: Hints) -> list[Verdict]:
    """For each readable block its fate and what decided it."""
    said = {_key(text) for text in decided.texts if len(text) > 30}
    near = frozenset(around_title(decided))
    folded, lead = [author.casefold() for author in authors], _key(description)
    out: list[Verdict] = []
    for i, block in enumerate(decided.segments.blocks):
        if decided.kept[i]:
            out.append(("kept", _why_kept(decided, i)))
        elif i == decided.title_at:
            out.append(("title", "field.title"))
        elif i in near and len(block.text) <= _BYLINE and any(name in block.text.casefold() for name in folded):
            out.append(("byline", "field.authors"))
        elif lead and _key(block.text) == lead:
            out.append(("description", "field.description"))
        else:
            out.append(_why_dropped(decided, i, said, hints))
    return out


def _why_kept(decided: Decided, i: int) -> str:
    if decided.site and decided.segments.bodies:
        return decided.site
    return f"model {decided.probability[i]:.2f}" if decided.chosen[i] else RULE


def _why_dropped(decided: Decided, i: int, said: set[str], hints: Hints) -> Verdict:
    block = decided.segments.blocks[i]
    if i in decided.against:
        return "dropped", decided.against[i]
    rule = next((hit for hit in decided.hits[i] if hit.kind != "page"), None)
    if rule is not None:
        return rule.fate, rule.id
    if len(block.text) > 30 and _key(block.text) in said:
        return "dropped", "double"
    if decided.site and decided.segments.bodies:
        return "dropped", decided.site
    if decided.chosen[i]:
        convicted = _convicted(decided.segments, i, float(decided.probability[i]), hints)
        if convicted is not None:
            return ("caption" if convicted.endswith("caption") else "dropped"), convicted
    score = f"model {decided.probability[i]:.2f}"
    elements = decided.segments.elements
    if _is_inside(elements, block.element, "figcaption") or elements.hints[block.element] & hints.bits["caption"]:
        return "caption", score
    return "dropped", score
