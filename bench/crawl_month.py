"""A simulated month of hourly crawls of an invented world behind nginx, and what the server's own log says of it.

    python3 .ci/env.py python -m bench.crawl_month [--papers 20] [--stories 5000] [--days 30] [--pace 200] [--keep DIR]

Papers publish, edit, move and delete; they go down for hours; some say what they changed, some do not; some have
validators, some do not. After the last run the archive must hold every story and every version that a run could meet,
the log must show no page asked for without reason, nobody hurried, nothing forbidden touched.
One paper sets a challenge before its articles for 30 hours, one loses the text from its template, one falls silent:
exactly these three must be told, by their words, and nothing else: outages of hours are no trouble for a person. (A
world of under ten days or four papers has no such troubles.) Ends with 1 where not.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.world import check
from bench.world.month import DELAY, Month, progress
from bench.world.prose import sentences
from bench.world.site import Site, served
from bench.world.stories import DAY, HOUR, STILL, world
from bench.world.troubles import misjudged, troubles

LATE = STILL  #: minutes after the hour at which cron starts a run
MOST = 12  #: times that one article may be asked for in a month: found, edited, looked at


def main() -> None:
    options = arguments()
    befallen = troubles(options.papers, options.days)
    prose = sentences(options.seed, 4000)
    invented = world(options.seed, options.papers, options.days, options.stories, prose, befallen)
    runs = list(range(LATE, options.days * DAY, HOUR))
    with tempfile.TemporaryDirectory(prefix="crawl-month-") as scratch:
        folder = options.keep or Path(scratch)
        with served(invented, folder / "site", options.port) as site:
            month = Month(site, folder / "archive", options.pace)
            began, memory = time.monotonic(), []
            with progress(runs, quiet=not sys.stderr.isatty()) as step:
                for minute in runs:
                    month.run(minute)
                    memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
                    step(minute)
            tell(month, runs, time.monotonic() - began, memory)
            wrong = verdict(site, month, runs)
    for line in wrong[:40]:
        print(f"WRONG {line}")
    print(f"{len(wrong)} things are wrong" if wrong else "nothing is wrong")
    sys.exit(1 if wrong else 0)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, default=20)
    parser.add_argument("--stories", type=int, default=5000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--pace", type=float, default=200.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=8943)
    parser.add_argument("--keep", type=Path, help="leave site, log and archive in this folder")
    return parser.parse_args()


def verdict(site: Site, month: Month, runs: list[int]) -> list[str]:
    """All that is wrong with a crawl of a world."""
    hits = list(site.hits())[1:]  # the first was ours, to see whether nginx is up
    papers = {paper.ip: max(DELAY, paper.crawl_delay) for paper in site.world.papers}
    return [
        *month.unsound,
        *misjudged(site.world.papers, month.alarms, month.ended, runs[-1]),
        *(f"missed: {what}" for what in check.missed(site.world, check.versions_seen(month.archive), runs)),
        *(f"rude: {what}" for what in check.rude(hits, month.stretches, papers)),
        *(f"forbidden: {what}" for what in check.trespasses(hits)),
        *(f"sent again: {what}" for what in check.wasted(site.world, hits)),
        *(f"asked often: {what}" for what in check.asked_often(hits, MOST)),
    ]


def tell(month: Month, runs: list[int], seconds: float, memory: list[int]) -> None:
    """The figures of a month."""
    world_, hits = month.site.world, list(month.site.hits())[1:]
    statuses = Counter(hit.status for hit in hits)
    versions = sum(len(list(check.owed(s, world_.papers[s.paper], runs))) for s in world_.stories)
    print(
        f"{len(world_.papers)} papers, {len(world_.stories)} stories, {versions} versions that a run could meet; "
        f"{len(runs)} runs in {seconds:.0f} s"
    )
    print(f"requests: {len(hits)}, of them {dict(statuses.most_common())}")
    print(f"endings: {dict(sorted(month.sums.items()))}")
    for at, alarm in month.alarms:
        print(f"told at minute {at}: {alarm.source} {alarm.code}: {alarm.evidence}")
    print(f"memory: {memory[len(memory) // 10]} MB after a tenth of the runs, {memory[-1]} MB at the end")


if __name__ == "__main__":
    main()
