"""Pages that are not one article: each says what it is, in several languages, and none is stored."""

from __future__ import annotations

import pytest

from archive.reasons import Reason
from tests.clean.test_html import PARAGRAPHS, article, cleaned


def page(title: str, body: str, head: str = "") -> str:
    return (
        f"<!doctype html><html><head><title>{title}</title>{head}</head><body>"
        '<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>'
        f"<main>{body}</main><footer>© 2026 The Example News</footer></body></html>"
    )


ERRORS = {
    "en": ("Page not found", "We are sorry, the page you are looking for could not be found."),
    "es": ("Página no encontrada", "Lo sentimos, la página que buscas no existe o ha cambiado de dirección."),
    "de": ("Seite nicht gefunden", "Die von Ihnen gesuchte Seite konnte leider nicht gefunden werden."),
    "fr": ("Page introuvable", "Désolé, la page que vous recherchez n’existe pas ou a été déplacée."),
    "it": ("Pagina non trovata", "Siamo spiacenti, la pagina che cerchi non esiste o è stata spostata."),
    "pt": ("Página não encontrada", "Desculpe, a página que você procura não existe ou foi movida."),
    "nl": ("Pagina niet gevonden", "Sorry, de pagina die u zoekt bestaat niet of is verplaatst."),
    "pl": ("Nie znaleziono strony", "Przepraszamy, strona, której szukasz, nie istnieje."),
    "ru": ("Страница не найдена", "К сожалению, запрашиваемая страница не существует или была удалена."),
    "tr": ("Sayfa bulunamadı", "Aradığınız sayfa bulunamadı veya kaldırılmış olabilir."),
    "ar": ("الصفحة غير موجودة", "عذرا، الصفحة التي تبحث عنها غير موجودة."),
    "ca": ("Pàgina no trobada", "Ho sentim, la pàgina que busques no existeix."),
}


@pytest.mark.parametrize(("title", "text"), ERRORS.values(), ids=ERRORS.keys())
def test_errors(title: str, text: str) -> None:
    assert cleaned(page(title, f"<h1>404</h1><h2>{title}</h2><p>{text}</p>")).reason is Reason.ERROR_PAGE


@pytest.mark.parametrize("title", ["404", "Error 404", "404 – ページが見つかりません", "500 - Das war nichts"])
def test_a_number_says_error_in_every_language(title: str) -> None:
    text = "<p>申し訳ございません。お探しのページは見つかりませんでした。移動または削除された可能性があります。</p>"
    assert cleaned(page(title, text)).reason is Reason.ERROR_PAGE


def test_a_number_in_a_headline_is_none() -> None:
    body = "".join(f"<p>{p}</p>" for p in PARAGRAPHS[:2])
    for title in ("404 people signed the petition for the lighthouse", "Peugeot 404 found in the harbour of Wexmouth"):
        assert cleaned(page(title, f"<article><h1>{title}</h1>{body}</article>")).article is not None


CONSENT = {
    "en": (
        "We value your privacy",
        "We and our 812 partners store information on a device, such as cookies.",
    ),
    "es": ("Valoramos tu privacidad", "Nosotros y nuestros 812 socios almacenamos información en un dispositivo."),
    "de": ("Wir schätzen Ihre Privatsphäre", "Wir und unsere 812 Partner speichern Informationen auf einem Gerät."),
    "fr": ("Le respect de votre vie privée", "Nous et nos 812 partenaires stockons des informations sur un appareil."),
    "nl": ("Wij hechten waarde aan uw privacy", "Wij en onze 812 partners slaan informatie op een apparaat op."),
    "pl": ("Cenimy Twoją prywatność", "My i nasi 812 partnerzy przechowujemy informacje na urządzeniu."),
}


@pytest.mark.parametrize(("title", "text"), CONSENT.values(), ids=CONSENT.keys())
def test_consent_walls(title: str, text: str) -> None:
    assert cleaned(page("Example", f"<div><h2>{title}</h2><p>{text}</p></div>")).reason is Reason.CONSENT


CAPTCHAS = (
    "Verify that you are human by completing the action below.",
    "Verifica que eres humano completando la siguiente acción.",
    "Bitte bestätigen Sie, dass Sie ein Mensch sind.",
    "Vérifiez que vous êtes humain en effectuant l’action ci-dessous.",
    "Подтвердите, что вы не робот.",
    "Potwierdź, że jesteś człowiekiem.",
)


@pytest.mark.parametrize("text", CAPTCHAS)
def test_challenges(text: str) -> None:
    assert cleaned(f"<html><body><h1>news.example</h1><p>{text}</p></body></html>").reason is Reason.CAPTCHA


SCRIPTS = (
    "Please enable JavaScript to view this site.",
    "Activa JavaScript para ver esta página.",
    "Bitte aktivieren Sie JavaScript, um diese Seite zu sehen.",
    "Veuillez activer JavaScript pour consulter ce site.",
    "Ative o JavaScript para ver este site.",
    "Schakel JavaScript in om deze site te bekijken.",
)


@pytest.mark.parametrize("text", SCRIPTS)
def test_pages_that_ask_for_javascript(text: str) -> None:
    html = f"<html><body><div id=root></div><noscript>{text}</noscript></body></html>"
    assert cleaned(html).reason is Reason.NEEDS_JAVASCRIPT


WALLS = {
    "en": "Subscribe to continue reading. Already a subscriber? Log in.",
    "es": "Para seguir leyendo, suscríbete. ¿Ya eres suscriptor? Inicia sesión.",
    "fr": "Cet article est réservé aux abonnés. Déjà abonné ? Connectez-vous.",
    "nl": "Dit artikel is alleen voor abonnees.",
}


@pytest.mark.parametrize("wall", WALLS.values(), ids=WALLS.keys())
def test_stubs_before_a_paywall(wall: str) -> None:
    assert cleaned(article(body=f"<p>{PARAGRAPHS[0]}</p><div><p>{wall}</p></div>")).reason is Reason.PAYWALL


TEASERS = "".join(
    f'<div class=card><h2><a href="/{i}">The harbour, the lens and gale number {i}</a></h2>'
    "<p>The people of the coast had waited for it since the autumn, and were told so on Monday.</p></div>"
    for i in range(20)
)


def test_a_section_front() -> None:
    assert cleaned(page("Coast - The Example News", TEASERS), "https://news.example/coast").reason is Reason.NO_ARTICLE


FRONT = (
    f"<div class=card><h2><a href=/1>The lamp burns again</a></h2><p>{PARAGRAPHS[0]}</p></div>"
    f"<div class=card><h2><a href=/2>Who keeps it</a></h2><p>{PARAGRAPHS[1]}</p></div>"
)


@pytest.mark.parametrize(("address", "reason"), [
    ("https://news.example/", Reason.NO_ARTICLE),
    ("https://news.example", Reason.NO_ARTICLE),
    ("https://news.example/2026/11/lamp", None),
    ("https://news.example/?p=17", None),
    ("https://[news", None),
])  # fmt: skip
def test_a_few_words_at_a_sites_root_are_its_front_page(address: str, reason: Reason | None) -> None:
    assert cleaned(page("The Example News", FRONT), address).reason is reason


def test_an_article_at_a_sites_root_is_one() -> None:
    said = '<meta property="og:type" content="article">'
    html = page("The Example News", FRONT).replace("<head>", f"<head>{said}")
    assert cleaned(html, "https://news.example/").article is not None


CAPTIONS = (
    "The lamp room before the repair, seen from the gallery.",
    "Ruth Pascoe with the keys of the tower on Monday.",
    "The lens, taken apart for the first time since 1841.",
    "Fishermen watch the work from the pier.",
)
GALLERY = '<script type="application/ld+json">{"@type": "ImageGallery", "name": "In pictures: the lighthouse"}</script>'
VIDEO = '<script type="application/ld+json">{"@type": "VideoObject", "name": "Watch: the lighthouse is lit"}</script>'


def test_a_gallery() -> None:
    slides = "".join(f"<div class=slide><img src={i}.jpg><p>{text}</p></div>" for i, text in enumerate(CAPTIONS))
    outcome = cleaned(page("In pictures: the lighthouse", f"<h1>In pictures: the lighthouse</h1>{slides}", GALLERY))
    assert outcome.reason in (Reason.GALLERY, Reason.NO_ARTICLE)


def test_a_film() -> None:
    body = (
        "<h1>Watch: the lighthouse is lit</h1><video src=a.mp4></video>"
        "<p>The light came back on Monday evening, to the cheers of the harbour and of all who had come by boat.</p>"
    )
    outcome = cleaned(page("Watch: the lighthouse is lit", body, VIDEO + '<meta property="og:type" content="video">'))
    assert outcome.reason is Reason.VIDEO


def test_an_article_with_a_film_is_one() -> None:
    assert cleaned(article(VIDEO)).article is not None
    assert cleaned(article(GALLERY)).article is not None
