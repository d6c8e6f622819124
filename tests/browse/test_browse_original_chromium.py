"""Hostile archived pages in a real Chromium: what gets out where nothing holds them, and from the archive.

A probe proves something only where it is seen to fire unprotected, at top level and in a frame. DNS hints are not
tested: no control of theirs could be heard (`dns-prefetch`, `preconnect`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from browse_samples import html_page, store_html
from chromium import Listener, browser, listening, needs_chromium, served
from probes import FILL, PROBES, Probe

pytestmark = [needs_chromium, pytest.mark.xdist_group("chromium")]

QUIET = 2.0  # seconds in which nothing may be heard
SAMPLE = {1, *range(len(PROBES) - 6, len(PROBES) + 1)}  # a page that loads all it can, and pages that are clicked
SETTLE = 0.3  # seconds until a page can be clicked
_FRAME = f"<!doctype html><iframe src='/page/{{}}' style='{FILL}'></iframe>"
_CHECKBOX = f"<style>#c{{{FILL};opacity:0}}#c:checked~p{{font-size:5em}}</style><input id=c type=checkbox><p>text"
_WORKER = "<script>navigator.serviceWorker.register('/sw.js')</script>"


@pytest.fixture(scope="module")
def heard() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def asked() -> list[str]:
    return []


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, heard: Listener, asked: list[str]) -> Iterator[str]:
    pages = {probe.name: aimed(probe.html, heard) for probe in PROBES}
    pages |= {"checkbox": _CHECKBOX, "service-worker": _WORKER}
    heard.pages = {f"/page/{name}": html for name, html in pages.items()} | {
        f"/frame/{name}": _FRAME.format(name) for name in pages
    }
    folder = tmp_path_factory.mktemp("hostile") / "archive"
    store_html(folder, [html_page(html.encode(), f"http://evil.test/{name}", name) for name, html in pages.items()])
    with served(folder, asked) as address:
        yield address


def aimed(html: str, heard: Listener) -> str:
    return (
        html.replace("@import", "\0")
        .replace("@font-face", "\1")
        .replace("@", heard.address("evil.test"))
        .replace("\0", "@import")
        .replace("\1", "@font-face")
    )


def sweep(chromium: Any, addresses: list[tuple[Probe, str]], frame: str | None) -> Any:
    """Open every page, and click its middle (or the frame's) where it wants that; returns what is to be closed."""
    context = chromium.new_context(viewport={"width": 900, "height": 700})
    context.set_default_timeout(20_000)
    for probe, address in addresses:
        page = context.new_page()
        page.goto(address, wait_until="commit")
        if probe.click:
            page.wait_for_timeout(SETTLE * 1000)
            click(page, frame)
    return context


@pytest.fixture(scope="module")
def fired(chromium: Any, archive: str, heard: Listener) -> dict[str, set[str]]:
    """What is heard of all probes where nothing holds them, and of the archive's pages; one answer a place."""
    wanted = frozenset[str]().union(*(probe.heard for probe in PROBES))
    open_ = heard.address("control.test")
    found = {}
    for place, frame in (("page", None), ("frame", "iframe")):
        heard.hits.clear()
        context = sweep(chromium, [(probe, f"{open_}/{place}/{probe.name}") for probe in PROBES], frame)
        heard.wait(lambda hits: wanted <= set(hits))
        context.close()
        found[place] = set(heard.hits)
    for place, tail in (("capture", ""), ("original", "/original")):
        heard.hits.clear()
        addresses = [
            (probe, f"{archive}/capture/{n}{tail}") for n, probe in enumerate(PROBES, 1) if not tail or n in SAMPLE
        ]
        context = sweep(chromium, addresses, "iframe.original")
        time.sleep(QUIET)
        context.close()
        found[place] = set(heard.hits)
    return found


def click(page: Any, frame: str | None) -> None:
    if frame is None:
        page.mouse.click(450, 350)
        return
    element = page.locator(frame)
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, min(690, box["y"] + box["height"] / 2))


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
@pytest.mark.parametrize("place", ["page", "frame"])
def test_every_probe_fires_where_nothing_holds_it(fired: dict[str, set[str]], probe: Probe, place: str) -> None:
    assert probe.heard - fired[place] == set()


@pytest.mark.parametrize("place", ["capture", "original"])
def test_nothing_gets_out_of_an_original(fired: dict[str, set[str]], place: str) -> None:
    """In its frame, and where its own address is opened, which leads to the page around the frame."""
    assert fired[place] == set()


def test_a_click_reaches_the_original(chromium: Any, archive: str) -> None:
    """Else the clicks above would prove nothing."""
    page = chromium.new_page(viewport={"width": 900, "height": 700})
    page.goto(f"{archive}/capture/{len(PROBES) + 1}")
    page.wait_for_timeout(300)
    frame = page.locator("iframe.original")
    frame.scroll_into_view_if_needed()
    page.mouse.move(5, 5)
    before = frame.screenshot()
    click(page, "iframe.original")
    page.mouse.move(5, 5)
    page.wait_for_timeout(200)
    assert frame.screenshot() != before
    page.close()


def test_an_original_registers_no_service_worker(
    chromium: Any, archive: str, heard: Listener, asked: list[str]
) -> None:
    """The control's origin is loopback by its number: elsewhere there are no service workers without TLS."""
    probe = Probe("service-worker", "", frozenset({"sw.js"}))
    for kind in ("page", "frame"):
        heard.hits.clear()
        context = sweep(chromium, [(probe, f"{heard.address('127.0.0.1')}/{kind}/service-worker")], None)
        assert heard.wait(lambda hits: "sw.js" in hits), kind
        context.close()
    asked.clear()
    number = len(PROBES) + 2
    context = sweep(chromium, [(probe, f"{archive}/capture/{number}")], None)
    time.sleep(QUIET)
    context.close()
    assert f"/capture/{number}/original" in asked
    assert "/sw.js" not in asked


def test_the_style_sheet_and_the_frame_are_all_that_is_asked_for(chromium: Any, archive: str, asked: list[str]) -> None:
    asked.clear()
    page = chromium.new_page()
    page.goto(f"{archive}/capture/1")
    time.sleep(QUIET)
    page.close()
    assert set(asked) == {"/capture/1", "/capture/1/original", "/-/hemeroteca.css", "/favicon.ico"} - (
        set() if "/favicon.ico" in asked else {"/favicon.ico"}
    )


def test_a_frame_elsewhere_shows_nothing_of_the_archive(chromium: Any, archive: str, heard: Listener) -> None:
    """Clickjacking: other sites may frame neither our pages nor an original."""
    heard.pages = {
        **heard.pages,
        "/thief": f"<iframe src='{archive}/capture/1'></iframe><iframe src='{archive}/'></iframe>",
    }
    page = chromium.new_page()
    page.goto(f"{heard.address('control.test')}/thief")
    page.wait_for_timeout(int(QUIET * 1000))
    assert {frame.url for frame in page.frames[1:]} == {"chrome-error://chromewebdata/"}
    page.close()
