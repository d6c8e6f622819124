"""What the classifiers see of a line among the others: the words it has, what goes on around it, lines of its shape.

These columns serve the lines of dumps and the blocks of HTML pages alike, beside those of `features.describe`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scraper.clean.coherence import COHERENCE_COLUMNS, coherence
from scraper.clean.features import Hits, Sheet, describe, window_mean
from scraper.clean.lexis import tokens
from scraper.clean.rhythm import RHYTHM_COLUMNS, rhythm
from scraper.clean.shape import clip
from scraper.clean.wording import WORDING_COLUMNS, Wording

Matrix = NDArray[np.float32]

_WINDOWS = (1, 3, 10)


def line_sheet(lines: Sequence[str], hits: Sequence[Hits], wording: Wording) -> Sheet:
    """The features of a dump's non-blank, stripped lines; `hits` are the phrase rules they fit."""
    said = wording.columns([tokens(clip(line)) for line in lines])
    return with_context(describe(lines, hits, said, WORDING_COLUMNS), lines, said)


def with_context(sheet: Sheet, lines: Sequence[str], said: Matrix) -> Sheet:
    """A sheet of lines with columns about the lines around each; `said` are its `WORDING_COLUMNS`."""
    mass = said[:, 0] * np.sqrt(np.minimum(sheet.words, 100.0))
    names, columns = [*RHYTHM_COLUMNS, *COHERENCE_COLUMNS], [rhythm(lines), coherence(sheet.tokens)]
    for size in _WINDOWS:
        names += [f"wording_{size}_before", f"wording_{size}_after"]
        columns.append(np.stack([window_mean(mass, size, -1), window_mean(mass, -1, size)], axis=1).astype(np.float32))
    return Sheet((*sheet.columns, *names), np.concatenate([sheet.values, *columns], axis=1), sheet.words, sheet.tokens)
