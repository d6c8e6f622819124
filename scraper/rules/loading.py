"""All rules there are for an archive: the shipped ones, its own, and what was learned about its sites."""

from __future__ import annotations

from pathlib import Path

from scraper.rules import sites as site_rules
from scraper.rules.learned import Learned, load_learned
from scraper.rules.lines import SHIPPED, LineRules, load_line_rules
from scraper.rules.sites import SiteRules, load_site_rules


def load_rules(rules_folder: Path | None) -> tuple[LineRules, SiteRules, Learned]:
    """The rules about lines and sites, an archive's own (its `rules/` folder) winning over the shipped ones.

    Raises RuleError, with file and key, for a rule that cannot be understood.
    """
    lines = load_line_rules(_folders(SHIPPED, rules_folder, "lines"))
    imported = [] if rules_folder is None else [rules_folder / site_rules.IMPORTED]
    sites = load_site_rules([*imported, *_folders(site_rules.SHIPPED, rules_folder, "sites")])
    return lines, sites, load_learned(rules_folder)


def _folders(shipped: Path, rules_folder: Path | None, kind: str) -> list[Path]:
    """Where rules of a kind lie, an archive's own last."""
    own = rules_folder / kind if rules_folder is not None else None
    return [shipped, own] if own is not None and own.is_dir() else [shipped]
