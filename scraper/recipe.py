"""What made a cleaning: a digest over the cleaner, its libraries, its rules and its models, and nothing else.

It is told without loading any of the models, so that a run that finds nothing to clean costs no more than that.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from scraper.rules.discovery import AddressHabits, load_address_habits
from scraper.rules.hints import Hints, load_hints
from scraper.rules.learned import Learned
from scraper.rules.lines import LineRules
from scraper.rules.loading import load_rules
from scraper.rules.sites import SiteRules

#: Raised whenever the code of `scraper.clean` gives another result for some page with the same rules and models.
CLEANER = 12

#: Libraries whose version may change a result.
LIBRARIES = ("trafilatura", "lxml", "selectolax", "py3langid", "htmldate", "courlan")

MODELS = Path(__file__).parent / "clean" / "models"
#: The forests, in the order in which they stand in a recipe.
FORESTS = (
    "lines-body-1.json",
    "lines-title-1.json",
    "lines-body-2.json",
    "lines-title-2.json",
    "blocks-0.json",
    "blocks-1.json",
    "blocks-2.json",
)


def recipe_with(rules_folder: Path | None = None, *, learned: bool = True) -> str:
    """The recipe of what is shipped, with an archive's own rules; without `learned`, with nothing learned of sites.

    Raises RuleError, with file and key, for a rule that cannot be understood.
    """
    lines, sites, known = load_rules(rules_folder)
    return recipe_of(lines, sites, load_hints(), known if learned else Learned(), load_address_habits())


def recipe_of(lines: LineRules, sites: SiteRules, hints: Hints, learned: Learned, addresses: AddressHabits) -> str:
    """SHA-256, hex, over the cleaner's version, its libraries' versions, these rules and the shipped models."""
    models = [hashlib.sha256((MODELS / name).read_bytes()).hexdigest() for name in ("words.json", *FORESTS)]
    rules = (lines.digest, sites.digest, hints.digest, *models, learned.digest, addresses.digest)
    said = [f"cleaner {CLEANER}", *(f"{name} {_version(name)}" for name in LIBRARIES), *rules]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "absent"
