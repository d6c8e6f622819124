"""Writing into sources.toml: what a person wrote stays, byte for byte."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.settings import read_settings
from scraper.sourcefile import Entry, free_name, save, with_contact, with_entry

URL = "https://elfaro.example/"
ENTRY = Entry(
    name="elfaro.example",
    url=URL,
    note="El Faro\x1b[31m\n[[source]]",
    feeds=[(URL + "rss.xml", "40 links")],
    sections=[(URL, "")],
    further=[URL + "mundo/"],
    since="7d",
    delay=0.0,
    allow_private=True,
    proxy="http://proxy.example:3128",
)
MINE = """# mine\r
contact   =  'mailto:a@elfaro.example'   # odd spacing

[[source]]  # first
name = "otro"
url = "https://otro.example/"
# a comment at the end, without a line end"""


def test_an_entry_is_added_below_what_a_person_wrote() -> None:
    text = with_entry(MINE, ENTRY)
    assert text.startswith(MINE + "\n")
    settings = read_settings(text, Path("sources.toml"))
    assert [source.name for source in settings.sources] == ["otro", "elfaro.example"]
    source = settings.sources[1]
    assert source.proxy == "http://proxy.example:3128"
    assert (source.feeds, source.sections, source.delay, source.allow_private) == (
        (URL + "rss.xml",),
        (URL,),
        0.0,
        True,
    )
    assert "\x1b" not in text


def test_a_contact_is_set_at_its_place_or_at_the_top() -> None:
    text = with_contact(MINE, "mailto:b@elfaro.example")
    assert text == MINE.replace("'mailto:a@elfaro.example'", '"mailto:b@elfaro.example"')
    bare = '# mine\n[[source]]\nurl = "https://otro.example/"\n'
    assert with_contact(bare, "mailto:b@elfaro.example").endswith("\n\n" + bare)
    assert read_settings(with_contact(bare, "mailto:b@elfaro.example"), Path("x")).contact == "mailto:b@elfaro.example"
    assert tomllib.loads(with_contact("", "mailto:b@elfaro.example")) == {"contact": "mailto:b@elfaro.example"}


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_a_site_calls_itself_is_one_comment(title: str, note: str) -> None:
    entry = Entry(name="x", url=URL, note=title, feeds=[(URL + "rss.xml", note)])
    data = tomllib.loads(with_entry("", entry))
    assert data == {"source": [{"name": "x", "url": URL, "feeds": [URL + "rss.xml"], "every": "1h"}]}


def test_saving_replaces_the_file_in_one_step_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "archive" / "sources.toml"
    save(path, "a = 1\n")
    path.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    save(link, "a = 2\r\n")
    assert path.read_bytes() == b"a = 2\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert [file.name for file in path.parent.iterdir()] == ["sources.toml"]
    with pytest.raises(UnicodeEncodeError):
        save(path, "\ud800")
    assert path.read_bytes() == b"a = 2\r\n"
    assert [file.name for file in path.parent.iterdir()] == ["sources.toml"]


def test_a_name_that_is_taken_gets_a_number() -> None:
    settings = read_settings(with_entry("", ENTRY), Path("x"))
    assert free_name("otro", settings) == "otro"
    assert free_name("elfaro.example", settings) == "elfaro.example-2"
