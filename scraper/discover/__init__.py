"""Finding articles: from the bytes of feeds, sitemaps and front pages to links.

All of it is pure but `explore`, which is handed the function that fetches. What is known of the habits of sites is
data: `scraper/rules/discovery.toml`, loaded once by `scraper.rules.discovery.load_habits` and handed in.
"""
