"""What holds for every test: in CI nothing is skipped, and Ctrl-C is heard."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from typing import TypeVar

import pytest

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

#: Set in CI: what a user's machine may lack has to be there, so that a skipped test is a failed one.
NO_SKIP = os.environ.get("HEMEROTECA_NO_SKIP") == "1"


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that starts the tests in the background has SIGINT ignored; the programs they start would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _unskipped(report: Report) -> Report:
    if NO_SKIP and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, though HEMEROTECA_NO_SKIP is set: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test fails where nothing may be skipped."""
    return _unskipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """So does a file that skips itself whole."""
    return _unskipped((yield))
