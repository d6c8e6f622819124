"""Bytes to text: encodings declared, wrongly declared and not declared; and what is no text at all."""

from __future__ import annotations

import gzip
import io
import sqlite3
import sys
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.reasons import Reason
from scraper.clean.decode import Undecodable, decode, sniff_media_type
from scraper.clean.encodings import CODECS, encoding_of

SPANISH = "El alcalde anunció que el año próximo habrá más trenes.\n«Será pronto», dijo. ¿Cuánto costará? 30 €."

#: text, and the encodings in which it was (or is) written, as the standard names them
LANGUAGES = {
    "es": (SPANISH, ["windows-1252"]),
    "fr": (
        "La mairie a annoncé mercredi que les travaux du pont coûteront plus cher que prévu, là où l’été commence.",
        ["windows-1252"],
    ),
    "de": ("Die Stadt kündigte an, dass die Brücke teurer wird. „Wir müssen sparen“, sagte sie.", ["windows-1252"]),
    "pt": ("O prefeito anunciou que a reparação não começará já: são milhões de reais em obras.", ["windows-1252"]),
    "sv": (
        "Kommunen meddelade i går att bron blir dyrare än väntat och att folk får vänta på färjan.",
        ["windows-1252"],
    ),
    "cs": (
        "Starosta včera oznámil, že oprava mostu bude dražší, než se čekalo. Lidé budou muset počkat.",
        ["windows-1250", "iso-8859-2"],
    ),
    "pl": (
        "Burmistrz ogłosił wczoraj, że naprawa mostu będzie droższa, a mieszkańcy będą musieli poczekać.",
        ["windows-1250", "iso-8859-2"],
    ),
    "hu": (
        "A polgármester bejelentette, hogy a híd felújítása többe kerül, és őszig várni kell. Hűvös idő.",
        ["windows-1250"],
    ),
    "tr": ("Belediye başkanı dün köprünün onarımının pahalı olacağını açıkladı. Işıklar sönük.", ["windows-1254"]),
    "ru": (
        "Мэр города объявил вчера, что ремонт моста обойдётся дороже, чем предполагалось, и придётся подождать.",
        ["windows-1251", "koi8-r", "iso-8859-5", "ibm866"],
    ),
    "el": (
        "Ο δήμαρχος ανακοίνωσε χθες ότι η επισκευή της γέφυρας θα κοστίσει περισσότερο από το προβλεπόμενο.",
        ["windows-1253"],
    ),
    "he": ("ראש העיר הודיע אתמול כי תיקון הגשר יעלה יותר מהצפוי וכי התושבים יצטרכו להמתין.", ["windows-1255"]),
    "ar": ("أعلن رئيس البلدية أمس أن إصلاح الجسر سيكلف أكثر مما كان متوقعا وأن على السكان الانتظار.", ["windows-1256"]),
    "ja": (
        "市長は昨日、橋の修理費が予定より高くなると発表した。工事は四月に始まる。",
        ["shift_jis", "euc-jp", "iso-2022-jp"],
    ),
    "zh": ("市长昨天宣布，桥梁的维修费用将高于预期，居民必须等到明年。工程将于四月开始。", ["gb18030"]),
    "zh-Hant": ("市長昨天宣布，橋樑的維修費用將高於預期，居民必須等到明年。工程將於四月開始。", ["big5"]),
    "ko": ("시장은 어제 다리 수리 비용이 예상보다 많이 들 것이며 주민들은 기다려야 할 것이라고 발표했다.", ["euc-kr"]),
    "th": ("นายกเทศมนตรีประกาศเมื่อวานนี้ว่าการซ่อมแซมสะพานจะมีค่าใช้จ่ายสูงกว่าที่คาดไว้", ["windows-874"]),
}
LEGACY = [(language, name) for language, (_, names) in LANGUAGES.items() for name in names]


def html(text: str, head: str = "") -> str:
    paragraphs = "".join(f"<p class='a'>{line}</p>\n" for line in text.split("\n"))
    return f"<!DOCTYPE html>\n<html><head>{head}<title>A page</title></head>\n<body>{paragraphs}</body></html>"


def reason_of(body: bytes) -> Reason:
    with pytest.raises(Undecodable) as caught:
        decode(body, "text/plain", None)
    assert caught.value.message
    return caught.value.reason


@pytest.mark.parametrize("language", LANGUAGES)
def test_utf8_with_and_without_a_mark(language):
    text = LANGUAGES[language][0]
    plain = decode(text.encode(), "text/plain", None)
    marked = decode(text.encode("utf-8-sig"), "text/plain", None)
    assert (plain.text, plain.charset, plain.how) == (text, "utf-8", "valid")
    assert (marked.text, marked.charset, marked.how) == (text, "utf-8", "bom")


@pytest.mark.parametrize("codec", ["utf-16", "utf-32"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_utf16_and_utf32_with_a_mark(language, codec):
    text = LANGUAGES[language][0]
    decoded = decode(text.encode(codec), "text/plain", None)
    assert (decoded.text, decoded.how) == (text, "bom")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("language", ["es", "fr", "pl", "ru", "el"])
def test_utf16_and_utf32_without_a_mark_are_known_by_their_nuls(language, codec):
    text = LANGUAGES[language][0]
    decoded = decode(text.encode(codec), "text/plain", None)
    assert (decoded.text, decoded.how) == (text, "nuls")
    page = html(text)
    assert decode(page.encode(codec), "text/html", None).text == page


@pytest.mark.parametrize(("language", "name"), LEGACY)
def test_legacy_text_is_guessed(language, name):
    text = LANGUAGES[language][0]
    decoded = decode(text.encode(CODECS[name]), "text/plain", None)
    assert decoded.text == text
    assert decoded.how == "guess"


@pytest.mark.parametrize(("language", "name"), LEGACY)
def test_legacy_text_of_any_length_is_guessed(language, name):
    line = LANGUAGES[language][0].replace("\n", " ").replace("،", "")
    for between in ("\n", " "):
        text = between.join([line] * 400)  # more than is looked at, and cut somewhere
        assert decode(text.encode(CODECS[name]), "text/plain", None).text == text


@pytest.mark.parametrize(
    "text",
    [
        "The fare rose from £3 to £4½, she said – “no café is cheaper”.",
        "Señal",
        "©\xa02024 Example Ltd. All rights reserved",
        "El señor Müller, la señora Ångström y el niño François comieron crème brûlée en Århus.",
    ],
)
def test_windows_1252_is_what_short_western_text_is_read_as(text):
    assert decode(text.encode("cp1252"), "text/plain", None).text == text


@pytest.mark.parametrize(("language", "name"), LEGACY)
def test_legacy_html_is_guessed_through_its_markup(language, name):
    page = html(LANGUAGES[language][0])
    assert decode(page.encode(CODECS[name]), "text/html", None).text == page


@pytest.mark.parametrize(("language", "name"), LEGACY)
@pytest.mark.parametrize(
    "declaration",
    [
        "<meta charset={}>",
        "<meta  name=x /><META CharSet = '{}' >",
        '<meta http-equiv="Content-Type" content="text/html; charset={}">',
        "<!-- <meta charset=utf-8> --><meta charset={}>",
        "<script>" + "x" * 3000 + "</script><meta charset={}>",
    ],
)
def test_declared_in_the_page(language, name, declaration):
    page = html(LANGUAGES[language][0], declaration.format(name))
    decoded = decode(page.encode(CODECS[name]), "text/html", None)
    assert decoded.text == page
    assert decoded.how == ("meta" if name != "iso-2022-jp" else "guess")


def test_declared_by_xml():
    page = '<?xml version="1.0" encoding="ISO-8859-2"?>\n' + html(LANGUAGES["pl"][0])
    decoded = decode(page.encode("iso8859-2"), "text/html", None)
    assert (decoded.text, decoded.charset, decoded.how) == (page, "iso-8859-2", "xml")


def test_the_header_outranks_the_page_and_a_mark_outranks_both():
    page = html(LANGUAGES["ru"][0], "<meta charset=windows-1251>")
    assert decode(page.encode("koi8-r"), "text/html", "koi8-r").how == "header"
    assert decode(page.encode("koi8-r"), "text/html", "koi8-r").text == page
    assert decode(page.encode("utf-8-sig"), "text/html", "koi8-r").how == "bom"


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252", "latin1", "us-ascii", "koi8-r", "gbk", "utf-16"])
def test_utf8_survives_a_wrong_declaration(declared):
    page = html(SPANISH, f"<meta charset={declared}>")
    assert decode(page.encode(), "text/html", declared).text == page


@pytest.mark.parametrize("declared", ["utf-8", "utf-16", "no-such-encoding", "", "rot13", "x\x00y", "ñ"])
def test_windows_1252_survives_a_wrong_declaration(declared):
    page = html(SPANISH, f"<meta charset={declared}>")
    assert decode(page.encode("cp1252"), "text/html", declared).text == html(
        SPANISH, f"<meta charset={declared}>".replace("\x00", "")
    )


@pytest.mark.parametrize("header", ["utf-8", "iso-8859-1", "utf-16"])
def test_a_right_declaration_in_the_page_survives_a_wrong_header(header):
    page = html(LANGUAGES["ja"][0], "<meta charset=shift_jis>")
    decoded = decode(page.encode("cp932"), "text/html", header)
    assert (decoded.text, decoded.how) == (page, "meta")


def test_cyrillic_survives_the_server_s_default():
    text = LANGUAGES["ru"][0]
    assert decode(text.encode("cp1251"), "text/plain", "iso-8859-1").text == text


def test_latin_1_on_the_web_is_windows_1252():
    decoded = decode("“Señor” – 30 €".encode("cp1252"), "text/html", "ISO-8859-1")
    assert (decoded.text, decoded.charset, decoded.how) == ("“Señor” – 30 €", "windows-1252", "header")


def test_a_few_broken_bytes_do_not_spoil_utf8():
    body = SPANISH.encode() * 20
    broken = body[:100] + b"\xff\xfe\xe9" + body[100:-1] + b"\xe2\x82"
    decoded = decode(broken, "text/plain", None)
    assert (decoded.charset, decoded.how) == ("utf-8", "mostly")
    assert decoded.text.replace("\ufffd", "").startswith(SPANISH)
    assert decoded.text.count("\ufffd") == 4


def test_a_break_far_behind_ascii_is_judged_where_it_is():
    front = b"plain words and nothing else\n" * 10_000
    assert decode(front + SPANISH.encode("cp1252"), "text/plain", None).text.endswith(SPANISH)
    assert decode(front + SPANISH.encode() + b"\xff " + SPANISH.encode(), "text/plain", None).how == "mostly"


def test_line_ends_and_controls():
    body = "uno\r\ndos\rtres\u2028cuatro\u2029cinco\x0bseis\x0csiete\n\nocho\x00 \x01\x1f\x7f\x81\tnueve".encode()
    body += b" y mas texto" * 30
    decoded = decode(body, "text/plain", None)
    assert decoded.text.startswith("uno\ndos\ntres\ncuatro\ncinco\nseis\nsiete\n\nocho \tnueve y mas")


def test_c1_controls_are_windows_1252_gone_wrong():
    assert decode("don\x92t \x93go\x94 \x85".encode(), "text/plain", None).text == "don’t “go” …"


@pytest.mark.parametrize(
    "body", [b"", b" \r\n\t ", "\ufeff".encode(), "\ufeff \n".encode("utf-16"), "\u00a0\u2003\u200b".encode()]
)
def test_nothing_but_white_space_is_empty(body):
    assert reason_of(body) is Reason.EMPTY


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "text in a zip")
    return out.getvalue()


def _database(folder: Path) -> bytes:
    connection = sqlite3.connect(folder / "a.db")
    connection.execute("create table t (x)")
    connection.commit()
    connection.close()
    return (folder / "a.db").read_bytes()


def test_known_formats_are_binary(tmp_path):
    png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
    exe = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00\xb8" + bytes(43) + b"This program cannot be run"
    bodies = [png, exe, b"%PDF-1.7\n%text", b"GIF89a text", b"{\\rtf1 text}", gzip.compress(b"text"), _zip()]
    for body in [*bodies, _database(tmp_path), Path(sys.executable).read_bytes()[:100_000]]:
        assert reason_of(body) is Reason.BINARY


def test_unknown_formats_are_binary_by_their_controls():
    noise = bytes((7 * i * i + 13 * i) % 251 for i in range(5000))
    integers = b"".join(n.to_bytes(4, "little") for n in range(300))
    assert reason_of(noise) is Reason.BINARY
    assert reason_of(integers) is Reason.BINARY
    assert reason_of(bytes(4096)) is Reason.BINARY
    assert reason_of(b"\xff\xfe" + b"\x01\x00\x02\x00" * 50) is Reason.BINARY


@pytest.mark.parametrize(
    "label", ["", " ", "utf-7", "base64", "hex", "idna", "unicode_escape", "cp037", "ñandú", "x" * 5000, None, "\x00"]
)
def test_labels_the_web_does_not_know(label):
    assert encoding_of(label) is None


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("ISO-8859-1", "windows-1252"),
        (" Latin1 ", "windows-1252"),
        ("us-ascii", "windows-1252"),
        ("UTF8", "utf-8"),
        ("GB2312", "gb18030"),
        ("gbk", "gb18030"),
        ("iso-8859-9", "windows-1254"),
        ("x-sjis", "shift_jis"),
        ("ks_c_5601-1987", "euc-kr"),
        ("iso8859-15", "iso-8859-15"),
        ("macintosh", "macintosh"),
        ("utf-16", "utf-16le"),
    ],
)
def test_labels_mean_what_the_web_means(label, name):
    assert encoding_of(label) == name


def test_every_encoding_knows_its_own_name():
    assert all(encoding_of(name) == name for name in CODECS)


@pytest.mark.parametrize(
    ("body", "name", "expected"),
    [
        (b"<!DOCTYPE html><p>x", "", "text/html"),
        (b"\xef\xbb\xbf \n<!-- saved from url=(0019)https://example.org/ -->\n<HTML>", "x.txt", "text/html"),
        (b"<?xml version='1.0'?>\n<html>", "dump", "text/html"),
        ("<html><body>".encode("utf-16"), "", "text/html"),
        (b"<div>part of a page</div>", "x.HTM.gz", "text/html"),
        (b"<div>part of a page</div>", "x.txt", "text/plain"),
        (b"No tag at all, a < b\nand another line", "x.html", "text/plain"),
        (b"Titular\n\nUn texto", "", "text/plain"),
        (b"<!-- " * 10_000, "x.html", "text/plain"),
        (b"<!---->" * 9_000, "", "text/plain"),
        (b"", "", "text/plain"),
    ],
)
def test_sniff_media_type(body, name, expected):
    assert sniff_media_type(body, name) == expected


def test_hostile_bodies_take_linear_time():
    bodies = [b"<" * 3_000_000, b"<script" * 400_000, b"<!--" * 700_000, b"<meta " * 500_000, b"\r" * 3_000_000 + b"x"]
    bodies += [body + b"\xe9" for body in bodies] + [b"\xe9" + body for body in bodies]
    start = time.process_time()
    for body in bodies:
        assert decode(body, "text/html", None).text
        sniff_media_type(body, "x.html")
    assert time.process_time() - start < 10


def read(body: bytes, media_type="text/plain", charset=None) -> str | Reason:
    try:
        return decode(body, media_type, charset).text
    except Undecodable as refused:
        return refused.reason


@given(st.binary(max_size=300), st.sampled_from(["text/plain", "text/html"]), st.sampled_from([None, *CODECS]))
@example(b"\xff\xfe\x00", "text/plain", None)
@example(b"\x1b$B", "text/plain", None)
@example(b"\xd8\x00", "text/plain", "utf-16be")
def test_any_bytes_are_text_or_undecodable(body, media_type, charset):
    text = read(body, media_type, charset)
    if not isinstance(text, Reason):
        assert text.strip()
        assert not any(char < " " and char not in "\t\n" for char in text)
        assert text.encode()  # no lone surrogate
    else:
        assert text in (Reason.EMPTY, Reason.BINARY)


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Cs"), exclude_characters="\ufffd"))


@given(st.lists(words, min_size=1).map("\n".join))
@example("a")
def test_what_was_written_in_unicode_is_read_back(text):
    text = "Title: " + text
    for codec in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        assert read(text.encode(codec)) == text


@given(st.text("abcdefghi jklmnñopqrstuvxyz áéíóúü ¿¡«»", min_size=3, max_size=400))
def test_spanish_in_windows_1252_is_read_back(text):
    spaced = " ".join(text[k : k + 6] for k in range(0, len(text), 6))
    sentence = "La nación entera lo sabía. " * 40 + spaced + " final"
    assert decode(sentence.encode("cp1252"), "text/plain", None).text == sentence
