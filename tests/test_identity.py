"""Normalisation and hashes: what `content_hash` unites, and what it must keep apart."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import identity

#: Any text, rich in what the normalisation touches.
texts = st.text(st.one_of(st.characters(), st.sampled_from("«»“”‘’–—…\u00a0\u00ad\u200b\u200d\ufeff\u0301\u0303 \n\t")))


@given(texts)
def test_normalise_is_idempotent(text: str) -> None:
    once = identity.normalise(text)
    assert identity.normalise(once) == once


@given(texts)
def test_the_hash_survives_white_space_and_composition(text: str) -> None:
    spaced = "\u00a0 " + text.replace(" ", " \t") + "\r\n"
    assert identity.content_hash(spaced) == identity.content_hash(text)
    assert identity.content_hash(unicodedata.normalize("NFD", text)) == identity.content_hash(text)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from("\u00ad\u200b\u200c\u200d\u2060\ufeff"))
def test_invisible_signs_do_not_count(text: str, sign: str) -> None:
    with_signs = sign.join(text) + sign
    assert identity.normalise(with_signs) == identity.normalise(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("«Sí», dijo", '"Sí", dijo'),
        ("el “plan”", 'el "plan"'),
        ("l’été", "l'été"),
        ("2020–2024 — fin", "2020-2024 - fin"),
        ("y luego…", "y luego..."),
        ("30\u00a0000 euros", "30 000 euros"),
        ("pa\u00adla\u00adbra", "palabra"),
        ("Una  frase.\n\nOtra.", "Una frase. Otra."),
        ("cafe\u0301", "café"),
    ],
)
def test_united(one: str, other: str) -> None:
    assert identity.content_hash(one) == identity.content_hash(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("papa", "papá"),
        ("10²", "102"),
        ("Madrid", "MADRID"),
        ("subió 3 %", "subió 4 %"),
        ("ahora, sí", "ahora sí"),
        ("A ganó a B", "B ganó a A"),
        ("unidos", "uni dos"),
        ("5½", "51/2"),
    ],
)
def test_kept_apart(one: str, other: str) -> None:
    assert identity.content_hash(one) != identity.content_hash(other)


def test_version_1_is_pinned() -> None:
    """A change here is a new NORMALISATION: every stored hash would have to be made again."""
    assert identity.NORMALISATION == 1
    assert identity.normalise(" «¿Qué?» —preguntó…\u00a0\n10² pa\u00adpá ") == '"¿Qué?" -preguntó... 10² papá'
    assert identity.content_hash("«a»") == hashlib.sha256(b'"a"').hexdigest()


@given(st.text())
def test_text_digest_sees_every_change(text: str) -> None:
    assert identity.text_digest(text + " ") != identity.text_digest(text)


def test_lone_surrogates_and_nul_have_a_hash() -> None:
    assert identity.content_hash("a\udc80b") != identity.content_hash("ab")
    assert identity.content_hash("a\x00b") != identity.content_hash("ab")


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.Example.org:8080/a?b", "example.org"),
        ("http://news.example.org./", "news.example.org"),
        ("urn:hemeroteca:dump:00ff", None),
        ("http://[broken/", None),
        ("/relative", None),
        (None, None),
    ],
)
def test_site_of(url: str | None, site: str | None) -> None:
    assert identity.site_of(url) == site


def test_dump_urn_round_trip() -> None:
    digest = identity.payload_digest(b"page")
    urn = identity.dump_urn(digest)
    assert urn == "urn:hemeroteca:dump:" + hashlib.sha256(b"page").hexdigest()
    assert identity.is_dump_urn(urn)
    assert not identity.is_dump_urn("https://example.org/")
    assert not identity.is_dump_urn(None)
