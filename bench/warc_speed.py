"""Writing, verifying and reaching into WARC files, each beside a peer in the same run.

    python3 .ci/env.py python bench/warc_speed.py [PAGES] [--mb 1000] [--rounds 3]

PAGES is a folder of pages (*.html, *.html.gz, also further down); without it pages are made up. From them exchanges
are made, each page as often as it takes: response, request and metadata records, `--mb` megabytes of WARC files.
Ratios are by processor time, which other work on the machine disturbs least; wall time stands beside it.

- writing: the same exchanges through warcio's writer (gzip 9, which cannot be changed), and their bytes through zlib
  level 6 alone;
- verifying: `gzip -t` on the same files;
- random access: one record by offset, in ms.
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.model import Article, Exchange, Outcome
from archive.store import Archive, Kept
from archive.warc import WarcWriter, answer_of, locate, read_at, records, records_of, warc_files

NOW = "2026-12-01T08:00:00.000000Z"
SAMPLE = 60_000_000  # bytes of responses that the writers are timed on
SYLLABLES = ("ma", "ri", "to", "sa", "ne", "lo", "ca", "de", "pu", "ro", "la", "ti", "mo", "ve", "cion", "dad", "bre")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, nargs="?")
    parser.add_argument("--mb", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    pages = list(read(options.pages)) if options.pages else [made_up(n) for n in range(300)]
    print(f"{len(pages)} pages, mean {statistics.mean(map(len, pages)) / 1000:.0f} kB")
    with tempfile.TemporaryDirectory() as scratch:
        writing(pages, Path(scratch), options.rounds)
        folder = Path(scratch, "archive")
        fill(folder, pages, options.mb * 1_000_000)
        verifying(folder, options.rounds)
        reaching(folder)


def read(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*.html*")):
        data = path.read_bytes()
        yield gzip.decompress(data) if path.suffix == ".gz" else data


def made_up(number: int) -> bytes:
    chance = random.Random(number)
    links = "".join(
        f'<li class="nav-{n}"><a href="/s/{chance.random()}">{text(chance, 6)}</a></li>' for n in range(300)
    )
    said = "</p><p>".join(text(chance, 80) for _ in range(60))
    return f"<html><body><ul>{links}</ul><p>{said}</p></body></html>".encode()


def text(chance: random.Random, words: int) -> str:
    """Of invented words, so many that no two texts share a phrase: the archive looks for copies."""
    return " ".join("".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(words))


def exchange(page: bytes, number: int) -> Exchange:
    """A page as a server sends it that does not pack; each is a little different, and at another moment."""
    body = page + b"<!-- %d -->" % number
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nServer: nginx\r\nContent-Length: %d\r\n\r\n"
    url = f"https://elfaro.example/noticia-{number}"
    request = f"GET /noticia-{number} HTTP/1.1\r\nHost: elfaro.example\r\nUser-Agent: bench\r\n\r\n".encode()
    moment = f"2026-12-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.{number:06}Z"
    return Exchange(url, moment, request, head % len(body) + body, ip="192.0.2.7", milliseconds=41)


# Writing


def writing(pages: list[bytes], scratch: Path, rounds: int) -> None:
    count = max(SAMPLE // int(statistics.mean(map(len, pages))), 10)
    exchanges = [exchange(pages[n % len(pages)], n) for n in range(count)]
    size = sum(len(one.response) for one in exchanges)
    peers: dict[str, Callable[[list[Exchange], Path], int]] = {"ours": ours, "warcio": theirs, "zlib level 6": packed}
    spent: dict[str, list[float]] = {name: [] for name in peers}
    sizes: dict[str, int] = {}
    for number in range(rounds):
        for name, write in peers.items():
            begun = time.process_time()
            sizes[name] = write(exchanges, scratch / f"{name}-{number}")
            spent[name].append(time.process_time() - begun)
    print(f"\nwriting {count} exchanges, {size / 1e6:.0f} MB of responses (processor seconds, best of {rounds})")
    for name, seconds in spent.items():
        print(
            f"  {name:14} {min(seconds):6.2f} s  {size / min(seconds) / 1e6:6.1f} MB/s"
            f"  {sizes[name] / 1e6:6.1f} MB written"
        )
    print(f"  ours is {min(spent['warcio']) / min(spent['ours']):.2f} times as fast as warcio (bar 1.6), ", end="")
    print(f"and takes {min(spent['ours']) / min(spent['zlib level 6']):.2f} of zlib level 6 alone (bar 1.15)")


def ours(exchanges: list[Exchange], folder: Path) -> int:
    writer = WarcWriter(folder, NOW, "bench")
    for one in exchanges:
        judged = answer_of(one, "El Faro", "front")
        writer.group(
            lambda warcinfo, one=one, judged=judged: records_of(one, judged, "El Faro", "front", None, warcinfo)
        )  # type: ignore[misc]
    return sum(file.size for file in writer.close())


def theirs(exchanges: list[Exchange], folder: Path) -> int:
    folder.mkdir()
    path = folder / "x.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for one in exchanges:
            head, _, body = one.response.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            protocol, status = first.split(" ", 1)
            fields = [tuple(line.split(": ", 1)) for line in lines]
            http = StatusAndHeaders(status, fields, protocol=protocol)
            record = writer.create_warc_record(
                one.url, "response", io.BytesIO(body), http_headers=http, warc_headers_dict={"WARC-Date": one.started}
            )
            asked = writer.create_warc_record(
                one.url,
                "request",
                io.BytesIO(),
                http_headers=StatusAndHeaders("GET / HTTP/1.1", [("Host", "x")], is_http_request=True),
            )
            writer.write_request_response_pair(asked, record)
            told = writer.create_warc_record(
                one.url, "metadata", io.BytesIO(b"fetchTimeMs: 41\r\n"), warc_content_type="application/warc-fields"
            )
            writer.write_record(told)
        os.fsync(file.fileno())
    return path.stat().st_size


def packed(exchanges: list[Exchange], folder: Path) -> int:
    """zlib itself: the same blocks, one gzip member each, nothing else. Written and synced as well."""
    folder.mkdir()
    with (folder / "x.gz").open("wb") as file:
        for one in exchanges:
            for block in (one.response, one.request, b"fetchTimeMs: 41\r\n"):
                packer = zlib.compressobj(6, zlib.DEFLATED, 31)
                file.write(packer.compress(block) + packer.flush())
        os.fsync(file.fileno())
        return file.tell()


# Verifying


def fill(folder: Path, pages: list[bytes], size: int) -> None:
    """An archive of so many bytes of WARC files, all its pages articles."""
    begun, chance, number = time.perf_counter(), random.Random(1), 0
    with Archive.open(folder, lambda: NOW) as archive:
        archive.start_run("bench/warc_speed.py")
        written = 0
        while written < size:
            kept = archive.keep_exchange(exchange(pages[number % len(pages)], number), "El Faro", "page")
            assert kept.page is not None
            assert kept.location is not None
            written = kept.location.offset + kept.location.length
            archive.record(Kept(kept.page, kept.location), Outcome("bench", Article(text(chance, 400))))
            number += 1
            if number % 500 == 0:
                archive.commit()
        archive.finish_run("ok")
    done = sum(path.stat().st_size for path in warc_files(folder / "warcs"))
    seconds = time.perf_counter() - begun
    print(f"\nan archive of {number} pages, {done / 1e6:.0f} MB of WARC files, made in {seconds:.0f} s")


def verifying(folder: Path, rounds: int) -> None:
    gzip_tool = shutil.which("gzip")
    assert gzip_tool is not None
    files = [str(path) for path in warc_files(folder / "warcs")]
    commands = {
        "gzip -t": [gzip_tool, "-t", *files],
        "hemeroteca verify": [sys.executable, "-m", "scraper.cli", "verify", "--archive", str(folder)],
    }
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            spent[name].append(timed(command))
    print(f"verifying, processor seconds and wall seconds, best of {rounds}")
    for name, times in spent.items():
        print(f"  {name:18} {min(cpu for cpu, _ in times):7.2f} {min(wall for _, wall in times):7.2f}")
    ratio = min(cpu for cpu, _ in spent["gzip -t"]) / min(cpu for cpu, _ in spent["hemeroteca verify"])
    print(f"  verify has {ratio:.2f} of the speed of gzip -t (bar 0.5), digests and rows checked")


def timed(command: list[str]) -> tuple[float, float]:
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": str(Path.cwd())})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - begun


# Random access


def reaching(folder: Path) -> None:
    places = [
        found.location
        for path in warc_files(folder / "warcs")[:1]
        for found, _ in zip(records(path), range(30_000), strict=False)
    ]
    chance = random.Random(2)
    took: list[float] = []
    busy: list[float] = []
    for at in (chance.choice(places[1::3]) for _ in range(2_000)):
        begun, cpu = time.perf_counter(), time.process_time()
        read_at(locate(folder / "warcs", at.file), at.offset, at.length)
        took.append((time.perf_counter() - begun) * 1000)
        busy.append((time.process_time() - cpu) * 1000)
    for name, times in (("wall", sorted(took)), ("processor", sorted(busy))):
        print(f"random access, {name} time: median {times[1000]:.2f} ms, p95 {times[1900]:.2f} ms (bar 1 ms)")


if __name__ == "__main__":
    main()
