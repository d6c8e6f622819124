"""An invented paper: pages in one layout, as HTML and as text dumps, and what learning must not fall for."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

SITE = "faro.example"
TOP = ("El Faro de Pontarén", "Portada", "Comarca", "Lonja", "Mareas de hoy en la ría", "Buscar en El Faro")
#: A box that reads like an article: what a classifier alone takes for text.
BOX = (
    "El Faro de Pontarén nació en 1911 en la trastienda de una ferretería y sale cada tarde de la misma calle.",
    "Desde entonces lo han dirigido seis vecinos del barrio, y ninguno de ellos había pisado antes una imprenta.",
)
BOTTOM = ("Quiénes somos", "Aviso legal de El Faro", "Tarifas de publicidad", "Impreso en papel reciclado de la ría")
HEADING = "Lo que dicen los vecinos"
DISCLAIMER = "Los nombres de los testigos se han cambiado para proteger su intimidad, como pide la ley del menor."

_WHO = ("la alcaldesa", "el patrón mayor", "la maestra jubilada", "el farero", "la concejala de Pesca", "el panadero")
_DID = ("anunció", "negó", "recordó ante el pleno", "explicó a los vecinos", "pidió por escrito", "celebró en la plaza")
_WHAT = (
    "que el muelle viejo se cerrará hasta la primavera para cambiar los pilotes",
    "que la lonja subastará por primera vez el pulpo con etiqueta propia",
    "que la línea del tranvía llegará al barrio de la Atalaya antes del verano",
    "que el archivo municipal guarda las cartas de los emigrantes de 1920",
    "que la escuela de música abrirá un aula nueva en el antiguo matadero",
    "que las obras de la traída de agua costarán el doble de lo previsto",
)
_WHERE = ("en Pontarén", "en la ría", "en el barrio alto", "junto al faro", "en la capital", "a bordo del correo")


def sentence(number: int) -> str:
    """A sentence that no other number gives."""
    chance = random.Random(number)
    who, did, what, where = (chance.choice(part) for part in (_WHO, _DID, _WHAT, _WHERE))
    return f"En la jornada número {number}, {who} {did} {where} {what}, según consta en el acta {number * 7}."


def title(number: int) -> str:
    return f"La villa de Pontarén despierta en la jornada {number} con el muelle en obras"


def body(number: int, paragraphs: int = 5) -> list[str]:
    return [f"{sentence(number * 100 + p)} {sentence(number * 100 + 50 + p)}" for p in range(paragraphs)]


@dataclass(frozen=True)
class Story:
    """A page of the paper: what is its own, and what stands around it."""

    number: int
    text: Sequence[str]
    teasers: Sequence[str] = ()

    @property
    def url(self) -> str:
        return f"https://{SITE}/comarca/{self.number}"

    @property
    def lines(self) -> list[str]:
        return [*TOP, title(self.number), *self.text, *BOX, *self.teasers, *BOTTOM]

    @property
    def dump(self) -> bytes:
        return "\n\n".join(self.lines).encode()

    @property
    def html(self) -> bytes:
        text = "".join(f"<p>{line}</p>" for line in self.text)
        box = "".join(f"<p>{line}</p>" for line in BOX)
        menu = "".join(f'<div class="m"><a href="/{n}">{line}</a></div>' for n, line in enumerate(TOP))
        foot = "".join(f"<div><a href=/x/{n}>{line}</a></div>" for n, line in enumerate((*self.teasers, *BOTTOM)))
        return (
            f"<html lang=es><head><title>{title(self.number)}</title></head><body><div>{menu}</div>"
            f"<div class=c><h1>{title(self.number)}</h1>{text}{box}</div><div>{foot}</div></body></html>"
        ).encode()


def stories(count: int, first: int = 1) -> list[Story]:
    return [Story(number, body(number)) for number in range(first, first + count)]
