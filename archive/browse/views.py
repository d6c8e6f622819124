"""The reading pages: each takes a request, asks the database, and fills a template."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from datasette.utils.asgi import Response
from sqlite_utils import Database

from archive.browse import (
    addresses,
    articles,
    cleaned,
    feed,
    formats,
    history,
    links,
    originals,
    plot,
    respond,
    takeaway,
)
from archive.browse import copies as near_copies
from archive.browse import front as front_page
from archive.browse import runs as run_pages
from archive.browse.respond import NotHere, View, ask, folder_of, page, redirect, whole
from archive.browse.search import Search, find, suggestions
from archive.browse.sql import mappings
from archive.browse.terms import marked, snippet
from archive.browse.words import is_web
from archive.db import captures as rows
from archive.db.reader import read_page
from archive.db.rows import CaptureRow
from archive.errors import ArchiveError
from archive.model import Location, Page
from archive.reasons import Reason
from archive.store import WARCS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from datasette.app import Datasette
    from datasette.utils.asgi import Request

    from archive.browse.downloads import Desk, Download

_WIRE = "SELECT ip, milliseconds, protocol, tls, truncated, rebuilt, via, hops FROM captures WHERE id = ?"
_PLOT = (plot.WIDTH, plot.HEIGHT)
_TYPES = {"json": "application/json; charset=utf-8", "atom": "application/atom+xml; charset=utf-8"}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _id(request: Request) -> int:
    return int(request.url_vars["id"])


@whole
async def front(datasette: Datasette, _request: Request) -> Response:
    """`/`"""
    found = await ask(datasette, lambda conn: front_page.front(conn, _now()[:10]))
    offered = await ask(datasette, suggestions)
    return page(datasette, "front.html", front=found, size=_PLOT, search=Search(), offered=offered)


@whole
async def search(datasette: Datasette, request: Request) -> Response:
    """`/search`, and a page of the same as JSON and Atom."""
    asked = _asked(request)
    form = request.url_vars["form"]
    found = await ask(datasette, lambda conn: find(conn, asked))
    if form is None:
        selection = takeaway.selection_of(asked)
        looks = is_web(asked.q.strip()) or asked.q.strip().startswith(("www.", "urn:hemeroteca:"))
        return page(
            datasette,
            "search.html",
            search=asked,
            found=found,
            size=_PLOT,
            offered=await ask(datasette, suggestions),
            marked=marked,
            snippet=snippet,
            looks_like_address=looks,
            forms=[(form, takeaway.command(form, selection)) for form in takeaway.forms()],
        )

    def link(path: str) -> str:
        return str(datasette.absolute_url(request, datasette.urls.path(path)))

    if form == "json":
        return respond.file(formats.to_json(asked, found, link), _TYPES[form])
    return respond.file(formats.to_atom(asked, found, link, _now()), _TYPES[form])


def _asked(request: Request) -> Search:
    return Search.of({name: request.args.get(name) for name in request.args})


def search_taken(desk: Desk) -> View:
    """`/search.csv` and the other forms of the export: everything a search finds, the newest first."""

    @whole
    async def taken(datasette: Datasette, request: Request) -> Download:
        form, selection = takeaway.form_of(request.url_vars["form"]), takeaway.selection_of(_asked(request))
        limit = datasette.setting("sql_time_limit_ms")
        pieces = takeaway.taken(folder_of(datasette), selection, form, _moment(), limit)
        name = f"{takeaway.file_stem(selection)}.{form.suffix}"
        return await desk.answer(pieces, request.receive, form.media_type, name)

    return taken


def capture_taken(desk: Desk) -> View:
    """`/capture/ID/page.wacz`: the page as ReplayWeb.page plays it."""

    @whole
    async def taken(datasette: Datasette, request: Request) -> Download:
        await ask(datasette, lambda conn: _recorded(conn, _id(request)))
        pieces = takeaway.capture_taken(folder_of(datasette), _id(request), _moment())
        return await desk.answer(pieces, request.receive, "application/wacz", f"capture-{_id(request)}.wacz")

    return taken


@whole
async def article(datasette: Datasette, request: Request) -> Response:
    """`/article/ID`"""
    folder = folder_of(datasette)

    def look(
        conn: sqlite3.Connection,
    ) -> tuple[articles.Shown, list[list[links.Place]], dict[str, int], near_copies.Near] | None:
        shown = articles.shown(conn, _id(request))
        if shown is None:
            return None
        came = _page_of(conn, folder, shown.row["lead_capture_id"])
        found = links.limited(links.places(shown.paragraphs, links.links(came) if came else iter(())))
        return shown, found, links.archived(conn, found), near_copies.near(conn, _id(request))

    looked = await ask(datasette, look)
    if looked is None:
        raise NotHere(f"There is no article {_id(request)}.")
    shown, found, archived, near = looked
    known = {address: datasette.urls.path(f"/article/{article_id}") for address, article_id in archived.items()}
    text = [links.marked(line, part, known) for line, part in zip(shown.paragraphs, found, strict=True)]
    return page(
        datasette,
        "article.html",
        shown=shown,
        article=shown.row,
        text=text,
        subheadings=articles.subheadings(shown.paragraphs),
        near=near,
    )


@whole
async def revisions(datasette: Datasette, request: Request) -> Response:
    """`/article/ID/revisions`: the newest, or from the number that `?from=` names."""
    start = _number(request, "from")
    found = await ask(datasette, lambda conn: history.history(conn, _id(request), start))
    if found is None:
        raise NotHere(f"There is no article {_id(request)}.")
    return page(datasette, "revisions.html", id=_id(request), history=found, size=history.PAGE)


@whole
async def copies(datasette: Datasette, request: Request) -> Response:
    """`/article/ID/copies`: who else ran it, and what each changed; `?page=` counts from 1."""
    article_id, number = _id(request), max(1, _number(request, "page") or 1)

    def look(conn: sqlite3.Connection) -> tuple[articles.Shown | None, Any]:
        shown = articles.shown(conn, article_id)
        return shown, shown and near_copies.compared(conn, article_id, number)

    shown, found = await ask(datasette, look)
    if shown is None:
        raise NotHere(f"There is no article {article_id}.")
    values = {"near": found[0], "compared": found[1], "number": number, "size": near_copies.PAGE}
    return page(datasette, "copies.html", article=shown.row, **values)


def _number(request: Request, name: str) -> int | None:
    """A whole number of an address's query; None where there is none."""
    value = request.args.get(name) or ""
    return int(value) if value.isdecimal() and len(value) < 10 else None


@whole
async def cleaning(datasette: Datasette, request: Request) -> Response:
    """`/article/ID/cleaning`: of its first capture, or of the one `?capture=` names."""
    shown = await ask(datasette, lambda conn: articles.shown(conn, _id(request)))
    if shown is None:
        raise NotHere(f"There is no article {_id(request)}.")
    asked = request.args.get("capture") or ""
    of_article = {str(capture["id"]): capture["id"] for capture in shown.captures}
    capture_id = of_article.get(asked, shown.row["lead_capture_id"])
    folder = folder_of(datasette)
    view = await ask(datasette, lambda conn: cleaned.cleaned(conn, capture_id, _dump(conn, folder, capture_id)))
    if view is None:
        raise NotHere(f"Capture {capture_id} has no cleaning.")
    return page(datasette, "cleaning.html", shown=shown, article=shown.row, view=view, capture_id=capture_id)


def _capture(conn: sqlite3.Connection, capture_id: int) -> CaptureRow:
    found = rows.row_of(Database(conn, execute_plugins=False), capture_id)
    if found is None:
        raise NotHere(f"There is no capture {capture_id}.")
    if found.reason == Reason.HIDDEN:
        raise NotHere(f"Capture {capture_id} is hidden.")
    return found


def _recorded(conn: sqlite3.Connection, capture_id: int) -> Location:
    """Where a capture's record lies."""
    location = _capture(conn, capture_id).location
    if location is None:
        raise NotHere(f"Nothing was received for capture {capture_id}, so there is no original.")
    return location


def _page_of(conn: sqlite3.Connection, folder: Path, capture_id: int) -> Page | None:
    """The page of a capture; None where it cannot be read."""
    try:
        return read_page(Database(conn, execute_plugins=False), folder / WARCS, _capture(conn, capture_id))
    except ArchiveError:
        return None


def _dump(conn: sqlite3.Connection, folder: Path, capture_id: int) -> bytes | None:
    """The bytes of a dump of text; None for HTML, and where they cannot be read."""
    found = _page_of(conn, folder, capture_id)
    return found.body if found is not None and found.media_type == "text/plain" else None


@whole
async def capture(datasette: Datasette, request: Request) -> Response:
    """`/capture/ID`: what is known of a capture, its original in a frame."""
    capture_id = _id(request)

    def look(conn: sqlite3.Connection) -> tuple[CaptureRow, str | None, dict[str, Any]]:
        found = _capture(conn, capture_id)
        query = "SELECT title FROM articles WHERE id = ?"
        title = conn.execute(query, (found.article_id,)).fetchone()
        return found, title[0] if title else None, mappings(conn.execute(_WIRE, (capture_id,)))[0]

    found, title, wire = await ask(datasette, look)
    tells = request.headers.get("sec-fetch-dest") is not None
    return page(datasette, "capture.html", capture=found, title=title, wire=wire, tells=tells)


@whole
async def original(datasette: Datasette, request: Request) -> Response:
    """`/capture/ID/original`: the archived bytes, for the frame of `/capture/ID` and nowhere else."""
    capture_id, folder = _id(request), folder_of(datasette)
    if not originals.may_show(request.headers.get("sec-fetch-dest")):
        return redirect(datasette, f"/capture/{capture_id}")

    def look(conn: sqlite3.Connection) -> Page:
        _recorded(conn, capture_id)
        return read_page(Database(conn, execute_plugins=False), folder / WARCS, _capture(conn, capture_id))

    found = await ask(datasette, look)
    return Response(found.body, headers=originals.headers(), content_type=originals.content_type(found))


@whole
async def record(datasette: Datasette, request: Request) -> Response:
    """`/capture/ID/record.warc.gz`: the record itself, for pywb and other players of WARC files."""
    at = await ask(datasette, lambda conn: _recorded(conn, _id(request)))
    name = f'attachment; filename="capture-{_id(request)}.warc.gz"'
    body = originals.record(folder_of(datasette) / WARCS, at)
    return respond.file(body, "application/warc", Content_Disposition=name)


@whole
async def address(datasette: Datasette, request: Request) -> Response:
    """`/url/ANY-ADDRESS`, or `/url?address=`: the capture that is meant, or all of them."""
    typed = _typed_address(request)
    if not typed:
        return page(datasette, "url.html", pasted=None, found=[], typed="")
    pasted = addresses.read(typed)
    found = await ask(datasette, lambda conn: addresses.captures(conn, pasted.address))
    if found and (pasted.moment or len(found) == 1):
        return redirect(datasette, f"/capture/{addresses.at(found, pasted.moment or '~')['id']}")
    return page(datasette, "url.html", 200 if found else 404, pasted=pasted, found=found, typed=typed)


def _typed_address(request: Request) -> str:
    """The address after `/url/` with its query, or the one of the form."""
    inside = request.url_vars["address"]
    if not inside:
        return (request.args.get("address") or "").strip()
    query = f"?{request.query_string}" if request.query_string else ""
    return str(unquote(inside + query)) if "://" not in inside else inside + query


@whole
async def runs(datasette: Datasette, request: Request) -> Response:
    """`/runs`, `?before=` an id: what was run, the newest first."""
    before = request.args.get("before") or ""
    until = int(before) if re.fullmatch(r"[0-9]{1,18}", before) else None
    found = await ask(datasette, lambda conn: run_pages.runs(conn, until))
    return page(datasette, "runs.html", runs=found[: run_pages.PAGE], further=len(found) > run_pages.PAGE)


@whole
async def run(datasette: Datasette, request: Request) -> Response:
    """`/run/ID`: what a run did."""
    found = await ask(datasette, lambda conn: run_pages.run(conn, _id(request)))
    if found is None:
        raise NotHere(f"There is no run {_id(request)}.")
    return page(datasette, "run.html", run=found)


async def rows_feed(
    datasette: Datasette, request: Request, rows: Sequence[Mapping[str, Any]], table: str | None, query_name: str | None
) -> Response:
    """`.atom` of a table, view or query of Datasette's."""

    def link(path: str) -> str:
        return str(datasette.absolute_url(request, datasette.urls.path(path)))

    here = str(datasette.absolute_url(request, request.full_path))
    around = here.replace(".atom", "", 1)
    entries = feed.of_rows(rows, table, around, link)
    title = f"Hemeroteca: {query_name or table or 'query'}"
    return respond.file(feed.written(feed.Feed(title, here, around, tuple(entries)), _now()), _TYPES["atom"])


@whole
async def style(_datasette: Datasette, _request: Request) -> Response:
    """The style sheet of the reading pages."""
    body = (files("archive.browse") / "html" / "style.css").read_bytes()
    return respond.file(body, "text/css; charset=utf-8")


@whole
async def robots(_datasette: Datasette, _request: Request) -> Response:
    """An archive is for its reader: no robot is welcome (RFC 9309)."""
    return respond.file("User-agent: *\nDisallow: /\n", "text/plain; charset=utf-8")
