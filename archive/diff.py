"""What changed between two texts, for people: sentence by sentence, then word by word inside a changed sentence.

Pure records, rendered by `archive.diffview`. A sentence that stands elsewhere is moved, not gone and new. White space
is not compared; where it differs, the newer text's is kept. Bounded: where two texts share no order that can be found
cheaply, their parts count as gone and new.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from archive.align import changes, matches
from archive.shingles import WORD

PieceKind = Literal["same", "removed", "added"]
ChangeKind = Literal["same", "changed", "removed", "added", "moved-from", "moved-to"]

#: Sentences gone times sentences new, up to which each is paired with the one most like it.
PAIRED = 2_500
#: Words shared over all words (Dice), from which two sentences are one that changed.
ALIKE = 0.40
#: A moved sentence has at least so many words: "Sí." may stand anywhere.
MOVED_WORDS = 4

#: Characters between two sentences that both texts have, up to which words are compared.
COMPARED = 2_000_000

# Where a sentence ends: with its line, or with a full stop before a space.
_SENTENCE_END = re.compile(r"[.!?…][\"'»”’)\]]*(?:\s+|\Z)|[。！？]\s*|\n\s*")
_TOKEN = re.compile(rf"(?:{WORD}|[^\w\s]|_)\s*|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words inside a changed sentence, with the space after it."""

    kind: PieceKind
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One sentence. `pieces` is set where it changed; `move` numbers both ends of a move, from 1."""

    kind: ChangeKind
    text: str
    pieces: tuple[Piece, ...] = ()
    move: int | None = None


@dataclass(frozen=True, slots=True)
class Diff:
    """All sentences of both texts, in the order of the newer one; what is gone stands where it stood."""

    changes: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing but white space differs."""
        return all(change.kind == "same" for change in self.changes)

    @property
    def before(self) -> str:
        """The older text; white space as in the newer one where they share it."""
        return self._side("added", "moved-to")

    @property
    def after(self) -> str:
        """The newer text, exactly."""
        return self._side("removed", "moved-from")

    def _side(self, piece: str, moved: str) -> str:
        return "".join(
            "".join(part.text for part in change.pieces if part.kind != piece) if change.pieces else change.text
            for change in self.changes
            if change.kind not in (piece, moved)
        )


def diff(before: str, after: str) -> Diff:
    """Compare two texts of any size and content."""
    old, new = sentences(before), sentences(after)
    if _key(before) == _key(after):
        return Diff(tuple(Change("same", text) for text in new))
    keys = [_key(sentence) for sentence in old], [_key(sentence) for sentence in new]
    changed: list[Change] = []
    at = 0
    for i, i_end, j, j_end in changes(matches(*keys), len(old), len(new)):
        changed.extend(Change("same", text) for text in new[at:j])
        changed.extend(_gap(old[i:i_end], new[j:j_end]))
        at = j_end
    changed.extend(Change("same", text) for text in new[at:])
    return Diff(tuple(_with_moves(changed)))


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with the space after it: joined, they are the text."""
    ends = [0, *(end.end() for end in _SENTENCE_END.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(ends) if end > start]


def words(text: str) -> list[str]:
    """The words and signs of a text, each with the space after it: joined, they are the text."""
    return _TOKEN.findall(text)


def _key(part: str) -> str:
    return " ".join(part.split())


def _gap(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Sentences between two that both texts have."""
    if not old or not new or sum(map(len, old)) + sum(map(len, new)) > COMPARED:
        yield from (Change("removed", text) for text in old)
        yield from (Change("added", text) for text in new)
    elif len(old) * len(new) > PAIRED or _key("".join(old)) == _key("".join(new)):
        yield _changed("".join(old), "".join(new))
    else:
        at = 0
        for i, i_end, j, j_end in changes(pairs := _alike(old, new), len(old), len(new)):
            yield from (_changed(old[one], new[other]) for one, other in pairs if at <= other < j)
            yield from (Change("removed", text) for text in old[i:i_end])
            yield from (Change("added", text) for text in new[j:j_end])
            at = j_end
        yield from (_changed(old[one], new[other]) for one, other in pairs if other >= at)


def _alike(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of sentences that are most alike together, rising in both (Needleman and Wunsch 1970)."""
    bags_old, bags_new = ([Counter(map(_key, words(text))) for text in side] for side in (old, new))
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    score = [[_dice(one, other) for other in bags_new] for one in bags_old]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            both = score[i][j] + best[i + 1][j + 1] if score[i][j] >= ALIKE else 0.0
            best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
    pairs = []
    i = j = 0
    while i < len(old) and j < len(new):
        if score[i][j] >= ALIKE and best[i][j] == score[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _dice(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _changed(old: str, new: str) -> Change:
    """Compare two sentences, or two stretches of them, word by word."""
    words_old, words_new = words(old), words(new)
    found = matches([word.rstrip() for word in words_old], [word.rstrip() for word in words_new])
    pieces: list[Piece] = []
    at = 0
    for i, i_end, j, j_end in changes(found, len(words_old), len(words_new)):
        pieces.append(Piece("same", "".join(words_new[at:j])))
        pieces.append(Piece("removed", "".join(words_old[i:i_end])))
        pieces.append(Piece("added", "".join(words_new[j:j_end])))
        at = j_end
    pieces.append(Piece("same", "".join(words_new[at:])))
    told = tuple(piece for piece in pieces if piece.text)
    if all(piece.kind == "same" for piece in told):
        return Change("same", new)
    return Change("changed", new, told)


def _with_moves(changes: Sequence[Change]) -> Iterator[Change]:
    """Turn a sentence that is gone in one place and new in another into a move."""
    places: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for place, change in enumerate(changes):
        if change.kind in ("removed", "added"):
            places[change.kind, _key(change.text)].append(place)
    moved: dict[int, tuple[ChangeKind, int]] = {}
    for (kind, key), gone in tuple(places.items()):
        if kind == "removed" and len(key.split()) >= MOVED_WORDS:
            for source, target in zip(gone, places.get(("added", key), ()), strict=False):
                number = len(moved) // 2 + 1
                moved[source], moved[target] = ("moved-from", number), ("moved-to", number)
    for place, change in enumerate(changes):
        if place in moved:
            kind_moved, number = moved[place]
            yield Change(kind_moved, change.text, (), number)
        else:
            yield change
