"""What is kept, and how it is found again.

This package imports nothing of `scraper`; it opens an archive without trafilatura or httpx.
"""
