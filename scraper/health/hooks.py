"""Telling somebody outside: a command that is given the new alarms, and an address that hears of every good end.

Both are the operator's own words. Nothing from a page becomes a word of a command: the alarms go to its input.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import asdict

from archive.alarms import Alarm

COMMAND_SECONDS = 60.0
PING_SECONDS = 10.0
PING_TRIES = 3


def run_command(command: str, alarms: Sequence[Alarm]) -> str | None:
    """Run a command with the alarms on its input, a JSON object a line; what went wrong, in a line, or None.

    The command is split as a shell splits words, and run without one.
    """
    lines = "".join(json.dumps(asdict(alarm), ensure_ascii=False) + "\n" for alarm in alarms)
    try:
        done = subprocess.run(  # noqa: S603  # the operator's own command, no shell
            shlex.split(command), input=lines.encode(), capture_output=True, timeout=COMMAND_SECONDS, check=False
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return f"{command}: {error}"
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return f"{command}: ended with code {done.returncode}" + (f": {said[-1]}" if said else "")
    return None


def ping(url: str) -> str | None:
    """Ask for an address, so that a watch outside hears that the crawl ended well; what went wrong, or None."""
    import httpx

    error: Exception | None = None
    with httpx.Client(trust_env=False, timeout=PING_SECONDS, follow_redirects=True) as client:
        for _ in range(PING_TRIES):
            try:
                client.get(url).raise_for_status()
                return None
            except (httpx.HTTPError, httpx.InvalidURL) as failed:
                error = failed
    return f"{url}: {error}"
