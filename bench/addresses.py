"""How many cases of `tests/rules/addresses.toml` come out right, against courlan, and addresses a second.

usage: python -m bench.addresses

A case is a pair of addresses: two forms of one article have to come out as one, two articles as two. courlan is asked
twice: `clean_url` as its documentation has it, and with `strict`, which drops all parameters it does not know.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

from courlan import clean_url, normalize_url, scrub_url

from scraper.rules.addresses import address, key
from scraper.rules.discovery import load_habits

CASES = Path(__file__).parent.parent / "tests" / "rules" / "addresses.toml"
ROUNDS = 50


def right(
    cases: dict[str, list[dict[str, list[str]]]], form: Callable[[str], str | None], kind: str
) -> tuple[int, int]:
    """How many pairs of a kind come out right, of how many."""
    pairs = [pair for case in cases[kind] for pair in combinations(case["are"], 2)]
    same = sum(form(one) is not None and form(one) == form(other) for one, other in pairs)
    return (same if kind == "same" else len(pairs) - same), len(pairs)


def pace(form: Callable[[str], str | None], urls: list[str]) -> float:
    begun = time.process_time()
    for _ in range(ROUNDS):
        for url in urls:
            form(url)
    return ROUNDS * len(urls) / (time.process_time() - begun)


def strict(url: str) -> str | None:
    try:
        return normalize_url(scrub_url(url), strict=True)
    except (AttributeError, ValueError):
        return None


def main() -> None:
    cases = tomllib.loads(CASES.read_text(encoding="utf-8"))
    habits = load_habits().addresses

    def ours(url: str) -> str | None:
        told = address(url, habits)
        return key(told, habits) if isinstance(told, str) else None

    urls = [url for kind in ("same", "other") for case in cases[kind] for url in case["are"]]
    forms = {"hemeroteca": ours, "courlan": clean_url, "courlan strict": strict}
    paces = {name: pace(form, urls) for name, form in forms.items()}
    for name, form in forms.items():
        (one, ones), (two, twos) = (right(cases, form, kind) for kind in ("same", "other"))
        ratio = paces[name] / paces["courlan"]
        print(f"{name:15} one article {one}/{ones}  two articles {two}/{twos}  {paces[name]:,.0f}/s ({ratio:.2f})")


if __name__ == "__main__":
    main()
