"""MHTML: the HTML part, its charset, its transfer encoding, and where and when it was saved."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.reasons import Reason
from scraper.sources.given import Refused
from scraper.sources.mhtml import unfold

NOW = "2026-02-03T04:05:06.700000Z"
HEAD = """From: <Saved by Blink>
Snapshot-Content-Location: https://example.org/nota
Subject: =?utf-8?Q?T=C3=ADtulo?=
Date: Tue, 5 Mar 2024 10:11:12 -0000
MIME-Version: 1.0
Content-Type: multipart/related;
\ttype="text/html";
\tboundary="----B----"

"""
HTML = "<!doctype html><html><body><p>La canción del año.</p></body></html>"


def part(body: bytes, kind: str = "text/html", coding: str = "quoted-printable", **headers: str) -> bytes:
    coded = {"quoted-printable": quopri.encodestring, "base64": base64.encodebytes, "binary": bytes}[coding](body)
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    return f"------B----\nContent-Type: {kind}\nContent-Transfer-Encoding: {coding}\n{more}\n".encode() + coded + b"\n"


def message(*parts: bytes, head: str = HEAD) -> bytes:
    return (head.encode() + b"".join(parts) + b"------B------\n").replace(b"\n", b"\r\n")


@pytest.mark.parametrize("name", ["a.mhtml", "a.mht", "a.MHT", "no-ending"])
@pytest.mark.parametrize("coding", ["quoted-printable", "base64", "binary"])
def test_a_page_saved_by_chrome(folder, name, coding):
    css = part(b"p { color: red }", "text/css", Content_Location="cid:css@mhtml.blink")
    body = HTML.encode() + b"\n"
    folder.write(name, message(part(body, coding=coding, Content_Location="https://example.org/part"), css))
    page = folder.page(name)
    assert page.body.strip().replace(b"\r\n", b"\n") == HTML.encode()
    assert (page.source, page.media_type, page.url) == (name, "text/html", "https://example.org/nota")
    assert (page.captured_at, page.dated_by) == ("2024-03-05T10:11:12Z", "page")


def test_the_charset_of_the_part(folder):
    folder.write("a.mht", message(part(HTML.encode("cp1252"), 'text/html; charset="windows-1252"')))
    page = folder.page()
    assert (page.charset, page.body.strip()) == ("windows-1252", HTML.encode("cp1252"))


def test_the_address_of_the_part_where_the_message_has_none(folder):
    head = HEAD.replace("Snapshot-Content-Location: https://example.org/nota\n", "").replace("-0000", "+0100")
    folder.write("a.mht", message(part(HTML.encode(), Content_Location="http://example.org/part"), head=head))
    page = folder.page()
    assert (page.url, page.captured_at) == ("http://example.org/part", "2024-03-05T09:11:12Z")


def test_a_message_without_date_or_address(folder):
    head = 'MIME-Version: 1.0\nDate: soon\nContent-Type: multipart/related; boundary="----B----"\n\n'
    folder.write("a.mht", message(part(HTML.encode()), head=head))
    page = folder.page()
    assert (page.url, page.captured_at, page.dated_by) == (None, NOW, "clock")


def test_the_first_html_part_is_the_page(folder):
    inner = b"------B----\nContent-Type: multipart/alternative; boundary=inner\n\n"
    inner += b"--inner\nContent-Type: text/html\n\nfirst\n--inner--\n"
    folder.write("a.mht", message(part(b"x", "image/png"), inner, part(b"second")))
    assert folder.page().body.strip() == b"first"


def test_without_an_html_part(folder):
    folder.write("a.mhtml", message(part(b"text", "text/plain"), part(b"x", "image/png")))
    unread = folder.unread()
    assert (unread.reason, unread.error) == (Reason.NOT_A_PAGE, "the MHTML file has no HTML part")
    folder.write("a.mhtml", message(part(b"")))
    assert folder.unread().reason is Reason.EMPTY
    folder.write("a.mhtml", b"\x89PNG\r\n")
    assert folder.unread().reason is Reason.NOT_A_PAGE


@given(st.binary(max_size=200), st.integers(0, 700))
def test_any_bytes_are_a_page_or_refused(noise, at):
    whole = message(part(HTML.encode(), "text/html; charset=utf-8"))
    try:
        body, _, _ = unfold(whole[:at] + noise + whole[at + len(noise) :])
    except Refused as refused:
        body = str(refused).encode()
    assert body
