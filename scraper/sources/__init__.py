"""Where pages come from: dumps, HTML files, tables, WARC files, folders of them, standard input."""

from scraper.sources.given import SourceOptions
from scraper.sources.read import pages

__all__ = ["SourceOptions", "pages"]
