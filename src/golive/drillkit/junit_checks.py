"""The test report that a command leaves: found, read, judged."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from golive.drillkit.context import Context
from golive.drillkit.junit import JUnitError, Report, read_junit


class ReportFile:
    """Where a command is to write its report. One that was there before and has not been written
    again is an earlier run's, and counts as none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._before = self._fingerprint()

    def bytes(self) -> bytes | None:
        """None where the command wrote none."""
        now = self._fingerprint()
        return None if now is None or now == self._before else self.path.read_bytes()

    def _fingerprint(self) -> object:
        try:
            status = os.stat(self.path)  # noqa: PTH116  (one call: no race with exists)
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size


def read_report(written: bytes | None) -> tuple[Report, str]:
    """The report, and why it can't be judged ("" where it can)."""
    empty = Report((), ())
    if written is None:
        return empty, "the command wrote no test report"
    try:
        return read_junit(written), ""
    except JUnitError as error:
        return empty, f"the test report can't be read: {error}"


def judge_report(ctx: Context[Any], report: Report, problem: str, said: str) -> None:
    """`said` is what the command said, shown where no test ran."""
    ctx.holds("report_read", "the command wrote a test report", not problem, detail=problem)
    ctx.at_least(
        "tests",
        "tests ran, each counted in the report",
        1,
        None if problem else report.executed,
        unit="tests",
        detail="" if report.executed else said,
    )
    ctx.at_most(
        "failed",
        "no test failed",
        0,
        len(report.failed) if report.executed else None,
        unit="tests",
        detail="; ".join(f"{case.name}: {case.message}" for case in report.failed[:10]),
    )
    if "skipped" in ctx.expect:
        skipped = None if problem else len(report.skipped)
        ctx.at_most("skipped", "tests skipped are as expected", 0, skipped, unit="tests")
    for one in report.disagreements:
        ctx.log(f"a counter in the report disagrees with its test cases: {one}")
