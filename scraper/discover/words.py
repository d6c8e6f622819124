"""The titles and dates that feeds, sitemaps and links carry, made plain."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from scraper.clean.pubdates import stated
from scraper.rules.phrases import fold

LONGEST_TITLE = 500  #: characters

_TAG = re.compile(r"<[A-Za-z/!][^<>]{0,2000}>")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
_MAIL = re.compile(
    r"\s*(?:[^\W\d]{2,12}\.?,?\s+)?(\d{1,2})(?:\s+|-)(?:de\s+)?([^\W\d]{3,12})\.?(?:\s+|-)(?:de\s+)?(\d{4})\s+(\d{1,2}:\d{2}(?::\d{2})?)\s*(\S{0,9})"
)
_OFFSET = re.compile(r"[+-]\d{4}\Z|GMT\Z|UTC\Z|Z\Z")
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def title_of(text: object) -> str | None:
    """A title in one line, without markup, entities and control characters; None where nothing is left."""
    if not isinstance(text, str):
        return None
    plain = html.unescape(_TAG.sub("", text[: 20 * LONGEST_TITLE]))
    return " ".join(_CONTROLS.sub(" ", plain).split())[:LONGEST_TITLE] or None


def moment_of(text: object, months: Mapping[str, int]) -> str | None:
    """A date as ISO 8601, as precise as it is; None where it is none.

    Read are W3C and ISO dates, RFC 5322 also with the weekdays and months of other languages
    (`mié, 12 feb 2025 18:07:00 -0300`), and dates in words. A zone in letters other than GMT and UTC is left out.
    """
    if not isinstance(text, str) or not text.strip():
        return None
    return stated(_in_english(text.strip()[:80], months), months)


def _in_english(text: str, months: Mapping[str, int]) -> str:
    match = _MAIL.match(text)
    month = months.get(" ".join(fold(match[2]))) if match else None
    if match is None or month is None:
        return text
    zone = match[5] if _OFFSET.match(match[5]) else ""
    return f"Mon, {match[1]} {_ENGLISH[month - 1]} {match[3]} {match[4]} {'GMT' if zone == 'Z' else zone}".rstrip()
