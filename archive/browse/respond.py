"""Answers of the reading pages: templates, headers, and errors as pages."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from archive.browse import words
from archive.db.connect import DATABASE, translated
from archive.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from datasette.app import Datasette
    from datasette.utils.asgi import Request

T = TypeVar("T")
View = Callable[["Datasette", "Request"], Awaitable[Any]]  #: an answer, or what sends itself (`downloads.Download`)

#: Our own pages load a style sheet and frames of this server, and nothing else; there is no script.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NEWS = Path(DATABASE).stem  #: what Datasette calls the archive's database


class NotHere(Exception):
    """Nothing is kept under this address of ours; the message is for people."""


class TooLong(Exception):
    """A query took longer than `sql_time_limit_ms`."""


class Refused(Exception):
    """What was asked for is not made here; title and message are for people."""

    def __init__(self, title: str, says: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(says)
        self.title = title
        self.status = status


@functools.cache
def environment() -> Environment:
    """The templates: everything put into them is escaped, and a name they do not get is an error."""
    made = Environment(
        loader=PackageLoader("archive.browse", "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "date": words.date,
        "direction": words.direction,
        "number": words.number,
        "named": words.named,
        "size": words.size,
        "is_web": words.is_web,
    }
    return made


def page(datasette: Datasette, template: str, status: int = 200, **values: Any) -> Response:
    """A page of our own; `href` in a template is the way to another one."""
    body = environment().get_template(template).render(href=datasette.urls.path, **values)
    return Response(body, status=status, headers=dict(HEADERS), content_type="text/html; charset=utf-8")


def file(body: bytes | str, content_type: str, **headers: str) -> Response:
    """An answer that is no page of ours. Names of headers are given with underscores."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(body, headers=HEADERS | more, content_type=content_type)


def redirect(datasette: Datasette, path: str) -> Response:
    """Send the reader on to another page of ours."""
    return Response("", status=303, headers=HEADERS | {"Location": datasette.urls.path(path)})


def folder_of(datasette: Datasette) -> Path:
    """The archive's folder."""
    return Path(datasette.get_database(NEWS).path).parent


async def ask(datasette: Datasette, query: Callable[[sqlite3.Connection], T]) -> T:
    """Run a query in one of Datasette's reading threads. Raises TooLong, ArchiveError."""
    limit = datasette.setting("sql_time_limit_ms")

    def limited(connection: sqlite3.Connection) -> T:
        with translated(folder_of(datasette) / DATABASE), sqlite_timelimit(connection, limit):
            try:
                return query(connection)
            except sqlite3.OperationalError as error:
                if "interrupted" in str(error):
                    raise TooLong from error
                raise

    answer: T = await datasette.get_database(NEWS).execute_fn(limited)
    return answer


def whole(view: View) -> View:
    """A view whose failures are pages that say what to do."""

    async def guarded(datasette: Datasette, request: Request) -> Any:
        try:
            return await view(datasette, request)
        except NotHere as error:
            return _message(datasette, HTTPStatus.NOT_FOUND, "Not in this archive", str(error))
        except TooLong:
            says = "This would take too long. Add a word, a site or a range of dates, and try again."
            return _message(datasette, HTTPStatus.SERVICE_UNAVAILABLE, "Too much to look through", says)
        except Refused as error:
            return _message(datasette, error.status, error.title, str(error))
        except UsageError as error:
            return _message(datasette, HTTPStatus.NOT_IMPLEMENTED, "This cannot be made here", str(error))
        except ArchiveError as error:
            return _message(datasette, HTTPStatus.INTERNAL_SERVER_ERROR, "The archive cannot be read", str(error))

    return guarded


def nothing(datasette: Datasette) -> Response:
    """What is said where no page is."""
    says = "No page has this address. What an article's own address led to is found under Address."
    return _message(datasette, HTTPStatus.NOT_FOUND, "There is no such page", says)


def _message(datasette: Datasette, status: HTTPStatus, title: str, says: str) -> Response:
    return page(datasette, "message.html", status.value, title=title, says=says)
