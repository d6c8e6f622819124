"""Pages a second of `hemeroteca crawl` against wget and Scrapy on one site, all of it stored; and pycurl's ceiling.

    pip install scrapy pycurl
    python3 .ci/env.py python -m bench.crawl_speed [--pages 1600] [--hosts 16] [--kilobytes 80] [--rounds 3]

An invented site of so many pages on so many hosts, behind nginx on loopback, with politeness off. Everybody gets the
same addresses and up to 16 connections (one a host). hemeroteca finds them in sitemaps, captures every exchange,
cleans the pages in processes of its own and stores all in an archive; wget writes a WARC file (one connection: it
knows no more); Scrapy writes each body to a file and cleans nothing; pycurl throws everything away, and says what a
client can reach. Ratios are pages per second of CPU, of all processes of a command: over 1 we are ahead. Since nobody
else cleans, the crawl is shown a second time without its cleaners' processes: fetched, captured and stored.
"""

from __future__ import annotations

import argparse
import ctypes
import gzip
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.world.prose import sentences
from bench.world.site import Site, served
from bench.world.stories import DAY, world

DAYS = 20
SENTENCES_A_PAGE = 24  #: enough that few are in two pages: texts that share some are compared as copies, one by one
LEAP = 0.55  #: makes pages share as few runs of words as articles of the press do (931 real ones: 0.7 pairs a text)
_BE_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER (prctl(2))

SPIDER = """
import hashlib, pathlib
import scrapy

class Pages(scrapy.Spider):
    name = "pages"
    custom_settings = {"CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "ROBOTSTXT_OBEY": False,
                       "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "RETRY_ENABLED": False}

    async def start(self):
        for url in pathlib.Path(self.settings["URLS"]).read_text().split():
            yield scrapy.Request(url)

    def parse(self, response):
        name = hashlib.sha256(response.url.encode()).hexdigest()
        (pathlib.Path(self.settings["OUT"]) / name).write_bytes(response.body)
"""

CEILING = """
import pathlib, sys
import pycurl
urls = pathlib.Path(sys.argv[1]).read_text().split()
multi = pycurl.CurlMulti()
free = [pycurl.Curl() for _ in range(16)]
left, busy = iter(urls), 0
def feed():
    global busy
    while free and (url := next(left, None)) is not None:
        curl = free.pop()
        curl.setopt(pycurl.URL, url); curl.setopt(pycurl.ENCODING, "gzip"); curl.setopt(pycurl.WRITEFUNCTION, len)
        multi.add_handle(curl); busy += 1
feed()
while busy:
    multi.perform()
    _, done, failed = multi.info_read()
    assert not failed, failed
    for curl in done:
        multi.remove_handle(curl); free.append(curl); busy -= 1
    feed()
    multi.select(0.1)
"""


@dataclass(frozen=True)
class Run:
    """Wall and CPU seconds of one command, its processes included, and the pages it brought home.

    `alone`: CPU seconds of the command's own process.
    """

    seconds: float
    cpu: float
    pages: int
    alone: float = 0.0


def main() -> None:
    options = arguments()
    ctypes.CDLL(None).prctl(_BE_SUBREAPER, 1, 0, 0, 0)  # cleaners outlive their parent by a moment: count them too
    prose = sentences(7, options.pages * SENTENCES_A_PAGE, leap=LEAP)
    invented = world(7, options.hosts, DAYS, options.pages, prose)
    with tempfile.TemporaryDirectory(prefix="crawl-speed-") as scratch:
        folder = Path(scratch)
        with served(invented, folder / "site", options.port) as site:
            site.show(DAYS * DAY)
            urls = fatten(site, options.kilobytes)
            (folder / "urls.txt").write_text("\n".join(urls) + "\n")
            print(f"{len(urls)} pages of {options.kilobytes} kB on {options.hosts} hosts, {options.rounds} rounds")
            runners = contestants(site, folder)
            rounds = [{name: run() for name, run in runners.items()} for _ in range(options.rounds)]
    report(rounds)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1600)
    parser.add_argument("--hosts", type=int, default=16)
    parser.add_argument("--kilobytes", type=int, default=80)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=8947)
    return parser.parse_args()


def fatten(site: Site, kilobytes: int) -> list[str]:
    """Give every page the weight of a real one, in scripts; write whole sitemaps; return the addresses."""
    dice, urls = random.Random(3), []
    for paper in site.world.papers:
        root = site.folder / "www" / paper.ip
        found = sorted(path for path in root.rglob("*-*.html") if path.parent != root)
        for path in found:
            text = path.read_text()
            noise = "".join(f"var k{n}={dice.getrandbits(64)};\n" for n in range(kilobytes * 1000 // 32))
            path.write_text(text.replace("</body>", f"<script>{noise}</script></body>"))
        mine = [f"{site.origin(paper)}/{path.relative_to(root)}" for path in found]
        entries = "".join(f"<url><loc>{url}</loc></url>" for url in mine)
        (root / "todo.xml").write_text(
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
        )
        (root / "robots.txt").write_text("User-agent: *\nAllow: /\n")
        urls += mine
    return urls


def contestants(site: Site, folder: Path) -> dict[str, Callable[[], Run]]:
    """What can be run here, by name; what is not installed is told and left out."""
    (folder / "spider.py").write_text(SPIDER)
    (folder / "ceiling.py").write_text(CEILING)
    runners: dict[str, Callable[[], Run]] = {"hemeroteca": lambda: ours(site, folder)}
    if shutil.which("wget"):
        runners["wget"] = lambda: wget(folder)
    if installed("scrapy"):
        runners["scrapy"] = lambda: scrapy(folder)
    if installed("pycurl"):
        runners["pycurl"] = lambda: ceiling(folder)
    for name in {"wget", "scrapy", "pycurl"} - runners.keys():
        print(f"{name} is not installed, and is left out")
    return runners


def installed(name: str) -> bool:
    return subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True).returncode == 0


def ours(site: Site, folder: Path) -> Run:
    archive = folder / "archive"
    shutil.rmtree(archive, ignore_errors=True)
    archive.mkdir()
    sources = [
        f'[[source]]\nname = "{paper.ip}"\nurl = "{site.origin(paper)}/"\n'
        f'sitemaps = ["{site.origin(paper)}/todo.xml"]\n'
        'every = "0s"\ndelay = 0.0\nallow-private = true\nsince = 2000-01-01\n'
        for paper in site.world.papers
    ]
    (archive / "sources.toml").write_text('contact = "mailto:bench@example.org"\n' + "\n".join(sources))
    command = [sys.executable, "-m", "scraper.cli", "crawl", "--archive", str(archive), "--quiet"]
    seconds, cpu, alone = timed(command)
    import sqlite3

    db = sqlite3.connect(archive / "news.db")
    (pages,) = db.execute("SELECT count(*) FROM captures WHERE article_id IS NOT NULL").fetchone()
    db.close()
    return Run(seconds, cpu, pages, alone)


def wget(folder: Path) -> Run:
    out = folder / "wget"
    command = ["wget", "-q", "-i", str(folder / "urls.txt"), "--warc-file", str(out), "-O", "/dev/null"]
    seconds, cpu, _ = timed([*command, "--compression=none", "--no-warc-keep-log"])
    packed = gzip.decompress(out.with_name("wget.warc.gz").read_bytes())
    return Run(
        seconds, cpu, packed.count(b"\r\nWARC-Type: response\r\n") + packed.count(b"WARC-Type: response\r\n", 0, 40)
    )


def scrapy(folder: Path) -> Run:
    out = folder / "scrapy"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    command = [sys.executable, "-m", "scrapy", "runspider", str(folder / "spider.py"), "-s", f"OUT={out}"]
    seconds, cpu, _ = timed([*command, "-s", f"URLS={folder / 'urls.txt'}"])
    return Run(seconds, cpu, sum(1 for _ in out.iterdir()))


def ceiling(folder: Path) -> Run:
    seconds, cpu, _ = timed([sys.executable, str(folder / "ceiling.py"), str(folder / "urls.txt")])
    return Run(seconds, cpu, len((folder / "urls.txt").read_text().split()))


def timed(command: list[str]) -> tuple[float, float, float]:
    """Wall and CPU seconds of a command and all its children; CPU seconds of its own process."""
    began, before = time.monotonic(), os.times()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        _, status, own = os.wait4(process.pid, 0)
        seconds, code = time.monotonic() - began, os.waitstatus_to_exitcode(status)
        process.returncode = code
        said.seek(0)
        if code not in (0, 8):  # wget's 8: a server answered with an error
            sys.exit(f"{command[0]} ended with {code}: {said.read().decode()[-500:]}")
    reap_orphans()
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, used, own.ru_utime + own.ru_stime


def reap_orphans() -> None:
    """Wait for processes that came to us as their parent ended; nginx, a child of ours from the start, stays."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        found = [pid for pid in children() if "nginx" not in Path(f"/proc/{pid}/comm").read_text()]
        if not found:
            return
        for pid in found:
            os.waitpid(pid, os.WNOHANG)
        time.sleep(0.05)
    sys.exit("processes of a command are still there")


def children() -> list[int]:
    """Processes whose parent we are."""
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def report(rounds: list[dict[str, Run]]) -> None:
    """Medians of all rounds, and ours by theirs: with the cleaners' processes, and without."""
    for name in rounds[0]:
        runs = [each[name] for each in rounds]
        ours = [each["hemeroteca"] for each in rounds]
        whole = statistics.median(m.pages / m.cpu / (r.pages / r.cpu) for m, r in zip(ours, runs, strict=True))
        stored = statistics.median(m.pages / m.alone / (r.pages / r.cpu) for m, r in zip(ours, runs, strict=True))
        wall = statistics.median(run.pages / run.seconds for run in runs)
        cpu = statistics.median(run.pages / run.cpu for run in runs)
        print(
            f"{name:11} {runs[-1].pages:6} pages  {wall:7.1f} pages/s  {cpu:7.1f} pages/s of CPU  "
            f"ratio {whole:.2f}, without cleaning {stored:.2f}"
        )
    alone = statistics.median(each["hemeroteca"].pages / each["hemeroteca"].alone for each in rounds)
    print(f"hemeroteca without its cleaners: {alone:.1f} pages/s of CPU")


if __name__ == "__main__":
    main()
