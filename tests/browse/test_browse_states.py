"""What pages say where something is missing or unusual: no hit, no title, no page, another direction, no pyarrow."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from archive_samples import page, text
from browse_samples import get, seen, store_given

from archive.browse.serve import application


def test_nothing_found_says_what_to_try(tmp_path: Path) -> None:
    store_given(tmp_path / "a", [page("a.txt", text("lluvia", 60), "https://a.example/1")])
    site = application(tmp_path / "a")
    found = seen(site, "/search?q=nieve&site=a.example&from=2026")
    assert "Nothing found.\n" in found
    assert '<a href="/search?q=nieve">Look for it without the filters</a> (site, from)' in found
    assert "try fewer" in found
    assert "newest first" not in found.partition("Nothing found")[2]
    assert "without the filters" not in seen(site, "/search?q=nieve")
    assert "try fewer" not in seen(site, "/search?q=lluvia")


def test_an_article_runs_as_its_script_does(tmp_path: Path) -> None:
    arabic = "وافقت بلدية القاهرة مساء أمس بعد نقاش طويل على الخطة الجديدة"
    given = {"text": arabic, "fields": {"title": "القاهرة توافق", "language": "ar", "authors": ["أحمد حسن"]}}
    latin = {"text": f"{text('nota', 40)} {arabic}", "fields": {"title": "BBC", "language": "es"}}
    store_given(tmp_path / "a", [page("ar.txt", given), page("es.txt", latin)])
    site = application(tmp_path / "a")
    assert '<article dir="rtl" lang="ar">' in seen(site, "/article/1")
    assert '<article dir="ltr" lang="es">' in seen(site, "/article/2")
    for path in ("/", "/run/1", "/search"):
        assert re.search(r'<li lang="ar" dir="rtl">\s*(<h2>)?<a href="/article/1"', seen(site, path)), path


def test_an_article_without_title_and_date_says_so(tmp_path: Path) -> None:
    store_given(tmp_path / "a", [page("a.txt", text("lluvia", 60))])
    shown = seen(application(tmp_path / "a"), "/article/1")
    assert '<h1 class="untitled">lluvia' in shown
    assert "No title was found" in shown
    assert ">undated<" in shown


def test_an_address_of_nothing_is_told_in_our_words_and_in_datasettes_own_part_in_its(tmp_path: Path) -> None:
    store_given(tmp_path / "a", [])
    site = application(tmp_path / "a")
    for path in ("/nonsense", "/article/x", "/nonsense/more"):
        answer = get(site, path)
        assert (answer.status_code, "There is no such page" in answer.text) == (404, True), path
    for path in ("/news/nonsense", "/-/nonsense"):
        answer = get(site, path)
        assert (answer.status_code, "There is no such page" in answer.text) == (404, False), path
    assert get(site, "/nonsense.json").json()["status"] == 404
    assert get(site, "/news?sql=selec").status_code == 400  # which Datasette itself tells


def test_a_form_that_needs_what_is_not_installed_is_a_page_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    store_given(tmp_path / "a", [page("a.txt", text("lluvia", 60))])
    answer = get(application(tmp_path / "a"), "/search.parquet?q=lluvia")
    assert answer.status_code == 501
    assert "pip install &#39;hemeroteca[parquet]&#39;" in answer.text


def test_an_address_that_is_not_kept_leads_on(tmp_path: Path) -> None:
    store_given(tmp_path / "a", [])
    site = application(tmp_path / "a")
    told = get(site, "/url?address=www.nope.example/x")
    assert told.status_code == 404
    assert 'href="/search?site=nope.example"' in told.text
    assert 'href="/search?site=' not in get(site, "/url?address=urn:hemeroteca:dump:00").text


_SERVE = """
import sys
from functools import partial
from pathlib import Path
from archive.browse.serve import serve
serve(Path(sys.argv[1]), "127.0.0.1", 0, partial(print, flush=True))
"""


def test_a_readers_mistake_is_no_traceback_on_the_terminal(tmp_path: Path) -> None:
    store_given(tmp_path / "a", [])
    command = [sys.executable, "-c", _SERVE, str(tmp_path / "a")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout
        address = server.stdout.readline().strip()
        for path, status in (("nonsense", 404), ("news/nonsense", 404), ("news?sql=selec", 400)):
            assert httpx.get(address + path, timeout=60).status_code == status
        server.send_signal(signal.SIGTERM)  # SIGINT is the command line's to catch
        assert server.stdout.read() == ""
