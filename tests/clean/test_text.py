"""Cleaning dumps, on the repository's own seeds and on texts written here."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import Outcome, Page
from archive.reasons import Reason
from scraper.clean import clean
from scraper.clean.decode import decode
from scraper.clean.kit import load_kit

SEEDS = Path(__file__).parents[2] / "seeds"
KIT = load_kit()


def dump(text: str | bytes, **given: str) -> Page:
    body = text if isinstance(text, bytes) else text.encode()
    return Page("a.txt", body, "text/plain", "2031-06-01T00:00:00Z", "manifest", **given)  # type: ignore[arg-type]


def seed(name: str) -> Outcome:
    return clean(dump(next(SEEDS.glob(f"{name}*")).read_bytes()), KIT)


def kept(outcome: Outcome) -> list[int]:
    return [line.number for line in outcome.lines if line.fate == "kept"]


def field(outcome: Outcome, name: str) -> object:
    assert outcome.article is not None, outcome.complaint
    found = outcome.article.fields.get(name)
    return found.value if found else None


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("01-", [11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31]),
        ("02-", list(range(3, 15))),
        ("03-", list(range(1, 11))),
        ("04-", [10]),
        ("05-", [13, 15, 17, 19, 21, 23, 25, 27, 29, 31]),
        ("07-", [22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46]),
        ("08-", [22, 24, 26, 28, 30, 32, 34, 36]),
    ],
)
def test_a_seed_comes_out_exactly(name: str, numbers: list[int]) -> None:
    assert kept(seed(name)) == numbers


@pytest.mark.parametrize(
    ("notice", "rule"),
    [
        ("Si compras algo por estos enlaces, podemos recibir una comisión, que a ti no te cuesta.", "es.small-print"),
        ("Estas cookies permiten saber qué páginas se leen más y cuáles menos, sin decir quién.", "es.cookie-notice"),
        ("Apoya el periodismo independiente: hazte socio y recibe la carta de la directora.", "es.appeal"),
    ],
)
def test_a_notice_below_an_article_goes_by_its_rule(notice: str, rule: str) -> None:
    whole = next(SEEDS.glob("02-*")).read_text("utf-8").rstrip("\n")
    outcome = clean(dump(f"{whole}\n{notice}\n"), KIT)
    assert kept(outcome) == kept(seed("02-"))
    assert (outcome.lines[-1].fate, outcome.lines[-1].rule) == ("dropped", rule)


def test_fields_of_a_whole_page() -> None:
    outcome = seed("01-")
    lines = {line.number: line for line in outcome.lines}
    assert field(outcome, "title") == lines[4].text
    assert field(outcome, "section") == "Ciencia"
    assert field(outcome, "description") == lines[6].text
    assert field(outcome, "language") == "es"
    assert lines[9].fate == "caption"
    assert lines[33].rule == "es.most-read"
    assert lines[37].rule in {"es.teaser-button", "es.read-more"}


def test_fields_of_an_agency_text() -> None:
    outcome = seed("02-")
    assert field(outcome, "authors") == ("Marta Iruela", "Joan Despuig", "Hana Okoro", "Luis de la Torre")
    assert str(field(outcome, "title")).startswith("La presa de Calarredonda")
    fates = {line.number: line.rule for line in outcome.lines}
    assert fates[16] == "en.rights"
    assert fates[17] == "es.contributors"


def test_a_text_without_a_title_has_none() -> None:
    assert field(seed("03-"), "title") is None


def test_every_line_is_accounted_for_as_it_is() -> None:
    for path in SEEDS.glob("*.txt"):
        text = decode(path.read_bytes(), "text/plain", None).text
        expected = [(n, line.rstrip()) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        outcome = clean(dump(path.read_bytes()), KIT)
        assert [(line.number, line.text) for line in outcome.lines] == expected, path.name
        assert all(line.rule for line in outcome.lines)


def test_cleaning_a_cleaned_text_changes_nothing() -> None:
    for path in SEEDS.glob("*.txt"):
        once = clean(dump(path.read_bytes()), KIT)
        if once.article is not None:
            twice = clean(dump(once.article.text), KIT)
            assert twice.article is not None, path.name
            assert twice.article.text == once.article.text, path.name


def test_the_order_and_company_of_pages_do_not_matter() -> None:
    pages = [dump(path.read_bytes()) for path in sorted(SEEDS.glob("*.txt"))]
    forth = [clean(page, KIT) for page in pages]
    back = [clean(page, load_kit()) for page in reversed(pages)][::-1]
    assert forth == back


BRIEF = (
    "Los bomberos de Olmedilla rescataron el martes a un perro que llevaba dos días atrapado en un pozo seco. "
    "El animal, de raza desconocida, está sano y espera dueño en el refugio municipal."
)
MENU = (
    "Inicio\nDeportes\nEconomía\nCultura\nSuscríbete\nIniciar sesión\nBuscar\nEdición impresa\nClasificados\nContacto\n"
)


def test_a_brief_is_an_article() -> None:
    outcome = clean(dump(BRIEF), KIT)
    assert outcome.article is not None, outcome.complaint
    assert outcome.article.text == BRIEF


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.EMPTY),
        (" \n\t\n ", Reason.EMPTY),
        (MENU, Reason.NO_ARTICLE),
        (
            "Página no encontrada\n\nLa página que buscas no existe o ha cambiado de sitio.\n\nVolver a la portada",
            Reason.ERROR_PAGE,
        ),
        ("404 Not Found\n\nnginx", Reason.ERROR_PAGE),
        (
            "Verify you are human.\n\nexample.org needs to review the security of your connection before proceeding.",
            Reason.CAPTCHA,
        ),
        ("You need to enable JavaScript to run this app.", Reason.NEEDS_JAVASCRIPT),
        (
            "We value your privacy\nWe and our 812 partners store data on your device.\nAccept all\nReject all",
            Reason.CONSENT,
        ),
        (
            "El puerto cierra\n\nEl puerto de Olmedilla cerró ayer por la tarde.\n\nPara seguir leyendo, suscríbete.",
            Reason.PAYWALL,
        ),
    ],
)
def test_what_is_no_article_says_why(text: str, reason: Reason) -> None:
    outcome = clean(dump(text), KIT)
    assert outcome.article is None
    assert outcome.reason is reason
    assert not kept(outcome)


def test_a_manifests_title_wins_and_leaves_the_text() -> None:
    outcome = clean(dump(f"Un perro en un pozo\n\n{BRIEF}\n", title="Un perro en un pozo"), KIT)
    assert outcome.article is not None
    assert outcome.article.text == BRIEF
    title = outcome.article.fields["title"]
    assert (title.value, title.source) == ("Un perro en un pozo", "manifest")


def test_one_enormous_line_is_read_in_linear_time() -> None:
    text = ("La sesión siguió hasta la noche sin acuerdo alguno. " * 400_000)[:20_000_000]
    start = time.process_time()
    outcome = clean(dump(text), KIT)
    assert outcome.article is not None
    assert time.process_time() - start < 5


def test_very_many_lines_are_judged_in_pieces() -> None:
    text = (BRIEF + "\n" + MENU) * 4000
    outcome = clean(dump(text), KIT)
    assert len(outcome.lines) == 4000 * 11


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=400))
def test_any_text_gives_an_outcome_that_is_no_crash(text: str) -> None:
    outcome = clean(dump(text.encode("utf-8", "replace")), KIT)
    assert outcome.reason not in {Reason.CRASH, Reason.TOO_DEEP}
    assert outcome.recipe == KIT.recipe


def test_a_recipe_is_the_same_for_the_same_rules(tmp_path: Path) -> None:
    assert load_kit().recipe == KIT.recipe
    (tmp_path / "lines").mkdir()
    rule = '[[line]]\nid = "x.y"\nwhy = "Mine."\nis = ["hola"]\n'
    (tmp_path / "lines" / "mine.toml").write_text(rule)
    assert load_kit(tmp_path).recipe != KIT.recipe
