"""Everything cleaning needs besides the page: rules and models, loaded once, with one digest over them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scraper.clean.blockmodel import BlockModel
from scraper.clean.forest import Forest, load_forest
from scraper.clean.wording import Wording, load_wording
from scraper.recipe import MODELS, recipe_of
from scraper.rules.discovery import AddressHabits, load_address_habits
from scraper.rules.hints import load_hints
from scraper.rules.learned import Learned
from scraper.rules.lines import LineRules
from scraper.rules.loading import load_rules
from scraper.rules.sites import SiteRules


@dataclass(frozen=True, slots=True)
class TextModel:
    """The classifiers of text lines: a first look at each line, and a second that sees the first look around it.

    `wording` is what newspapers say in articles and around them.
    """

    first_body: Forest
    first_title: Forest
    body: Forest
    title: Forest
    wording: Wording


@dataclass(frozen=True, slots=True)
class Kit:
    """What `clean` is given with a page. `recipe` is the digest of cleaner, libraries, rules, models and `learned`."""

    lines: LineRules
    sites: SiteRules
    text: TextModel
    blocks: BlockModel
    learned: Learned
    addresses: AddressHabits
    recipe: str


def load_kit(rules_folder: Path | None = None, *, learned: bool = True) -> Kit:
    """The shipped rules and models, with an archive's own rules (its `rules/` folder) winning over them.

    Without `learned`, the kit knows nothing of what the archive learned about its sites: what is learned from.

    Raises RuleError, with file and key, for a rule that cannot be understood.
    """
    lines, sites, known = load_rules(rules_folder)
    wording = load_wording(MODELS / "words.json")
    text, blocks = load_text_model(MODELS, wording), load_block_model(MODELS, wording)
    known = known if learned else Learned()
    addresses = load_address_habits()
    made_by = recipe_of(lines, sites, blocks.hints, known, addresses)
    return Kit(lines=lines, sites=sites, text=text, blocks=blocks, learned=known, addresses=addresses, recipe=made_by)


def load_block_model(folder: Path, wording: Wording) -> BlockModel:
    """The three forests of the classifier of HTML blocks, trained by `bench/train_blocks.py`."""
    glance, first, second = (load_forest(folder / f"blocks-{look}.json") for look in (0, 1, 2))
    return BlockModel(glance, first, second, load_hints(), wording)


def load_text_model(folder: Path, wording: Wording) -> TextModel:
    """The four forests of the line classifier, trained by `bench/train_lines.py`."""
    return TextModel(
        first_body=load_forest(folder / "lines-body-1.json"),
        first_title=load_forest(folder / "lines-title-1.json"),
        body=load_forest(folder / "lines-body-2.json"),
        title=load_forest(folder / "lines-title-2.json"),
        wording=wording,
    )
