"""Signals that ask a run for its end, where it has a loop that can be asked."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def asking(ask: Callable[[], None]) -> Iterator[None]:
    """SIGTERM and Ctrl-C ask for the end; what is under way is finished. A second one ends the run as ever."""
    loop = asyncio.get_running_loop()
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}

    def asked() -> None:
        ask()
        leave()

    def leave() -> None:
        for each, handler in before.items():
            if loop.remove_signal_handler(each):
                signal.signal(each, handler)

    for each in before:
        loop.add_signal_handler(each, asked)
    try:
        yield
    finally:
        leave()
