"""The archived page itself, kept harmless, and its WARC record.

What a page of the web could do from here, were it let: run scripts on the archive's origin, load things, send the
reader elsewhere. Two fences keep it in, since neither does alone: the content security policy of the answer (no
script, no request, no form, no frame) and the frame it is shown in (`sandbox`, and `frame-src 'self'` of the page
around it, which stops a link that is clicked). The bytes are as they were archived, and every header is ours.
"""

from __future__ import annotations

import re
from pathlib import Path

from archive.browse.respond import HEADERS
from archive.errors import ArchiveError
from archive.model import Location, Page
from archive.warc import locate

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'; sandbox"
)
_CHARSET = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+\-]{0,39}", re.ASCII)


def headers() -> dict[str, str]:
    """All headers of the answer but its type."""
    return HEADERS | {
        "Content-Security-Policy": POLICY,
        "Content-Disposition": "inline",
        "X-DNS-Prefetch-Control": "off",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-write=(), fullscreen=()",
    }


def content_type(page: Page) -> str:
    """Text or HTML, whatever the archived answer called itself, in the charset it was declared to be in."""
    charset = page.charset if page.charset and _CHARSET.fullmatch(page.charset) else None
    if charset is None and page.media_type == "text/plain" and _is_utf8(page.body):
        charset = "utf-8"
    kind = "text/html" if page.media_type == "text/html" else "text/plain"
    return kind if charset is None else f"{kind}; charset={charset}"


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def may_show(destination: str | None) -> bool:
    """Whether a request asks for the page inside the frame (Sec-Fetch-Dest); all others are sent to the page around."""
    return destination == "iframe"


def record(folder: Path, at: Location) -> bytes:
    """The gzip member of a record as it lies in its file: a WARC file of its own. Raises ArchiveError."""
    if Path(at.file).name != at.file:
        raise ArchiveError(f"{at.file}: no name of a WARC file")
    path = locate(folder, at.file)
    try:
        with path.open("rb") as file:
            file.seek(at.offset)
            return file.read(at.length)
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read: {error.strerror}") from error
