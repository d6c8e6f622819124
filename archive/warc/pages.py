"""A page as a WARC record, and back: `page_of(record_of(page, ...)) == page`.

A dump or a file is a `resource` record, an HTTP response a `response` record with its bytes as they were received.
What a rebuild of the database needs and WARC has no field for lies in fields of our own in the same record,
percent-encoded UTF-8:

| field | meaning |
|---|---|
| `Hemeroteca-Source` | `Page.source`; its presence marks a record as written here |
| `Hemeroteca-Dated-By` | `Page.dated_by` |
| `Hemeroteca-Url` | `Page.url`, where WARC-Target-URI is not the same to the letter |
| `Hemeroteca-Charset`, `-Status`, `-Title`, `-Source-Name` | the field of `Page`; absent is None |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import get_args
from urllib.parse import quote, unquote

from archive.identity import dump_urn, is_dump_urn
from archive.model import DatedBy, MediaType, Page
from archive.reasons import Reason
from archive.warc.http import MAX_BODY, NoPage, charset_of, entity_of, media_type_of, parse_head, undo
from archive.warc.record import Record, sha256_of

_VISIBLE = "!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~"  # of ASCII, all but the space and `%`
_IN_URI = "!#$%&'()*+,-./:;=?@[]_~"  # RFC 3986: reserved, unreserved, and `%` of what is encoded already
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s]+")
_HOST = re.compile(r"https?://(?:[^/?#@]*@)?([^/?#:@\[\]]+)", re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)
_LOOSE_TIME = re.compile(
    r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d)(\.\d{1,9})?)?)?)?)?Z?", re.ASCII
)
_CHARSET = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+\-]*", re.ASCII)
_HTML = re.compile(rb"\s*(?:<!doctype\s+html|<html|<head|<!--)", re.IGNORECASE)
_KINDS: dict[str, MediaType] = {
    "text/html": "text/html",
    "application/xhtml+xml": "text/html",
    "text/plain": "text/plain",
}


def record_of(page: Page, record_id: str, warcinfo_id: str | None = None) -> Record:
    """The record that archives a page. `record_id` and `warcinfo_id` are URIs in angle brackets.

    Raises `ValueError` for a page that contradicts itself: a `captured_at` that is no UTC time, or a
    `payload_digest` that is not the one of its bytes.
    """
    if not _TIME.fullmatch(page.captured_at):
        raise ValueError(f"captured_at is no UTC time: {page.captured_at!r}")
    block = page.body if page.message is None else page.message
    payload = block if page.message is None else entity_of(parse_head(block), block)
    digest = sha256_of(payload)
    if digest != page.payload_digest:
        raise ValueError(f"payload_digest {page.payload_digest!r} is not the one of the bytes: {digest!r}")
    target = target_of(page.url, page.payload_digest)
    headers = [
        ("WARC-Type", "resource" if page.message is None else "response"),
        ("WARC-Record-ID", record_id),
        ("WARC-Date", page.captured_at),
        ("WARC-Target-URI", target),
        ("Content-Type", _content_type(page)),
        ("WARC-Payload-Digest", digest),
        ("WARC-Block-Digest", digest if page.message is None else sha256_of(block)),
        ("WARC-Identified-Payload-Type", page.media_type),
        *([("WARC-Warcinfo-ID", warcinfo_id)] if warcinfo_id else []),
        *own_fields(_stated(page, target)),
        ("Content-Length", str(len(block))),
    ]
    return Record("WARC/1.1", tuple(headers), block)


def target_of(url: str | None, payload_digest: str) -> str:
    """An address as a URI of ASCII; the stand-in of a dump where it is none."""
    uri = quote(_ascii_host(url or ""), safe=_IN_URI, errors="surrogatepass")
    return uri if _ABSOLUTE.fullmatch(uri) else dump_urn(payload_digest)


def _ascii_host(url: str) -> str:
    """The address with a host of other letters as it is asked for in the DNS (RFC 3490)."""
    match = None if url.isascii() else _HOST.match(url)
    if match is None:
        return url
    try:
        return url[: match.start(1)] + match[1].encode("idna").decode("ascii") + url[match.end(1) :]
    except UnicodeError:
        return url


def _content_type(page: Page) -> str:
    if page.message is not None:
        return "application/http;msgtype=response"
    declared = page.charset is not None and _CHARSET.fullmatch(page.charset)
    return f"{page.media_type};charset={page.charset}" if declared else page.media_type


def _stated(page: Page, target: str) -> dict[str, str | None]:
    stands_for_itself = page.url == (None if is_dump_urn(target) else target)
    return {
        "Source": page.source,
        "Dated-By": page.dated_by,
        "Url": None if stands_for_itself else page.url,
        "Charset": page.charset,
        "Status": None if page.status is None else str(page.status),
        "Title": page.title,
        "Source-Name": page.source_name,
    }


def own_fields(values: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """Header fields of our own, by their names without `Hemeroteca-`; those that are None are left out."""
    return [
        (f"Hemeroteca-{name}", quote(value, safe=_VISIBLE, errors="surrogatepass"))
        for name, value in values.items()
        if value is not None
    ]


def page_of(record: Record, source: str | None = None, limit: int = MAX_BODY) -> Page:
    """The page a `response`, `resource` or `conversion` record holds; its `body` unpacks to at most `limit` bytes.

    Without `source` the record must be one of ours, and the page is equal to the one that was written. With it the
    record is read as anybody's: it was found at `source`, and its date is the word of the WARC (`dated_by`).
    Raises `NoPage` for other records, other media types, bodies that cannot be unpacked, and dates that are none.
    """
    given = own(record, "Source")
    if source is None and given is None:
        raise NoPage(Reason.NOT_A_PAGE, "the record was not written by hemeroteca")
    if record.type not in {"response", "resource", "conversion"}:
        raise NoPage(Reason.NOT_A_PAGE, f"a record of type {record.type or 'unknown'!r} holds no page")
    page = _written_here(record, limit) if given is not None else _written_elsewhere(record, limit)
    if source is None:
        return page
    return Page(**{name: getattr(page, name) for name in Page.__slots__} | {"source": source, "dated_by": "warc"})


def _written_here(record: Record, limit: int) -> Page:
    dated_by, media_type, status = own(record, "Dated-By"), _kind(record), own(record, "Status")
    head = record.http
    if dated_by not in get_args(DatedBy) or media_type is None or not (status is None or _is_number(status)):
        raise NoPage(Reason.DAMAGED, "the record's Hemeroteca fields cannot be understood")
    payload = record.payload
    return Page(
        source=own(record, "Source") or "",
        body=undo(payload, head.codings, limit) if head else payload,
        media_type=media_type,
        captured_at=record.date,
        dated_by=dated_by,  # type: ignore[arg-type]  # just checked against the list
        url=url_of(record),
        charset=own(record, "Charset"),
        status=None if status is None else int(status),
        title=own(record, "Title"),
        source_name=own(record, "Source-Name"),
        message=record.block if head else None,
        payload_digest=sha256_of(payload),
    )


def _written_elsewhere(record: Record, limit: int) -> Page:
    head = record.http
    content_type = head.get("Content-Type") if head else record.get("Content-Type")
    payload = record.payload
    body = undo(payload, head.codings if head else (), limit)
    media_type = _kind(record, content_type, body)
    if media_type is None:
        raise NoPage(Reason.NOT_A_PAGE, f"the record holds {media_type_of(content_type) or 'an unknown type'!r}")
    return Page(
        source="",
        body=body,
        media_type=media_type,
        captured_at=_utc(record.date),
        dated_by="warc",
        url=url_of(record),
        charset=charset_of(content_type),
        status=head.status if head else None,
        message=record.block if head else None,
        payload_digest=sha256_of(payload),
    )


def _kind(record: Record, content_type: str | None = None, body: bytes = b"") -> MediaType | None:
    """What the server said, else what the crawler found, else what the first bytes are."""
    return kind_of(content_type or record.get("WARC-Identified-Payload-Type"), body)


def kind_of(content_type: str | None, body: bytes = b"") -> MediaType | None:
    """The kind of page a Content-Type names, or, where it names none, that the first bytes show; None for no page."""
    said = media_type_of(content_type)
    return _KINDS.get(said) if said else ("text/html" if _HTML.match(body) else None)


def own(record: Record, name: str) -> str | None:
    """The value of a header field of our own; None where it is not there. Raises `NoPage` where it is garbled."""
    value = record.get(f"Hemeroteca-{name}")
    if value is None:
        return None
    try:
        return unquote(value, errors="surrogatepass")
    except UnicodeDecodeError:
        raise NoPage(Reason.DAMAGED, f"the field Hemeroteca-{name} is not UTF-8: {value[:80]!r}") from None


def url_of(record: Record) -> str | None:
    """The address of what a record holds, as it was given; None for a dump without one."""
    given = own(record, "Url")
    target = record.target_uri
    return given if given is not None else (None if is_dump_urn(target) else target)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]{1,18}", text) is not None


def _utc(date: str) -> str:
    """A WARC-Date as `captured_at`: a date of lower precision (WARC/1.1, 5.4) counts from its beginning."""
    match = _LOOSE_TIME.fullmatch(date.strip())
    year, month, day, hour, minute, second, fraction = match.groups() if match else ("0",) * 7
    time = f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}"
    try:
        datetime.fromisoformat(time)
    except ValueError:
        raise NoPage(Reason.DAMAGED, f"WARC-Date is no date: {date[:80]!r}") from None
    return f"{time}{(fraction or '')[:7]}Z"


def is_page(record: Record) -> bool:
    """Whether `page_of` is worth trying: a record that holds a page, by its type and what it says of its content.

    What we fetched ourselves says where it is none: a feed, robots.txt, an answer that was cut.
    """
    if record.type not in {"response", "resource", "conversion"} or record.get("Hemeroteca-Reason") is not None:
        return False
    head = record.http
    content_type = head.get("Content-Type") if head else record.get("Content-Type")
    body = record.block[head.body_at : head.body_at + 512] if head else record.block[:512]
    return _kind(record, content_type, body) is not None
