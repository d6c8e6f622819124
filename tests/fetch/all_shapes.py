"""An archive with an exchange of every shape, written without a network: what the wire tests see received is given."""

from __future__ import annotations

from pathlib import Path

from exchange_samples import exchange, ticking
from shapes import SHAPES

from archive.model import Truncated
from archive.store import Archive

_TRUNCATED: dict[str, Truncated] = {"time": "time", "disconnect": "disconnect", "protocol": "unspecified"}


def address(number: int) -> str:
    return f"https://señal.example/{number}/año?q=ñ&x=1"


def write(folder: Path) -> None:
    """Each shape at an address of its own, and again the next day; then a 304 for each."""
    for day in (1, 2, 3):
        with Archive.open(folder, ticking(day)) as archive:
            archive.start_run("hemeroteca crawl", {"operator": "mailto:ana@elfaro.example", "robots": "classic"})
            for number, shape in enumerate(SHAPES.values()):
                truncated = _TRUNCATED.get(shape.failure or "") if shape.sent else None
                got = exchange(
                    shape.sent if day < 3 else b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n',
                    url=address(number),
                    at=f"2026-12-{day:02}T09:{number:02}:00.000000Z",
                    truncated=truncated if day < 3 else None,
                    tls="TLSv1.3 TLS_AES_256_GCM_SHA384" if number % 2 else None,
                    ip="2001:db8::7" if number % 3 else "192.0.2.7",
                    error=shape.failure,
                    via="https://señal.example/" if number % 2 else None,
                )
                archive.keep_exchange(got, "El Faro", "front")
            archive.finish_run("ok")
