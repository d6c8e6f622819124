"""Responses as servers send them: good, odd and broken ones, byte by byte."""

from __future__ import annotations

import gzip
import zlib

import brotli
from wire_server import Shape

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
LENGTH = PLAIN + b"Content-Length: 4\r\n\r\nhola"
CHUNKED = PLAIN + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = gzip.compress(b"hola", mtime=0)
BROTLI = brotli.compress(b"hola")
DEFLATE = zlib.compress(b"hola")
LONG = b"x" * 200_000


def coded(coding: bytes, body: bytes) -> bytes:
    return PLAIN + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s" % (coding, len(body), body)


SHAPES: dict[str, Shape] = {
    # Good
    "length": Shape(LENGTH),
    "length, byte by byte": Shape(LENGTH, piece=1),
    "until the end": Shape(PLAIN + b"\r\nhola", "close"),
    "http 1.0": Shape(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\nhola", "close"),
    "no body": Shape(PLAIN + b"Content-Length: 0\r\n\r\n", body=b""),
    "gzip": Shape(coded(b"gzip", GZIP)),
    "brotli": Shape(coded(b"br", BROTLI)),
    "deflate": Shape(coded(b"deflate", DEFLATE)),
    "gzip in chunks": Shape(
        PLAIN + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"5\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (GZIP[:5], len(GZIP) - 5, GZIP[5:])
    ),
    "a long body": Shape(PLAIN + b"Content-Length: %d\r\n\r\n" % len(LONG) + LONG, body=LONG, piece=9_999),
    "redirect": Shape(b"HTTP/1.1 302 Found\r\nLocation: /otra\r\nContent-Length: 0\r\n\r\n", body=b"", status=302),
    "not modified": Shape(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n', body=b"", status=304),
    "no content": Shape(b"HTTP/1.1 204 No Content\r\n\r\n", body=b"", status=204),
    # Chunks
    "chunks": Shape(CHUNKED + b"2\r\nho\r\n2\r\nla\r\n0\r\n\r\n"),
    "chunk extensions": Shape(CHUNKED + b'4;name="v;x"\r\nhola\r\n0;last\r\n\r\n'),
    "trailers": Shape(CHUNKED + b"4\r\nhola\r\n0\r\nX-Checksum:  abc\r\nx-two: 2\r\n\r\n"),
    "zeros before the size": Shape(CHUNKED + b"00000004\r\nhola\r\n00\r\n\r\n"),
    "capitals in the size": Shape(CHUNKED + b"A\r\nholaholaho\r\n0\r\n\r\n", body=b"holaholaho"),
    # Heads
    "odd case": Shape(b"HTTP/1.1 200 OK\r\ncontent-TYPE: text/html\r\nCONTENT-length: 4\r\n\r\nhola"),
    "padding": Shape(b"HTTP/1.1 200 OK\r\nContent-Type:\t  text/html \t\r\nContent-Length:4   \r\n\r\nhola"),
    "repeated fields": Shape(
        PLAIN + b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX: 1\r\nx: 2\r\nContent-Length: 4\r\n\r\nhola"
    ),
    "folded": Shape(PLAIN + b"X-Folded: one\r\n\t two\r\n  three\r\nContent-Length: 4\r\n\r\nhola"),
    "line feeds alone": Shape(b"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 4\n\nhola"),
    "no reason": Shape(b"HTTP/1.1 200 \r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nhola"),
    "no space for a reason": Shape(b"HTTP/1.1 200\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nhola"),
    "spaces in the reason": Shape(
        b"HTTP/1.1 200   all  right \r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nhola"
    ),
    "reason in latin-1": Shape(
        "HTTP/1.1 200 Éxito\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nhola".encode("latin-1")
    ),
    "fields in utf-8": Shape(PLAIN + "X-Autor: Íñigo “x”\r\nContent-Length: 4\r\n\r\nhola".encode()),
    "an empty field": Shape(PLAIN + b"X-Empty:\r\nX-Blank: \r\nContent-Length: 4\r\n\r\nhola"),
    "the length twice": Shape(PLAIN + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nhola"),
    # Interim
    "early hints": Shape(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + LENGTH, kept=LENGTH),
    "two interim": Shape(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 x\r\n\r\n" + LENGTH, kept=LENGTH),
    # Wrong ends
    "more than it says": Shape(LENGTH + b"<!-- more -->\r\n", "close", kept=LENGTH),
    "less than it says": Shape(PLAIN + b"Content-Length: 9\r\n\r\nhola", "close", failure="disconnect"),
    "reset in the body": Shape(PLAIN + b"Content-Length: 9\r\n\r\nhola", "reset", failure="disconnect"),
    "half a chunk": Shape(CHUNKED + b"9\r\nhola", "close", failure="disconnect"),
    "no last chunk": Shape(CHUNKED + b"4\r\nhola\r\n", "close", failure="disconnect"),
    "no end of the trailers": Shape(CHUNKED + b"4\r\nhola\r\n0\r\nX: 1\r\n", "close", failure="disconnect"),
    "a bad size of a chunk": Shape(CHUNKED + b"4\r\nhola\r\nzz\r\n", "close", failure="protocol"),
    "half a head": Shape(b"HTTP/1.1 200 OK\r\nContent-Ty", "close", failure="disconnect", body=None, status=None),
    "a body that stops": Shape(PLAIN + b"Content-Length: 9\r\n\r\nhola", "hang", failure="time"),
    "a head that stops": Shape(b"HTTP/1.1 200 OK\r\n", "hang", failure="time", body=None, status=None),
    # No HTTP
    "shoutcast": Shape(b"ICY 200 OK\r\nicy-name: x\r\n\r\n", "close", failure="protocol", body=None, status=None),
    "garbage": Shape(b"\x00\xff\xfe 220 mail ready\r\n", "close", failure="protocol", body=None, status=None),
    "html at once": Shape(b"<html>hola</html>", "close", failure="disconnect", body=None, status=None),
    "nothing": Shape(b"", "close", failure="disconnect", body=None, status=None),
    "a reset at once": Shape(b"", "reset", failure="disconnect", body=None, status=None),
}
