"""What the classifiers see of a dump's line: its text among the others, the words it has, and lines of its shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scraper.clean.coherence import COHERENCE_COLUMNS, coherence
from scraper.clean.features import Hits, Sheet, describe, window_mean
from scraper.clean.lexis import tokens
from scraper.clean.rhythm import RHYTHM_COLUMNS, rhythm
from scraper.clean.shape import clip
from scraper.clean.wording import WORDING_COLUMNS, Wording

_WINDOWS = (3, 10)


def line_sheet(lines: Sequence[str], hits: Sequence[Hits], wording: Wording) -> Sheet:
    """The features of a page's non-blank, stripped lines; `hits` are the phrase rules they fit."""
    said = wording.columns([tokens(clip(line)) for line in lines])
    sheet = describe(lines, hits, said, WORDING_COLUMNS)
    mass = said[:, 0] * np.sqrt(np.minimum(sheet.words, 100.0))
    names, columns = [*RHYTHM_COLUMNS, *COHERENCE_COLUMNS], [rhythm(lines), coherence(sheet.tokens)]
    for size in _WINDOWS:
        names += [f"wording_{size}_before", f"wording_{size}_after"]
        columns.append(np.stack([window_mean(mass, size, -1), window_mean(mass, -1, size)], axis=1).astype(np.float32))
    values = np.concatenate([sheet.values, *columns], axis=1)
    return Sheet((*sheet.columns, *names), values, sheet.words, sheet.tokens)
