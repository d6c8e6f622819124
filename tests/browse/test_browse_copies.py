"""The pages of copies and revisions: who ran it first, what changed; and a search that shows copies once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from archive_samples import page, store
from browse_samples import HOSTILE, get, seen
from datasette.app import Datasette

from archive.browse.serve import application

STORY = (
    "La flota de Puerto Alarcón amarró este lunes por la huelga de 320 pescadores, que piden 48 euros más por jornada. "
    "El portavoz de la cofradía, Julián Reyes, dijo que la protesta seguirá hasta el viernes si nadie los recibe.\n"
    "El ministerio respondió que estudiará la petición. La última huelga, en 2019, duró once días."
)
HOME = "https://faro.example/1"


def told(text: str, day: str, title: str = "La flota") -> dict[str, object]:
    return {"text": text, "fields": {"title": title, "published": day}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copies") / "archive"
    hostile = " ".join(HOSTILE)
    pages = [
        page("a", told(STORY, "2026-03-02"), HOME, "2026-03-02T10:00:00Z"),
        page("b", told(STORY.replace("320", "230"), "2026-03-02"), HOME, "2026-03-02T18:00:00Z"),
        page("c", told(STORY, "2026-03-02"), HOME, "2026-03-03T10:00:00Z"),
        page("d", told(STORY[:150] + "\nSuscríbete para seguir leyendo", "2026-03-02"), HOME, "2026-03-04T10:00:00Z"),
        *(
            page(
                f"m{n}",
                told(f"{STORY}\nLo contó {n} veces. {hostile}", f"2026-03-0{3 + n % 5}", HOSTILE[n % len(HOSTILE)]),
                f"https://s{n % 4}.example/{n}",
                f"2026-03-1{n % 5}T10:00:00Z",
            )
            for n in range(30)
        ),
        page("z", told("Una vaca escapó ayer de un camión por la flota. " * 9, "2026-03-09"), "https://z.example/1"),
    ]
    store(folder, pages)
    return folder


@pytest.fixture(scope="module")
def served(folder: Path) -> Datasette:
    return application(folder)


def test_an_article_says_who_ran_it_first_and_where_else(served: Datasette) -> None:
    found = seen(served, "/article/3")
    assert "32 articles with this text or most of it, on 5 sites" in found
    assert re.search(r"First by date, then by length:\s*<a href=\"/article/[12]\">faro\.example</a>", found)
    assert re.search(r"Republished by: .*s0\.example</a> 8", found)
    assert found.count("<li><a href") >= 8
    assert re.search(r"\(all \d+\)", seen(served, "/article/1"))
    assert "Copies</h3>" not in seen(served, "/article/33")


def test_what_each_copy_changed_is_shown_and_nothing_of_it_is_obeyed(served: Datasette) -> None:
    found = seen(served, "/article/1/copies")
    assert "<del>320</del>" in found
    assert "<ins>230</ins>" in found
    assert "of the runs of words of the shorter one, " in found
    assert "&lt;script&gt;" in found
    assert "<script" not in found
    assert "<img" not in found
    assert found.count("<li><h2>") == 20
    assert seen(served, "/article/1/copies?page=2").count("<li><h2>") == 11
    ids = re.findall(r' id="([^"]+)"', found)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("number", ["0", "-1", "x", "99", "9" * 30])
def test_a_page_of_copies_that_is_none_is_a_page_all_the_same(served: Datasette, number: str) -> None:
    assert "Copies of" in seen(served, f"/article/1/copies?page={number}")


def test_an_article_without_copies_says_so(served: Datasette) -> None:
    assert "No other article here has this text" in seen(served, "/article/33/copies")
    assert get(served, "/article/999/copies").status_code == 404


def test_revisions_have_their_class_and_what_changed(served: Datasette) -> None:
    found = seen(served, "/article/1/revisions")
    assert re.findall(r'<span class="tag">([a-z-]+)</span></h2>', found) == ["first", "edit", "edit"]
    assert "<strong>number 320 became 230</strong>" in found
    assert "<strong>number 230 became 320</strong>" in found
    assert "a wall: &#34;suscribete para seguir leyendo&#34;" in found


def test_many_revisions_are_shown_in_pages(tmp_path: Path) -> None:
    texts = [STORY.replace("320", str(1000 + n)) for n in range(70)]
    pages = [page(f"{n}", text, HOME, f"2026-03-01T{n // 60:02}:{n % 60:02}:00Z") for n, text in enumerate(texts)]
    store(tmp_path, pages)
    served = application(tmp_path)
    assert "Revisions 41 to 70 of 70" in seen(served, "/article/1/revisions")
    first = seen(served, "/article/1/revisions?from=1")
    assert "Revisions 1 to 30 of 70" in first
    assert "from=31" in first
    assert "Revisions 70 to 70 of 70" in seen(served, "/article/1/revisions?from=400")


def test_a_search_shows_copies_once_and_can_show_them_all(served: Datasette) -> None:
    everything = seen(served, "/search?q=flota")
    assert "32 articles" in everything
    assert "Show copies of a text once" in everything
    folded = seen(served, "/search?q=flota&fold=1")
    assert folded.count('<h2><a href="/article/') == 2
    assert "31 copies</a>" in folded
    assert "fold=0" not in folded
    assert "Show all" in folded


@pytest.mark.parametrize("query", ["q=", "q=flota&sort=relevance", "q=%22", "q=flota&site=s1.example", "q=%E2%82%AC"])
def test_a_folded_search_takes_what_any_search_takes(served: Datasette, query: str) -> None:
    both = [len(re.findall(r'<h2><a href="/article/', seen(served, f"/search?{query}&fold={n}"))) for n in (0, 1)]
    assert both[1] <= both[0]
    assert both[1] <= 3
