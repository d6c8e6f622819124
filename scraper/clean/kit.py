"""Everything cleaning needs besides the page: rules and models, loaded once, with one digest over them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from scraper.clean.forest import Forest, load_forest
from scraper.rules.lines import SHIPPED, LineRules, load_line_rules

#: Raised whenever the code of `scraper.clean` gives another result for some page with the same rules and models.
CLEANER = 1

#: Libraries whose version may change a result.
LIBRARIES = ("trafilatura", "lxml", "selectolax", "py3langid", "htmldate", "courlan")

MODELS = Path(__file__).parent / "models"


@dataclass(frozen=True, slots=True)
class TextModel:
    """The classifiers of text lines: a first look at each line, and a second that sees the first look around it."""

    first_body: Forest
    first_title: Forest
    body: Forest
    title: Forest


@dataclass(frozen=True, slots=True)
class Kit:
    """What `clean` is given with a page. `recipe` is the digest of cleaner, libraries, rules and models."""

    lines: LineRules
    text: TextModel
    recipe: str


def load_kit(rules_folder: Path | None = None) -> Kit:
    """The shipped rules and models, with an archive's own rules (its `rules/` folder) winning over them.

    Raises RuleError, with file and key, for a rule that cannot be understood.
    """
    folders = [SHIPPED]
    if rules_folder is not None and (rules_folder / "lines").is_dir():
        folders.append(rules_folder / "lines")
    lines = load_line_rules(folders)
    text = load_text_model(MODELS)
    parts = [lines.digest, *(forest.digest for forest in (text.first_body, text.first_title, text.body, text.title))]
    return Kit(lines=lines, text=text, recipe=recipe(parts))


def load_text_model(folder: Path) -> TextModel:
    """The four forests of the line classifier, trained by `bench/train_lines.py`."""
    return TextModel(
        first_body=load_forest(folder / "lines-body-1.json"),
        first_title=load_forest(folder / "lines-title-1.json"),
        body=load_forest(folder / "lines-body-2.json"),
        title=load_forest(folder / "lines-title-2.json"),
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
