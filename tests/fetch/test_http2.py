"""HTTP/2, where it is asked for: its frames are no bytes a record could hold, so heads are rebuilt, and marked."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import trustme
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived
from wire_server import resolving

from archive.store import Archive
from archive.verify import verify
from archive.warc import records, warc_files
from scraper.fetch.client import Client, Fetched, Request

NOW = "2026-12-01T09:00:00.000000Z"
BODY = b"<html>hola</html>"


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every request of a connection with the same page."""
    connection = H2Connection(H2Configuration(client_side=False))
    connection.initiate_connection()
    writer.write(connection.data_to_send())
    while data := await reader.read(65_536):
        for event in connection.receive_data(data):
            if isinstance(event, RequestReceived):
                head = [(":status", "200"), ("content-type", "text/html"), ("x-odd", "a")]
                connection.send_headers(event.stream_id, head)
                connection.send_data(event.stream_id, BODY, end_stream=True)
        writer.write(connection.data_to_send())
        await writer.drain()
    writer.close()


def fetched(authority: trustme.CA, client_tls: ssl.SSLContext, limit: int = 1_000_000) -> Fetched:
    async def go() -> Fetched:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["h2"])
        authority.issue_cert("elfaro.example").configure_cert(context)
        listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        port = listening.sockets[0].getsockname()[1]
        try:
            async with Client(lambda: NOW, "test", http2=True, tls=client_tls, resolve=resolving()) as web:
                url = f"https://elfaro.example:{port}/a"
                return await web.fetch(Request(url, allow_private=True, limit_bytes=limit))
        finally:
            listening.close()

    return asyncio.run(go())


def test_an_exchange_in_http_2_is_marked_and_written_as_is_the_custom(
    authority: trustme.CA, client_tls: ssl.SSLContext, tmp_path: Path
) -> None:
    got = fetched(authority, client_tls)
    assert (got.failure, got.status, got.body) == (None, 200, BODY)
    assert (got.exchange.protocol, got.exchange.rebuilt, got.exchange.ip) == ("h2", True, "127.0.0.1")
    assert got.exchange.request.startswith(b"GET /a HTTP/1.1\r\nHost: elfaro.example")
    with Archive.open(tmp_path, lambda: NOW) as archive:
        archive.start_run("crawl")
        archive.keep_exchange(got.exchange, None, "front")
        archive.finish_run("ok")
    assert list(verify(tmp_path)) == []
    record = [one.record for path in warc_files(tmp_path / "warcs") for one in records(path)][1]
    assert record.block == b"HTTP/1.1 200 \r\ncontent-type: text/html\r\nx-odd: a\r\n\r\n" + BODY
    protocols = [value for name, value in record.headers if name == "WARC-Protocol"]
    assert protocols == ["h2", "tls/1.3"]


def test_its_body_is_bounded_too(authority: trustme.CA, client_tls: ssl.SSLContext) -> None:
    got = fetched(authority, client_tls, limit=7)
    assert (got.failure, got.exchange.truncated, got.body) == ("length", "length", BODY[:7])
