"""One crawl in a process of its own, whose memory can be told: `python crawl_hostile.py ARCHIVE SOURCES-AS-JSON`.

Prints, as JSON, the endings, the seconds it took, and how many megabytes it grew to beyond what it began with.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

from archive.moments import iso
from archive.store import Archive
from scraper.crawl.ports import Ports, WallClock
from scraper.crawl.run import Options, crawl
from scraper.crawl.stop import Stop
from scraper.fetch.client import Client, Limits
from scraper.pipeline import Cleaner, finish_orphans
from scraper.rules.discovery import load_habits
from scraper.settings import Source
from scraper.workers import clean_all

LIMITS = Limits(connect=5.0, read=5.0, total=10.0)  # as those of a real crawl, only shorter


def main(archive: Path, given: list[dict[str, Any]]) -> None:
    sources = [Source(**{name: tuple(v) if isinstance(v, list) else v for name, v in each.items()}) for each in given]
    work, clock, habits = Cleaner(None)(), WallClock(), load_habits()

    def clean(jobs: Any) -> Any:
        return clean_all(jobs, work, 0, 60.0)

    async def crawled(opened: Archive) -> Any:
        async with Client(lambda: iso(clock.now()), "hemeroteca/0 (+mailto:test@paper.example)", LIMITS) as client:
            ports = Ports(clock, client.fetch, clean, lambda: True, habits, random=Random(1))
            return await crawl(opened, sources, ports, Options(), Stop(clock, None))

    with Archive.open(archive, lambda: iso(clock.now())) as opened:
        opened.start_run("hemeroteca crawl")
        finish_orphans(opened, clean, lambda: True, lambda *_: None)
        before, began = peak(), time.monotonic()
        counts = asyncio.run(crawled(opened))
        seconds = time.monotonic() - began
        opened.finish_run("ok")
    endings = {each.source: {ending: n for (ending, _), n in each.counts.items()} for each in counts}
    seen = {each.source: each.seen for each in counts}
    print(json.dumps({"endings": endings, "seen": seen, "seconds": seconds, "grown": peak() - before}))


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
