"""What made a cleaning: a digest over the cleaner, its libraries, its rules and its models, and nothing else.

It is told without loading any of the models, so that a run that finds nothing to clean costs no more than that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from scraper.rules.discovery import load_address_habits
from scraper.rules.hints import load_hints
from scraper.rules.learned import Learned
from scraper.rules.loading import load_rules

#: Raised whenever the code of `scraper.clean` gives another result for some page with the same rules and models.
CLEANER = 9

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
    models = [hashlib.sha256((MODELS / name).read_bytes()).hexdigest() for name in ("words.json", *FORESTS)]
    known = known if learned else Learned()
    addresses = load_address_habits().digest
    return recipe_of([lines.digest, sites.digest, load_hints().digest, *models, known.digest, addresses])


def recipe_of(digests: Iterable[str]) -> str:
    """SHA-256, hex, over the cleaner's version, its libraries' versions and the digests of rules and models."""
    lines = [f"cleaner {CLEANER}", *(f"{name} {_version(name)}" for name in LIBRARIES), *digests]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "absent"
