"""Take the pictures of the reading pages in `docs/`: the seeds are cleaned, served, and looked at in Chromium.

    python docs/screenshots.py

Needs Debian's `chromium` and the test dependencies.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from archive.browse.serve import application, listen

DOCS = Path(__file__).parent
DESK, PHONE = {"width": 1100, "height": 760}, {"width": 390, "height": 760}
PICTURES = (
    ("front", "/", DESK, "light"),
    ("search", "/search?q=agua", DESK, "light"),
    ("article", "/article/1", DESK, "light"),
    ("cleaning", "/article/1/cleaning", DESK, "light"),
    ("original", "/capture/1", DESK, "light"),
    ("article-phone-dark", "/article/1", PHONE, "dark"),
)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The archive on a free port of loopback."""
    with listen("127.0.0.1", 0) as bound:
        server = uvicorn.Server(uvicorn.Config(application(folder).app(), log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def take(browser: Browser, address: str, name: str, path: str, size: dict[str, int], scheme: str) -> None:
    """One picture, of what fits the window."""
    page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]  # two of its literals
    page.goto(address + path)
    page.wait_for_timeout(300)
    page.screenshot(path=DOCS / "pictures" / f"{name}.png")
    page.close()


def main() -> None:
    """Take them all."""
    (DOCS / "pictures").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "archive"
        command = [sys.executable, "-m", "scraper.cli", "clean", "seeds", "-q"]
        named = os.environ | {"HEMEROTECA_ARCHIVE": str(folder)}  # so that no picture shows a path of this machine
        subprocess.run(command, cwd=DOCS.parent, env=named, check=False)  # noqa: S603  # exit code 1 where a seed holds no article, which one does
        with served(folder) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for picture in PICTURES:
                take(browser, address, *picture)
            browser.close()


if __name__ == "__main__":
    main()
