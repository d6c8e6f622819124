"""A site's rule file held against its archived pages: what it would change, and whether pinned pages still come out.

Pins are expectations: `rules/pinned/HOST.jsonl` holds for single captures the text that is right.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from archive.errors import RuleError
from archive.model import Outcome, Page
from archive.settle import count_words
from scraper.clean import clean
from scraper.clean.kit import Kit
from scraper.rules.sites import Layout, SiteRules

PINNED = "pinned"
Kind = Literal["same", "changed", "gained", "lost"]
KINDS: tuple[Kind, ...] = ("same", "changed", "gained", "lost")


@dataclass(frozen=True, slots=True)
class Pin:
    """A capture and the text expected of it; "" where it is no article."""

    url: str
    payload_digest: str
    captured_at: str
    text: str


@dataclass(frozen=True, slots=True)
class Tried:
    """One page without and with the rules under test; `expected` is what its pin says, None where it has none."""

    page: Page
    before: str
    after: str
    expected: str | None = None

    @property
    def kind(self) -> Kind:
        """What the rules did to its text; `lost`: there is none any more."""
        if self.before == self.after:
            return "same"
        if not self.after:
            return "lost"
        return "changed" if self.before else "gained"

    @property
    def words(self) -> tuple[int, int]:
        """Words of the text before and after."""
        return count_words(self.before), count_words(self.after)

    @property
    def broken(self) -> bool:
        """Whether a pinned page no longer comes out as expected."""
        return self.expected is not None and self.expected != self.after

    def lines(self) -> Iterator[str]:
        """What the text lost (`-`) and won (`+`), against what is expected, else against before."""
        old = (self.before if self.expected is None else self.expected).split("\n")
        new = self.after.split("\n")
        yield from (f"- {line}" for line in old if line and line not in new)
        yield from (f"+ {line}" for line in new if line and line not in old)

    @property
    def pin(self) -> Pin:
        """The page as it comes out now, as an expectation."""
        return Pin(self.page.url or "", self.page.payload_digest, self.page.captured_at, self.after)


def kits(kit: Kit, host: str, layouts: Sequence[Layout]) -> tuple[Kit, Kit]:
    """The kit without the layouts of the file under test, and with them before all others of the host."""
    origins = {layout.origin for layout in layouts}
    others = tuple(layout for layout in kit.sites.layouts.get(host, ()) if layout.origin not in origins)
    return _with(kit, host, others), _with(kit, host, (*layouts, *others))


def _with(kit: Kit, host: str, layouts: tuple[Layout, ...]) -> Kit:
    return replace(kit, sites=SiteRules({**kit.sites.layouts, host: layouts}, kit.sites.digest))


def tried(pages: Iterable[Page], without: Kit, with_rules: Kit, pins: Iterable[Pin]) -> Iterator[Tried]:
    """Each HTML page, cleaned twice; site rules have nothing to say of text dumps."""
    expected = {(pin.url, pin.payload_digest): pin.text for pin in pins}
    for page in pages:
        if page.media_type == "text/html":
            key = (page.url or "", page.payload_digest)
            yield Tried(page, _text(clean(page, without)), _text(clean(page, with_rules)), expected.get(key))


def _text(outcome: Outcome) -> str:
    return outcome.article.text if outcome.article else ""


def read_pins(rules: Path, host: str) -> list[Pin]:
    """The pins of a host; none where it has no file."""
    path = rules / PINNED / f"{host}.jsonl"
    try:
        return [Pin(**json.loads(row)) for row in path.read_text(encoding="utf-8").split("\n") if row]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise RuleError(f"{path}: cannot be read: {error}; `hemeroteca rules test --pin` writes it anew") from error


def write_pins(rules: Path, host: str, pins: Iterable[Pin]) -> int:
    """Add pins, a later one in place of an earlier one of the same capture; returns how many there are now."""
    path = rules / PINNED / f"{host}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = {(pin.url, pin.payload_digest): pin for pin in (*read_pins(rules, host), *pins)}
    rows = [json.dumps(asdict(known[key]), ensure_ascii=False) + "\n" for key in sorted(known)]
    partial = path.with_name(path.name + ".part")
    partial.write_text("".join(rows), encoding="utf-8")
    partial.replace(path)
    return len(known)
