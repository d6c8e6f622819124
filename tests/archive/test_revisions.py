"""Classes of revisions: invented pages, after the habits of real newsrooms, at least five a class."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.phrases import Phrases
from archive.revisions import RevisionClass, Version, classify
from archive.settle import Capture, Revision, Walk, classifier, count_words, walk

PHRASES = Phrases.shipped()

ES = (
    "El concejo de Huarmey aprobó este jueves un presupuesto de 48 millones de soles para el próximo año. "
    "La regidora Milagros Tapia explicó que la mayor parte se destinará al agua potable de tres barrios. "
    "Las obras empezarán en abril y durarán ocho meses, según el cronograma que presentó el municipio.\n"
    "Los vecinos del sector norte pidieron que se repare también la carretera. El alcalde Raúl Ibarra respondió que "
    "no hay dinero para todo y que lo verá con el gobierno regional antes de junio."
)
EN = (
    "The harbour board of Port Ellery voted on Tuesday to close the old ferry terminal by the end of 2027. "
    "Chair Dana Whitcombe said repairs would cost 31 million dollars, twice the first estimate. "
    "About 400 commuters use the pier every day, and a bus will replace the boats from March.\n"
    "Shopkeepers near the dock said they had not been asked. Councillor Ravi Menon promised a public meeting in May."
)
PT = (
    "A prefeitura de Vila Serena abriu na segunda-feira a nova biblioteca do centro, com 12 mil livros. "
    "A secretária Lúcia Prado disse que o prédio ficará aberto até as 22 horas e terá sala para crianças. "
    "O projeto levou quatro anos e custou 6 milhões de reais, pagos pelo estado e pelo município."
)
FR = (
    "Le conseil de Montclair a voté mardi la rénovation du théâtre municipal, fermé depuis 2019. "
    "La maire Claire Dubreuil a annoncé un budget de 9 millions d'euros et une réouverture dans deux ans. "
    "Les associations du quartier demandent que les tarifs restent accessibles aux plus jeunes."
)
DE = (
    "Der Stadtrat von Altenried hat am Mittwoch den Bau einer neuen Brücke für 17 Millionen Euro beschlossen. "
    "Bürgermeisterin Anke Vogel sagte, die Arbeiten sollten im Frühjahr beginnen und zwei Jahre dauern. "
    "Anwohner hatten zuvor gegen die Sperrung der Uferstraße protestiert und eine Umleitung verlangt."
)
IT = (
    "Il consiglio di Borgo Lario ha approvato lunedì il restauro della vecchia stazione, chiusa dal 2012. "
    "La sindaca Marta Colli ha spiegato che i lavori costeranno 5 milioni di euro e dureranno diciotto mesi. "
    "I comitati chiedono che nel progetto entrino anche una sala studio e il parcheggio per le biciclette."
)
OTHER = (
    "Una vaca escapó ayer de un camión y anduvo dos kilómetros de la autopista antes de que la policía la encontrara. "
    "Nadie resultó herido. El dueño la recogió por la tarde, agradeció a los conductores su paciencia y prometió "
    "revisar la puerta. El tránsito volvió a la normalidad una hora después, con largas filas en ambos sentidos."
)


def kind(before: str | Version, after: str | Version) -> RevisionClass:
    found = classify(version(before), version(after), PHRASES)
    assert "\n" not in str(found)
    assert found.reason
    return found.kind


def version(text: str | Version, title: str = "", at: str = "", published: str | None = None) -> Version:
    return text if isinstance(text, Version) else Version(text, title, at, published)


def walked(versions: Sequence[Version]) -> Walk[int]:
    """All captures of one address, cleaned with one recipe."""
    rows = [
        Capture(key, v.captured_at, "https://a.example/1", "", v.content_hash, v.content_hash, count_words(v.text))
        for key, v in enumerate(versions)
    ]
    return walk(rows, classifier(lambda capture: versions[capture.key]))


def kinds(versions: Sequence[Version]) -> list[str]:
    return [str(one.decision.kind) for one in walked(versions).revisions]


UNCHANGED = {
    "the same": ES,
    "other spaces": ES.replace(" ", "\u00a0").replace("\n", "\n\n"),
    "soft hyphens": ES.replace("presupuesto", "presu\u00adpuesto"),
    "composed otherwise": ES.replace("ó", "o\u0301"),
    "zero-width signs": "\ufeff" + ES.replace("agua", "a\u200bgua"),
}
TOUCH = {
    "a full stop": ES + ".",
    "capitals": ES.replace("concejo", "Concejo"),
    "an accent": ES.replace("potable", "pótable"),
    "commas": ES.replace("obras empezarán", "obras, empezarán,"),
    "headline case": ES.replace("agua potable", "AGUA POTABLE"),
    "brackets": ES.replace("según el cronograma", "(según el cronograma)"),
}
EDIT = {
    "a sentence more": ES + " La sesión terminó sin más acuerdos.",
    "a number": ES.replace("48", "52"),
    "a name": ES.replace("Tapia", "Rojas"),
    "a sentence gone": ES.replace("Los vecinos del sector norte pidieron que se repare también la carretera. ", ""),
    "another order": ES.split("\n")[1] + "\n" + ES.split("\n")[0],
    "correction as news": ES.replace("respondió", "pidió una rectificación y respondió"),
    "on air in the text": ES + " La sesión se transmitió en vivo.",
    "shortened, but whole": ES.split("\n")[0],
}
CORRECTION = {
    "es": (ES, ES.replace("48", "46") + "\nFe de errores: una versión anterior de este artículo decía 48 millones."),
    "es, at the top": (ES, "Rectificación: el presupuesto es de 46 millones.\n" + ES.replace("48", "46")),
    "en": (EN, EN.replace("31", "13") + "\nCorrection: An earlier version of this article misstated the cost."),
    "en, wire": (Version(EN, "Ferry to close"), Version(EN.replace("31", "13"), "CORRECTED-Ferry to close")),
    "en, amended": (EN, EN + "\nThis article was amended on 4 March to correct the name of the board."),
    "pt": (PT, PT.replace("12 mil", "20 mil") + "\nErrata: a biblioteca tem 20 mil livros, e não 12 mil."),
    "fr": (FR, FR.replace("9", "7") + "\nRectificatif : le budget est de 7 millions d'euros."),
    "de": (DE, DE.replace("17", "19") + "\nIn einer früheren Version dieses Artikels war von 17 Millionen die Rede."),
    "de, at the end": (DE, DE + "\nKorrektur: Die Sitzung war am Mittwoch."),
    "it": (IT, IT.replace("5 milioni", "8 milioni") + "\nErrata corrige: i lavori costano 8 milioni."),
    "without accents": (ES, ES + "\nCORRECCION: son 46 millones."),
}
LIVE_ES = "EN VIVO | Concejo de Huarmey vota el presupuesto"
LIVE = {
    "es": (LIVE_ES, ES, "11:20 Se reanuda la sesión.\n" + ES),
    "en": ("Live: Port Ellery votes on the ferry", EN, "Update: the vote is under way.\n" + EN),
    "en, updates": ("Ferry vote live updates from the pier", EN, EN + " More soon."),
    "pt": ("Ao vivo: a abertura da biblioteca", PT, "10h02 A fila dobra a esquina.\n" + PT),
    "fr": ("EN DIRECT - Le conseil vote", FR, "18h30 La séance reprend.\n" + FR),
    "de": ("Liveticker: Stadtrat stimmt ab", DE, "19.05 Uhr: Die Abstimmung läuft.\n" + DE),
    "it": ("Il consiglio, diretta live", IT, "Ore 12: si vota.\n" + IT),
}
VARIANT = {
    "a wall": (ES, ES[:220] + "\nSuscríbete para seguir leyendo"),
    "a wall with most of it": (ES, ES[:360] + "\nContenido exclusivo para suscriptores."),
    "a wall, en": (EN, EN[:150] + " Already a subscriber? Sign in."),
    "a wall, de": (DE, DE[:120] + " Jetzt abonnieren und weiterlesen."),
    "an error page": (ES, "Error 404. Lo sentimos, la página que busca no existe o cambió de lugar. Use el buscador."),
    "an error page, en": (EN, "503 Service Unavailable. The server is too busy. Please try again in a few minutes."),
    "a stub": (ES, "El concejo de Huarmey aprobó un presupuesto."),
    "cut off": (ES, ES[:250]),
    "cut off with dots": (EN, EN[:200] + "..."),
    "a check for robots": (EN, "Please verify you are human to continue. This takes a few seconds."),
}
HEAD = "Concejo de Huarmey aprueba presupuesto"
OTHERS = {
    "a reused address": (Version(ES, HEAD), Version(OTHER, "Una vaca en la autopista")),
    "no titles": (Version(ES), Version(OTHER)),
    "another language": (Version(EN, "Ferry terminal"), Version(FR, "Le théâtre")),
    "a column of every day": (
        Version(ES.split("\n")[0] + " " + OTHER, "La columna de hoy", published="2026-03-01"),
        Version(ES.split("\n")[1] + " " + PT + FR, "La columna de hoy", published="2026-03-08"),
    ),
    "a front page": (Version(DE, "Stadtrat"), Version(IT, "Stazione")),
}


@pytest.mark.parametrize("after", UNCHANGED.values(), ids=UNCHANGED)
def test_unchanged(after: str) -> None:
    assert kind(ES, after) is RevisionClass.UNCHANGED


@pytest.mark.parametrize("after", TOUCH.values(), ids=TOUCH)
def test_touch(after: str) -> None:
    assert kind(ES, after) is RevisionClass.TOUCH
    assert kind(after, ES) is RevisionClass.TOUCH


@pytest.mark.parametrize("after", EDIT.values(), ids=EDIT)
def test_edit(after: str) -> None:
    assert kind(ES, after) is RevisionClass.EDIT


@pytest.mark.parametrize(("before", "after"), CORRECTION.values(), ids=CORRECTION)
def test_correction(before: str | Version, after: str | Version) -> None:
    assert kind(before, after) is RevisionClass.CORRECTION
    assert kind(after, before) is RevisionClass.EDIT, "a mark that goes is no correction"


@pytest.mark.parametrize(("title", "before", "after"), LIVE.values(), ids=LIVE)
def test_live(title: str, before: str, after: str) -> None:
    assert kind(Version(before, title), Version(after, title)) is RevisionClass.LIVE


def test_live_without_a_word_of_it() -> None:
    grown = [ES, ES + " El debate siguió dos horas.", ES + " El debate siguió dos horas. Votaron nueve regidores."]
    day = [Version(text, at, f"2026-03-01T{at}:00:00Z") for text, at in zip(grown, ("10", "12", "15"), strict=True)]
    assert kinds(day) == ["first", "edit", "live"]
    slow = [Version(text, "", f"2026-03-0{n}T10:00:00Z") for n, text in enumerate(grown, 1)]
    assert kinds(slow) == ["first", "edit", "edit"]


@pytest.mark.parametrize(("before", "after"), VARIANT.values(), ids=VARIANT)
def test_variant(before: str, after: str) -> None:
    assert kind(before, after) is RevisionClass.VARIANT
    at = [Version(t, "", f"2026-03-0{n}T00:00:00Z") for n, t in enumerate((before, after, before), 1)]
    done = walked(at)
    assert [(one.text, one.latest.captured_at) for one in done.revisions] == [(at[0].content_hash, at[2].captured_at)]
    assert done.worse.keys() == {1}


@pytest.mark.parametrize(("part", "whole"), [(after, before) for before, after in VARIANT.values()], ids=VARIANT)
def test_the_full_text_after_a_variant_is_an_improvement(part: str, whole: str) -> None:
    at = [Version(t, "", f"2026-03-0{n}T00:00:00Z") for n, t in enumerate((part, whole, part), 1)]
    done = walked(at)
    assert done.current == at[1].content_hash
    assert done.worse.keys() == {2}
    if len(part) < 0.6 * len(whole):
        assert kinds(at) == ["first", "improvement"]
        assert done.revisions[1].decision.reason.startswith("the full text after a")


def test_much_less_text_is_no_revision_unless_it_is_another_article() -> None:
    long = " ".join([ES, EN, PT, FR])
    assert kind(long, EN) is RevisionClass.VARIANT
    assert "words instead of" in classify(Version(long, "Un título"), Version(OTHER, "Otro"), PHRASES).reason
    another = f"{OTHER} {IT}"
    assert (
        kind(Version(long, "Cuatro pueblos votan"), Version(another, "Una vaca suelta")) is RevisionClass.OTHER_ARTICLE
    )


@pytest.mark.parametrize(("before", "after"), OTHERS.values(), ids=OTHERS)
def test_other_article(before: Version, after: Version) -> None:
    assert kind(before, after) is RevisionClass.OTHER_ARTICLE


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("48 millones", "84 millones", "number 48 became 84"),
        ("Raúl Ibarra", "Raúl Ibárra", "name ibarra became ibárra"),
        ("Milagros Tapia", "Elena Rojas", "names milagros, tapia became elena, rojas"),
        ("abril y", "abril de 2027 y", "new number: 2027"),
        ("de 48 millones de soles ", "", "number gone: 48"),
        ("48 millones", "4,8 millones", "number 48 became 4,8"),
        ("48 millones", "4⁸ millones", "number 48 became 4"),
    ],
)
def test_changed_numbers_and_names_are_flagged(old: str, new: str, told: str) -> None:
    assert str(classify(Version(ES), Version(ES.replace(old, new)), PHRASES).facts) == told


def test_a_word_that_opens_a_sentence_is_no_name() -> None:
    after = ES.replace("Las obras empezarán", "Según dijo, las obras empezarán").replace(
        "Los vecinos", "Hoy los vecinos"
    )
    assert not classify(Version(ES), Version(after), PHRASES).facts


@pytest.mark.parametrize("word", ["Corrección", "Fe de errores", "Rectificación", "Correction", "Korrektur"])
def test_nor_is_the_word_that_opens_a_correction(word: str) -> None:
    found = classify(Version(ES), Version(f"{word}: el número estaba mal.\n{ES}"), PHRASES)
    assert not found.facts.names_after


def test_there_and_back_is_three_revisions_of_two_texts() -> None:
    texts = (ES, ES.replace("48", "46"), ES, ES)
    done = walked([Version(text, "", f"2026-03-0{n}T00:00:00Z") for n, text in enumerate(texts, 1)])
    assert [one.number for one in done.revisions] == [1, 2, 3]
    assert len({one.text for one in done.revisions}) == 2
    assert done.revisions[1].decision.facts == "number 48 became 46"
    assert done.revisions[-1].latest.captured_at == "2026-03-04T00:00:00Z"


ANY = [
    ES,
    EN,
    ES.replace("48", "46"),
    ES + ".",
    ES[:220] + "\nSuscríbete para seguir leyendo",
    OTHER,
    ES + " Más.",
    "",
    "\ud800",
]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(ANY), st.integers(0, 5), st.sampled_from(["", "EN VIVO | Concejo"])),
        max_size=7,
        unique_by=lambda row: row[:2],
    ),
    st.randoms(),
)
def test_order_does_not_matter(rows: list[tuple[str, int, str]], shuffler: random.Random) -> None:
    versions = [Version(text, title, f"2026-03-01T0{hour}:00:00Z") for text, hour, title in rows]
    before = walked(versions)
    shuffler.shuffle(versions)
    after = walked(versions)
    assert [told(one) for one in after.revisions] == [told(one) for one in before.revisions]
    assert sorted(map(str, after.worse.values())) == sorted(map(str, before.worse.values()))
    assert [one.number for one in after.revisions] == list(range(1, len(after.revisions) + 1))


def told(one: Revision[int]) -> tuple[object, ...]:
    return one.number, one.text, one.decision, one.first.captured_at, one.latest.captured_at, one.captures


HOSTILE = [
    "",
    "x",
    "una " * 20_000,
    "7 " * 500,
    "今天下午市政府公布" * 40,
    "🙂 " * 100,
    "\ud800",
    "a\x00b " * 60,
    "\u202e a \u2066 b " * 60,
]


@pytest.mark.parametrize("before", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_have_a_class(before: str) -> None:
    for after in HOSTILE:
        for dates in ((None, None), ("9999-12-31", "soon")):
            one, other = Version(before, "", "", dates[0]), Version(after, "\x00", "never", dates[1])
            found = classify(one, other, PHRASES)
            assert (found.kind is RevisionClass.UNCHANGED) == (one.content_hash == other.content_hash)


def test_ten_megabytes_of_one_word_have_a_class() -> None:
    much = Version("una " * 2_500_000)
    assert classify(Version(ES), much, PHRASES).kind is RevisionClass.OTHER_ARTICLE
    assert classify(much, Version("una " * 2_400_000), PHRASES).kind is RevisionClass.EDIT


def captures_of_one_address(count: int) -> list[Version]:
    """So many, of two texts in turn, five hundred of each."""
    texts = [(text, Version(text).content_hash) for text in (ES, ES.replace("48", "46"))]
    return [
        Version(
            text,
            "",
            f"2026-{1 + n // 20_000:02}-{1 + n // 1_000 % 20:02}T{n // 60 % 16:02}:{n % 60:02}:00Z",
            None,
            known,
        )
        for n in range(count)
        for text, known in (texts[n % 1_000 < 500],)
    ]


def test_the_cost_of_many_captures_of_one_address_grows_as_they_do() -> None:
    spent = []
    for count in (10_000, 60_000):
        versions = captures_of_one_address(count)
        started = time.process_time()
        done = walked(versions)
        spent.append(time.process_time() - started)
        assert len(done.revisions) > count / 1_000
    assert spent[1] < 15 * spent[0]  # six times as many: their square would be 36 times
