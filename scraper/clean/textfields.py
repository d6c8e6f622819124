"""Title, authors, section, description, dates and tags out of a dump's lines, each with the line that said it.

Only what the text says is taken: a line near the title, in the shape its kind has. Where two readings are possible the
field stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from archive.model import Fate, Field, Page
from scraper.clean.bylines import find_byline, lone_name, names, strip_by
from scraper.clean.dates import Moment, day_first, moments
from scraper.clean.language import language_of
from scraper.clean.linemodel import Judged
from scraper.clean.structure import finished
from scraper.clean.texttitle import without_path
from scraper.rules.lines import LineRules
from scraper.rules.phrases import fold

_TOP_LINES = 4
_NEAR_TITLE = 14  # lines around title and beginning of the text in which fields are looked for
_BYLINE_WORDS = 30.0  # words of a kept line at the beginning of the text that may still be a byline
_SHORT_LINE = 160  # characters of a line of dates or names
_STANDFIRST_WORDS = (8.0, 90.0)
_STANDFIRST_UNFINISHED = 15.0  # words from which a line without a full stop is one; shorter may be a caption
_STANDFIRST_REACH = 8  # lines below the title
_MOST_TAGS = 20
_CRUMB = re.compile(r"\s*[|/>»›•·]+\s*")
_MOST_BYLINES = 8  # below the first one
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DAY = re.compile(r"\b\d{1,2}([/.-])\d{1,2}\1(?:19|20)\d\d\b")  # whichever of the two is the month
_DATE_WORDS = 10  # of a line that is nothing but a date
_NO_STANDFIRST = frozenset({"caption", "byline", "date"})


@dataclass
class Found:
    """Fields on the way: the values, and for each line taken its fate."""

    fields: dict[str, Field] = field(default_factory=dict)
    fates: dict[int, Fate] = field(default_factory=dict)


def find_fields(page: Page, judged: Judged, title: int | None, kept: Sequence[bool], rules: LineRules) -> Found:
    """All fields of a page whose article begins at the first kept line."""
    found = Found()
    begin = next((i for i, keep in enumerate(kept) if keep), len(kept))
    end = max((i for i, keep in enumerate(kept) if keep), default=-1) + 1
    _title(page, judged, title, found)
    top = begin if title is None else min(title, begin)
    around = [i for i in range(max(0, top - _NEAR_TITLE), begin) if i != title]
    around += [i for i in range(begin, min(begin + _TOP_LINES, end)) if kept[i] and judged.words[i] < _BYLINE_WORDS]
    around += [i for i in range(begin, min(end + 6, len(kept))) if not kept[i] and i != title]
    around = [i for i in around if len(judged.lines[i]) <= _SHORT_LINE]
    _authors(judged, [i for i in around if i <= begin + _TOP_LINES], title, rules, found)
    _dates(page, judged, around, kept, rules, found)
    _section(judged, title, begin, kept, rules, found)
    _description(judged, title, begin, kept, found)
    _tags(judged, end, rules, found)
    return found


def _title(page: Page, judged: Judged, title: int | None, found: Found) -> None:
    if title is not None:
        found.fates[title] = "title"
    if page.title:
        found.fields["title"] = Field(" ".join(page.title.split()), "manifest")
    elif title is not None:
        found.fields["title"] = Field(without_path(judged.lines[title]), "model")


def _authors(judged: Judged, around: Sequence[int], title: int | None, rules: LineRules, found: Found) -> None:
    """Bylines stand nearest to the title, mostly below it; the authors of teasers stand farther."""
    if title is not None:
        around = sorted(around, key=lambda i: (i < title, abs(i - title)))
    byline = find_byline([judged.lines[i] for i in around], rules.vocabulary)
    if byline is not None:
        number, authors = byline
        at = around[number]
        more = _bylines_below(judged, at, rules)
        everyone = dict.fromkeys((*authors, *(name for line in more for name in line)))
        found.fields["authors"] = Field(tuple(everyone), "text")
        found.fates.update((line, "byline") for line in range(at, at + 1 + len(more)))
        return
    for i in sorted(around):
        plain = title is not None and i > title and strip_by(judged.lines[i], rules.vocabulary) is None
        authors = names(judged.lines[i], rules.vocabulary) if plain else ()
        if authors and _vouched(judged, i, rules) and not _common(judged, authors):
            found.fields["authors"] = Field(authors, "text")
            found.fates[i] = "byline"
            return
    if title is not None:
        below = [i for i in sorted(around) if i > title and not judged.hits[i]]
        lone = lone_name([judged.lines[i] for i in below], judged.lines, rules.vocabulary)
        if lone is not None:
            found.fields["authors"] = Field(lone[1], "text")
            found.fates[below[lone[0]]] = "byline"


def _bylines_below(judged: Judged, at: int, rules: LineRules) -> list[tuple[str, ...]]:
    """The names of the bylines right below one, a line each."""
    out: list[tuple[str, ...]] = []
    for line in judged.lines[at + 1 : at + 1 + _MOST_BYLINES]:
        byline = find_byline([line], rules.vocabulary)
        if byline is None:
            break
        out.append(byline[1])
    return out


def _common(judged: Judged, authors: Sequence[str]) -> bool:
    """Whether half of the words of what looks like names are written small elsewhere: `Share This Story`."""
    small = {word for line in judged.lines for word in line.split() if word.islower()}
    words = [word.lower() for name in authors for word in name.split()]
    return 2 * sum(word in small for word in words) >= len(words)


def _vouched(judged: Judged, i: int, rules: LineRules) -> bool:
    """A name without `by` is an author's where a date stands beside it, in its own line or the next, or alone in the
    one above; where its e-mail address follows; or where the line above is the `by`.
    """
    above, own, below = (judged.lines[j] if 0 <= j < len(judged.lines) else "" for j in (i - 1, i, i + 1))
    if fold(above.rstrip(": ")) in rules.vocabulary["by"] or _EMAIL.fullmatch(below.strip()):
        return True
    near = [line for line in (own, below) if len(line) <= _SHORT_LINE]
    near += [above] if len(fold(above)) <= _DATE_WORDS else []
    return any(_DAY.search(line) or any(True for _ in moments(line, rules.months)) for line in near)


def _dates(
    page: Page, judged: Judged, around: Sequence[int], kept: Sequence[bool], rules: LineRules, found: Found
) -> None:
    """What a line introduces as published or updated; else the one date that stands between title and text."""
    begin = next((i for i, keep in enumerate(kept) if keep), len(kept))
    first = _days_first(judged, around, kept, rules)
    bare: list[tuple[int, Moment]] = []
    for i in around:
        line = judged.lines[i]
        for moment in (*moments(line, rules.months), *(day_first(line) if first else ())):
            if moment.day > page.captured_at[:10]:
                continue
            name = _introduced(line[: moment.start], rules.vocabulary)
            if name is None:
                bare.append((i, moment))
            elif name not in found.fields:
                found.fields[name] = Field(moment.iso, "text")
                found.fates.setdefault(i, "date")
    close = [(i, m) for i, m in bare if begin - 8 <= i < begin and _mostly_date(judged.lines[i], m)]
    days = {moment.day for _, moment in close}
    if "published" not in found.fields and len(days) == 1:
        number, moment = max(close, key=lambda pair: (len(pair[1].iso), pair[0]))
        modified = found.fields.get("modified")
        if modified is None or str(modified.value)[:10] >= moment.day:
            found.fields["published"] = Field(moment.iso, "text")
            found.fates.setdefault(number, "date")


def _days_first(judged: Judged, around: Sequence[int], kept: Sequence[bool], rules: LineRules) -> bool:
    """Whether 3/4/2031 is a day in April here, as the language of the text has it."""
    if not any(True for i in around for _ in day_first(judged.lines[i])):
        return False
    text = "\n".join(line for line, keep in zip(judged.lines, kept, strict=True) if keep)
    return language_of(text) in rules.day_first


def _introduced(before: str, vocabulary: Mapping[str, frozenset[tuple[str, ...]]]) -> str | None:
    """`published` or `modified`, where the words right before a date say so."""
    words = tuple(word for word in fold(before) if word not in {"#", ":"})[-4:]
    for size in range(len(words), 0, -1):
        for start in range(len(words) - size, -1, -1):
            part = words[start : start + size]
            if part in vocabulary["updated"]:
                return "modified"
            if part in vocabulary["published"]:
                return "published"
    return None


def _mostly_date(line: str, moment: Moment) -> bool:
    """Whether a line is little else than a date: names, a weekday and a place leave few words."""
    rest = fold(line[: moment.start] + " " + line[moment.end :])
    return len([word for word in rest if word not in {"#", ":"}]) <= 10


def _section(
    judged: Judged, title: int | None, begin: int, kept: Sequence[bool], rules: LineRules, found: Found
) -> None:
    """A known section's name right above the title, alone or at the end of breadcrumbs."""
    top = begin if title is None else title
    known = rules.vocabulary["sections"]
    for i in range(top - 1, max(-1, top - 5), -1):
        line = judged.lines[i]
        if kept[i] or i in found.fates or len(line) > _SHORT_LINE:
            continue
        parts = [part for part in _CRUMB.split(line) if part]
        matching = [part for part in parts if fold(part) in known]
        if matching and len(parts) <= 5 and _alone(judged, i, known):
            found.fields["section"] = Field(" ".join(matching[0].split()), "text")
            found.fates[i] = "section"
            return


def _alone(judged: Judged, i: int, known: frozenset[tuple[str, ...]]) -> bool:
    """A section between other sections is a menu, and names nothing."""
    beside = [judged.lines[j] for j in (i - 1, i + 1) if 0 <= j < len(judged.lines)]
    return not any(fold(line) in known for line in beside)


def _description(judged: Judged, title: int | None, begin: int, kept: Sequence[bool], found: Found) -> None:
    """The standfirst: the sentence between title and text that is neither caption, byline, date nor a link."""
    if title is None or title >= begin:
        return
    low, high = _STANDFIRST_WORDS
    own = set(fold(judged.lines[title]))
    for i in range(title + 1, min(begin, title + 1 + _STANDFIRST_REACH)):
        words = fold(judged.lines[i])
        if kept[i] or i in found.fates or not low <= judged.words[i] <= high or judged.hits[i]:
            continue
        if not finished(judged.lines[i]) and judged.words[i] < _STANDFIRST_UNFINISHED:
            continue
        if len(own.intersection(words)) > 0.8 * len(set(words)):
            continue
        found.fields["description"] = Field(" ".join(judged.lines[i].split()), "text")
        found.fates[i] = "description"
        return


def _tags(judged: Judged, end: int, rules: LineRules, found: Found) -> None:
    """Subjects listed in one line behind the text: `Tags: water, harbour`."""
    for i in range(end, min(end + 12, len(judged.lines))):
        head, colon, rest = judged.lines[i].partition(":")
        if not colon or fold(head) not in rules.vocabulary["tags"]:
            continue
        tags = [" ".join(tag.split()).strip(" .#") for tag in re.split(r"[,;|•·]", rest)]
        tags = [tag for tag in dict.fromkeys(tags) if tag and len(tag) <= 50]
        if tags:
            found.fields["tags"] = Field(tuple(tags[:_MOST_TAGS]), "text")
        return
