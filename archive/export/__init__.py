"""Ways out of the archive: one file a format."""
