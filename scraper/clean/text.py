"""The recipe for a text dump: lines in, article out, every line with its fate.

1. The classifiers judge each line; what is known for furniture of the site goes; a phrase that is the whole line
   overrules a doubtful one.
2. The title's line and its doubles leave the text; fields are read from the lines around.
3. What remains is judged again, until nothing more goes: cleaning a cleaned text changes nothing.
4. Too little prose, or a page that says it is an error, a wall or a challenge, is no article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from archive.model import Article, Fate, Field, Line, Outcome, Page
from archive.reasons import Reason
from scraper.clean.furniture import judge_without, learned_rules, named
from scraper.clean.kit import Kit
from scraper.clean.language import language_of
from scraper.clean.linemodel import Judged, judge
from scraper.clean.overruling import overruled
from scraper.clean.rejection import rejected
from scraper.clean.structure import (
    DOUBLE_WORDS,
    drop_above,
    drop_alts,
    drop_captions,
    drop_doubles,
    drop_echoes,
    drop_signatures,
    drop_standfirst,
    drop_title,
    fill_gaps,
    keep_dialogue,
)
from scraper.clean.textfields import Found, find_fields
from scraper.clean.texttitle import find_title
from scraper.rules.lines import LineRule, LineRules

_PIECE = 20_000  # lines judged together; a longer dump is judged in pieces, in flat memory
_ROUNDS = 6  # times a kept text is judged again at most

Verdict = tuple[Fate, str]


@dataclass(frozen=True, slots=True)
class Pass:
    """One look over a text: a verdict for each line, and the fields found on the way."""

    verdicts: tuple[Verdict, ...]
    found: Found


def clean_text(page: Page, text: str, kit: Kit) -> Outcome:
    """Clean one decoded dump. Lines are ended by a line feed and numbered from 1; blank ones are left out."""
    numbered = [(number, line.rstrip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not numbered:
        return Outcome(recipe=kit.recipe, reason=Reason.EMPTY, error="nothing but white space")
    verdicts: list[Verdict] = []
    fields: dict[str, Field] = {}
    for start in range(0, len(numbered), _PIECE):
        piece = _settled(page, [line.strip() for _, line in numbered[start : start + _PIECE]], kit)
        verdicts += piece.verdicts
        fields = piece.found.fields | fields
    lines = tuple(
        Line(number, line, fate, rule) for (number, line), (fate, rule) in zip(numbered, verdicts, strict=True)
    )
    return _outcome(lines, fields, kit)


def _outcome(lines: tuple[Line, ...], fields: dict[str, Field], kit: Kit) -> Outcome:
    kept = [line.text.strip() for line in lines if line.fate == "kept"]
    verdict = rejected(kept, [line.text for line in lines], kit.lines)
    if verdict is not None:
        dropped = tuple(
            Line(line.number, line.text, "dropped", f"page.{verdict.reason}") if line.fate == "kept" else line
            for line in lines
        )
        return Outcome(recipe=kit.recipe, reason=verdict.reason, error=verdict.message, lines=dropped)
    text = "\n".join(kept)
    language = language_of(text)
    if language is not None:
        fields["language"] = Field(language, "model")
    return Outcome(recipe=kit.recipe, article=Article(text=text, fields=fields), lines=lines)


def _settled(page: Page, lines: list[str], kit: Kit) -> Pass:
    """Judge a text, then what is left of it, until nothing more goes."""
    learned = learned_rules(lines, kit.learned.of(page.url, page.source_name))
    first = look(page, judge_without(lines, learned, kit), kit.lines)
    verdicts = [named(verdict, rule) for verdict, rule in zip(first.verdicts, learned, strict=True)]
    for _ in range(_ROUNDS):
        left = [i for i, (fate, _) in enumerate(verdicts) if fate == "kept"]
        if not left or len(left) == len(lines):
            break
        again = look(page, judge([lines[i] for i in left], kit), kit.lines)
        changed = False
        for i, verdict in zip(left, again.verdicts, strict=True):
            if verdict[0] != "kept":
                verdicts[i] = verdict
                changed = True
        first.found.fields.update({k: v for k, v in again.found.fields.items() if k not in first.found.fields})
        if not changed:
            break
    return Pass(tuple(verdicts), first.found)


def look(page: Page, judged: Judged, rules: LineRules) -> Pass:
    """One pass of the recipe over lines that were judged."""
    title = find_title(page, judged, rules)
    kept, shaped = _kept(judged, title)
    found = find_fields(page, judged, title, kept, rules)
    for i in found.fates:
        kept[i] = False
    return Pass(tuple(_verdicts(judged, kept, found, shaped)), found)


def _kept(judged: Judged, title: int | None) -> tuple[list[bool], dict[int, str]]:
    """Which lines stay; and of those that the page's shape decided, not the classifier, the name of the step."""
    threshold, bare = judged.threshold, judged.bare
    kept = [bool(p >= threshold) for p in judged.body]
    for i, hits in enumerate(judged.hits):
        if kept[i] and overruled(judged.lines[i], 1.0 if bare else float(judged.body[i]), hits):
            kept[i] = False
    shaped: dict[int, str] = {}
    for name, step in _steps(title, bare=bare):
        before = list(kept)
        step(judged, kept)
        shaped.update((i, f"shape.{name}") for i in range(len(kept)) if kept[i] != before[i])
    return kept, shaped


def _steps(title: int | None, *, bare: bool) -> Iterator[tuple[str, Callable[[Judged, list[bool]], None]]]:
    """What the shape of an article has to say, in turn; of a text without furniture only what concerns its title."""
    if not bare:
        yield "gap", fill_gaps
        yield "interview", keep_dialogue
        yield "alt", drop_alts
    if title is not None:
        yield "title", partial(drop_title, title=title)
        yield "above", partial(drop_above, title=title)
        yield "echo", partial(drop_echoes, title=title)
        yield "caption", partial(drop_captions, title=title)
        yield "standfirst", partial(drop_standfirst, title=title)
    if not bare:
        yield "signature", drop_signatures
        yield "double", drop_doubles


def _verdicts(judged: Judged, kept: Sequence[bool], found: Found, shaped: Mapping[int, str]) -> Iterator[Verdict]:
    """Name for each line what decided: a field, a phrase rule that agrees, the cut it lies behind, the page's shape,
    or the classifier with its score.
    """
    last = max((i for i, keep in enumerate(kept) if keep), default=-1)
    cut: LineRule | None = None
    spoken = Counter(hit.id.partition(".")[0] for hits in judged.hits for hit in hits)
    said: set[str] = set()
    for i, line in enumerate(judged.lines):
        score = shaped.get(i, f"model {judged.body[i]:.2f}")
        if kept[i]:
            said.add(line)
            yield "kept", score
            continue
        fate = found.fates.get(i)
        named = sorted(judged.hits[i], key=lambda hit: (not hit.sure, -spoken[hit.id.partition(".")[0]]))
        rule = next((hit for hit in named if hit.kind != "page"), None)
        if i > last and cut is None:
            cut = next((hit for hit in judged.hits[i] if hit.kind == "from"), None)
        if fate is not None:
            yield fate, f"field.{fate}"
        elif line in said and judged.words[i] >= DOUBLE_WORDS:
            yield "dropped", "double"
        elif rule is not None:
            yield rule.fate, rule.id
        elif i > 0 and not kept[i - 1] and _condemned(judged.hits[i - 1]) is not None:
            yield "dropped", str(_condemned(judged.hits[i - 1]))
        elif cut is not None:
            yield "dropped", cut.id
        else:
            yield "dropped", score


def _condemned(hits: Sequence[LineRule]) -> str | None:
    """The rule of the line above that takes this line with it."""
    return next((hit.id for hit in hits if hit.kind == "pair" and hit.neighbour == "next"), None)
