"""Datasette over an archive, in this process."""

from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from datasette.app import Datasette
from datasette.plugins import pm as plugins

from archive.browse import plugin
from archive.browse.facets import quickened
from archive.browse.respond import NEWS
from archive.db.connect import DATABASE, needs_immutable
from archive.db.metadata import SETTINGS, served
from archive.errors import UsageError
from archive.store import Archive


def application(folder: Path) -> Datasette:
    """Datasette with the archive's metadata and reading pages. Raises ArchiveError where none can be read.

    The database is followed as it grows; only where nothing may be written beside it is it taken as it lies.
    """
    with Archive.read(folder):
        database = str(folder / DATABASE)
    if not plugins.is_registered(plugin):  # an installed package has told of itself by its entry point
        plugins.register(plugin, plugin.NAME)
    still = needs_immutable(folder / DATABASE)
    return Datasette(
        [] if still else [database],
        immutables=[database] if still else [],
        metadata=quickened(served(folder), NEWS) | {"plugins": {plugin.NAME: {}}},
        settings=SETTINGS,
    )


class Following:
    """The archive as an ASGI application that never serves what has changed under it.

    Where nothing may be written beside a database (another user's folder, a read-only disk), SQLite reads it as if it
    could not change. If it does all the same, because its owner's run writes there, it is opened anew.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open()

    def _open(self) -> None:
        self._seen = self._stamp()
        self.datasette = application(self._folder)
        self._app = self.datasette.app()

    def _stamp(self) -> tuple[tuple[int, int], ...]:
        """What tells that a database was written: times and sizes of its file and its log."""
        files = (self._folder / DATABASE, self._folder / f"{DATABASE}-wal")
        return tuple((stat.st_mtime_ns, stat.st_size) for stat in (file.stat() for file in files if file.exists()))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if not self.datasette.get_database(NEWS).is_mutable and self._stamp() != self._seen:
            self._open()
        await self._app(scope, receive, send)


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address; port 0 takes a free one. Raises UsageError where it is taken or refused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(128)  # a browser that comes before the server has started waits
    except OSError as error:
        bound.close()
        raise UsageError(f"cannot listen on {host}, port {port}: {error.strerror or error}; try --port") from error
    return bound


def serve(folder: Path, host: str, port: int, say: Callable[[str], None], *, open_browser: bool = False) -> None:
    """Serve the archive until interrupted; `say` gets the address once it is bound."""
    # Where rich is installed Datasette prints every address of nothing as a traceback with all local values.
    vars(plugins.get_plugin("datasette.handle_exception"))["rich"] = None
    app = Following(folder)
    with listen(host, port) as bound:
        address = f"http://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}/"
        say(address)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
        if open_browser:
            threading.Timer(0.5, webbrowser.open, (address,)).start()
        server.run(sockets=[bound])
