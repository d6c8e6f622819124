"""The command line: one file a group of commands, each imported when it is called.

`hemeroteca --help` has to answer at once, so nothing here or at the top of a command's file imports more than
click; what a command needs it imports inside its function.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from archive.errors import HemerotecaError

#: Where each command lives, in the order of the manual.
COMMANDS = {
    "clean": "scraper.cli.clean:clean",
    "extract": "scraper.cli.extract:extract",
    "explain": "scraper.cli.explain:explain",
    "add": "scraper.cli.add:add",
    "crawl": "scraper.cli.crawl:crawl",
    "reclean": "scraper.cli.reclean:reclean",
    "rules": "scraper.cli.rules:rules",
    "correct": "scraper.cli.correct:correct",
    "verify": "scraper.cli.verify:verify",
    "merge": "scraper.cli.merge:merge",
    "forget": "scraper.cli.forget:forget",
    "browse": "scraper.cli.browse:browse",
    "near": "scraper.cli.near:near",
    "same": "scraper.cli.near:same",
    "not-same": "scraper.cli.near:not_same",
    "status": "scraper.cli.status:status",
    "schedule": "scraper.cli.schedule:schedule",
    "export": "scraper.cli.export:export",
}

INTERRUPTED = 130  # 128 + SIGINT, as shells report it


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, in the order of the manual."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command; None for a name that is not there."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, help="Print the version and exit; with -v those of all libraries and rules.")
@click.option("-v", "--verbose", is_flag=True, help="With --version: print what the archive is made with.")
@click.pass_context
def app(ctx: click.Context, version: bool, verbose: bool) -> None:
    """Keep the news: pages go in, clean, deduplicated and traceable articles come out.

    An archive is a folder: news.db (SQLite, made for Datasette) and warcs/ (every page as it came). It is
    ./hemeroteca-data unless --archive or $HEMEROTECA_ARCHIVE says otherwise.

    \b
    Exit codes: 0  all done
                1  done, but some pages failed (named on stderr and in the database)
                2  a mistake in what was asked, in one line
                3  the archive is damaged, or another run holds it
    """
    if version:
        from scraper.cli.versions import describe

        click.echo(describe(everything=verbose))
    elif ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code; an error that was foreseen is one line on stderr."""
    logging.basicConfig(format="hemeroteca: %(message)s", level=logging.WARNING)
    try:
        code = app.main(args=argv, prog_name="hemeroteca", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except HemerotecaError as error:
        click.echo(f"hemeroteca: {error}", err=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("hemeroteca: interrupted; run the same command again to go on", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # the reader went away (`| head`): nobody is left to tell
        sys.stderr.close()
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
