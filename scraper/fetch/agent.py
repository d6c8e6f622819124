"""How the crawl calls itself: a name that robots.txt can speak to, and whom to write to."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from scraper.fetch.robots import AGENT


def user_agent(contact: str) -> str:
    """The User-Agent field (RFC 9110, 10.1.5): product, version, and the operator's address as a comment."""
    try:
        number = version("hemeroteca")
    except PackageNotFoundError:
        number = "0"
    return f"{AGENT}/{number} (+{contact})"
