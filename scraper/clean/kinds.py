"""Pages that are not one article, told by what is linked and how short everything is."""

from __future__ import annotations

from collections.abc import Sequence

from archive.reasons import Reason
from scraper.clean.examine import Examined
from scraper.clean.rejection import Rejection
from scraper.clean.shape import SHAPE_COLUMNS, clip, shapes, word_counts
from scraper.clean.verdicts import Decided

_MOSTLY = 0.5  # share of the text inside links from which a page is a list of links
_PROSE = 12  # words from which a block that ends like a sentence is prose
_SEVERAL = 5  # short texts that make a list


def is_list(found: Examined, decided: Decided) -> Rejection | None:
    """Why a page that does not call itself an article is a section front or a list; None where it is none."""
    if found.article or "article" in found.head.first("og:type").lower():
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
