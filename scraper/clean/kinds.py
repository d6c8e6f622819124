"""Pages that are not one article, told by what is linked and how short everything is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.identity import path_of, site_of
from archive.reasons import Reason
from scraper.clean.examine import Examined
from scraper.clean.jsonld import types
from scraper.clean.rejection import Rejection
from scraper.clean.shape import SHAPE_COLUMNS, clip, shapes, word_counts
from scraper.clean.verdicts import Decided

_MOSTLY = 0.5  # share of the text inside links from which a page is a list of links
_PROSE = 12  # words from which a block that ends like a sentence is prose
_ERROR_WORDS, _BESIDE_WORDS = 60, 80  # words below which a page is an error, or a film or gallery, if it says so
_ERROR = re.compile(r"\W*(?:\w+\W+)?(40[34]|410|50[0234])\b(?!\s*\w+\s+\w+\s+\w+\s+\w+)")
_FILMS = frozenset({"videoobject", "audioobject", "movie", "podcastepisode", "radioepisode", "tvepisode"})
_GALLERIES = frozenset({"imagegallery", "mediagallery", "videogallery"})
_SEVERAL = 5  # short texts that make a list
_FRONT_WORDS = 200  # words below which what a site shows at its root are teasers


def is_other(address: str | None, found: Examined, decided: Decided) -> Rejection | None:
    """Why a page of few words is an error, a film, a gallery or a list; None where it is an article.

    `address` is where the page was found; without one, the page's own word counts.
    """
    words = sum(map(_words, decided.texts))
    if words < _ERROR_WORDS and (code := next(filter(None, map(_ERROR.match, _titles(found))), None)):
        return Rejection(Reason.ERROR_PAGE, f"the title says {code[1]}")
    if words < _BESIDE_WORDS and not found.article:
        said = {kind for item in found.head.statements for kind in types(item)}
        og = found.head.first("og:type").lower()
        if said & _FILMS or og.startswith(("video", "music")):
            return Rejection(Reason.VIDEO, f"{words} words beside it")
        if said & _GALLERIES or og.startswith(("gallery", "photo")):
            return Rejection(Reason.GALLERY, f"{words} words beside it")
    if (
        words < _FRONT_WORDS
        and not found.said.article
        and _is_root(address if site_of(address) else found.head.canonical)
    ):
        return Rejection(Reason.NO_ARTICLE, f"the front page of a site, {words} words")
    return is_list(found, decided)


def _is_root(address: str | None) -> bool:
    """Whether an address is a whole site's."""
    return site_of(address) is not None and path_of(address) in ("", "/") and "?" not in (address or "")


def _titles(found: Examined) -> Sequence[str]:
    return (found.said.title, found.head.title, found.head.first("og:title"))


def _words(text: str) -> int:
    spaced = text.count(" ") + 1
    return spaced if spaced > 1 or text.isascii() else len(text) // 2


def is_list(found: Examined, decided: Decided) -> Rejection | None:
    """Why a page that does not call itself an article is a section front or a list; None where it is none."""
    if found.said.article:
        return None
    kept = [block for block, keep in zip(decided.segments.blocks, decided.kept, strict=True) if keep]
    size = sum(len(block.text) for block in kept)
    linked = sum(min(block.linked, len(block.text)) for block in kept)
    if linked > _MOSTLY * size:
        return Rejection(Reason.NO_ARTICLE, f"{100 * linked // size} % of the text is links")
    if len(kept) >= _SEVERAL and not _has_prose([block.text for block in kept]):
        return Rejection(Reason.NO_ARTICLE, f"{len(kept)} short texts and no paragraph")
    return None


def _has_prose(texts: Sequence[str]) -> bool:
    shape = shapes([clip(text) for text in texts])
    ends = shape[:, SHAPE_COLUMNS.index("ends_sentence")] > 0
    return bool((ends & (word_counts(shape) >= _PROSE)).any())
