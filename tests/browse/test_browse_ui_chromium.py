"""A reader in a real Chromium: finds an article, reads it, compares it, sees the original; by keyboard, on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from archive_samples import page, text
from browse_samples import store_given
from chromium import browser, needs_chromium, served

pytestmark = [needs_chromium, pytest.mark.xdist_group("chromium")]

OWN = [
    "/",
    "/search?q=noche&sort=relevance&from=x",
    "/article/1",
    "/article/1/cleaning",
    "/article/2/revisions",
    "/article/24",
    "/article/24/copies",
    "/search?q=cofradia&fold=1",
    "/search?q=nothinglikethis",
    "/capture/1",
    "/capture/9",
    "/url",
    "/runs",
    "/run/1",
    "/url?address=https://c.example/2",
    "/article/99",
    "/search?q=inundacion",
    "/search?q=nieve&site=a.example",
    "/url?address=https://nope.example/x",
    "/nonsense",
]
PHONE = {"width": 320, "height": 640}
STORY = (
    "La flota de Puerto Alarcón amarró este lunes por la huelga de 320 pescadores, que piden 48 euros más por jornada. "
    "El portavoz de la cofradía, Julián Reyes, dijo que la protesta seguirá hasta el viernes si nadie los recibe.\n"
    "El ministerio respondió que estudiará la petición. La última huelga, en 2019, duró once días."
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("ui") / "archive"
    fields = {"title": "Inundación en el valle", "authors": ["Ana Díaz"], "section": "Mundo", "language": "es"}
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
    body = f"{text('inundación', 60)}\n{long}\n{text('segundo', 50)}"
    first = {"text": body, "fields": fields | {"published": "2026-11-01"}, "removed": ["Menú", f"x{long}"]}
    old, new = ({"text": text(name, 90), "fields": fields | {"title": name}} for name in ("primera", "corregida"))
    days = [(date(2026, 11, 20) - timedelta(days=n)).isoformat() for n in range(20)]
    more = [
        page(
            f"{n}.txt",
            {"text": text(f"nota{n}", 60), "fields": fields | {"published": day}},
            f"https://s{n % 8}.example/{n}",
        )
        for n, day in enumerate(days)
    ]
    flota = fields | {"title": "La flota amarra", "published": "2026-11-03"}
    copied = [
        page(f"f{n}.txt", {"text": STORY.replace("320", amount), "fields": flota}, f"https://f{n}.example/flota")
        for n, amount in enumerate(("320", "302"))
    ]
    pages = [
        page("a.txt", first, f"https://a.example/{long}"),
        page("c.txt", old, "https://c.example/2", "2026-11-01T10:00:00Z"),
        page("c.txt", new, "https://c.example/2", "2026-11-02T10:00:00Z"),
        *more[:5],
        page("bad.txt", {"reason": "crash", "error": "boom"}, "https://e.example/4"),
        *more[5:],
        *copied,
    ]
    store_given(folder, pages)
    with served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.fixture
def reader(chromium: Any, archive: str) -> Iterator[Any]:
    context = chromium.new_context(base_url=archive, viewport={"width": 1100, "height": 800})
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def test_a_reader_searches_opens_compares_and_sees_the_original(reader: Any) -> None:
    reader.goto("/")
    reader.get_by_label("Search titles and texts").fill("inundacion segundo")
    reader.get_by_role("button", name="Search").click()
    assert reader.locator("mark").first.inner_text() == "Inundación"
    reader.get_by_role("link", name="Inundación en el valle").click()
    assert reader.locator("article h1").inner_text() == "Inundación en el valle"
    reader.get_by_role("link", name="What was kept and what was cut").click()
    assert reader.locator("tr.dropped del").first.inner_text() == "Menú"
    reader.get_by_role("link", name="capture 1").click()
    assert "/capture/1" in reader.url
    assert "inundaci\\u00f3n" in reader.frame_locator("iframe").locator("body").inner_text()


def test_by_keyboard_only(reader: Any) -> None:
    reader.goto("/")
    reader.keyboard.press("Tab")
    assert reader.evaluate("document.activeElement.className") == "skip"
    for _ in range(10):
        reader.keyboard.press("Tab")
        if reader.evaluate("document.activeElement.id") == "q":
            break
    reader.keyboard.type("corregida")
    reader.keyboard.press("Enter")
    reader.wait_for_url("**/search?**")
    for _ in range(30):
        reader.keyboard.press("Tab")
        if reader.evaluate("document.activeElement.matches('.hits a')"):
            break
    outline = reader.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    reader.keyboard.press("Enter")
    reader.wait_for_url(re.compile(r"/article/\d+$"))


def test_a_search_is_taken_along_by_keyboard(reader: Any) -> None:
    reader.goto("/search?q=noche")
    reader.get_by_text("Take all of it along").focus()
    reader.keyboard.press("Enter")
    reader.keyboard.press("Tab")
    assert reader.evaluate("document.activeElement.textContent") == "CSV, a table"
    with reader.expect_download() as begun:
        reader.keyboard.press("Enter")
    assert begun.value.suggested_filename == "hemeroteca-noche.csv"
    rows = Path(begun.value.path()).read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("id,url,site,title")
    assert len(rows) > 20


@pytest.mark.parametrize("path", OWN)
def test_nothing_is_wider_than_a_phone(reader: Any, path: str) -> None:
    reader.set_viewport_size(PHONE)
    reader.goto(path)
    assert reader.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", OWN)
def test_axe_finds_nothing(reader: Any, path: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    reader.emulate_media(color_scheme=scheme)
    reader.goto(path)
    found = Axe().run(reader, options={"iframes": False})
    assert found.violations_count == 0, found.generate_report()


def test_copies_are_found_and_compared(reader: Any) -> None:
    reader.goto("/article/24")
    reader.get_by_role("link", name="What each copy changed").click()
    assert "/article/24/copies" in reader.url
    assert reader.locator("del").first.inner_text() == "320"
    assert reader.locator("ins").first.inner_text() == "302"


@pytest.mark.parametrize("width", [390, 1100, 1600])
def test_filters_stand_beside_each_other(reader: Any, width: int) -> None:
    reader.set_viewport_size({"width": width, "height": 800})
    reader.goto("/search?site=a.example")
    boxes = [box.bounding_box() for box in reader.locator(".filters input, .filters select").all()]
    main = reader.locator("main").bounding_box()
    assert len(boxes) == 7
    for box, after in pairwise(boxes):
        assert box["x"] + box["width"] < after["x"] or box["y"] + box["height"] < after["y"]
    assert max(box["x"] + box["width"] for box in boxes) <= main["x"] + main["width"]


def test_dark_mode_and_paper(reader: Any) -> None:
    grounds = {}
    reader.goto("/article/1")
    for scheme in ("light", "dark"):
        reader.emulate_media(color_scheme=scheme)
        grounds[scheme] = reader.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", grounds["dark"])[:3])) < 150
    assert sum(map(int, re.findall(r"\d+", grounds["light"])[:3])) > 600
    reader.emulate_media(media="print")
    assert not reader.locator("aside").is_visible()
    assert reader.locator("article .text").is_visible()
    assert reader.locator("article .paper").inner_text().startswith("https://a.example/")


def test_the_pages_ask_for_nothing_elsewhere_and_break_no_rule_of_their_own(reader: Any, archive: str) -> None:
    said: list[str] = []
    asked: list[str] = []
    reader.on("console", lambda message: said.append(message.text))
    reader.on("request", lambda request: asked.append(request.url))
    for path in OWN:
        reader.goto(path)
    assert all(address.startswith(archive) for address in asked)
    assert [line for line in said if "404" not in line] == []
