"""What a crawl of the world must have done, held against the archive and against nginx's own log.

Every function returns what is wrong, in words a person can follow; an empty list is what is hoped for.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.world.site import CHALLENGE, Hit
from bench.world.stories import DAY, HOUR, Paper, Story, World

_MARK = re.compile(r"expediente ([a-záéíóúñ]+\d+[a-záéíóúñ]+), según")
_UPDATE = re.compile(r"^Actualización (\d+):", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One run of the crawler: real seconds from `began` to `ended`, of which each counted for `pace` of the world."""

    began: float
    ended: float
    pace: float


def versions_seen(archive: Path) -> dict[str, set[int]]:
    """Which versions of which story (by its mark) the archive holds as texts."""
    seen: defaultdict[str, set[int]] = defaultdict(set)
    db = sqlite3.connect(f"file:{archive / 'news.db'}?mode=ro", uri=True)
    try:
        for (text,) in db.execute("SELECT text FROM articles"):
            mark = _MARK.search(text)
            if mark is not None:
                seen[mark[1]].add(max(map(int, _UPDATE.findall(text)), default=0))
    finally:
        db.close()
    return dict(seen)


def missed(world: World, seen: dict[str, set[int]], runs: Iterable[int]) -> list[str]:
    """Versions that stood long enough for a run (at these minutes of the world) to meet them, and were not kept."""
    hours = sorted(runs)
    return [
        f"story {story.number} of {world.papers[story.paper].ip}, version {number} since {story.versions[number].since}"
        for story in world.stories
        for number in owed(story, world.papers[story.paper], hours)
        if number not in seen.get(story.mark, set())
    ]


def owed(story: Story, paper: Paper, runs: list[int]) -> Iterator[int]:
    """The versions of a story that a crawler with second looks after 1 h, 6 h, 1 d and 7 d cannot miss.

    A dated paper says that it changed: one run while the version stands is enough. An undated one is found out by a
    second look: the version that stands at one of those ages, an hour and a half late at most, is owed.
    """
    until = story.gone_at if story.gone_at is not None else runs[-1] + 1
    if not any(story.published <= run < until and readable(paper, run) for run in runs):
        return
    for number, version in enumerate(story.versions):
        end = story.versions[number + 1].since if number + 1 < len(story.versions) else until
        stands = [run for run in runs if version.since <= run < end and readable(paper, run)]
        if number == 0 or paper.dated:
            found = bool(stands)
        else:
            looks = [story.published + age for age in (HOUR, 6 * HOUR, DAY, 7 * DAY)]
            found = any(
                version.since <= look and look + 3 * HOUR < end for look in looks if look + 3 * HOUR <= runs[-1]
            )
            found = found and all(readable(paper, run) for run in runs if version.since <= run < end)
        if found:
            yield number


def up(paper: Paper, now: int) -> bool:
    """Whether a paper answers at a moment, and is asked: one that was down so long is left alone as long again."""
    return not any(begin <= now < end + (end - begin) for begin, end in paper.outages)


def readable(paper: Paper, now: int) -> bool:
    """Whether a paper's articles can be had at a moment. What a wall kept out is asked for again within a day of its
    end: after 1 h, 6 h, 1 d."""
    trouble = paper.trouble
    if trouble is None or trouble.kind == "silent":
        return up(paper, now)
    over = trouble.until if trouble.until is None or trouble.kind == "broken" else trouble.until + DAY
    return up(paper, now) and not (trouble.since <= now and (over is None or now < over))


def rude(hits: Iterable[Hit], stretches: list[Stretch], delays: Mapping[str, float]) -> list[str]:
    """Requests to one host that overlapped, or came sooner than its delay (seconds of the world) after the last one."""
    wrong = []
    by_host: defaultdict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_host[hit.host].append(hit)
    for host, mine in by_host.items():
        mine.sort(key=lambda hit: hit.began)
        for before, after in pairwise(mine):
            stretch = next((s for s in stretches if s.began <= before.began and after.ended <= s.ended + 0.01), None)
            if stretch is None:
                continue  # of two runs, hours apart
            gap = (after.began - before.ended) * stretch.pace
            if gap < delays[host] - 0.003 * stretch.pace:  # the log counts milliseconds, of both ends
                wrong.append(f"{host}: {after.path} {gap:.2f} s after {before.path}")
    return wrong


def trespasses(hits: Iterable[Hit]) -> list[str]:
    """Requests that robots.txt forbids."""
    return [f"{hit.host}: {hit.path}" for hit in hits if hit.path.startswith("/privado/")]


def wasted(world: World, hits: Iterable[Hit]) -> list[str]:
    """Whole pages (200) sent more often than there are versions: only where the paper has no validators to ask with.

    A template that breaks or is mended makes another version of all pages; a challenge is none.
    """
    validated = {paper.ip: paper.validated for paper in world.papers}
    versions: dict[tuple[str, str], int] = {}
    for story in world.stories:
        paper = world.papers[story.paper]
        for path in {story.path(story.published), story.path(10**9)}:
            versions[paper.ip, path] = len(story.versions) + remade(story, paper)
    sent = Counter((hit.host, hit.path) for hit in hits if hit.status == 200 and hit.served != CHALLENGE)
    return [
        f"{host}{path}: {number} times for {versions[host, path]} versions"
        for (host, path), number in sorted(sent.items())
        if (host, path) in versions and validated[host] and number > versions[host, path]
    ]


def remade(story: Story, paper: Paper) -> int:
    """How often the template of a story's page changes once it is out."""
    trouble = paper.trouble
    if trouble is None or trouble.kind != "broken":
        return 0
    return sum(at is not None and at > story.published for at in (trouble.since, trouble.until))


def asked_often(hits: Iterable[Hit], most: int) -> list[str]:
    """Article pages asked for more than `most` times, but for answers of a server that was down."""
    answered = (hit for hit in hits if hit.status != 503)
    asked = Counter((hit.host, hit.path) for hit in answered if re.search(r"-\d+\.html$", hit.path.partition("?")[0]))
    return [f"{host}{path}: {number} times" for (host, path), number in sorted(asked.items()) if number > most]
