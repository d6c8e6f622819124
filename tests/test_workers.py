"""Processes with a deadline: order, completeness, pages that hang, pages that kill, and no worker left behind."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.errors import HemerotecaError, WarcError
from archive.model import Article, Outcome
from archive.reasons import Reason
from scraper.workers import Loaded, clean_all

ROOT = Path(__file__).resolve().parent.parent


def echo(item: str) -> Outcome:
    """Work whose items say what happens."""
    what, _, rest = item.partition(" ")
    if what == "sleep":
        time.sleep(float(rest))
    elif what == "die":
        os.kill(os.getpid(), getattr(signal, rest))
    elif what == "die-once":
        if not Path(rest).exists():
            Path(rest).touch()
            os._exit(9)
    elif what == "raise":
        raise ValueError(rest)
    elif what == "refuse":
        raise WarcError(rest, "a.warc.gz", 5)
    elif what == "hold-the-lock":  # in C, the interpreter's lock held, deaf to Python's signal handlers
        re.match(r"(a+)+$", "a" * 40 + "b")
    elif what == "unsendable":
        return Outcome("r", article=Article(item, {"title": lambda: None}))  # type: ignore[dict-item]
    return Outcome("r", article=Article(f"{os.getpid()} {item}"))


@dataclass(frozen=True)
class Counting:
    """A loader that leaves a mark each time it is called."""

    folder: Path

    def __call__(self):
        (self.folder / f"{os.getpid()}-{time.monotonic_ns()}").touch()
        return echo


@dataclass(frozen=True)
class Broken:
    def __call__(self):
        raise HemerotecaError("rules/es.toml: unknown key")


def run(items, jobs=2, timeout=20.0, work=echo):
    return list(clean_all(items, work, jobs, timeout, recipe="r"))


def texts(results):
    return [outcome.article.text.split(" ", 1)[1] if outcome.article else outcome.reason for _, outcome in results]


@pytest.mark.parametrize("jobs", [0, 1, 3])
def test_every_item_once_and_in_order(jobs):
    items = [f"item {n}" for n in range(500)]
    results = run(iter(items), jobs)
    assert [item for item, _ in results] == items
    assert texts(results) == items
    pids = {outcome.article.text.split()[0] for _, outcome in results}
    assert len(pids) <= max(jobs, 1)
    assert (str(os.getpid()) in pids) == (jobs == 0)


def test_nothing_gives_nothing():
    assert run([]) == []


def test_a_page_that_hangs_is_stopped_and_costs_nobody_else():
    items = [*(f"a {n}" for n in range(40)), "sleep 60", *(f"b {n}" for n in range(40))]
    start = time.monotonic()
    results = run(items, timeout=1.0)
    assert time.monotonic() - start < 10
    assert texts(results) == [Reason.TIMEOUT if item == "sleep 60" else item for item in items]
    assert [outcome.error for _, outcome in results if outcome.reason] == ["cleaning took longer than 1 s"]
    assert all(outcome.recipe == "r" for _, outcome in results)


def test_a_page_that_is_lost_in_c_is_stopped_too():
    start = time.monotonic()
    assert texts(run(["a", "hold-the-lock", "b"], jobs=1, timeout=1.0)) == ["a", Reason.TIMEOUT, "b"]
    assert time.monotonic() - start < 6


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV"])
def test_a_page_that_kills_its_worker_costs_nobody_else(name):
    items = [f"a {n}" for n in range(70)]
    items[40] = f"die {name}"
    results = run(items)
    assert texts(results) == [Reason.CRASH if item.startswith("die") else item for item in items]
    assert results[40][1].error == f"the cleaner's process died ({name})"


def test_a_worker_killed_from_outside_costs_nothing(tmp_path):
    items = ["a", f"die-once {tmp_path / 'one'}", "b", *(f"c {n}" for n in range(40)), f"die-once {tmp_path / 'two'}"]
    assert texts(run(items)) == items


def test_idle_workers_killed_from_outside_are_replaced():
    def items():
        yield from (f"a {n}" for n in range(64))
        while True:
            pids = workers_of(os.getpid())
            if pids:
                break
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.5)
        yield from (f"b {n}" for n in range(64))

    results = run(items(), jobs=1)
    assert len(results) == 128
    assert not any(outcome.reason for _, outcome in results)


def test_an_error_of_the_work_is_an_outcome():
    for jobs in (0, 1):
        results = run(["a", "raise of\nmine", "b"], jobs)
        assert texts(results) == ["a", Reason.CRASH, "b"]
        assert results[1][1].error == "ValueError: of mine"


def test_an_outcome_that_cannot_travel_is_a_crash():
    results = run(["a", "unsendable", "b"], jobs=1)
    assert texts(results) == ["a", Reason.CRASH, "b"]
    assert "pickle" in results[1][1].error


def test_an_error_of_the_run_ends_the_run():
    for jobs in (0, 1):
        with pytest.raises(HemerotecaError, match=r"a.warc.gz: byte 5: all wrong") as caught:
            run(["a", "refuse all wrong", "b"], jobs)
        assert caught.value.exit_code == WarcError.exit_code


def test_the_work_is_loaded_once_in_each_process(tmp_path):
    results = run([f"a {n}" for n in range(600)], jobs=2, work=Loaded(Counting(tmp_path)))
    assert len(results) == 600
    loaded = [path.name.split("-")[0] for path in tmp_path.iterdir()]
    assert len(loaded) == len(set(loaded)) <= 2


def test_a_work_that_cannot_be_loaded_is_told_as_it_is():
    for jobs in (0, 1):
        with pytest.raises(HemerotecaError, match="unknown key"):
            run(["a", "b"], jobs, work=Loaded(Broken()))


def test_the_input_is_read_a_bounded_way_ahead():
    read = 0

    def items():
        nonlocal read
        for n in range(20_000):
            read += 1
            yield f"a {n}"

    ahead = 0
    for done, _ in enumerate(clean_all(items(), echo, 2, 20.0), start=1):
        ahead = max(ahead, read - done)
    assert done == 20_000
    assert ahead <= 12 * 32


def test_memory_stays_flat():
    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    def count(number):
        items = (Heavy(bytes(100_000)) for _ in range(number))
        return sum(1 for _ in clean_all(items, weigh, 2, 20.0))

    assert count(200) == 200
    before = peak()
    assert count(3000) == 3000  # 300 MB of bodies
    assert peak() - before < 60


@dataclass(frozen=True)
class Heavy:
    body: bytes


def weigh(item: Heavy) -> Outcome:
    return Outcome("r", article=Article(str(len(item.body))))


def test_small_pages_cost_little():
    items = [f"a {n}" for n in range(20_000)]
    start = time.monotonic()
    assert len(run(items)) == 20_000
    assert time.monotonic() - start < 4  # 5,000 a second


def test_an_error_in_the_input_stops_the_workers():
    def items():
        yield from (f"a {n}" for n in range(100))
        raise OSError("the disk is gone")

    before = workers_of(os.getpid())
    with pytest.raises(OSError, match="the disk is gone"):
        run(items())
    assert gone_within(5, lambda: workers_of(os.getpid()) - before)


def test_closing_early_stops_the_workers():
    results = clean_all((f"sleep 0.0{n % 9}" for n in range(10_000)), echo, 2, 20.0)
    assert next(results)[0] == "sleep 0.00"
    assert workers_of(os.getpid())
    start = time.monotonic()
    results.close()
    assert time.monotonic() - start < 4
    assert gone_within(5, lambda: workers_of(os.getpid()))


SCRIPT = """
import sys
sys.path[:0] = [{root!r}, {here!r}]
from scraper.workers import clean_all
from test_workers import echo, workers_of
if __name__ == "__main__":
    import os
    try:
        for item, _ in clean_all(["a"] * 32 + [{busy!r}] * 4, echo, 2, 60.0):
            if item == "a":
                print(*workers_of(os.getpid()), flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        sys.exit(130)
"""


def start(tmp_path: Path, busy: str) -> tuple[subprocess.Popen[str], set[int]]:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(root=str(ROOT), here=str(Path(__file__).parent), busy=busy))
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    pids = set(map(int, process.stdout.readline().split()))
    time.sleep(0.5)  # the workers are at the slow items by now
    return process, pids


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("busy", ["sleep 60", "hold-the-lock"])
def test_no_worker_outlives_a_killed_parent(tmp_path, busy):
    process, pids = start(tmp_path, busy)
    assert pids
    process.kill()
    process.wait()
    assert gone_within(5, lambda: alive(pids))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_ctrl_c_ends_all_of_them_in_peace(tmp_path):
    process, pids = start(tmp_path, "sleep 60")
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=15)
    assert process.returncode == 130
    assert out.endswith("interrupted\n")
    assert err == ""
    assert gone_within(5, lambda: alive(pids))


def workers_of(pid: int) -> set[int]:
    """The processes below `pid` but for the fork server and the resource tracker, by /proc."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
    return {grandchild for child in parents.get(pid, []) for grandchild in parents.get(child, [])}


def alive(pids: set[int]) -> set[int]:
    def is_alive(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    return {pid for pid in pids if is_alive(pid)}


def gone_within(seconds: float, remaining) -> bool:
    end = time.monotonic() + seconds
    while remaining():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(["a", "b", "raise c", "die SIGKILL", "sleep 0.01"]), max_size=90),
    st.sampled_from([1, 2]),
)
def test_whatever_happens_each_item_has_its_outcome_in_its_place(items, jobs):
    items = [item if not item.startswith("die") or items.index(item) == n else "d" for n, item in enumerate(items)]
    results = run(items, jobs)
    assert [item for item, _ in results] == items
    failing = {"raise c", "die SIGKILL"}
    assert texts(results) == [Reason.CRASH if item in failing else item for item in items]


def test_a_pause_in_the_input_hands_out_what_is_done():
    """Without a pause three small items would wait for a chunk to fill."""
    given = []

    def slow():
        for item in ("a", "b", "c"):
            given.append(item)
            yield item
            while len(taken) < len(given):
                time.sleep(0.01)
                yield None

    taken = []
    for item, _ in clean_all(slow(), echo, 2, 10.0):
        taken.append(item)
        assert len(given) == len(taken)
    assert taken == ["a", "b", "c"]
    assert [item for item, _ in clean_all([None, "a", None], echo, 0, 10.0)] == ["a"]
