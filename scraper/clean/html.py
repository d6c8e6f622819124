"""The recipe for an HTML page: blocks in, article out, every block with its fate.

1. Parse once; a site's rules mark what goes and where the article is.
2. Look at the page from all sides: its blocks, its head, trafilatura, the publisher's own body.
3. The classifier decides block by block, with and without what is known for furniture of the site; a phrase that is
   a whole doubtful block overrules it.
4. The title's block and what is said twice leave the text; fields are read from head and page.
5. Too little prose, or a page that says it is an error, a wall or a challenge, is no article.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from archive.identity import site_of
from archive.model import Article, Field, Line, Outcome, Page
from archive.reasons import Reason
from scraper.clean.blocks import MAX_DEPTH, TooDeep, readable
from scraper.clean.candidates import witness
from scraper.clean.decode import Decoded
from scraper.clean.examine import Examined, examine
from scraper.clean.features import rule_hits
from scraper.clean.furniture import Rules, learned_rules, named, opinion_without
from scraper.clean.kinds import is_other
from scraper.clean.kit import Kit
from scraper.clean.live import live
from scraper.clean.metadata import Surroundings, claimed, fields_of
from scraper.clean.rejection import rejected
from scraper.clean.siterules import marks_of, site_fields
from scraper.clean.state import body_in
from scraper.clean.tree import parse
from scraper.clean.verdicts import Decided, Verdict, bylines, date_lines, decide, verdicts

_MAX_CHARS = 20_000_000  # of a page: larger ones are data, not news
_STUB_WORDS = 0.3  # share of the publisher's body under which the page's own text is a stub of it
_VOUCHED = 0.6  # share of that text which must be found in what scripts carry
_STUB_SHOWN = 1200  # characters of the page's own text above which scripts are not asked for more
_WHOLE_BODY = 600  # characters from which a publisher's body is taken for whole


def clean_html(page: Page, decoded: Decoded, kit: Kit) -> Outcome:
    """Clean one decoded page. A page nested beyond what can be parsed or far too large gives a reason."""
    if len(decoded.text) > _MAX_CHARS:
        return Outcome(kit.recipe, reason=Reason.TOO_LARGE, error=f"{len(decoded.text)} characters of HTML")
    try:
        return _clean(page, decoded.text, kit)
    except TooDeep:
        return Outcome(kit.recipe, reason=Reason.TOO_DEEP, error=f"elements nested more than {MAX_DEPTH} deep")


def _clean(page: Page, text: str, kit: Kit) -> Outcome:
    tree = parse(text)
    layout = kit.sites.layout(site_of(page.url), page.captured_at, tree)
    own_fields = site_fields(layout, tree, page.captured_at, kit.lines)
    found = examine(tree, page.url, kit.blocks.hints, marks_of(layout, tree))
    segments = readable(found.segments)
    hits = rule_hits([block.text for block in segments.blocks], kit.lines)
    learned = learned_rules([block.text for block in found.segments.blocks], kit.learned.of(page.url, page.source_name))
    opinion = opinion_without(found.segments, learned, found.said, kit.blocks, hits)
    said = replace(found.said, title=str(own_fields["title"].value)) if "title" in own_fields else found.said
    site = f"site:{layout.host}/body" if layout else None
    decided = decide(segments, opinion, hits, said, site, kit.blocks.hints)
    return _outcome(page, found, decided, own_fields, learned, kit)


def _outcome(
    page: Page, found: Examined, decided: Decided, own_fields: dict[str, Field], learned: Rules, kit: Kit
) -> Outcome:
    kept = decided.texts
    body, stated = _publishers_body(found, kept)
    text = "\n".join(body or kept)
    around = Surroundings(text, bylines(decided, kit.blocks.hints), (*found.head.times, *date_lines(decided)))
    fields = fields_of(page, found, around, kit.lines) | own_fields
    if (kind := live(found, decided)) is not None:
        fields["kind"] = kind
    authors = fields["authors"].value if "authors" in fields else ()
    description = fields["description"].value if "description" in fields else ""
    verdict = verdicts(decided, authors if isinstance(authors, tuple) else (), str(description), kit.blocks.hints)
    replacing = stated if body else None
    lines = (*_lines(found, verdict, learned, replacing), *_appended(body, len(found.segments.blocks), stated))
    no_article = rejected(body or kept, [line.text for line in lines], kit.lines) or (
        None if body else is_other(page.url, found, decided)
    )
    if no_article is not None:
        return _rejected(no_article.reason, no_article.message, lines, kit)
    return Outcome(kit.recipe, article=Article(text, fields, *claimed(page, found, kit.addresses)), lines=lines)


def _publishers_body(found: Examined, kept: Sequence[str]) -> tuple[list[str], str]:
    """The publisher's own body, where the page itself shows but a stub of it, and who states it; else nothing."""
    shown = sum(map(len, kept))
    body = found.said.publisher
    if body is not None and len(body.whole) >= _WHOLE_BODY:
        return (body.whole.split("\n"), "json-ld.articleBody") if shown <= _STUB_WORDS * len(body.whole) else ([], "")
    if shown > _STUB_SHOWN or not found.scripts or not found.said.article:
        return [], ""
    titles = [found.said.title, found.head.first("og:title"), found.head.title]
    state = body_in(found.scripts, kept, titles)
    if len(state) < _WHOLE_BODY or shown > _STUB_WORDS * len(state):
        return [], ""
    vouched = witness(state)
    known = sum(len(text) * vouched.covers(text) for text in kept)
    return (state.split("\n"), "state") if known >= _VOUCHED * shown else ([], "")


def _lines(found: Examined, verdict: Sequence[Verdict], learned: Rules, replacing: str | None) -> Iterator[Line]:
    """Every block of the page, furniture among them, numbered from 1; `replacing` says what took the text's place."""
    decided = iter(verdict)
    for number, block in enumerate(found.segments.blocks, 1):
        if block.furniture is not None:
            yield Line(number, block.text, "dropped", block.furniture)
            continue
        fate, rule = named(next(decided), learned[number - 1])
        if replacing is not None and fate == "kept":
            fate, rule = "dropped", replacing
        yield Line(number, block.text, fate, rule)


def _appended(body: Sequence[str], after: int, stated: str) -> Iterator[Line]:
    """The publisher's body, which is no block of the page."""
    for number, text in enumerate(body, after + 1):
        yield Line(number, text, "kept", stated)


def _rejected(reason: Reason, message: str, lines: Sequence[Line], kit: Kit) -> Outcome:
    dropped = tuple(
        Line(line.number, line.text, "dropped", f"page.{reason}") if line.fate == "kept" else line for line in lines
    )
    return Outcome(kit.recipe, reason=reason, error=message, lines=dropped)
