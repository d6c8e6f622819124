"""sources.toml: what it may say, and how a mistake is told."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from archive.errors import SettingsError
from scraper.settings import contact_of, duration, load_settings, read_settings, source_keys

PATH = Path("sources.toml")
WHOLE = """
contact = "mailto:archive@elfaro.example"

[[source]]
name = "elfaro"
url = "https://elfaro.example/"
feeds = ["https://elfaro.example/rss.xml"]
sitemaps = ["https://elfaro.example/news.xml"]
sections = ["https://elfaro.example/mundo/"]
every = "30m"
delay = 5
allow-private = true
since = 2031-01-31
max-pages = 50
again = ["1d", "1h"]
skip = ["/horoscopo/*", "*?print=1"]
only = ["/mundo/*", "/local/*"]
http2 = true
proxy = "environment"
muted-until = "2031-06-01"

[[source]]
url = "https://www.otro.example/"
"""


def test_everything_that_can_be_said() -> None:
    settings = read_settings(WHOLE, PATH)
    assert settings.operator == "mailto:archive@elfaro.example"
    one, other = settings.sources
    assert (one.name, one.every, one.delay, one.allow_private, one.max_pages) == ("elfaro", 1800, 5.0, True, 50)
    assert (one.again, one.http2, one.muted_until) == ((3600, 86400), True, date(2031, 6, 1))
    assert (one.proxy, other.proxy) == ("environment", None)
    assert one.first_day(date(2032, 1, 1)) == date(2031, 1, 31)
    assert one.places == (
        "https://elfaro.example/rss.xml",
        "https://elfaro.example/news.xml",
        "https://elfaro.example/mundo/",
    )
    assert (other.name, other.every, other.delay, other.allow_private) == ("otro.example", 3600, 2.0, False)
    assert other.first_day(date(2031, 1, 31)) == date(2031, 1, 1)
    assert other.places == other.fronts == ("https://www.otro.example/",)
    assert settings.chosen(["otro.example"]) == (other,)
    assert settings.chosen([]) == (one, other)


@pytest.mark.parametrize(
    ("address", "pattern"),
    [
        ("https://elfaro.example/mundo/a", None),
        ("https://elfaro.example/horoscopo/aries", "/horoscopo/*"),
        ("https://elfaro.example/mundo/a?print=1", "*?print=1"),
        ("https://elfaro.example/deportes/a", "not in only"),
    ],
)
def test_which_pattern_keeps_an_address_out(address: str, pattern: str | None) -> None:
    assert read_settings(WHOLE, PATH).sources[0].filtered(address) == pattern


SOURCE = '[[source]]\nname = "x"\nurl = "https://elfaro.example/"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("contact = 3", 'key contact: "mailto:you@example.org" or a web address is needed, not 3'),
        ("contact = 'me'", "key contact"),
        ("contakt = 'mailto:a@b.example'", "unknown key contakt (did you mean contact?)"),
        ("[source]\nurl = 'https://x.example/'", "write [[source]], in double brackets"),
        ("[[source]]\nname = 'x'", "[[source]] x: key url: an address like https://example.org/ is needed, not None"),
        ("[[source]]\nurl = 'elfaro.example'", "key url"),
        (SOURCE + "feed = ['https://elfaro.example/rss']", "unknown key feed (did you mean feeds?)"),
        (SOURCE + "allow_private = true", "unknown key allow_private (did you mean allow-private?)"),
        (SOURCE + "feeds = 'https://elfaro.example/rss'", "key feeds: a list of texts is needed"),
        (SOURCE + "feeds = ['/rss']", "key feeds: an address like"),
        (SOURCE + "proxy = 'socks5://p.example:1'", 'key proxy: an address like "http://proxy.example.org:3128"'),
        (SOURCE + "every = 3600", 'key every: a time like "1h", "30m" or "0s" is needed, not 3600'),
        (SOURCE + "every = '1 hour'", "key every"),
        (SOURCE + "delay = -1", "key delay: a number of seconds from 0 on is needed, not -1"),
        (SOURCE + "delay = nan", "key delay"),
        (SOURCE + "delay = true", "key delay"),
        (SOURCE + "allow-private = 'yes'", "key allow-private: true or false is needed"),
        (SOURCE + "since = 'always'", "key since"),
        (SOURCE + "max-pages = 0", "key max-pages"),
        (SOURCE + "again = ['1x']", "key again"),
        (SOURCE + "muted-until = '2031-02-30'", "key muted-until: a day like"),
        (SOURCE + SOURCE, "two sources named x"),
        (SOURCE.replace('"x"', '"a/b"'), "key name"),
        ("no toml [", "cannot be read as TOML"),
    ],
)
def test_a_mistake_is_one_line_with_file_and_key(text: str, says: str) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings(text, PATH)
    assert says in str(error.value)
    assert str(error.value).startswith("sources.toml: ")
    assert "\n" not in str(error.value)


def test_no_file_no_contact_no_such_source(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="hemeroteca add"):
        load_settings(tmp_path)
    (tmp_path / "sources.toml").write_text(SOURCE, encoding="utf-8")
    settings = load_settings(tmp_path)
    with pytest.raises(SettingsError, match="no contact"):
        _ = settings.operator
    with pytest.raises(SettingsError, match=r"there is no source xx \(did you mean x\?\)"):
        settings.chosen(["xx"])


def test_times_and_contacts() -> None:
    assert [duration(text) for text in ("0s", "90s", "15m", "1h", "7d", "4w", "1.5h")] == [
        0, 90, 900, 3600, 604800, 2419200, 5400,
    ]  # fmt: skip
    assert {duration(text) for text in ("", "1", "h", "-1h", "1h30m", None, 3)} == {None}
    assert contact_of("me@elfaro.example") == "mailto:me@elfaro.example"
    assert contact_of("https://elfaro.example/bot") == "https://elfaro.example/bot"
    assert {contact_of(text) for text in ("me", "tel:1", "mailto:x", "a b@c.example", "me@elfaro.example\r\nX: y")} == {
        None
    }


def test_all_keys_have_their_name() -> None:
    assert set(source_keys()) >= {"name", "url", "feeds", "allow-private", "max-pages", "muted-until"}
    assert read_settings(WHOLE, PATH).sources[0].since == date(2031, 1, 31)
    assert read_settings(SOURCE + 'since = "7d"', PATH).sources[0].since == timedelta(days=7)
