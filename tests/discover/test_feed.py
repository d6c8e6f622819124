"""Feeds as they should be and as they are served."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.discover.feed import LARGEST_BROKEN, MOST, feed
from scraper.discover.found import Found, Problem
from scraper.rules.discovery import load_habits

HABITS = load_habits()
URL = "https://elfaro.example/rss/portada.xml"


def read(body: str | bytes) -> Found:
    return feed(body.encode() if isinstance(body, str) else body, URL, HABITS)


def rss(*items: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>', more: str = "") -> str:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'{head}<rss version="2.0"><channel><title>El Faro</title><link>https://elfaro.example/</link>{more}{inside}</channel></rss>'


FIRST = "https://elfaro.example/a/1"
VEDA = "La veda del arenque"
ITEM = (
    "<title>La veda del arenque</title><link>https://elfaro.example/a/1</link>"
    "<pubDate>Sat, 03 May 2031 18:07:00 +0200</pubDate>"
)


def test_rss() -> None:
    found = read(rss(ITEM, "<title>Farolas</title><link> /a/2?utm_source=rss </link>"))
    assert (found.kind, found.title, found.problem) == ("rss", "El Faro", None)
    assert [(link.url, link.title, link.published) for link in found.links] == [
        ("https://elfaro.example/a/1", "La veda del arenque", "2031-05-03T18:07:00+02:00"),
        ("https://elfaro.example/a/2", "Farolas", None),
    ]
    assert {(link.via, link.method) for link in found.links} == {(URL, "feed")}


def test_atom() -> None:
    found = read(
        """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://elfaro.example/blog/"><title>El Faro</title>
        <link rel="self" href="https://elfaro.example/atom.xml"/><link rel="next" href="/atom.xml?p=2"/>
        <entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">La <b>veda</b></div></title>
        <link rel="enclosure" href="https://elfaro.example/a.mp3"/>
        <link rel="alternate" type="text/html" href="nota-1"/>
        <id>tag:elfaro.example,2031:1</id><published>2031-05-03T18:07:00Z</published>
        <updated>2031-05-04T09:00:00Z</updated></entry></feed>"""
    )
    assert (found.kind, found.title) == ("atom", "El Faro")
    (link,) = found.links
    assert (link.url, link.title) == ("https://elfaro.example/blog/nota-1", "La veda")
    assert (link.published, link.lastmod) == ("2031-05-03T18:07:00+00:00", "2031-05-04T09:00:00+00:00")
    assert [further.url for further in found.further] == ["https://elfaro.example/atom.xml?p=2"]


def test_rdf() -> None:
    found = read(
        """<?xml version="1.0" encoding="ISO-8859-1"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
        <channel><title>El Faro</title></channel>
        <item rdf:about="https://elfaro.example/a/1"><title>Año nuevo</title><link>https://elfaro.example/a/1</link>
        <dc:date>2031-05-03T18:07+02:00</dc:date></item></rdf:RDF>""".encode("latin-1")
    )
    assert (found.kind, found.title) == ("rdf", "El Faro")
    assert (found.links[0].title, found.links[0].published) == ("Año nuevo", "2031-05-03T18:07+02:00")


def test_json_feed() -> None:
    items = [
        {"id": "1", "url": "https://elfaro.example/a/1", "title": "La veda", "date_published": "2031-05-03T18:07:00Z"},
        {"id": "https://elfaro.example/a/2"},
        {"id": 3},
        "no item",
    ]
    data = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "El Faro",
        "items": items,
        "next_url": "/feed.json?p=2",
    }
    found = read(json.dumps(data))
    assert (found.kind, found.title, found.problem) == ("json-feed", "El Faro", None)
    assert [link.url for link in found.links] == ["https://elfaro.example/a/1", "https://elfaro.example/a/2"]
    assert [further.url for further in found.further] == ["https://elfaro.example/feed.json?p=2"]


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("Sat, 03 May 2031 18:07:00 GMT", "2031-05-03T18:07:00+00:00"),
        ("sáb, 03 may 2031 18:07:00 -0300", "2031-05-03T18:07:00-03:00"),
        ("Sáb., 3 de mayo de 2031 18:07", "2031-05-03T18:07:00"),
        ("sábado, 3 de mayo de 2031", "2031-05-03"),
        ("Sam, 03 mai 2031 18:07:00 +0200", "2031-05-03T18:07:00+02:00"),
        ("mié 31 dic 2031 23:59:59 +0000", "2031-12-31T23:59:59+00:00"),
        ("2031-05-03", "2031-05-03"),
        ("2031-05-03T18:07:00Z", "2031-05-03T18:07:00+00:00"),
        ("Sat, 03 May 2031 18:07:00 EST", "2031-05-03T18:07:00"),
        ("mañana", None),
        ("", None),
    ],
)
def test_dates_as_precise_as_they_are_said(said: str, moment: str | None) -> None:
    (link,) = read(rss(f"<link>https://elfaro.example/a/1</link><pubDate>{said}</pubDate>")).links
    assert link.published == moment


@pytest.mark.parametrize(
    ("body", "address", "title"),
    [
        ("\n\n  " + rss(ITEM), FIRST, VEDA),
        ("\ufeff" + rss(ITEM), FIRST, VEDA),
        ("<br />\n<b>Warning</b>: mysql on line 3<br />\n" + rss(ITEM), FIRST, VEDA),
        (
            rss("<title>Pan & vino</title><link>https://elfaro.example/n?a=1&b=2</link>"),
            "https://elfaro.example/n?a=1&b=2",
            "Pan & vino",
        ),
        (rss("<title>Pan&nbsp;&eacute; &desconocida;</title><link>/a/1</link>"), FIRST, "Pan é &desconocida;"),
        (rss("<title><![CDATA[Pan & <i>vino</i> &amp; &#243;]]></title><link>/a/1</link>"), FIRST, "Pan & vino & ó"),
        (rss("<title>Pan\x0b \x1b[31mrojo</title><link>/a/1</link>"), FIRST, "Pan [31mrojo"),
        (rss("<title>Sin enlace</title><guid>https://elfaro.example/a/1</guid>"), FIRST, "Sin enlace"),
        (rss('<title>T</title><guid isPermaLink="false">x1</guid><link>/a/1</link>'), FIRST, "T"),
        (rss("<title>T</title><link>/lector/9</link><feedburner:origLink>/a/1</feedburner:origLink>"), FIRST, "T"),
        (rss(ITEM).replace("UTF-8", "UTF-16"), FIRST, VEDA),
        (rss(ITEM).replace("</channel></rss>", ""), FIRST, VEDA),
        (rss(ITEM).replace("</title><link>", "<link>"), FIRST, None),
        (rss("<media:title>Foto</media:title>" + ITEM), FIRST, VEDA),
    ],
)
def test_broken_ones_give_what_they_hold(body: str, address: str, title: str | None) -> None:
    found = read(body)
    assert [link.url for link in found.links][:1] == [address]
    assert title is None or found.links[0].title == title


def test_a_wrong_declared_encoding_is_seen_through() -> None:
    item = "<title>Año</title><link>/a/1</link>"
    assert read(rss(item, head='<?xml version="1.0" encoding="ISO-8859-1"?>').encode()).links[0].title == "Año"
    assert read(rss(item).encode("latin-1")).links[0].title == "Año"
    assert read(rss(item).encode("utf-16")).links[0].title == "Año"
    assert read(gzip.compress(rss(item).encode())).links[0].title == "Año"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("", Problem.EMPTY),
        (" \n ", Problem.EMPTY),
        ("<!DOCTYPE html><html><body>Mantenimiento</body></html>", Problem.HTML),
        ("<html><head><link rel='alternate' href='/rss'></head></html>", Problem.HTML),
        ("Internal error", Problem.UNREADABLE),
        ("<opml/>", Problem.UNREADABLE),
        ("{", Problem.UNREADABLE),
        ('{"version": "2", "items": []}', Problem.UNREADABLE),
        ("<rss><chan", Problem.UNREADABLE),
        (b"\x1f\x8b\x08 no gzip", Problem.UNREADABLE),
        (b"\x89PNG\r\n\x1a\n\x00\x00", Problem.UNREADABLE),
    ],
)
def test_what_is_no_feed_has_its_problem(body: str | bytes, problem: Problem) -> None:
    found = read(body)
    assert (found.problem, found.links) == (problem, ())


def test_an_empty_feed_is_a_feed() -> None:
    assert read(rss()).problem is None


def test_an_entry_twice_is_one_link_with_all_that_was_said() -> None:
    found = read(rss("<link>/a/1</link>", ITEM + "<pubDate>x</pubDate>"))
    assert [(link.url, link.title) for link in found.links] == [("https://elfaro.example/a/1", "La veda del arenque")]


def test_addresses_that_are_none_are_counted() -> None:
    found = read(rss("<link>javascript:alert(1)</link>", "<link>/foto.jpg</link>", "<title>ninguna</title>"))
    assert [(refused.text, refused.why.value) for refused in found.refused] == [
        ("javascript:alert(1)", "not-web"),
        ("/foto.jpg", "file"),
    ]


def test_entities_expand_nothing_and_fetch_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET", encoding="utf-8")
    bomb = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{bomb}<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    found = read(rss("<title>&l9;&x;%x;</title><link>/a/1</link>", head=head))
    assert [link.title for link in found.links] == ["&l9;&x;%x;"]
    late = rss(f"<title>T</title>{head[21:]}<description>&l9;</description><link>/a/1</link>", head="")
    assert len(repr(read(late))) < 2000


def test_a_gzip_bomb_is_unpacked_to_the_limit() -> None:
    body = gzip.compress(rss(*[ITEM] * 10).encode().replace(b"</channel></rss>", b"") + b" " * (40 << 20))
    assert read(body).problem is Problem.TOO_LARGE
    assert [link.url for link in read(body).links] == ["https://elfaro.example/a/1"]


def test_entries_have_an_end() -> None:
    found = read(rss(*(f"<link>/a/{n}</link>" for n in range(MOST + 100))))
    assert (len(found.links), found.problem) == (MOST, Problem.TOO_MANY)


def test_a_large_broken_feed_is_recovered_without_feedparser() -> None:
    items = [f"<title>{'x' * 200}</title><link>/a/{n}</link>" for n in range(LARGEST_BROKEN // 200)]
    found = read(rss(*items, "<b>open", "<link>/a/last</link>"))
    assert found.problem is Problem.BROKEN
    assert {link.url for link in found.links} > {f"https://elfaro.example/a/{n}" for n in range(len(items))}
    assert "https://elfaro.example/a/last" in {link.url for link in found.links}


@given(st.binary(max_size=300), st.integers(0, 400))
def test_any_bytes_give_an_answer(noise: bytes, at: int) -> None:
    whole = rss(ITEM, ITEM.replace("/1", "/2")).encode()
    for body in (noise, whole[:at] + noise + whole[at:], whole[:at] + noise):
        for link in read(body).links:
            assert link.url.startswith(("http://", "https://"))
