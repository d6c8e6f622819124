"""Everything cleaning needs besides the page: rules and models, loaded once, with one digest over them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from scraper.clean.blockmodel import BlockModel
from scraper.clean.forest import Forest, load_forest
from scraper.clean.wording import Wording, load_wording
from scraper.rules import sites as site_rules
from scraper.rules.hints import load_hints
from scraper.rules.learned import Learned, load_learned
from scraper.rules.lines import SHIPPED, LineRules, load_line_rules
from scraper.rules.sites import SiteRules, load_site_rules

#: Raised whenever the code of `scraper.clean` gives another result for some page with the same rules and models.
CLEANER = 7

#: Libraries whose version may change a result.
LIBRARIES = ("trafilatura", "lxml", "selectolax", "py3langid", "htmldate", "courlan")

MODELS = Path(__file__).parent / "models"


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
    recipe: str


def load_kit(rules_folder: Path | None = None, *, learned: bool = True) -> Kit:
    """The shipped rules and models, with an archive's own rules (its `rules/` folder) winning over them.

    Without `learned`, the kit knows nothing of what the archive learned about its sites: what is learned from.

    Raises RuleError, with file and key, for a rule that cannot be understood.
    """
    lines, sites, known = load_rules(rules_folder)
    wording = load_wording(MODELS / "words.json")
    text, blocks = load_text_model(MODELS, wording), load_block_model(MODELS, wording)
    forests = (text.first_body, text.first_title, text.body, text.title, blocks.glance, blocks.first, blocks.second)
    known = known if learned else Learned()
    data = (lines, sites, blocks.hints, wording, *forests, known)
    made_by = recipe([part.digest for part in data])
    return Kit(lines=lines, sites=sites, text=text, blocks=blocks, learned=known, recipe=made_by)


def load_rules(rules_folder: Path | None) -> tuple[LineRules, SiteRules, Learned]:
    """All that is data about lines and sites, without the models."""
    lines = load_line_rules(_folders(SHIPPED, rules_folder, "lines"))
    imported = [] if rules_folder is None else [rules_folder / site_rules.IMPORTED]
    sites = load_site_rules([*imported, *_folders(site_rules.SHIPPED, rules_folder, "sites")])
    return lines, sites, load_learned(rules_folder)


def _folders(shipped: Path, rules_folder: Path | None, kind: str) -> list[Path]:
    """Where rules of a kind lie, an archive's own last."""
    own = rules_folder / kind if rules_folder is not None else None
    return [shipped, own] if own is not None and own.is_dir() else [shipped]


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


def recipe(digests: list[str]) -> str:
    """SHA-256, hex, over the cleaner's version, its libraries' versions and the digests of rules and models."""
    lines = [f"cleaner {CLEANER}", *(f"{name} {_version(name)}" for name in LIBRARIES), *digests]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "absent"
