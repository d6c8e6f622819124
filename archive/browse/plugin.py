"""The reading pages as a Datasette plugin: only hooks that 0.65 and 1.0 both have.

It is dormant until the configuration names it (`{"plugins": {"hemeroteca": {}}}`), so that `datasette news.db` stays
what it is for whoever has this package installed. `archive.browse.serve` asks for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from datasette.utils import escape_fts
from datasette.utils.asgi import NotFound
from markupsafe import Markup
from pluggy import HookimplMarker

from archive.browse import facets, respond, views
from archive.browse.downloads import Desk
from archive.browse.respond import NEWS

if TYPE_CHECKING:
    import sqlite3

    from datasette.app import Datasette
    from datasette.facets import Facet
    from datasette.utils.asgi import Request, Response

NAME = "hemeroteca"
_DOWNLOADS = 2  # at a time
hookimpl = HookimplMarker("datasette")
Application = Callable[[Any, Any, Any], Awaitable[None]]  #: ASGI

_ROUTES: tuple[tuple[str, Callable[..., Awaitable[Any]]], ...] = (
    (r"^/$", views.front),
    (r"^/search(?:\.(?P<form>json|atom))?$", views.search),
    (r"^/article/(?P<id>\d{1,18})$", views.article),
    (r"^/article/(?P<id>\d{1,18})/cleaning$", views.cleaning),
    (r"^/article/(?P<id>\d{1,18})/revisions$", views.revisions),
    (r"^/article/(?P<id>\d{1,18})/copies$", views.copies),
    (r"^/runs$", views.runs),
    (r"^/run/(?P<id>\d{1,18})$", views.run),
    (r"^/capture/(?P<id>\d{1,18})$", views.capture),
    (r"^/capture/(?P<id>\d{1,18})/original$", views.original),
    (r"^/capture/(?P<id>\d{1,18})/record\.warc\.gz$", views.record),
    (r"^/url(?:/(?P<address>.*))?$", views.address),
    (r"^/-/hemeroteca\.css$", views.style),
    (r"^/robots\.txt$", views.robots),
)


def asked(datasette: Datasette) -> bool:
    """Whether this Datasette was told to show the reading pages."""
    return datasette.plugin_config(NAME) is not None


@hookimpl
def register_routes(datasette: Datasette) -> list[tuple[str, Callable[..., Awaitable[Any]]]]:
    """The reading pages; they come before Datasette's own, so that `/` is the front page of the archive."""
    if not asked(datasette):
        return []
    desk = Desk(_DOWNLOADS)
    return [
        *_ROUTES,
        (r"^/search\.(?P<form>csv|jsonl|parquet|md|epub|db|wacz)$", views.search_taken(desk)),
        (r"^/capture/(?P<id>\d{1,18})/page\.wacz$", views.capture_taken(desk)),
    ]


@hookimpl(trylast=True)  # after Datasette's own
def prepare_connection(conn: sqlite3.Connection, datasette: Datasette) -> None:
    """Datasette's own search takes whatever is typed: without a word it finds nothing, where FTS5 sees an error."""
    if asked(datasette):
        conn.create_function("escape_fts", 1, _escaped, deterministic=True)


def _escaped(typed: str | None) -> str:
    return escape_fts((typed or "").replace("\0", " ")) or '""'


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[Application], Application]:
    """Questions of Datasette's pages that are errors or work for nothing are not asked.

    A search box that was sent empty asks for everything. A facet that a table shows anyway is not counted twice.
    """

    def wrap(app: Application) -> Application:
        async def wrapped(scope: Any, receive: Any, send: Any) -> None:
            left = _query_left(datasette, scope) if scope["type"] == "http" and asked(datasette) else None
            await app(scope if left is None else scope | {"query_string": left}, receive, send)

        return wrapped

    return wrap


def _query_left(datasette: Datasette, scope: Any) -> bytes | None:
    """The query without what is not asked; None where that is all of it."""
    given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    table = datasette.table_metadata(NEWS, _table_of(scope["path"]))
    shown = facets.shown(table.get("facets", ()))
    kept = [
        (name, value)
        for name, value in given
        if (value.strip() or name[:7] != "_search") and not (name == "_facet" and value in shown)
    ]
    return None if len(kept) == len(given) else urlencode(kept).encode()


def _table_of(path: str) -> str:
    """The table whose page an address is: `/news/TABLE`, or `/news/TABLE.json`."""
    return path.rpartition(f"/{NEWS}/")[2].partition(".")[0]


@hookimpl
def menu_links(datasette: Datasette) -> list[dict[str, str]]:
    """The way back from Datasette's pages."""
    if not asked(datasette):
        return []
    return [
        {"href": datasette.urls.path("/"), "label": "Front page"},
        {"href": datasette.urls.path("/search"), "label": "Search"},
    ]


@hookimpl
def register_facet_classes() -> list[type[Facet]]:
    """Articles by day and by author, quick at any size; they show where they are asked for by name."""
    return [facets.QuickFacet, facets.DayFacet, facets.AuthorFacet]


@hookimpl
def table_actions(datasette: Datasette, database: str, table: str) -> list[dict[str, str]]:
    """The way to these facets, in the menu of the table of articles."""
    if table != "articles" or not asked(datasette):
        return []
    path = datasette.urls.table(database, table)
    return [
        {"href": f"{path}?_facet_day=published", "label": "Facet by day of publication"},
        {"href": f"{path}?_facet_author=authors", "label": "Facet by author"},
    ]


@hookimpl
def handle_exception(datasette: Datasette, request: Request, exception: Exception) -> Response | None:
    """An address that nothing answers to is told in words of ours; in Datasette's own part it has its own."""
    path = request.path.removeprefix(datasette.urls.path("/").rstrip("/"))
    for_programs = path.startswith((f"/{NEWS}/", "/-/")) or path.endswith(".json")
    if not asked(datasette) or not isinstance(exception, NotFound) or for_programs:
        return None
    return respond.nothing(datasette)


@hookimpl
def register_output_renderer(datasette: Datasette) -> list[dict[str, Any]]:
    """An Atom feed of any table, view or query."""
    return [{"extension": "atom", "render": views.rows_feed}] if asked(datasette) else []


@hookimpl
def render_cell(row: Any, value: Any, column: str, table: str | None, datasette: Datasette) -> Markup | None:
    """In the table of articles a title leads to its reading page."""
    if table != "articles" or column != "title" or not value or not asked(datasette):
        return None
    try:
        address = datasette.urls.path(f"/article/{int(row['id'])}")
    except (KeyError, IndexError, TypeError, ValueError):  # a view of the table without its id
        return None
    return Markup('<a href="{}">{}</a>').format(address, value)
