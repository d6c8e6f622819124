"""`python -m scraper.cli` is `hemeroteca`."""

from scraper.cli import main

main()
