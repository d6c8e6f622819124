"""What the invented papers publish, and when: a pure function of a seed.

Time is minutes since the world began; all that happens happens in the first minutes of an hour (`STILL`), so that the
world stands still while a run is on. A story has versions (the first, and one for each edit), may move to another
address once and may be taken down. Papers differ in how they tell what is new: that is what a crawler has to cope with.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from bench.world.troubles import Trouble

HOUR = 60
STILL = 7  #: the minute of each hour from which nothing happens until the next one
DAY = 24 * HOUR

Feed = Literal["rss", "atom", "json", "none"]
Sitemap = Literal["news", "plain", "index", "none"]
Packing = Literal["gzip", "br", "none"]

#: Ages, in minutes, at which papers that do not say that they edited do so: each version outlives a second look.
QUIET_EDITS = (2 * HOUR, 12 * HOUR, 3 * DAY)

_WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
SECTIONS = tuple(_WORDS["sections"])


@dataclass(frozen=True, slots=True)
class Paper:
    """One site: its address on loopback and its habits.

    `dated` papers say when a page last changed (in feed or sitemap); `validated` ones send ETag and Last-Modified.
    """

    number: int
    feed: Feed
    sitemap: Sitemap
    packing: Packing
    dated: bool
    validated: bool
    crawl_delay: int  #: seconds, of robots.txt; 0 says nothing
    outages: tuple[tuple[int, int], ...]
    trouble: Trouble | None = None

    @property
    def telling(self) -> int:
        """How long after it appeared a story's edits are told, in minutes: as long as the lists that date hold it."""
        if not self.dated:
            return 0
        return 4 * DAY if self.sitemap in {"plain", "index"} else 30 * HOUR

    @property
    def ip(self) -> str:
        """Its address, which is its host name too."""
        return f"127.0.{10 + self.number // 200}.{1 + self.number % 200}"


@dataclass(frozen=True, slots=True)
class Version:
    """What a story says from `since` on."""

    since: int
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """An article of a paper. `mark` is a word no other story has, in every version of it."""

    paper: int
    number: int
    title: str
    author: str
    section: str
    mark: str
    versions: tuple[Version, ...]
    moved_at: int | None = None
    gone_at: int | None = None

    @property
    def published(self) -> int:
        """When it first appeared."""
        return self.versions[0].since

    def path(self, now: int) -> str:
        """Its address at a moment."""
        moved = self.moved_at is not None and now >= self.moved_at
        return f"/{self.section}/{'nuevo/' if moved else ''}{_slug(self.title)}-{self.number}.html"

    def version(self, now: int) -> int:
        """The number of the version that stands, from 0; the story must be out by then."""
        return max(n for n, version in enumerate(self.versions) if version.since <= now)

    def visible(self, now: int) -> bool:
        """Whether the page answers with the story."""
        return self.published <= now and (self.gone_at is None or now < self.gone_at)


@dataclass(frozen=True, slots=True)
class World:
    """All papers and all they will ever publish, in order of time."""

    papers: tuple[Paper, ...]
    stories: tuple[Story, ...]
    days: int

    def of(self, paper: Paper) -> tuple[Story, ...]:
        """The stories of one paper, oldest first."""
        return tuple(story for story in self.stories if story.paper == paper.number)


def world(
    seed: int,
    papers: int,
    days: int,
    stories: int,
    sentences: tuple[str, ...],
    troubles: Mapping[int, Trouble] | None = None,
) -> World:
    """A world of `papers` sites and `stories` articles over `days`; prose is drawn from `sentences`.

    `troubles` are those of papers, by their numbers; what a silent one would have published never comes.
    """
    dice = random.Random(seed)
    befallen = troubles or {}
    sites = tuple(replace(_paper(number, days, dice), trouble=befallen.get(number)) for number in range(papers))
    last = days * DAY - 2 * HOUR
    moments = sorted((_settled(dice.randrange(last)), dice.randrange(papers)) for _ in range(stories))
    told = (_story(sites[paper], n, at, days, sentences, dice) for n, (at, paper) in enumerate(moments, 1))
    return World(sites, tuple(story for each in told if (story := _unless_silent(each, sites)) is not None), days)


def _unless_silent(story: Story, papers: tuple[Paper, ...]) -> Story | None:
    """A story as far as its paper comes to tell it."""
    trouble = papers[story.paper].trouble
    if trouble is None or trouble.kind != "silent":
        return story
    said = tuple(version for version in story.versions if not trouble.lasts(version.since))
    return replace(story, versions=said) if said else None


def _paper(number: int, days: int, dice: random.Random) -> Paper:
    feeds: tuple[Feed, ...] = ("rss", "atom", "json", "rss", "none")
    maps: tuple[Sitemap, ...] = ("news", "none", "plain", "index", "none")
    feed = feeds[number % len(feeds)]
    sitemap = maps[(number // 2) % len(maps)]
    outages = tuple((at, at + dice.randrange(1, 5) * HOUR) for at in sorted(_outages(days, dice)))
    dated = (feed in {"atom", "json"} or sitemap != "none") and number % 3 != 2
    packings: tuple[Packing, ...] = ("gzip", "br", "none")
    return Paper(number, feed, sitemap, packings[number % 3], dated, number % 4 != 3, (0, 2, 5)[number % 3], outages)


def _outages(days: int, dice: random.Random) -> list[int]:
    return [_settled(dice.randrange(DAY, days * DAY)) for _ in range(days // 10)] if days > 1 else []


def _story(paper: Paper, number: int, at: int, days: int, sentences: tuple[str, ...], dice: random.Random) -> Story:
    topic, place, person = (dice.choice(_WORDS[kind]) for kind in ("topics", "places", "people"))
    mark = f"{topic.split()[1]}{number}{place}".replace(" ", "").lower()
    title = f"{topic.capitalize()} de {place} estrena su expediente número {number}"
    first = f"{topic.capitalize()} de {place} entregó ayer el expediente {mark}, según contó {person} a los vecinos."
    body = [first, *(" ".join(dice.sample(sentences, 3)) for _ in range(dice.randrange(4, 8)))]
    versions = [Version(at, tuple(body))]
    for when in _edits(paper, at, days, dice):
        body = [*body[:-1], f"Actualización {len(versions)}: {person} corrigió la cifra {mark} el mismo día."]
        body.append(" ".join(dice.sample(sentences, 3)))
        versions.append(Version(when, tuple(body)))
    last = versions[-1].since
    fate = dice.random()
    moved = last + dice.randrange(6, 48) * HOUR if fate < 0.04 else None
    gone = last + dice.randrange(12, 96) * HOUR if fate > 0.96 else None
    return Story(paper.number, number, title, person, dice.choice(SECTIONS), mark, tuple(versions), moved, gone)


def _edits(paper: Paper, at: int, days: int, dice: random.Random) -> list[int]:
    """When a story is edited: anywhere in its first days where the paper says so, else between second looks."""
    if dice.random() > 0.25:
        return []
    if paper.dated:
        moments = sorted(_settled(at + dice.randrange(2 * HOUR, paper.telling)) for _ in range(dice.randrange(1, 3)))
        apart = [moment for n, moment in enumerate(moments) if n == 0 or moment - moments[n - 1] >= 3 * HOUR]
    else:
        apart = [at + age for age in QUIET_EDITS[: dice.randrange(1, 4)]]
    return [moment for moment in apart if moment < days * DAY]


def _settled(moment: int) -> int:
    """A moment of the same hour at which something may happen."""
    return moment - moment % HOUR + moment % STILL


def _slug(title: str) -> str:
    plain = title.lower().translate(str.maketrans("áéíóúñü", "aeiounu"))
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split()[:8])
