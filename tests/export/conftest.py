"""An archive of a few articles that try every format."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_samples import page, store, text

NASTY = (
    '=HYPERLINK("http://evil.example")\n# no heading\n1. no list\n*a* _b_ [c](d) <script>alert(1)</script> &amp; `e`'
)

ODD = {"title": "@cmd|' /C calc'!A0", "authors": ["-Ana", "Luis; Juan"], "published": "2025-08"}


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs. Ids: 1 rain, 2 harbour (English), 3 nasty, 4 undated dump, 5 and 6 of the second run."""
    folder = tmp_path_factory.mktemp("export") / "archive"
    day = "2025-07-{:02}T08:00:00Z".format
    first = [
        page("a.txt", _said("lluvia", "La lluvia en Perú", "2025-07-01", "es-PE"), "https://www.example.org/a", day(1)),
        page(
            "b.txt", _said("harbour", "The harbour", "2025-07-02T10:00:00+02:00", "en"), "https://b.example/x", day(2)
        ),
        page(
            "c.txt",
            {"text": NASTY, "fields": ODD},
            "https://example.org/c?q=a b&c=<d>",
            day(3),
        ),
        page("d.txt", text("suelto", 30)),
    ]
    second = [
        page(
            "a2.txt", _said("lluvia", "La lluvia en Perú", "2025-07-01", "es-PE"), "https://example.org/a-again", day(5)
        ),
        page("e.txt", _said("sequía", "La sequía", "2026", "es"), "https://example.org/e", day(6)),
        page("e2.txt", _said("sequía larga", "La sequía larga", "2026", "es"), "https://example.org/e", day(7)),
    ]
    store(folder, first)
    store(folder, second)
    return folder


def _said(word: str, title: str, published: str, language: str) -> dict[str, object]:
    return {"text": text(word, 40), "fields": {"title": title, "published": published, "language": language}}
