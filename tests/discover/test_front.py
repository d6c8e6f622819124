"""Front pages: articles told from sections, services and other sites, in any language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.discover.autodiscover import feeds, sections, sitemaps, usual_feeds, usual_sitemaps
from scraper.discover.found import Problem
from scraper.discover.front import MOST, front
from scraper.rules.discovery import load_habits

HABITS = load_habits()
URL = "https://www.elfaro.example/"

PAGE = """<!doctype html><html lang="es"><head><meta charset="utf-8"><title>El Faro</title>
<link rel="alternate" type="application/rss+xml" title="Portada" href="/rss/portada.xml">
<link rel="alternate" type="application/atom+xml" href="/atom.xml?utm_source=x">
<link rel="alternate" type="application/rss+xml" title="Comentarios" href="/comments/feed/">
<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
<link rel="alternate" hreflang="en" href="https://www.elfaro.example/en/">
<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)"></head><body>
<header><a href="/"><img src="/logo.png" alt="El Faro, diario de la costa y del interior"></a>
<nav><ul><li><a href="/mundo/">Mundo</a></li><li><a href="/economia/">Economía</a></li>
<li><a href="/deportes/futbol/">Fútbol</a></li><li><a href="/a-fondo">A fondo</a></li><li><a
href="/tag/elecciones">Elecciones</a></li>
<li><a href="/suscripciones/">Suscríbete</a></li><li><a href="https://tienda.elfaro.example/">Tienda</a></li>
<li><a href="/buscar?q=">Buscar</a></li></ul></nav></header>
<main>
<article><h2><a href="/mundo/2031/05/03/la-veda-del-arenque.html">La veda del arenque se retrasa otra vez</a></h2>
<a href="/mundo/2031/05/03/la-veda-del-arenque.html#comentarios">12</a><a
href="/autor/benedita-salgueiro/">Benedita Salgueiro</a></article>
<article><h3><a href="/nota-20456.html">Farolas</a></h3></article>
<div class="teaser"><a
href="/cultura/un-relojero-absuelto-por-el-jurado">El jurado absuelve al relojero de la catedral</a></div>
<div><a href="/noticia.php?id=123456&utm_source=portada"><img src="/a.jpg"
alt="El puerto apaga sus farolas esta noche"></a></div>
<ol><li><a
href="https://www.elfaro.example/local/puerto-alarcon-apaga-sus-farolas-para-que-vuelvan/"
>Puerto Alarcón apaga sus farolas</a>
</li></ol>
<a
href="https://otro.example/2031/05/03/una-noticia-de-otro-periodico">Una noticia de otro periódico que no es este</a>
<a href="/hemeroteca/2031/05/">Mayo de 2031</a><a href="/page/2/">Siguiente</a><a
href="/foto-del-dia.jpg">La foto del día de hoy en grande</a>
<a href="mailto:redaccion@elfaro.example">Escriba a la redacción del periódico</a>
</main><footer><a href="/aviso-legal/">Aviso legal y condiciones de uso del sitio</a><a
href="/quienes-somos/">Quiénes somos</a>
<a href="/rss/">RSS</a><a href="/politica-de-privacidad">Política de privacidad</a></footer></body></html>"""

ARTICLES = [
    "https://www.elfaro.example/mundo/2031/05/03/la-veda-del-arenque.html",
    "https://www.elfaro.example/nota-20456.html",
    "https://www.elfaro.example/cultura/un-relojero-absuelto-por-el-jurado",
    "https://www.elfaro.example/noticia.php?id=123456",
    "https://www.elfaro.example/local/puerto-alarcon-apaga-sus-farolas-para-que-vuelvan/",
]


def test_the_articles_of_a_front_page_and_nothing_else() -> None:
    found = front(PAGE.encode(), URL, HABITS)
    assert [link.url for link in found.links] == ARTICLES
    assert found.links[0].title == "La veda del arenque se retrasa otra vez"
    assert found.links[3].title == "El puerto apaga sus farolas esta noche"
    assert {(link.method, link.via) for link in found.links} == {("front", URL)}
    assert found.passed == 15


@pytest.mark.parametrize(
    ("menu", "path", "headline"),
    [
        ("Welt", "/welt/oberwalden-stellt-seine-uhr-ab-a-11fe0c21.html", "Oberwalden stellt seine Kirchturmuhr ab"),
        ("Monde", "/monde/article/2031/05/03/les-habitants_6541234_32.html", "Les habitants rachètent leur épicerie"),
        ("国际", "/20310503/c90012-40512345.html", "灯塔之城的最后一位点灯人退休了"),
        ("Мир", "/news/2031/05/03/fonarshchik/", "Последний фонарщик города ушёл на пенсию"),
        ("عالم", "/world/2031/5/3/اخر-مشعل-مصابيح", "آخر مشعل مصابيح في المدينة يتقاعد"),
        ("Maailma", "/uutiset/art-2000010561234.html", "Kaupungin viimeinen lyhtymies jää eläkkeelle"),
    ],
)  # fmt: skip
def test_no_language_is_needed(menu: str, path: str, headline: str) -> None:
    page = (
        f'<nav><a href="/s1/">{menu}</a></nav><div><a href="{path}">{headline}</a></div>'
        f'<footer><a href="/s2/">{menu}</a></footer>'
    )
    found = front(page.encode(), URL, HABITS)
    assert len(found.links) == 1
    assert found.links[0].title in (headline, None)


def test_links_are_relative_to_the_base_of_the_page() -> None:
    page = '<base href="https://www.elfaro.example/x/"><h2><a href="y/una-nota-de-hoy-mismo">Una nota de hoy</a></h2>'
    assert [link.url for link in front(page.encode(), URL, HABITS).links] == [
        "https://www.elfaro.example/x/y/una-nota-de-hoy-mismo"
    ]


def test_no_page_and_too_many_links() -> None:
    assert front(b" ", URL, HABITS).problem is Problem.EMPTY
    assert front(b"\x89PNG\r\n\x1a\n\x00", URL, HABITS).links == ()
    calendar = "".join(f'<a href="/agenda/2031/05/03/hora-{n}">x</a>' for n in range(MOST + 5))
    found = front(calendar.encode(), URL, HABITS)
    assert (len(found.links) + found.passed, found.problem) == (MOST, Problem.TOO_MANY)


def test_feeds_of_a_page() -> None:
    found = feeds(PAGE.encode(), URL, HABITS)
    assert [(place.url, place.how, place.title) for place in found] == [
        ("https://www.elfaro.example/rss/portada.xml", "link", "Portada"),
        ("https://www.elfaro.example/atom.xml", "link", None),
        ("https://www.elfaro.example/rss/", "anchor", "RSS"),
    ]
    assert usual_feeds(URL, HABITS)[0].url == "https://www.elfaro.example/feed/"


def test_sections_of_a_page() -> None:
    assert [(place.url, place.title) for place in sections(PAGE.encode(), URL, HABITS)] == [
        ("https://www.elfaro.example/mundo/", "Mundo"),
        ("https://www.elfaro.example/economia/", "Economía"),
        ("https://www.elfaro.example/deportes/futbol/", "Fútbol"),
        ("https://www.elfaro.example/a-fondo", "A fondo"),
    ]


def test_sitemaps_of_robots() -> None:
    robots = (
        "\ufeffUser-agent: *\nDisallow: /x\nSITEMAP : https://www.elfaro.example/s.xml # uno\n"
        "Sitemap: /news.xml\nsitemap: ftp://x\n"
    )
    assert [place.url for place in sitemaps(robots.encode(), URL, HABITS)] == [
        "https://www.elfaro.example/s.xml",
        "https://www.elfaro.example/news.xml",
    ]
    assert "https://www.elfaro.example/sitemap.xml" in {place.url for place in usual_sitemaps(URL, HABITS)}


@given(st.text(max_size=200))
def test_any_page_gives_an_answer(noise: str) -> None:
    page = f'<a href="{noise}">{noise}</a>{noise}<h2><a href="/a/una-nota-de-hoy-mismo">Una nota de hoy</a></h2>'
    body = page.encode("utf-8", "replace")
    for link in front(body, URL, HABITS).links:
        assert link.url.startswith("https://www.elfaro.example") or ".elfaro.example" in link.url
    feeds(body, URL, HABITS)
    sections(body, URL, HABITS)
