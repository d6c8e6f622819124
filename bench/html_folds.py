"""Score the whole HTML pipeline out of fold: each page cleaned with models that never saw a page of its site.

usage: python -m bench.html_folds FOLDER MODELS [--worst N] [--out FILE] [--kind html,es]

FOLDER is as for `bench.train_blocks`; MODELS what its `--keep-folds` wrote, a folder a fold with `words.json` and
`blocks-*.json`. Prints the figures of `score.py` for the pages of FOLDER and of its `es/`, and how many came out empty.
"""

from __future__ import annotations

from dataclasses import replace

from bench.clean_score import html
from bench.folds import Form, arguments, kits, score
from scraper.clean.kit import load_block_model, load_kit

FORMS = {"html": Form(".", html, "text/html"), "es": Form("es", html, "text/html")}


def main() -> None:
    args = arguments(__doc__, list(FORMS))
    shipped = load_kit()  # whose classifier of lines is not asked about HTML
    held = kits(args.models, lambda folder, words: replace(shipped, blocks=load_block_model(folder, words)))
    score(args, {kind: FORMS[kind] for kind in args.kind}, held)


if __name__ == "__main__":
    main()
