"""Whether pywb replays what was fetched: HTML, redirects, gzip, brotli, chunks, revisits, an address of other letters.

    python3 -m venv /tmp/pywb && /tmp/pywb/bin/pip install pywb
    python3 .ci/env.py python bench/replay_pywb.py /tmp/pywb/bin

pywb is no dependency of the project, and runs apart. An archive is made with one exchange of each kind, handed to a
collection of pywb, and asked for at the moment of each capture. Prints a line a kind; the exit code is 1 where one
is not replayed.
"""

from __future__ import annotations

import gzip
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import brotli
import httpx

from archive.model import Exchange, Outcome
from archive.reasons import Reason
from archive.store import Archive, Kept

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


def html(word: str) -> bytes:
    return f"<!DOCTYPE html><html><head><title>x</title></head><body><p>{word} ñandú</p></body></html>".encode()


def response(body: bytes, fields: bytes = b"") -> bytes:
    return HEAD + fields + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes, trailer: bytes = b"") -> bytes:
    framed = b"%x;a=b\r\n%s\r\n%x\r\n%s\r\n0\r\n" % (len(body[:20]), body[:20], len(body[20:]), body[20:])
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + framed + trailer + b"\r\n"


@dataclass(frozen=True)
class Case:
    """An exchange, and what a visitor of its replay must see: a word of the page, or where a redirect leads."""

    name: str
    url: str
    response: bytes
    word: str | None = None
    leads: str | None = None


CASES = (
    Case("html", "https://elfaro.example/html", response(html("llano")), "llano"),
    Case(
        "redirect",
        "https://elfaro.example/viejo",
        b"HTTP/1.1 301 Moved\r\nLocation: /html\r\nContent-Length: 0\r\n\r\n",
        leads="/html",
    ),
    Case(
        "gzip",
        "https://elfaro.example/gzip",
        response(gzip.compress(html("prensado")), b"Content-Encoding: gzip\r\n"),
        "prensado",
    ),
    Case(
        "brotli",
        "https://elfaro.example/br",
        response(brotli.compress(html("pan")), b"Content-Encoding: br\r\n"),
        "pan",
    ),
    Case("chunked", "https://elfaro.example/trozos", chunked(html("trozos")), "trozos"),
    Case("chunked, with a trailer", "https://elfaro.example/cola", chunked(html("cola"), b"X-T: 1\r\n"), "cola"),
    Case(
        "odd head",
        "https://elfaro.example/raro",
        b"HTTP/1.1 200\r\ncontent-TYPE:text/html\r\nX-A: b\r\n c\r\n\r\n" + html("raro"),
        "raro",
    ),
    Case("other letters", "https://elfaro.example/año/señal?q=ñ", response(html("letras")), "letras"),
    Case("other letters in the host", "https://señal.example/x", response(html("anfitrión")), "anfitrión"),
    Case("identical payload", "https://elfaro.example/html", response(html("llano"), b"X-Again: 1\r\n"), "llano"),
    Case("not modified", "https://elfaro.example/gzip", b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n', "prensado"),
    Case("a revisit of chunks", "https://elfaro.example/trozos", chunked(html("trozos"), b"X: 2\r\n"), "trozos"),
)


def moment(number: int) -> str:
    return f"2026-12-01T09:{number:02}:00.000000Z"


def write(folder: Path) -> None:
    with Archive.open(folder, lambda: "2026-12-01T08:00:00.000000Z") as archive:
        archive.start_run("bench/replay_pywb.py")
        for number, case in enumerate(CASES):
            got = Exchange(
                case.url, moment(number), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", case.response, ip="192.0.2.7"
            )
            kept = archive.keep_exchange(got, None, "page")
            if kept.page and kept.location:
                archive.record(Kept(kept.page, kept.location), Outcome("bench", reason=Reason.STUB))
            archive.commit()
        archive.finish_run("ok")


def replayed(client: httpx.Client, base: str, number: int, case: Case) -> str | None:
    """What is wrong with the replay of a case; None where nothing is."""
    stamp = "".join(c for c in moment(number)[:19] if c.isdigit())
    host, slash, path = case.url.partition("://")[2].partition("/")
    url = f"https://{host.encode('idna').decode()}{slash}{quote(path, safe='/?=&')}"
    answer = client.get(f"{base}/news/{stamp}mp_/{url}")
    if case.leads is not None:
        leads = answer.headers.get("location", "")
        return None if answer.status_code == 301 and leads.endswith(case.leads) else f"{answer.status_code} {leads}"
    if answer.status_code != 200:
        return f"status {answer.status_code}"
    return None if f"{case.word} ñandú" in answer.text else f"the page is not there: {answer.text[:80]!r}"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def main(bin_folder: Path) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        write(Path(scratch, "archive"))
        manager = [bin_folder / "wb-manager"]
        subprocess.run([*manager, "init", "news"], cwd=scratch, check=True, capture_output=True)
        files = sorted(Path(scratch, "archive", "warcs").glob("*.warc.gz"))
        subprocess.run([*manager, "add", "news", *files], cwd=scratch, check=True, capture_output=True)
        port = free_port()
        server = subprocess.Popen(
            [bin_folder / "wayback", "-b", "127.0.0.1", "-p", str(port)],
            cwd=scratch,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return show(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait(10)


def show(base: str) -> int:
    wrong = 0
    with httpx.Client(timeout=30, trust_env=False) as client:
        for _ in range(100):
            try:
                client.get(base)
                break
            except httpx.TransportError:
                time.sleep(0.3)
        for number, case in enumerate(CASES):
            problem = replayed(client, base, number, case)
            wrong += problem is not None
            print(f"{case.name:28} {problem or 'replayed'}")
    print(f"{len(CASES) - wrong} of {len(CASES)} replayed")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]).absolute()))
