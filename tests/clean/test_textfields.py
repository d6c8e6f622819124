"""Titles of dumps, on lines whose probabilities are given."""

from __future__ import annotations

import numpy as np
import pytest

from archive.model import Page
from scraper.clean.features import rule_hits
from scraper.clean.linemodel import Judged
from scraper.clean.shape import clip, shapes, word_counts
from scraper.clean.textfields import find_fields
from scraper.clean.texttitle import find_title
from scraper.rules.lines import load_line_rules

RULES = load_line_rules()
PAGE = Page("a.txt", b"", "text/plain", "2031-06-01T00:00:00Z", "manifest")
TEXT = "El puerto apaga sus farolas de madrugada para que las aves vuelvan al acantilado donde crían cada año."


def judged(lines: list[str], title: list[float]) -> Judged:
    return Judged(
        lines=tuple(lines),
        hits=tuple(rule_hits(lines, RULES)),
        words=word_counts(shapes([clip(line) for line in lines])),
        body=np.array([0.97 if line == TEXT else 0.02 for line in lines], dtype=np.float32),
        title=np.array(title, dtype=np.float32),
    )


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("El puerto se queda a oscuras | Diario del Cabo", "El puerto se queda a oscuras"),
        ("Inicio > Sucesos > El puerto se queda a oscuras", "El puerto se queda a oscuras"),
        ("Inicio » Blog » El puerto se queda a oscuras", "El puerto se queda a oscuras"),
        ("Cabo | Puerto", "Cabo | Puerto"),
        ("2 > 1: el puerto se queda a oscuras > sí", "2 > 1: el puerto se queda a oscuras > sí"),
        ("El puerto, a oscuras: las aves vuelven", "El puerto, a oscuras: las aves vuelven"),
    ],
)
def test_a_title_comes_without_its_path_and_the_site_behind_a_bar(line: str, title: str) -> None:
    page = judged([line, TEXT, TEXT], [0.9, 0.0, 0.0])
    found = find_fields(PAGE, page, 0, [False, True, True], RULES)
    assert found.fields["title"].value == title


def test_breadcrumbs_below_the_text_name_no_title() -> None:
    lines = [
        "El puerto se queda a oscuras",
        TEXT,
        "Inicio se abre en una ventana nueva",
        "se abre en una ventana nueva",
    ]
    assert find_title(PAGE, judged(lines, [0.96, 0.0, 0.0, 0.01]), RULES) == 0


def test_breadcrumbs_over_the_text_name_the_title() -> None:
    lines = [
        "Inicio Sucesos El puerto se queda a...",
        "Sucesos",
        "El puerto se queda a oscuras",
        "Otro titular",
        TEXT,
    ]
    assert find_title(PAGE, judged(lines, [0.0, 0.0, 0.1, 0.9, 0.0]), RULES) == 2


@pytest.mark.parametrize(
    "path",
    [
        "InicioSucesosEl puerto se queda a oscuras",
        "Inicio / Sucesos / El puerto se queda a oscuras",
        "El puerto se queda...",
    ],
)
def test_the_headline_stands_whole_beside_its_path(path: str) -> None:
    lines = [path, "Suscríbete", "El puerto se queda a oscuras", "Las aves vuelven", TEXT]
    assert find_title(PAGE, judged(lines, [0.7, 0.0, 0.2, 0.05, 0.0]), RULES) == 2


def test_a_headline_without_its_beginning_is_not_the_whole() -> None:
    lines = ["Ana Roldán, alcaldesa del cabo, apaga el puerto", "Alcaldesa del cabo apaga el puerto", TEXT]
    assert find_title(PAGE, judged(lines, [0.7, 0.2, 0.0]), RULES) == 0


def test_a_subheading_that_ends_like_the_headline_takes_nothing_from_it() -> None:
    lines = ["El alcalde habla de las farolas: a oscuras", "A oscuras", TEXT]
    assert find_title(PAGE, judged(lines, [0.7, 0.2, 0.0]), RULES) == 0


@pytest.mark.parametrize(
    ("between", "authors"),
    [
        (["Ana Roldán", "03/05/2031 22:46"], ("Ana Roldán",)),
        (["2031-05-03", "Ana Roldán"], ("Ana Roldán",)),
        (["Ana Roldán", "aroldan@faro.example"], ("Ana Roldán",)),
        (["Autor:", "Ana Roldán"], ("Ana Roldán",)),
        (["Autor: Ana Roldán | a@faro.example", "Autor: Pío Lemos | p@faro.example"], ("Ana Roldán", "Pío Lemos")),
        (["Farolas Del Puerto", "03/05/2031 22:46"], None),
    ],
)
def test_names_between_title_and_text(between: list[str], authors: tuple[str, ...] | None) -> None:
    lines = ["La ciudad se queda a oscuras", *between, TEXT, TEXT]
    page = judged(lines, [0.9] + [0.0] * (len(lines) - 1))
    found = find_fields(PAGE, page, 0, [line == TEXT for line in lines], RULES)
    value = found.fields.get("authors")
    assert (value.value if value else None) == authors


ENGLISH = "The harbour turns its lamps off before dawn so that the birds come back to the cliff each year."


@pytest.mark.parametrize(
    ("text", "line", "published"),
    [
        (TEXT, "03/04/2031 a las 18:07", "2031-04-03T18:07"),
        (TEXT, "Publicado el 3-4-2031", "2031-04-03"),
        (ENGLISH, "03/04/2031 at 18:07", None),
        (TEXT, "Entre 3/4/2031 y 5/4/2031", None),
    ],
)
def test_a_day_in_numbers_is_read_as_the_language_of_the_text_has_it(
    text: str, line: str, published: str | None
) -> None:
    lines = ["El puerto se queda a oscuras", line, *[text] * 3]
    seen = judged(lines, [0.9, 0.0, 0.0, 0.0, 0.0])
    fields = find_fields(PAGE, seen, 0, [False, False, True, True, True], RULES).fields
    assert (fields["published"].value if "published" in fields else None) == published
