"""What repeats across the pages of one site is furniture: decided here, from lines alone. Pure.

A line is learned where it stands in many of a site's articles, on several days, and in company: beside other lines
that repeat as well, as the parts of a template do. What repeats alone between paragraphs (a section heading, a standing
disclaimer, the stamp of a live blog, a signature) is not: nothing tells it from text. Neither is a line that belongs to
one article and is announced by all others (a teaser), nor what one article says in many captures or at many addresses.

The answer is a function of the set of pages, whatever their order.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from archive.identity import site_of

#: A learned line stands in at least so many articles, and in this share of those looked at.
LEAST_ARTICLES, SHARE = 4, 0.3
#: ... on so many days, where the pages tell so many,
LEAST_DAYS = 3
#: ... and in this share of its articles beside another line that repeats.
COMPANY = 0.8
#: Learned lines of a site at most; those in most articles come first.
MOST_LINES = 400
LONGEST_TEXT = 300  #: characters of a line that are kept, for people

_WORD = re.compile(r"\w+")
_PROSE = 12  # words from which a kept line tells one article from another
_SAME = 0.5  # share of both articles' prose that makes them one


def fingerprint(text: str) -> str:
    """What makes two lines the same: their words, whatever their case and punctuation; 16 hex digits, "" for no letter.

    The first half of a truncated SHA-256 over the words of the line in Unicode NFKC, casefolded.
    """
    words = " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))
    if not any(map(str.isalpha, words)):
        return ""
    return hashlib.sha256(words.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def rule_of(mark: str) -> str:
    """The name under which `removals` shows a learned line."""
    return f"learned:{mark[:8]}"


def site_key(url: str | None, source_name: str | None) -> str:
    """Whose a page's lines are: its host, else the paper a manifest names, else "", all nameless dumps together."""
    return site_of(url) or source_name or ""


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line of a page. `own`: the cleaner, without what was learned, took it as text or title."""

    mark: str
    text: str
    own: bool


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page as it is learned from. `day` is when it was captured, else published, `YYYY-MM-DD`, None if unknown."""

    key: str
    day: str | None
    lines: tuple[SeenLine, ...]


@dataclass(frozen=True, slots=True)
class LearnedLine:
    """A line that is furniture on a site: it stood in `articles` of `of` articles, on `days` days."""

    site: str
    mark: str
    text: str
    articles: int
    of: int
    days: int


def learn(site: str, pages: Sequence[SeenPage]) -> list[LearnedLine]:
    """The furniture of one site's pages, the most frequent first."""
    articles = _articles(sorted(pages, key=lambda page: page.key))
    threshold = max(LEAST_ARTICLES, SHARE * len(articles))
    seen = Counter(mark for article in articles for mark in _marks(article))
    repeated = {mark for mark, count in seen.items() if count >= threshold}
    found = _Evidence(articles, repeated)
    all_days = {page.day for page in pages if page.day}
    learned = [
        LearnedLine(site, mark, found.text[mark][:LONGEST_TEXT], seen[mark], len(articles), len(found.days[mark]))
        for mark in repeated
        if found.company[mark] >= COMPANY * seen[mark]
        and found.own[mark] != 1
        and len(found.days[mark]) >= min(LEAST_DAYS, len(all_days))
    ]
    return sorted(learned, key=lambda line: (-line.articles, line.mark))[:MOST_LINES]


def merged(parts: Iterable[Sequence[LearnedLine]]) -> list[LearnedLine]:
    """What several looks at a site (its years, its pages as HTML and as text) learned, each line once."""
    best: dict[str, LearnedLine] = {}
    for line in (line for part in parts for line in part):
        known = best.get(line.mark)
        if known is None or (line.articles, line.of, line.days, line.text) > _rank(known):
            best[line.mark] = line
    return sorted(best.values(), key=lambda line: (-line.articles, line.mark))[:MOST_LINES]


def in_company(marks: Sequence[str], learned: Set[str], pinned: Set[str] = frozenset()) -> Iterator[bool]:
    """Of a page's lines, which are learned and stand beside another that is; pinned ones need no company."""
    known = [mark in learned for mark in marks]
    for i, mark in enumerate(marks):
        beside = known[max(0, i - 1) : i] + known[i + 1 : i + 2]
        yield mark in pinned or (known[i] and any(beside))


def _rank(line: LearnedLine) -> tuple[int, int, int, str]:
    return line.articles, line.of, line.days, line.text


def _marks(article: Iterable[SeenPage]) -> set[str]:
    return {line.mark for page in article for line in page.lines if line.mark}


class _Evidence:
    """Of each repeated line: in how many articles it has company, in how many it is their own, its days, its text."""

    def __init__(self, articles: Sequence[Sequence[SeenPage]], repeated: Set[str]) -> None:
        self.company: Counter[str] = Counter()
        self.own: Counter[str] = Counter()
        self.days: defaultdict[str, set[str]] = defaultdict(set)
        self.text: dict[str, str] = {}
        for article in articles:
            self.company.update({mark for page in article for mark in _accompanied(page, repeated)})
            self.own.update({line.mark for page in article for line in page.lines if line.own})
            for page in article:
                self._note(page, repeated)

    def _note(self, page: SeenPage, repeated: Set[str]) -> None:
        for line in page.lines:
            if line.mark in repeated:
                self.text[line.mark] = min(line.text, self.text.get(line.mark, line.text))
                if page.day:
                    self.days[line.mark].add(page.day)


def _accompanied(page: SeenPage, repeated: Set[str]) -> set[str]:
    marks = [line.mark for line in page.lines]
    return {mark for mark, beside in zip(marks, in_company(marks, repeated), strict=True) if beside}


def _articles(pages: Sequence[SeenPage]) -> list[list[SeenPage]]:
    """Pages by article: those that share half of the prose of both are one article, captured or published twice."""
    prose = [frozenset(line.mark for line in page.lines if line.own and _is_prose(line.text)) for page in pages]
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for i, marks in enumerate(prose):
        for mark in marks:
            holders[mark].append(i)
    groups = list(range(len(pages)))
    for i, marks in enumerate(prose):
        shared = Counter(j for mark in marks for j in holders[mark] if j < i)
        for j, count in shared.items():
            if count >= _SAME * max(len(marks), len(prose[j])):
                _join(groups, i, j)
    members: defaultdict[int, list[SeenPage]] = defaultdict(list)
    for i, page in enumerate(pages):
        members[_root(groups, i)].append(page)
    return list(members.values())


def _is_prose(text: str) -> bool:
    return len(_WORD.findall(text)) >= _PROSE


def _root(groups: list[int], i: int) -> int:
    while groups[i] != i:
        i = groups[i]
    return i


def _join(groups: list[int], i: int, j: int) -> None:
    a, b = sorted((_root(groups, i), _root(groups, j)))
    groups[b] = a


def by_site(lines: Iterable[LearnedLine]) -> Mapping[str, list[LearnedLine]]:
    """Learned lines by their site."""
    found: defaultdict[str, list[LearnedLine]] = defaultdict(list)
    for line in lines:
        found[line.site].append(line)
    return found
