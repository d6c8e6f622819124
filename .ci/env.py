"""Run a command in the project's own environment, which is made first where it is not there.

    python3 .ci/env.py COMMAND ARGS...

The environment is `.venv` in the checkout: the versions and hashes of `.ci/constraints.txt`, and the project itself,
editable. It is made once, and brought up to date when the constraints or `pyproject.toml` change; one whose making
was interrupted is made anew. Standard library only, since this is what brings the rest.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / ".ci" / "constraints.txt"
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
READY = VENV / ".hemeroteca-ready"  # holds the digest of what is installed
BEGUN = VENV / ".hemeroteca-begun"  # there while an installation is on, and after one that was cut off

OLDEST = (3, 11)


def main(arguments: list[str]) -> None:
    """Make the environment where it is not ready, then become the command."""
    if sys.version_info < OLDEST:
        stop(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}")
    if not arguments:
        stop("usage: python3 .ci/env.py COMMAND ARGS...")
    wanted = digest()
    if not ready(wanted):
        make(wanted)
    run(arguments)


def run(arguments: list[str]) -> None:
    """Become the command; its exit code and its signals are then this process's own."""
    command = BIN / arguments[0]
    if not os.access(command, os.X_OK):
        stop(f"{arguments[0]}: no such command in .venv/bin")
    os.environ["VIRTUAL_ENV"] = str(VENV)
    os.environ["PATH"] = str(BIN) + os.pathsep + os.environ.get("PATH", os.defpath)
    os.environ.pop("PYTHONHOME", None)
    os.execv(command, [str(command), *arguments[1:]])


def digest() -> str:
    """SHA-256, hex, of the files that say what is installed."""
    import hashlib

    return hashlib.sha256(CONSTRAINTS.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()


def ready(wanted: str) -> bool:
    """Whether the environment is whole and up to date; its link to a Python that is gone dangles."""
    return READY.is_file() and READY.read_text() == wanted and PYTHON.exists()


def make(wanted: str) -> None:
    """Install what is missing, one process at a time; others wait for it and find it done."""
    import fcntl

    with CONSTRAINTS.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if ready(wanted):
            return
        pip = installer()
        prepare()
        BEGUN.touch()
        install(pip, "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(CONSTRAINTS))
        install(pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
        READY.write_text(wanted)
        BEGUN.unlink()
        tell(".venv is ready\n")


def installer() -> list[str]:
    """The pip to install with: the environment's own, else (Debian without python3-venv) this Python's."""
    from importlib.util import find_spec

    if find_spec("ensurepip"):
        return [str(PYTHON), "-m", "pip"]
    if not (find_spec("pip") and find_spec("venv")):
        stop("this Python cannot make an environment; on Debian and Ubuntu: apt install python3-venv")
    return [sys.executable, "-m", "pip", "--python", str(PYTHON)]


def prepare() -> None:
    """A bare environment: the one that is there, unless it is broken or was half made."""
    import venv
    from importlib.util import find_spec

    READY.unlink(missing_ok=True)
    whole = PYTHON.exists() and not BEGUN.exists()
    if whole and (BIN / "pip").exists():
        return
    tell("making .venv (about a minute)")
    venv.create(VENV, clear=not whole, symlinks=True, with_pip=find_spec("ensurepip") is not None)


def install(pip: list[str], *arguments: str) -> None:
    """Run `pip install`, with one line of progress; where it fails, print all that it said."""
    import subprocess

    said = []
    with subprocess.Popen(
        [*pip, "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout
        for line in process.stdout:
            said.append(line)
            progress(line.split())
    if process.returncode:
        tell("pip failed\n")
        sys.stderr.writelines(said)
        stop("the environment could not be made, for the reason above; run the same command to try again")


def progress(words: list[str]) -> None:
    """Show on a terminal which package pip is at."""
    if sys.stderr.isatty() and words[:1] == ["Collecting"]:
        tell(f"making .venv: {words[1].partition('=')[0]}")
    elif sys.stderr.isatty() and words[:2] == ["Installing", "collected"]:
        tell("making .venv: installing")


def tell(message: str) -> None:
    """Write over the line of progress on a terminal, lines elsewhere."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" + message)
    else:
        sys.stderr.write(message.rstrip("\n") + "\n")
    sys.stderr.flush()


def stop(message: str) -> NoReturn:
    """End with one line on stderr."""
    sys.stderr.write(f"env.py: {message}\n")
    sys.exit(2)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        stop("interrupted; run the same command to go on")
