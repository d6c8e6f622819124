"""Which articles are taken along: what a search takes, in one record that all formats share.

It stands alone, since the command line needs it to say what its options are, and has to answer at once.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Selection:
    """What a search takes; what is None or empty does not narrow it. Articles that were superseded are left out.

    `sites` are hosts without `www.`; `first_day` and `last_day` are days, months or years of publication, both
    inclusive, and leave out what is undated; `language` is a BCP 47 tag, `es` takes `es-PE` too; `query` is what is
    typed into a search (`archive.terms`), and without a word finds nothing; `section` and `author` are taken to the
    letter; `since_run` takes what no earlier run had found.
    """

    sites: tuple[str, ...] = ()
    first_day: str | None = None
    last_day: str | None = None
    language: str | None = None
    query: str | None = None
    since_run: int | None = None
    section: str | None = None
    author: str | None = None

    @property
    def everything(self) -> bool:
        """Whether it narrows nothing."""
        return self == Selection()
