"""A little world of newspapers that never were: what the crawler is proven on, and measured with."""
