"""A process that writes until it is killed, and what it had called safe by then."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress


def killed_after(seconds: float, write: Callable[[int], None]) -> int:
    """Let a process run `write(pipe)` for that long, kill it, and give the last number it wrote into the pipe: what
    it called safe, one number a line."""
    reader, pipe = os.pipe()
    child = os.fork()
    if not child:
        with suppress(BaseException):
            os.write(pipe, b"0\n")
            write(pipe)
        os._exit(1)
    os.close(pipe)
    with os.fdopen(reader) as told:
        assert told.readline() == "0\n"
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        acknowledged = told.read().split("\n")[-2:-1]
    assert os.WTERMSIG(status) == signal.SIGKILL
    return int(acknowledged[0]) if acknowledged else 0
