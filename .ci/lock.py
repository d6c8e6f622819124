"""Write `.ci/constraints.txt` anew: today's versions of everything in `pyproject.toml`, with the hashes of all wheels.

    pip install pip-tools && python .ci/lock.py

The file holds names, versions and hashes, nothing of where they come from: that is each machine's own matter. It is
resolved with the oldest Python we support, whose needs (backports) are those of the newer ones and more.
"""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
CONSTRAINTS = ROOT / ".ci" / "constraints.txt"


def requirements() -> list[str]:
    """What the project, its tests and an editable build of it need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["test"],
        *project["build-system"]["requires"],
        "editables>=0.5",  # hatchling's, for `pip install --editable`
    ]


def compiled(wanted: list[str]) -> str:
    """The pins, as pip-tools writes them."""
    with tempfile.TemporaryDirectory() as folder:
        source, pins = Path(folder) / "requirements.in", Path(folder) / "pins.txt"
        source.write_text("\n".join(wanted) + "\n", "utf-8")
        options = ["--generate-hashes", "--allow-unsafe", "--strip-extras", "--no-header", "--no-annotate"]
        options += ["--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links", "--no-emit-options"]
        command = [sys.executable, "-m", "piptools", "compile", "--quiet", *options, "-o", str(pins), str(source)]
        subprocess.run(command, check=True, cwd=folder)
        return pins.read_text("utf-8")


def bare(pins: str) -> str:
    """Without comments and blank lines."""
    return "".join(f"{line}\n" for line in pins.splitlines() if line.strip() and not line.startswith("#"))


if __name__ == "__main__":
    CONSTRAINTS.write_text(bare(compiled(requirements())), "utf-8")
