"""Processes with a deadline behind a plain map, in the order of the input.

Built on Pebble, whose pool stops a task that takes too long and, when a worker dies, loses that worker's task alone.
Around it: chunks, so that a small page costs little; each page of a chunk that failed is tried by itself, so that
one bad page costs nobody else; a window of chunks under way, so that memory is flat whatever the number of pages.

Workers start from a fork server: a fork of this process would take along the archive's lock, SQLite's file handles
and the pool's own threads in whatever state they are, and a spawned one would import the cleaner's libraries anew
each time one is replaced. A worker dies with the process that wanted it, kill -9 included.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import multiprocessing
import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any, Generic, TypeVar

from pebble import CONSTS, ProcessExpired, ProcessPool

from archive.errors import HemerotecaError
from archive.model import Outcome
from archive.reasons import Reason

T = TypeVar("T")
Work = Callable[[T], Outcome]

_CHUNK_ITEMS = 32
_CHUNK_BYTES = 512 * 1024  # of page bodies: a page of half a megabyte travels alone
_WINDOW = 4  # chunks under way for each worker: enough that none waits for the reader of the input
_TRIES = 2  # of a page by itself: its worker may have been killed from outside the first time
_NEW_POOLS = 10  # in a row without one outcome: then it is not bad luck
_LOCK = 10  # seconds; Pebble's default is 60
_LOOK = 1.0  # seconds between two looks whether the pool is still there


@dataclass(frozen=True)
class Loaded(Generic[T]):
    """A work that is made once in each process: `load`, which must be picklable, gives it.

    Only `load` travels to the workers, not what it makes (rules, models).
    """

    load: Callable[[], Work[T]]

    @functools.cached_property
    def made(self) -> Work[T]:
        """The work itself, made at its first use in this process."""
        return self.load()

    def __call__(self, item: T) -> Outcome:
        """The outcome of one item."""
        return self.made(item)

    def __reduce__(self) -> tuple[type[Loaded[T]], tuple[Callable[[], Work[T]]]]:
        return type(self), (self.load,)


def clean_all(
    items: Iterable[T | None],
    work: Work[T],
    jobs: int,
    timeout: float,
    *,
    recipe: str = "",
    preload: Sequence[str] = (),
) -> Iterator[tuple[T, Outcome]]:
    """Each item with its outcome, in the order of `items`, which is read a bounded way ahead.

    A None among the items says that nothing more is at hand for now: what was given is sent off without waiting for
    a full chunk, and what is done is handed out. Whoever reads from a slow source gives one from time to time.

    `work` is picklable (see `Loaded` for one that needs much). It runs in `jobs` processes, each item for at most
    `timeout` seconds; with `jobs` 0 it runs in this one, and no time is kept. `recipe` stands in the outcomes made
    here: TIMEOUT, and CRASH for work that raises or kills its process. `preload` names modules that the workers
    need, imported once for all of them.

    A `HemerotecaError` that the work raises is raised here: it is about the run, not about a page. Closing the
    iterator, or an error in `items`, stops the workers.
    """
    if jobs <= 0:
        for item in items:
            if item is not None:
                yield item, _outcome(work, recipe, item)
        return
    crew = _Crew(jobs, timeout, recipe, pickle.dumps(work), tuple(preload))
    try:
        yield from crew.run(items)
    finally:
        crew.stop()


@dataclass(frozen=True)
class _Chunk(Generic[T]):
    """Items given to a pool, and what will come of them."""

    items: Sequence[T]
    pool: Any
    future: Future[list[bytes] | HemerotecaError]  #: outcomes, pickled


class _Crew:
    """A pool of workers for one work; a pool that broke is replaced."""

    def __init__(self, jobs: int, timeout: float, recipe: str, work: bytes, preload: tuple[str, ...]) -> None:
        self._jobs, self._timeout, self._recipe, self._work, self._preload = jobs, timeout, recipe, work, preload
        self._pool = self._new_pool()
        self._replaced = 0

    def run(self, items: Iterable[T | None]) -> Iterator[tuple[T, Outcome]]:
        under_way: deque[_Chunk[T]] = deque()
        for some in _chunks(items):
            if some:
                under_way.append(self._give(some))
            while under_way and (len(under_way) >= _WINDOW * self._jobs or under_way[0].future.done()):
                yield from self._take(under_way.popleft())
        while under_way:
            yield from self._take(under_way.popleft())

    def stop(self) -> None:
        self._pool.stop()
        self._pool.join()

    def _new_pool(self) -> Any:
        method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        context = multiprocessing.get_context(method)
        if method == "forkserver":
            context.set_forkserver_preload([__name__, *self._preload])
        return ProcessPool(max_workers=self._jobs, initializer=_begin, initargs=(self._work,), context=context)

    def _replace(self, pool: Any) -> None:
        if pool is self._pool:
            self._replaced += 1
            if self._replaced > _NEW_POOLS:
                raise HemerotecaError("the processes that clean pages die at once; is memory short?")
            self.stop()
            self._pool = self._new_pool()

    def _give(self, items: Sequence[T]) -> _Chunk[T]:
        if not self._pool.active:
            self._replace(self._pool)
        pool = self._pool
        return _Chunk(items, pool, pool.schedule(_do, args=(self._work, self._recipe, items), timeout=self._timeout))

    def _take(self, chunk: _Chunk[T]) -> Iterator[tuple[T, Outcome]]:
        """The outcomes of a chunk; where it took too long or killed its worker, those of each item by itself."""
        try:
            outcomes = self._result(chunk)
        except HemerotecaError:
            raise
        except Exception:  # one of them was it: which?
            alone = [self._give([item]) for item in chunk.items]
            for each in alone:
                yield each.items[0], self._alone(each)
        else:
            yield from zip(chunk.items, outcomes, strict=True)

    def _alone(self, chunk: _Chunk[T]) -> Outcome:
        for left in reversed(range(_TRIES)):
            try:
                return self._result(chunk)[0]
            except HemerotecaError:
                raise
            except TimeoutError:
                error = f"cleaning took longer than {self._timeout:g} s"
                return Outcome(self._recipe, reason=Reason.TIMEOUT, error=error)
            except ProcessExpired as expired:
                error = f"the cleaner's process died ({_how(expired.exitcode)})"
                chunk = self._give(chunk.items) if left else chunk
            except Exception as unsendable:
                error = f"{type(unsendable).__name__}: {unsendable}"
        return Outcome(self._recipe, reason=Reason.CRASH, error=error)

    def _result(self, chunk: _Chunk[T]) -> list[Outcome]:
        while True:
            try:
                result = _awaited(chunk)
            except BrokenProcessPool:
                self._replace(chunk.pool)
                chunk = self._give(chunk.items)
            else:
                self._replaced = 0
                break
        if isinstance(result, HemerotecaError):
            raise result
        return [pickle.loads(each) for each in result]  # noqa: S301 - from our own workers


def _awaited(chunk: _Chunk[T]) -> list[bytes] | HemerotecaError:
    """What came of a chunk; raises what Pebble says of it. A pool that broke does not tell all that wait."""
    while not wait_for([chunk.future], timeout=_LOOK).done:
        if not chunk.pool.active:
            raise BrokenProcessPool
    return chunk.future.result()


def _chunks(items: Iterable[T | None]) -> Iterator[list[T]]:
    """The items in runs of so many, and so many bytes of body; a None ends a run, be it empty."""
    chunk: list[T] = []
    weight = 0
    for item in items:
        if item is not None:
            chunk.append(item)
            weight += len(getattr(item, "body", b""))
        if item is None or len(chunk) >= _CHUNK_ITEMS or weight >= _CHUNK_BYTES:
            yield chunk
            chunk, weight = [], 0
    if chunk:
        yield chunk


def _how(exitcode: int | None) -> str:
    if exitcode is None or exitcode >= 0:
        return f"exit code {exitcode}"
    try:
        return signal.Signals(-exitcode).name
    except ValueError:
        return f"signal {-exitcode}"


def _outcome(work: Work[T], recipe: str, item: T) -> Outcome:
    try:
        return work(item)
    except HemerotecaError:
        raise
    except Exception as error:
        message = " ".join(f"{type(error).__name__}: {error}".split())
        return Outcome(recipe, reason=Reason.CRASH, error=message)


# What follows runs in the workers.


def _begin(work: bytes) -> None:
    """A worker's first deed. What fails here fails again at the first item, where it can be told."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a cleaner lost in a library would not get to Pebble's handler
    _die_with_the_parent()
    CONSTS.channel_lock_timeout = _LOCK  # one who was killed while it held the pool's lock stops all others so long
    made = _thawed(work)
    if isinstance(made, Loaded):
        with contextlib.suppress(Exception):
            _ = made.made


def _do(work: bytes, recipe: str, items: Sequence[Any]) -> list[bytes] | HemerotecaError:
    try:
        return [_pickled(_outcome(_thawed(work), recipe, item)) for item in items]
    except HemerotecaError as error:  # as data: not every exception survives the way back
        told = HemerotecaError(str(error))
        told.exit_code = error.exit_code
        return told


def _pickled(outcome: Outcome) -> bytes:
    try:
        return pickle.dumps(outcome)
    except Exception as error:  # would end the worker if Pebble met it
        message = f"the outcome cannot be sent: {type(error).__name__}: {error}"
        return pickle.dumps(Outcome(outcome.recipe, reason=Reason.CRASH, error=message))


@functools.cache
def _thawed(work: bytes) -> Work[Any]:
    """The work, once in each process."""
    thawed: Work[Any] = pickle.loads(work)  # noqa: S301 - our own bytes
    return thawed


def _die_with_the_parent() -> None:
    """Let the kernel end this process when the parent is gone, whatever it is doing, the interpreter's lock held.

    The sentinel is a pipe whose other end only the parent has; SIGIO, unhandled, ends a process. Not prctl's
    PR_SET_PDEATHSIG: the parent it means is the fork server, which lives on while it has workers.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        pipe = parent.sentinel
        fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | fcntl.FASYNC)
        if wait([pipe], timeout=0):
            os._exit(1)
