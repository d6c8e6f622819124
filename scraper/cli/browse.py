"""`hemeroteca browse`: Datasette over the archive."""

from __future__ import annotations

import click

from scraper.cli.options import Common, common_options


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="The address to listen on; only this machine by default."
)
@click.option(
    "-p", "--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="The port; 0 takes a free one."
)
@click.option("-o", "--open", "open_browser", is_flag=True, help="Open the page in a browser.")
@common_options
def browse(host: str, port: int, open_browser: bool, common: Common) -> None:
    """Open the archive in Datasette, until Ctrl-C.

    Nothing can be written from there, and a crawl or clean may run at the same time: reload to see what is new.
    """
    from archive.browse.serve import serve

    def say(address: str) -> None:
        if not common.quiet:
            click.echo(f"{common.folder} is open at {address} until Ctrl-C", err=True)

    serve(common.folder, host, port, say, open_browser=open_browser)
