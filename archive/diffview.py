"""A `Diff` for a terminal or a page. Whatever a text holds, nothing of it is obeyed: control characters are shown."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from archive.diff import Change, Diff

#: Unchanged sentences shown on each side of a change.
CONTEXT = 1

# C0 and C1 controls but tab and newline, bidirectional controls (UAX #9; CVE-2021-42574), lone surrogates.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Style:
    """What stands before and after a run that was removed, added, moved away, moved here, or left out."""

    removed: tuple[str, str]
    added: tuple[str, str]
    moved_from: tuple[str, str]
    moved_to: tuple[str, str]
    skipped: tuple[str, str]
    escaped: bool = False  #: for HTML


#: As `git diff --word-diff` and wdiff write it.
PLAIN = Style(("[-", "-]"), ("{+", "+}"), ("[{n}>", "<{n}]"), ("{{{n}>", "<{n}}}"), ("", ""))
COLOURED = Style(
    ("\x1b[31;9m", "\x1b[0m"),
    ("\x1b[32;1m", "\x1b[0m"),
    ("\x1b[35;9m", "\x1b[0m"),
    ("\x1b[35;1m", "\x1b[0m"),
    ("\x1b[2m", "\x1b[0m"),
)
_HTML = Style(
    ("<del>", "</del>"),
    ("<ins>", "</ins>"),
    ('<del class="moved" id="from-{n}">', "</del>"),
    ('<ins class="moved" id="to-{n}">', "</ins>"),
    ('<p class="skipped">', "</p>"),
    escaped=True,
)


def terminal(found: Diff, style: Style = PLAIN, context: int = CONTEXT) -> str:
    """For a terminal, with or without colour; ends with a newline unless nothing differs."""
    lines = [
        _line(part, style) if isinstance(part, Change) else _left_out(part, style) for part in shown(found, context)
    ]
    return "".join(f"{line}\n" for line in lines if line)


def page(found: Diff, context: int = CONTEXT, name: str = "") -> str:
    """As HTML, escaped: a `<p>` a sentence in `<div class="diff">`, with `<del>` and `<ins>`.

    `name` begins the ids of moved sentences, so that a page may hold several.
    """
    moves = ((_HTML.moved_from, "from-"), (_HTML.moved_to, "to-"))
    away, here = ((marks[0].replace(f'id="{end}', f'id="{name}{end}'), marks[1]) for marks, end in moves)
    style = replace(_HTML, moved_from=away, moved_to=here)
    lines = []
    for part in shown(found, context):
        if isinstance(part, Change):
            lines.append(f'<p class="{part.kind}" dir="auto">{_line(part, style)}</p>')
        else:
            lines.append(_left_out(part, style))
    return '<div class="diff">\n' + "".join(f"{line}\n" for line in lines) + "</div>\n"


def shown(found: Diff, context: int) -> Iterator[Change | int]:
    """The changes with so many unchanged sentences around each, and for every gap the number left out."""
    kinds = [change.kind == "same" for change in found.changes]
    near: set[int] = set()
    for place, same in enumerate(kinds):
        if not same:
            near.update(range(place - context, place + context + 1))
    if all(kinds):
        return
    for is_shown, run in groupby(range(len(kinds)), key=near.__contains__):
        places = list(run)
        if is_shown:
            yield from (found.changes[place] for place in places)
        else:
            yield len(places)


def visible(text: str) -> str:
    """A text whose control characters, bidirectional ones among them, are written out as escapes."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _line(change: Change, style: Style) -> str:
    if change.kind == "changed":
        told = [(piece.text, _marked(piece.text, _marks(piece.kind, style), style)) for piece in change.pieces]
        parts = [_gap(text, after) + marked for (text, _), (after, marked) in pairwise([("", ""), *told])]
        return "".join(parts).strip()
    return _marked(change.text.strip(), _marks(change.kind, style, change.move), style)


def _gap(before: str, after: str) -> str:
    """A space where two words would run into each other: one of them lost its space with the word behind it."""
    return " " if _spaced(before[-1:]) and _spaced(after[:1]) else ""


def _spaced(sign: str) -> bool:
    """Whether a sign is a digit or of a script with capitals, and so of one with spaces between words."""
    return sign.isdecimal() or sign.lower() != sign.upper()


def _marks(kind: str, style: Style, move: int | None = None) -> tuple[str, str]:
    marks = {
        "removed": style.removed,
        "added": style.added,
        "moved-from": style.moved_from,
        "moved-to": style.moved_to,
    }.get(kind, ("", ""))
    return marks if move is None else (marks[0].format(n=move), marks[1].format(n=move))


def _marked(text: str, marks: tuple[str, str], style: Style) -> str:
    """A run between its marks; the space after it stays outside of them."""
    core = text.rstrip()
    safe = html.escape(visible(core)) if style.escaped else visible(core)
    space = " " if text != core else ""
    return f"{marks[0]}{safe}{marks[1]}{space}" if core else space


def _left_out(count: int, style: Style) -> str:
    words = f"... {count} unchanged sentence{'' if count == 1 else 's'} ..."
    return f"{style.skipped[0]}{words}{style.skipped[1]}"
