"""CPU time of cleaning an HTML page, metadata and all, against trafilatura with metadata on the same page.

usage: python -m bench.clean_cpu FOLDER [--pages N]

FOLDER holds `*.html` or `*.html.gz`. Each page is cleaned by both in turn in one process, so that the load of the
machine weighs on both alike; read the ratio, not the milliseconds.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from trafilatura import bare_extraction

from archive.model import Page
from scraper.clean import clean
from scraper.clean.kit import load_kit

WARM_UP = 5  # pages cleaned before counting: tables are loaded at first use


def read(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


def timed(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return 1000 * (time.process_time() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=200)
    args = parser.parse_args()
    paths = sorted(path for path in args.folder.iterdir() if path.name.endswith((".html", ".html.gz")))
    chosen = paths[:: max(1, len(paths) // args.pages)]
    kit = load_kit()
    ours, theirs = [], []
    for number, path in enumerate(chosen):
        body = read(path)
        page = Page(path.name, body, "text/html", "2030-01-01T00:00:00Z", "manifest")
        mine = timed(lambda page=page: clean(page, kit))
        other = timed(lambda body=body: bare_extraction(body, with_metadata=True))
        if number >= WARM_UP:
            ours.append(mine)
            theirs.append(other)
    for name, figure in (("median", statistics.median), ("mean", statistics.mean), ("most", max)):
        print(f"{name:7} ours {figure(ours):8.1f} ms  trafilatura {figure(theirs):8.1f} ms  "
              f"ratio {figure(ours) / figure(theirs):.2f}")  # fmt: skip
    ratios = sorted(a / b for a, b in zip(ours, theirs, strict=True))
    print(f"of {len(ratios)} pages {sum(r <= 1 for r in ratios)} cost no more; median of the ratios "
          f"{statistics.median(ratios):.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
