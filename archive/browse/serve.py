"""Datasette over an archive, in this process."""

from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

import uvicorn
from datasette.app import Datasette
from datasette.plugins import pm as plugins

from archive.browse import plugin
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
        metadata=served(folder) | {"plugins": {plugin.NAME: {}}},
        settings=SETTINGS,
    )


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
    app = application(folder)
    with listen(host, port) as bound:
        address = f"http://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}/"
        say(address)
        server = uvicorn.Server(uvicorn.Config(app.app(), log_level="warning", lifespan="on"))
        if open_browser:
            threading.Timer(0.5, webbrowser.open, (address,)).start()
        server.run(sockets=[bound])
