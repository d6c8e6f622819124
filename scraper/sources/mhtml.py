"""MHTML (RFC 2557): a page saved with its parts as one MIME message, by Chrome, Edge, Internet Explorer or Word."""

from __future__ import annotations

import contextlib
from email import message_from_bytes
from email.message import Message

from archive.reasons import Reason
from scraper.sources.given import Refused, Said
from scraper.sources.moments import moment
from scraper.sources.saved import saved

_HTML = ("text/html", "application/xhtml+xml")
_PLAIN = "text/plain"


def unfold(message_bytes: bytes) -> tuple[bytes, str | None, Said]:
    """The HTML part of an MHTML file: its bytes, the charset its header declares, and where and when it was saved.

    The root is the first HTML part, as browsers write it. Raises `Refused` with NOT_A_PAGE where there is none.
    """
    message = message_from_bytes(message_bytes)
    root = next((part for part in message.walk() if part.get_content_type() in _HTML and not part.is_multipart()), None)
    if root is None:
        raise Refused(Reason.NOT_A_PAGE, "the MHTML file has no HTML part")
    body = root.get_payload(decode=True)
    if not isinstance(body, bytes) or not body:
        raise Refused(Reason.EMPTY, "the HTML part of the MHTML file is empty")
    return body, root.get_content_charset(), _said(message, root, body)


def _said(message: Message, root: Message, body: bytes) -> Said:
    """`Snapshot-Content-Location` is Chrome's; others give the part its `Content-Location`."""
    addresses = (message["Snapshot-Content-Location"], root["Content-Location"], message["Content-Location"])
    web = (str(address).strip() for address in addresses if address)
    url = next((address for address in web if address.lower().startswith(("http://", "https://"))), None)
    captured_at = None
    with contextlib.suppress(ValueError):
        captured_at = moment(str(message["Date"] or ""))
    return Said("page", url=url or saved(body).url, captured_at=captured_at)
