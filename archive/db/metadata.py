"""What Datasette says about an archive: one source, written as `metadata.json` and `settings.json` beside `news.db`.

The form is Datasette 0.65's. Search text is always a valid FTS query: each word is quoted.
"""

from __future__ import annotations

from pathlib import Path


def write(folder: Path) -> None:
    """Make `datasette FOLDER` pleasant; what is there already may be a person's, and stays."""
