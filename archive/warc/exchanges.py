"""An HTTP exchange as WARC records, and back.

| what came | its record |
|---|---|
| a response | `response`: the bytes as received, interim responses and what follows its end left out |
| one whose payload is on the disk already, from the same address | `revisit`, identical-payload-digest: its head |
| 304 Not Modified to a question about a capture that is here | `revisit`, server-not-modified: empty |
| bytes without a head of a response | `resource`, `application/octet-stream`, at an address of its own |

Beside it stand a `request`, and a `metadata` record (WARC/1.1, 6.7) with `via`, `hopsFromSeed`, `fetchTimeMs`, and
what the main record leaves out (`interim`, `excess`, `head` of a 304; percent-encoded). All that the database must know
is in the main record itself, in the fields that `archive.warc.pages` describes, with dated-by `fetch`, and in:

| field | meaning |
|---|---|
| `Hemeroteca-Purpose` | `Wire.purpose`; its presence marks a record as that of an exchange |
| `Hemeroteca-Reason`, `-Error` | why it is no page that can be cleaned |
| `Hemeroteca-Milliseconds`, `-Tls`, `-Via`, `-Hops`, `-Rebuilt` | the field of `Wire` |

Payload digests are over the entity with its content coding kept and its transfer coding removed
(iipc/warc-specifications#22). No revisit refers to a revisit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import get_args
from urllib.parse import quote

from archive.model import DatedBy, Exchange, MediaType, Page, Purpose, Truncated, Wire
from archive.reasons import Reason
from archive.warc.framing import Framed, framed
from archive.warc.http import MAX_BODY, HttpHead, NoPage, charset_of, entity_of, undo
from archive.warc.notes import FIELDS, Note, note_record
from archive.warc.pages import kind_of, own, own_fields, target_of, url_of
from archive.warc.record import Record, new_id, sha256_of

_IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_TLS = re.compile(r"[\w.\-]+(?: [\w.\-]+)?", re.ASCII)
_OTHER_BYTES = 64 * 1024  # of interim responses or of excess, as far as the metadata record tells them
_FETCH: DatedBy = "fetch"


@dataclass(frozen=True, slots=True)
class Original:
    """The record a revisit refers to: its id, address, date and payload digest."""

    record_id: str
    target: str
    date: str
    payload_digest: str

    @classmethod
    def of(cls, record: Record) -> Original:
        """A `response` record as what is referred to."""
        return cls(record.record_id, record.target_uri or "", record.date, sha256_of(record.payload))


@dataclass(frozen=True, slots=True)
class Wired:
    """One exchange as the database knows it. Without a `reason` it brought a page that is to be cleaned.

    `refers_to` is the date of the capture, of the same address and payload digest, whose bytes a revisit stands for.
    """

    source: str
    url: str
    captured_at: str
    status: int | None
    payload_digest: str
    source_name: str | None
    wire: Wire
    reason: Reason | None = None
    error: str | None = None
    media_type: MediaType | None = None
    refers_to: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """The bytes received, taken apart: payload, and `body`, its content codings undone.

    `body` is None where there is no head of a response, or where `refused` says that it cannot be unpacked.
    """

    frame: Framed
    payload: bytes
    body: bytes | None = None
    refused: NoPage | None = None

    @classmethod
    def of(cls, response: bytes) -> Received:
        """Take apart what came after one GET request."""
        frame = framed(response)
        head = frame.head
        if head is None:
            return cls(frame, frame.message)
        payload = entity_of(head, frame.message)
        try:
            return cls(frame, payload, undo(payload, head.codings, MAX_BODY))
        except NoPage as refused:
            return cls(frame, payload, None, refused)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back of an exchange, judged: `reason` why it is no page, or `page`. `digest` is of the payload."""

    frame: Framed
    payload: bytes
    digest: str
    page: Page | None
    reason: Reason | None
    error: str | None

    @property
    def status(self) -> int | None:
        """The status code; None where there is no head."""
        return self.frame.head.status if self.frame.head else None


def answer_of(
    exchange: Exchange,
    source_name: str | None,
    purpose: Purpose,
    reason: Reason | None = None,
    received: Received | None = None,
) -> Answer:
    """Judge an exchange of which something came back; a `reason` that is given stands.

    With `noarchive` or `reserved` the body is left out: only the head is kept. `received` is the response taken apart,
    where the caller did that already.
    """
    received = received or Received.of(exchange.response)
    frame, payload = received.frame, received.payload
    if reason in (Reason.NOARCHIVE, Reason.RESERVED) and frame.head is not None:
        head = frame.head
        frame = Framed(frame.interim, frame.message[: head.body_at], b"", head, complete=False)
        payload = entity_of(head, frame.message)
    digest, error = sha256_of(payload), exchange.error
    reason = reason or _reason(exchange, frame, purpose)
    page = None
    if reason is None and frame.head is not None:
        try:
            page = _page(exchange, received, frame.head, digest, source_name)
        except NoPage as refused:
            reason, error = refused.reason, str(refused)
    return Answer(frame, payload, digest, page, reason, error)


def _reason(exchange: Exchange, frame: Framed, purpose: Purpose) -> Reason | None:
    """Why an answer is no page to be cleaned, as far as its head and its end tell."""
    if frame.head is None:
        return Reason.GARBLED
    by_status = _reason_of_status(frame.head)
    if by_status is not None:
        return by_status
    if exchange.truncated is not None or not frame.complete:
        return Reason.TOO_LARGE if exchange.truncated == "length" else Reason.TRUNCATED
    return _OF_PURPOSE.get(purpose)


_OF_PURPOSE: dict[Purpose, Reason] = {
    "feed": Reason.FEED,
    "sitemap": Reason.SITEMAP,
    "front": Reason.FRONT,
    "robots": Reason.ROBOTS,
}


def _reason_of_status(head: HttpHead) -> Reason | None:
    status = head.status or 0
    if status == 304:
        return Reason.NOT_MODIFIED
    if 300 <= status < 400 and head.get("Location") is not None:
        return Reason.REDIRECT
    if status in {404, 410}:
        return Reason.GONE
    return None if status == 200 else Reason.HTTP_ERROR


def _page(exchange: Exchange, received: Received, head: HttpHead, digest: str, source_name: str | None) -> Page:
    content_type, body = head.get("Content-Type"), received.body
    if received.refused is not None or body is None:
        raise received.refused or NoPage(Reason.GARBLED, "there is no body")
    media_type = kind_of(content_type, body)
    if media_type is None:
        raise NoPage(Reason.NOT_A_PAGE, f"the answer is of the type {content_type!r}"[:200])
    return Page(
        source=exchange.url,
        body=body,
        media_type=media_type,
        captured_at=exchange.started,
        dated_by=_FETCH,
        url=exchange.url,
        charset=charset_of(content_type),
        status=head.status,
        source_name=source_name,
        message=received.frame.message,
        payload_digest=digest,
    )


def main_record(
    exchange: Exchange,
    answer: Answer,
    source_name: str | None,
    purpose: Purpose,
    record_id: str,
    warcinfo_id: str,
    original: Original | None = None,
) -> Record:
    """The record of what came back: `response`, `resource`, or, where `original` holds it already, `revisit`."""
    digest = original.payload_digest if original else answer.digest
    target = target_of(exchange.url, digest)
    if answer.frame.head is None:
        target = "urn:hemeroteca:received:" + digest.removeprefix("sha256:")
    block, kind, content_type = _block(answer, original)
    told = _truncated(exchange, answer, original)
    headers = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", record_id),
        ("WARC-Date", exchange.started),
        ("WARC-Target-URI", target),
        *([("Content-Type", content_type)] if content_type else []),
        ("WARC-Payload-Digest", digest),
        ("WARC-Block-Digest", sha256_of(block)),
        *_refers(answer, original),
        *([("WARC-IP-Address", address)] if (address := _address(exchange.ip)) else []),
        *_protocol(exchange),
        *([("WARC-Truncated", told)] if told else []),
        *([("WARC-Identified-Payload-Type", answer.page.media_type)] if answer.page else []),
        ("WARC-Warcinfo-ID", warcinfo_id),
        *own_fields(_stated(exchange, answer, source_name, purpose, target)),
        ("Content-Length", str(len(block))),
    ]
    return Record("WARC/1.1", tuple(headers), block)


def _block(answer: Answer, original: Original | None) -> tuple[bytes, str, str | None]:
    """Block, record type and content type."""
    frame = answer.frame
    if frame.head is None:
        return frame.message, "resource", "application/octet-stream"
    if original is None:
        return frame.message, "response", "application/http;msgtype=response"
    head = b"" if answer.status == 304 else frame.message[: frame.head.body_at]
    return head, "revisit", "application/http;msgtype=response"


def _refers(answer: Answer, original: Original | None) -> list[tuple[str, str]]:
    if original is None:
        return []
    return [
        ("WARC-Profile", _NOT_MODIFIED if answer.status == 304 else _IDENTICAL),
        ("WARC-Refers-To", original.record_id),
        ("WARC-Refers-To-Target-URI", original.target),
        ("WARC-Refers-To-Date", original.date),
    ]


def _truncated(exchange: Exchange, answer: Answer, original: Original | None) -> Truncated | None:
    if original is not None:
        return "length"
    if exchange.truncated is None and answer.frame.head is not None and not answer.frame.complete:
        return "unspecified"
    return exchange.truncated


def _address(ip: str | None) -> str | None:
    """RFC 5952 form, without a zone (iipc/warc-specifications#100)."""
    try:
        return ip_address((ip or "").partition("%")[0]).compressed
    except ValueError:
        return None


def _protocol(exchange: Exchange) -> list[tuple[str, str]]:
    """What was spoken (iipc/warc-specifications#42)."""
    if exchange.tls is None or not _TLS.fullmatch(exchange.tls):
        return [("WARC-Protocol", exchange.protocol)]
    version, _, suite = exchange.tls.partition(" ")
    named = version.lower().replace("tlsv", "tls/").removesuffix(".0")
    cipher = [("WARC-Cipher-Suite", suite)] if suite else []
    return [("WARC-Protocol", exchange.protocol), ("WARC-Protocol", named), *cipher]


def _stated(
    exchange: Exchange, answer: Answer, source_name: str | None, purpose: Purpose, target: str
) -> dict[str, str | None]:
    charset = answer.page.charset if answer.page else None
    return {
        "Source": exchange.url,
        "Dated-By": _FETCH,
        "Url": None if exchange.url == target else exchange.url,
        "Charset": charset,
        "Status": None if answer.status is None else str(answer.status),
        "Source-Name": source_name,
        "Purpose": purpose,
        "Reason": answer.reason,
        "Error": answer.error,
        "Milliseconds": str(exchange.milliseconds),
        "Tls": exchange.tls,
        "Via": exchange.via,
        "Hops": exchange.hops or None,
        "Rebuilt": "yes" if exchange.rebuilt else None,
    }


def request_record(exchange: Exchange, main_id: str, warcinfo_id: str) -> Record:
    """The request as it was sent, beside its main record."""
    headers = [
        ("WARC-Type", "request"),
        ("WARC-Record-ID", new_id()),
        ("WARC-Date", exchange.started),
        ("WARC-Target-URI", target_of(exchange.url, "")),
        ("WARC-Concurrent-To", main_id),
        ("Content-Type", "application/http;msgtype=request"),
        ("WARC-Block-Digest", sha256_of(exchange.request)),
        *([("WARC-IP-Address", address)] if (address := _address(exchange.ip)) else []),
        ("WARC-Warcinfo-ID", warcinfo_id),
        ("Content-Length", str(len(exchange.request))),
    ]
    return Record("WARC/1.1", tuple(headers), exchange.request)


def metadata_record(exchange: Exchange, frame: Framed, main_id: str, warcinfo_id: str, *, head: bool) -> Record:
    """How the exchange went; with `head`, the head of the response too, which the main record then has not."""
    block = "".join(f"{name}: {value}\r\n" for name, value in _fields(exchange, frame, head=head)).encode()
    headers = [
        ("WARC-Type", "metadata"),
        ("WARC-Record-ID", new_id()),
        ("WARC-Date", exchange.started),
        ("WARC-Target-URI", target_of(exchange.url, "")),
        ("WARC-Concurrent-To", main_id),
        ("Content-Type", FIELDS),
        ("WARC-Block-Digest", sha256_of(block)),
        ("WARC-Warcinfo-ID", warcinfo_id),
        ("Content-Length", str(len(block))),
    ]
    return Record("WARC/1.1", tuple(headers), block)


def _fields(exchange: Exchange, frame: Framed, *, head: bool) -> Iterator[tuple[str, str]]:
    if exchange.via is not None:
        yield "via", target_of(exchange.via, "")
    if exchange.hops:
        yield "hopsFromSeed", quote(exchange.hops)
    yield "fetchTimeMs", str(exchange.milliseconds)
    if exchange.error is not None:
        yield "error", quote(exchange.error, safe=" '(),-./:;=?@[]", errors="surrogatepass")
    if head:
        yield "head", quote(frame.message)
    for name, rest in (("interim", frame.interim), ("excess", frame.excess)):
        if rest:
            yield f"{name}Bytes", str(len(rest))
            yield name, quote(rest[:_OTHER_BYTES])


def is_exchange(record: Record) -> bool:
    """Whether a record is the main one of an exchange."""
    return record.get("Hemeroteca-Purpose") is not None and record.type in {"response", "revisit", "resource"}


def wired_of(record: Record) -> Wired:
    """The exchange a main record tells of. Raises `NoPage` where its fields cannot be understood."""
    status = own(record, "Status")
    return Wired(
        source=own(record, "Source") or "",
        url=url_of(record) or "",
        captured_at=record.date,
        status=None if status is None else _number(status),
        payload_digest=record.get("WARC-Payload-Digest") or "",
        source_name=own(record, "Source-Name"),
        wire=_wire_of(record),
        reason=_reason_of(record),
        error=own(record, "Error"),
        media_type=kind_of(record.get("WARC-Identified-Payload-Type")),
        refers_to=record.get("WARC-Refers-To-Date"),
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise NoPage(Reason.DAMAGED, f"no number: {text[:40]!r}")
    return int(text)


def _reason_of(record: Record) -> Reason | None:
    stated = own(record, "Reason")
    try:
        return None if stated is None else Reason(stated)
    except ValueError:
        raise NoPage(Reason.DAMAGED, f"no reason of the list: {stated!r}") from None


def _wire_of(record: Record) -> Wire:
    purpose, truncated = own(record, "Purpose"), record.get("WARC-Truncated")
    if purpose not in get_args(Purpose) or truncated not in {None, *get_args(Truncated)}:
        raise NoPage(Reason.DAMAGED, "the fields of the exchange cannot be understood")
    return Wire(
        purpose=purpose,  # type: ignore[arg-type]  # just checked against the list
        ip=record.get("WARC-IP-Address"),
        milliseconds=_number(own(record, "Milliseconds") or ""),
        protocol="h2" if record.get("WARC-Protocol") == "h2" else "http/1.1",
        tls=own(record, "Tls"),
        truncated=None if record.type == "revisit" else truncated,  # type: ignore[arg-type]  # just checked
        rebuilt=own(record, "Rebuilt") is not None,
        via=own(record, "Via"),
        hops=own(record, "Hops") or "",
    )


def shown(record: Record, original: Record | None = None, limit: int = MAX_BODY) -> Page:
    """What a main record brought, as a page: also of a feed, an error, a 304, whose bytes are no page to clean.

    `original` is the record that a revisit refers to; the page has the revisit's own head, address and date. What is
    neither HTML nor said to be text is shown as text. Raises `NoPage` where it cannot be put together.
    """
    bearer = record if record.type != "revisit" else original
    if bearer is None:
        raise NoPage(Reason.DAMAGED, "the record that a revisit refers to is not there")
    head = record.http if record.block else bearer.http
    payload = bearer.payload
    digest = sha256_of(payload)
    if digest != record.get("WARC-Payload-Digest"):
        raise NoPage(Reason.DAMAGED, "the record that a revisit refers to holds another payload")
    wired = wired_of(record)
    content_type = head.get("Content-Type") if head else None
    body = undo(payload, head.codings, limit) if head else payload
    return Page(
        source=wired.source,
        body=body,
        media_type=kind_of(content_type, body) or "text/plain",
        captured_at=record.date,
        dated_by=_FETCH,
        url=wired.url,
        charset=charset_of(content_type),
        status=wired.status,
        source_name=wired.source_name,
        message=record.block if record.type == "response" else None,
        payload_digest=digest,
    )


def records_of(
    exchange: Exchange,
    answer: Answer,
    source_name: str | None,
    purpose: Purpose,
    original: Original | None,
    warcinfo_id: str,
) -> tuple[Record, ...]:
    """The records of an exchange of which something came back: the main one first."""
    main_id = new_id()
    beside_head = original is not None and answer.status == 304
    return (
        main_record(exchange, answer, source_name, purpose, main_id, warcinfo_id, original),
        *([request_record(exchange, main_id, warcinfo_id)] if exchange.request else []),
        metadata_record(exchange, answer.frame, main_id, warcinfo_id, head=beside_head),
    )


def unanswered(note: Note, exchange: Exchange, warcinfo_id: str) -> tuple[Record, ...]:
    """The records of an exchange of which nothing came back: a note that says so first, and what was sent."""
    main_id = new_id()
    sent = (request_record(exchange, main_id, warcinfo_id),) if exchange.request else ()
    return (note_record(note, main_id, warcinfo_id), *sent)
