"""More labelled dumps out of a bench folder's HTML: the pages of `sites/`, and main-content dumps of `es/`.

A whole-page dump is what the body says, a block a line; a main-content dump is what resiliparse takes for it, with the
list marks and the furniture that come with that. Both are made as the folder's own dumps were.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from resiliparse.extract.html2text import extract_plain_text
from selectolax.lexbor import LexborNode

from bench.lines_data import Labelled, aligned, nonblank, read_gold, site
from scraper.clean.blocks import TooDeep
from scraper.clean.decode import decode
from scraper.clean.tags import BLOCK_TAGS, FURNITURE_TAGS, SILENT_TAGS
from scraper.clean.tree import UNSEEN, parse, prune

_HEAD_WORDS = 15  # a longer line is no title or date
_HEAD_LINES = 3  # at the beginning of a gold text of `sites/` that may be title or date


def more_pages(folder: Path) -> Iterator[Labelled]:
    """Dumps made of the pages of `sites/` and `es/`, where the folder has them."""
    for row, html in _pages(folder / "sites"):
        yield from _made(row, "sites", whole_page(html))
        yield from _made(row, "sites-part", main_content(html))
    for row, html in _pages(folder / "es"):
        yield from _made(row, "es-part", main_content(html))


def _pages(folder: Path) -> Iterator[tuple[dict, str]]:
    if (folder / "gold.jsonl.gz").exists():
        for row in read_gold(folder / "gold.jsonl.gz"):
            raw = gzip.decompress((folder / "pages" / f"{row['id']}.html.gz").read_bytes())
            yield row, decode(raw, "text/html", None).text


def _made(row: dict, form: str, lines: list[str]) -> Iterator[Labelled]:
    if lines:
        page = aligned(row, form, site(row.get("url"), row["id"]), lines)
        yield page if form.startswith("es") else _without_head(page)


def _without_head(page: Labelled) -> Labelled:
    """The page with no question asked of the first short lines of the gold: there they are title and date."""
    body, weight = list(page.body), list(page.weight)
    for i in [i for i, flag in enumerate(body) if flag][:_HEAD_LINES]:
        if len(page.lines[i].split()) >= _HEAD_WORDS:
            break
        body[i], weight[i] = 0, 0.0
    return replace(page, body=body, weight=weight)


def main_content(html: str) -> list[str]:
    return nonblank(extract_plain_text(html, main_content=True, alt_texts=False))


def whole_page(html: str) -> list[str]:
    """What the body says, a line for each run of text between edges of blocks; nothing of a page nested too deep."""
    try:
        tree = parse(html)
    except TooDeep:
        return []
    prune(tree, UNSEEN)
    lines: list[str] = []
    piece: list[str] = []
    if tree.body is not None:
        _walk(tree.body, piece, lines)
        _flush(piece, lines)
    return lines


def _walk(node: LexborNode, piece: list[str], lines: list[str]) -> None:
    child = node.child
    while child is not None:
        tag = child.tag or ""
        if tag == "-text":
            piece.append(child.text_content or "")
        elif tag not in SILENT_TAGS:
            edge = tag == "br" or tag in BLOCK_TAGS or tag in FURNITURE_TAGS
            if edge:
                _flush(piece, lines)
            _walk(child, piece, lines)
            if edge:
                _flush(piece, lines)
        child = child.next


def _flush(piece: list[str], lines: list[str]) -> None:
    text = " ".join("".join(piece).split())
    piece.clear()
    if text:
        lines.append(text)
