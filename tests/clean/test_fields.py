from __future__ import annotations

import pytest

from scraper.clean.bylines import find_byline, is_name, lone_name
from scraper.clean.dates import moments
from scraper.clean.language import language_of
from scraper.rules.lines import load_line_rules

RULES = load_line_rules()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Por Elena Ruiz de la Torre", ("Elena Ruiz de la Torre",)),
        ("Por Ana Roldán, Pío Lemos y Marta Solís, Agencia Norte", ("Ana Roldán", "Pío Lemos", "Marta Solís")),
        ("By Ann van der Lark", ("Ann van der Lark",)),
        ("By ANN LARK and TOM WREN, Associated Press", ("Ann Lark", "Tom Wren")),
        ("By Dana O’Neil-Smith For The Courier", ("Dana O’Neil-Smith",)),
        ("Von Jana Berg und Otto von Stein", ("Jana Berg", "Otto von Stein")),
        ("Par Léa Roux avec AFP", ("Léa Roux",)),
        ("di Anna Rossi", ("Anna Rossi",)),
        ("Por Ana Souza | 3 de maio de 2031", ("Ana Souza",)),
        ("Por Ana Roldán, corresponsal", ("Ana Roldán",)),
        ("Por Luis del Olmedo", ("Luis del Olmedo",)),
        ("Por Ana Roldán / Pío Lemos", ("Ana Roldán", "Pío Lemos")),
        ("Por Pedro Ansúrez Gil Publicado Jul 23, 2031", ("Pedro Ansúrez Gil",)),
        ("Por Carla Mora E.", ("Carla Mora E.",)),
        ("By Dana Smith-Vale December 22, 2031", ("Dana Smith-Vale",)),
        ("By Dana ValePublished: Dec 22, 2031 10:55 AM", ("Dana Vale",)),
        ("ByDana Vale", ("Dana Vale",)),
        ("By Dana McVale", ("Dana McVale",)),
        ("By Dana Vale, Harbour Reporter", ("Dana Vale",)),
        ("Por María del Carmen Ansúrez de la Ría y Solís", ("María del Carmen Ansúrez de la Ría y Solís",)),
        ("Por Ana Roldán y Luis Lemos y Solís", ("Ana Roldán", "Luis Lemos y Solís")),
        ("Por Josep Roure i Solà", ("Josep Roure i Solà",)),
        ("Por Ana Roldán y EFE", ("Ana Roldán",)),
        ("Por ANA ROLDÁN Y SOLÍS", ("Ana Roldán y Solís",)),
    ],
)
def test_names_in_bylines(line: str, names: tuple[str, ...]) -> None:
    assert find_byline([line], RULES.vocabulary) == (0, names)


@pytest.mark.parametrize(
    "line",
    [
        "Por Redacción",
        "By Reuters",
        "By Money Reporter",
        "Por eso dijo que no",
        "By then the boats had gone",
        "Por La Rioja",
        "de Madrid",
        "Von dort aus fuhr der Zug",
        "Elena Ruiz",
        "",
    ],
)
def test_what_is_no_byline(line: str) -> None:
    assert find_byline([line], RULES.vocabulary) is None


TEXT = "El muelle de la ría se cerrará hasta la primavera, dijo el alcalde, que prometió guardar la imagen del puerto."


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["Comarca", "Soila Roldán"], (1, ("Soila Roldán",))),
        (["26 Abril 2031 20:04 | Óscar Lemos Delgado"], (0, ("Óscar Lemos Delgado",))),
        (["Soila Roldán", "Soila Roldán"], (0, ("Soila Roldán",))),
        (["Soila Roldán", "Pío Lemos"], None),
        (["Efe Efe"], None),
        (["Imagen del Puerto"], None),
        (["Guardar La Noticia Entera Ahora"], None),
        (["Reuters Norte"], None),
        (["Una frase cualquiera."], None),
    ],
)
def test_a_name_alone_between_headline_and_text(lines: list[str], found: tuple[int, tuple[str, ...]] | None) -> None:
    assert lone_name(lines, ["Se cierra el muelle", *lines, TEXT], RULES.vocabulary) == found


def test_a_name_that_the_text_speaks_of_is_no_author() -> None:
    page = ["Se cierra el muelle", "Soila Roldán", f"{TEXT} Soila Roldán, la farera, lo lamenta."]
    assert lone_name(page[1:2], page, RULES.vocabulary) is None


def test_particles_belong_to_names() -> None:
    assert is_name("Ludwig van Beethoven")
    assert is_name("María de los Ángeles Pérez")
    assert not is_name("Beethoven")
    assert not is_name("la casa Blanca")
    assert not is_name("Uno dos Tres cuatro")


@pytest.mark.parametrize(
    ("line", "iso"),
    [
        ("Publicado el 3 de mayo de 2031", ["2031-05-03"]),
        ("Publicado el 3 de mayo de 2031 a las 10:20", ["2031-05-03T10:20"]),
        ("May 3, 2031 at 5:07 p.m. EST", ["2031-05-03T17:07"]),
        ("3. Mai 2031, 10.20 Uhr", ["2031-05-03T10:20"]),
        ("le 3 août 2031 à 9h05", ["2031-08-03T09:05"]),
        ("2031-05-03T10:20:11+02:00", ["2031-05-03T10:20+02:00"]),
        ("2031-05-03T10:20Z", ["2031-05-03T10:20+00:00"]),
        ("27 Apr 2031, 9:37 AM (GMT)", ["2031-04-27T09:37+00:00"]),
        ("2031年5月3日 10:20", ["2031-05-03T10:20"]),
        ("14/03/2031", ["2031-03-14"]),
        ("03/14/2031", ["2031-03-14"]),
        ("3.4.2031", ["2031-04-03"]),
        ("03/04/2031", []),
        ("31/02/2031", []),
        ("in May 1999 3 of 4 voted", []),
        ("el año 2031", []),
        ("Published: 12:37, 21 December 2031 | Updated: 15:26, 22 December 2031", ["2031-12-21", "2031-12-22"]),
    ],
)
def test_dates_are_as_precise_as_they_are_printed(line: str, iso: list[str]) -> None:
    assert [moment.iso for moment in moments(line, RULES.months)] == iso


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("El ayuntamiento apagará las farolas del paseo durante seis semanas para proteger a las aves.", "es"),
        ("The council will switch off the lamps on the promenade for six weeks to protect the birds.", "en"),
        ("Die Stadt schaltet die Laternen an der Promenade sechs Wochen lang ab, um die Vögel zu schützen.", "de"),
        ("Il comune spegnerà i lampioni del lungomare per sei settimane per proteggere gli uccelli marini.", "it"),
        ("Byrådet slukker lygterne langs havnen i seks uger for at beskytte de unge havfugle mod lyset.", "da"),
        ("12 34 56 78 90", None),
        ("Hola", None),
    ],
)
def test_language(text: str, tag: str | None) -> None:
    assert language_of(text) == tag
