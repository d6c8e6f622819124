from __future__ import annotations

from pathlib import Path

import pytest

from archive.errors import RuleError
from archive.reasons import Reason
from scraper.rules.lines import SHIPPED, LineRule, load_line_rules
from scraper.rules.phrases import Phrase, PhraseIndex, fold, fold_phrase

RULES = load_line_rules()
DROPS = [(rule, line) for rule in RULES.rules for line in rule.drops]
KEEPS = [(rule, line) for rule in RULES.rules for line in rule.keeps]


@pytest.mark.parametrize(("rule", "line"), DROPS, ids=[f"{r.id}: {line[:30]}" for r, line in DROPS])
def test_drops_what_it_says(rule: LineRule, line: str) -> None:
    assert rule.fits(line)
    assert rule in RULES.hits(fold(line))


@pytest.mark.parametrize(("rule", "line"), KEEPS, ids=[f"{r.id}: {line[:30]}" for r, line in KEEPS])
def test_keeps_what_it_says(rule: LineRule, line: str) -> None:
    assert not rule.fits(line)


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_every_rule_says_why_and_shows_both_sides(rule: LineRule) -> None:
    assert rule.why.endswith(".")
    assert rule.drops
    assert rule.keeps


def test_ids_begin_with_their_file() -> None:
    assert {rule.id.partition(".")[0] for rule in RULES.rules} == {path.stem for path in SHIPPED.glob("*.toml")}


@pytest.mark.parametrize("language", ["es", "en", "pt", "fr", "de", "it"])
def test_twelve_months_in_each_language(language: str) -> None:
    assert sorted(set(RULES.months.values())) == list(range(1, 13))
    months = {"es": "agosto", "en": "august", "pt": "agosto", "fr": "aout", "de": "august", "it": "agosto"}
    assert RULES.months[months[language]] == 8


def write(folder: Path, text: str) -> Path:
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return folder


RULE = """
[[line]]
id = "es.menu"
why = "Mine."
is = ["rincón del lector"]
drops = ["Rincón del lector"]
keeps = ["El rincón"]
"""


def test_an_archives_rule_wins_over_the_shipped_one(tmp_path: Path) -> None:
    rules = load_line_rules([SHIPPED, write(tmp_path, RULE)])
    assert [rule.why for rule in rules.rules if rule.id == "es.menu"] == ["Mine."]
    assert rules.rules[0].id == "es.menu"
    assert rules.digest != RULES.digest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[line]]\nid = 'x.y'\nwhy = 'w'\nstart = ['a']\n", "unknown key start (did you mean starts?)"),
        ("[[lines]]\nid = 'x.y'\n", "unknown key lines (did you mean line?)"),
        ("[[line]]\nwhy = 'w'\nis = ['a']\n", "key id"),
        ("[[line]]\nid = 'x.y'\nwhy = 'w'\n", "no phrases"),
        ("[[line]]\nid = 'x.y'\nwhy = 'w'\nis = 'a'\n", "a list of texts"),
        ("[[line]]\nid = 'x.y'\nwhy = 'w'\nis = ['...']\n", "no letter or digit"),
        ("[[line]]\nid = 'x.y'\nwhy = 'w'\nis = ['a']\nfate = 'captoin'\n", "did you mean caption?"),
        ("[[line]]\nid = 'x.y'\nwhy = 'w'\nis = ['a']\nsure = 'yes'\n", "true or false"),
        ("[[line]]\nid = 'x.y'\nwhy = 'w'\nis = ['a']\nmax_words = 0\n", "max_words"),
        ("[[pair]]\nid = 'x.y'\nwhy = 'w'\nis = ['a']\nneighbour = 'left'\n", "none of next, previous"),
        ("[[page]]\nid = 'x.y'\nwhy = 'w'\nis = ['a']\nreason = 'capcha'\n", "did you mean captcha?"),
        ("[line]\nid = 'x.y'\n", "double brackets"),
        ("[words]\nmonths = ['one']\n", "twelve"),
        ("[dates]\nday_firsts = ['es']\n", "did you mean day_first?"),
        ("[dates]\nday_first = 'es'\n", "a list of texts is needed"),
        ("[words]\nmonth = ['one']\n", "did you mean months?"),
        ("not toml at all [", "cannot be read as TOML"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(RuleError) as error:
        load_line_rules([write(tmp_path, text)])
    assert says in str(error.value)
    assert "mine.toml" in str(error.value)
    assert "\n" not in str(error.value)


def test_folding_forgets_case_accents_marks_and_numbers() -> None:
    assert fold("LEER MÁS »") == fold("leer mas...") == ("leer", "mas")
    assert fold("hace 12 minutos") == fold_phrase("hace # minutos")
    assert fold("Foto: Archivo") == ("foto", ":", "archivo")
    assert fold("Photo : Léa Roux") == ("photo", ":", "lea", "roux")
    assert fold("a las 10:20") == ("a", "las", "#", "#")
    assert fold("") == ()


@pytest.mark.parametrize(
    ("place", "line", "fits"),
    [
        ("is", "uno dos", True),
        ("is", "uno dos tres", False),
        ("starts", "uno dos tres", True),
        ("starts", "tres uno dos", False),
        ("ends", "tres uno dos", True),
        ("has", "cero uno dos tres", True),
        ("has", "uno cero dos", False),
        ("has", "a b c d uno dos", False),
    ],
)
def test_places(place: str, line: str, fits: bool) -> None:
    phrase = Phrase(("uno", "dos"), place, 5)  # type: ignore[arg-type]
    assert phrase.fits(fold(line)) is fits
    assert (list(PhraseIndex([(phrase, "it")]).find(fold(line))) == ["it"]) is fits


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ("La plaza (foto: Marta Solís)", True),
        ("Foto: Marta Solís", True),
        ("La foto mostraba la plaza: vacía", False),
        ("Miró la foto:", False),
    ],
)
def test_a_colon_within_a_line_tells_a_label(line: str, fits: bool) -> None:
    phrase = Phrase(("foto", ":"), "has", 10)
    assert phrase.fits(fold(line)) is fits
    assert (list(PhraseIndex([(phrase, "it")]).find(fold(line))) == ["it"]) is fits


def test_what_a_spokesman_says_is_no_small_print() -> None:
    for line in (
        "«No aceptamos ninguna responsabilidad», dijo la empresa, que recibe una comisión por cada venta.",
        "El dato no refleja necesariamente la realidad del barrio, según la alcaldesa.",
        "The company said that the pact should not be construed as an endorsement.",
        "La societé peut percevoir une commission sur chaque vente, selon le juge.",
    ):
        assert not [rule.id for rule in RULES.hits(fold(line)) if rule.sure or rule.firm]


def test_a_page_rule_has_its_reason() -> None:
    (rule,) = [rule for rule in RULES.rules if rule.id == "en.captcha"]
    assert rule.reason is Reason.CAPTCHA
