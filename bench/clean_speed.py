"""Pages per second of `hemeroteca clean` against trafilatura's own command line, on the same HTML pages.

    python3 .ci/env.py python bench/clean_speed.py FOLDER [--jobs 2] [--rounds 5] [--limit PAGES]

Both get the same unpacked files and the same number of processes, and run in turn within each round, so that what
else the machine does falls on both. hemeroteca stores everything (WARC, database, search index) into a new archive;
trafilatura writes text files. Start-up counts for both. The ratio is pages per second, ours by theirs: over 1 we are
faster. CPU seconds are those of all processes; where others use the machine, the ratio by CPU is the one to believe.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gzip
import itertools
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
BIN = Path(sys.executable).parent
ENDINGS = (".html", ".htm", ".html.gz", ".htm.gz")


@dataclass(frozen=True)
class Run:
    """Wall and CPU seconds of one command."""

    seconds: float
    cpu: float


def main() -> None:
    options = arguments()
    become_reaper()
    with tempfile.TemporaryDirectory() as scratch:
        pages = Path(scratch) / "pages"
        count = unpack(options.folder, pages, options.limit)
        if not count:
            sys.exit(f"{options.folder}: no HTML pages")
        print(f"{count} pages, {options.jobs} processes, {options.rounds} rounds")
        rounds = [one_round(number, pages, options.jobs, count) for number in range(1, options.rounds + 1)]
    report(rounds, count)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="HTML pages, packed with gzip or not")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=int, default=None, help="only the first so many pages")
    return parser.parse_args()


def unpack(folder: Path, target: Path, limit: int | None) -> int:
    """Copy the pages under names that both read, and return how many there are."""
    target.mkdir()
    found = (path for path in sorted(folder.rglob("*")) if path.name.endswith(ENDINGS))
    number = 0
    for number, path in enumerate(itertools.islice(found, limit), 1):
        body = path.read_bytes()
        (target / f"{number:06}.html").write_bytes(gzip.decompress(body) if path.suffix == ".gz" else body)
    return number


def one_round(number: int, pages: Path, jobs: int, count: int) -> tuple[Run, Run]:
    """Ours and theirs, in turn; which goes first alternates."""
    with tempfile.TemporaryDirectory() as scratch:
        ours = [sys.executable, "-m", "scraper.cli", "clean", str(pages), "--archive", f"{scratch}/archive"]
        ours += ["--jobs", str(jobs), "--quiet"]
        theirs = [str(BIN / "trafilatura"), "--input-dir", str(pages), "--output-dir", f"{scratch}/text"]
        theirs += ["--parallel", str(jobs)]
        both = {"ours": ours, "theirs": theirs}
        order = list(both)[:: 1 if number % 2 else -1]
        runs = {name: timed(both[name]) for name in order}
        written = sum(1 for _ in files(Path(scratch) / "text"))
        size = sum(path.stat().st_size for path in files(Path(scratch) / "archive"))
    mine, other = runs["ours"], runs["theirs"]
    print(
        f"round {number}: hemeroteca {mine.seconds:6.1f} s ({mine.cpu:6.1f} s CPU, archive {size / 1e6:.0f} MB)   "
        f"trafilatura {other.seconds:6.1f} s ({other.cpu:6.1f} s CPU, {written} of {count} texts)   "
        f"ratio {other.seconds / mine.seconds:.2f}",
        flush=True,
    )
    return mine, other


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def timed(command: list[str]) -> Run:
    """Run a command to its end; pages that fail (exit code 1) are part of the work."""
    begun, used = time.perf_counter(), cpu()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
    code = process.wait()
    seconds = time.perf_counter() - begun
    adopt_and_wait()
    if code not in (0, 1):
        sys.exit(f"exit code {code}: {' '.join(command)}")
    return Run(seconds, cpu() - used)


def cpu() -> float:
    """CPU seconds of all descendants that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def become_reaper() -> None:
    """Workers whose parent ends come to us, so that their CPU seconds count (prctl(2), Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def adopt_and_wait() -> None:
    """Wait for what the command left behind."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def environment() -> dict[str, str]:
    """The project is found also where it is not installed."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}


def report(rounds: list[tuple[Run, Run]], count: int) -> None:
    ours, theirs = zip(*rounds, strict=True)
    for name, runs in (("hemeroteca", ours), ("trafilatura", theirs)):
        speeds = sorted(count / run.seconds for run in runs)
        print(
            f"{name:<12} {statistics.median(speeds):7.1f} pages/s (least {speeds[0]:.1f}, most {speeds[-1]:.1f}), "
            f"{statistics.median(run.cpu / count * 1000 for run in runs):.1f} ms CPU a page"
        )
    for what, ratios in (
        ("ratio", sorted(other.seconds / mine.seconds for mine, other in rounds)),
        ("by CPU", sorted(other.cpu / mine.cpu for mine, other in rounds)),
    ):
        print(f"{what:<12} {statistics.median(ratios):7.2f} (least {ratios[0]:.2f}, most {ratios[-1]:.2f})")


if __name__ == "__main__":
    main()
