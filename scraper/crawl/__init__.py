"""A crawl: pure deciders (what is due, what an address came to), and the thin effects that carry them out."""
