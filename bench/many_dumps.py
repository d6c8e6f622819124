"""Whether memory stays flat: clean many small dumps and watch the memory of all processes.

    python3 .ci/env.py python bench/many_dumps.py 100000 [--jobs 2] [--keep FOLDER]

The dumps are made up, the same at every run: prose of invented words with the furniture of a newspaper page, one in
ten the text of an earlier dump with other furniture. Memory is the proportional set size (PSS) of the process and
all below it, from /proc: shared pages are counted once. Flat means: the most in the second half of the run is at most
a tenth over the most in the first.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER_SIZE = 1000
SYLLABLES = "ma ri to sa ne lo ca de pu ro la ti mo ve sa cion dad mente ra do bre gue llo ña tra pla cuen".split()  # noqa: SIM905
SMALL = "de la el en que y a los del se las por un con una su para al lo como más pero sus le".split()  # noqa: SIM905
FURNITURE = ("Lo más visto", "LEER MÁS", "Recetas", "Ofertas", "Deportes", "Suscríbete", "Compartir en Facebook")


@dataclass(frozen=True)
class Sample:
    """Seconds since the start, MB of all processes."""

    at: float
    pss: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dumps", type=int)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, help="a folder to work in, which stays")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        write(folder / "dumps", options.dumps)
        samples, code = watched(folder, options.jobs)
        report(samples, options.dumps, folder / "archive")
    sys.exit(code)


def write(folder: Path, count: int) -> None:
    """Make the dumps, a thousand a folder."""
    begun = time.perf_counter()
    for number in range(count):
        place = folder / f"{number // FOLDER_SIZE:05}"
        if number % FOLDER_SIZE == 0:
            place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:07}.txt").write_text(dump(number), "utf-8")
    print(f"{count:,} dumps made in {time.perf_counter() - begun:.0f} s", flush=True)


def dump(number: int) -> str:
    """Page `number`: an article of its own, or (one in ten) an earlier one's in other company."""
    chance = random.Random(number)
    text = number if number % 10 or not number else chance.randrange(number)
    head = [*chance.sample(FURNITURE[2:], 2), sentence(chance, 8).rstrip("."), ""]
    foot = ["", FURNITURE[0], "", sentence(chance, 9).rstrip("."), "", FURNITURE[1]]
    return "\n".join([*head, *article(random.Random(f"article {text}")), *foot]) + "\n"


def article(chance: random.Random) -> Iterator[str]:
    for _ in range(chance.randint(4, 9)):
        yield " ".join(sentence(chance, chance.randint(9, 28)) for _ in range(chance.randint(2, 4)))


def sentence(chance: random.Random, length: int) -> str:
    words = [chance.choice(SMALL) if i % 2 else word(chance) for i in range(length)]
    return " ".join(words).capitalize() + "."


def word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))


def watched(folder: Path, jobs: int) -> tuple[list[Sample], int]:
    """Clean the dumps, sampling memory all the while."""
    command = [
        sys.executable,
        "-m",
        "scraper.cli",
        "clean",
        str(folder / "dumps"),
        "--archive",
        str(folder / "archive"),
    ]
    root = str(Path(__file__).parent.parent)
    begun = time.perf_counter()
    samples = []
    with subprocess.Popen([*command, "--jobs", str(jobs)], env={**os.environ, "PYTHONPATH": root}) as process:
        while process.poll() is None:
            samples.append(Sample(time.perf_counter() - begun, sum(map(pss, tree(process.pid)))))
            time.sleep(0.5)
    return samples, process.returncode


def tree(root: int) -> list[int]:
    """A process and all below it."""
    below: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        below.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [root]
    for pid in found:
        found.extend(below.get(pid, ()))
    return found


def pss(pid: int) -> float:
    """Proportional set size, MB; 0 for a process that ended."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0.0)


def report(samples: list[Sample], count: int, archive: Path) -> None:
    """Memory along the run, and whether it is flat."""
    seconds = samples[-1].at
    for tenth in range(10):
        part = [s.pss for s in samples if tenth <= s.at / seconds * 10 < tenth + 1]
        if part:
            print(f"{tenth * 10:3}-{tenth * 10 + 10:3} %  most {max(part):7.1f} MB")
    first = max(s.pss for s in samples if s.at <= seconds / 2)
    second = max(s.pss for s in samples if s.at >= seconds / 2)
    size = sum(path.stat().st_size for path in archive.rglob("*") if path.is_file())
    print(f"{count:,} dumps in {seconds:.0f} s ({count / seconds:.0f} a second), archive {size / 1e6:.0f} MB")
    print(f"most memory {max(first, second):.1f} MB; second half by first {second / first:.2f}: ", end="")
    print("flat" if second <= first * 1.1 else "NOT FLAT")


if __name__ == "__main__":
    main()
