"""Cleaning: from a page's bytes to its article, with every line accounted for.

`clean` is pure: no clock, no network, no memory of other pages. The same page and kit give an equal outcome, alone or
in company.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.model import Outcome, Page
from archive.reasons import Reason

if TYPE_CHECKING:
    from scraper.clean.kit import Kit


def clean(page: Page, kit: Kit) -> Outcome:
    """Clean one page. Raises nothing: a page that cannot be cleaned gives an outcome with its reason."""
    from scraper.clean.decode import Undecodable, decode

    try:
        decoded = decode(page.body, page.media_type, page.charset)
        if page.media_type == "text/html":
            from scraper.clean.html import clean_html

            return clean_html(page, decoded, kit)
        from scraper.clean.text import clean_text

        return clean_text(page, decoded.text, kit)
    except Undecodable as error:
        return Outcome(recipe=kit.recipe, reason=error.reason, error=error.message)
    except RecursionError:
        return Outcome(recipe=kit.recipe, reason=Reason.TOO_DEEP, error="nested beyond what can be walked")
    except Exception as error:  # one bad page never stops a run; its reason is stored and shown
        return Outcome(recipe=kit.recipe, reason=Reason.CRASH, error=f"{type(error).__name__}: {error}")
