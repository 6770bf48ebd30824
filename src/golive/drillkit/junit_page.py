"""A test report as one page of HTML that needs nothing else: for the vault, a phone, a printer."""

from __future__ import annotations

from dataclasses import dataclass

from golive.drillkit.junit import Report
from golive.drillkit.page import filled


@dataclass(frozen=True)
class Heading:
    """What stands above the figures."""

    title: str
    pack: str
    """Which pack of tests this was, in words."""
    command: str
    target: str
    ended: str
    fidelity: str
    exit_code: int | None
    """None where the command ran out of time."""
    seconds: float


def page(heading: Heading, report: Report, words: str) -> str:
    """`words` is what the command said; shown where it failed or ran no test."""
    good = heading.exit_code == 0 and report.executed > 0 and not report.failed
    return filled(
        "junit_page.html",
        title=heading.title,
        pack=heading.pack,
        command=heading.command,
        target=heading.target,
        ended=heading.ended,
        fidelity=heading.fidelity,
        good=good,
        verdict=_verdict(heading, report),
        figures=_figures(heading, report),
        failed=report.failed,
        disagreements=report.disagreements,
        cases=report.cases,
        words="" if good else words,
    )


def _verdict(heading: Heading, report: Report) -> str:
    if heading.exit_code is None:
        return "The command ran out of time and was ended"
    if report.executed == 0:
        return "No test ran"
    if report.failed:
        number = len(report.failed)
        return f"{number} of {report.executed} tests failed"
    if heading.exit_code != 0:
        return f"Every test passed, but the command ended with {heading.exit_code}"
    return f"All {report.executed} tests passed"


def _figures(heading: Heading, report: Report) -> list[tuple[str, str, str]]:
    failed, skipped = len(report.failed), len(report.skipped)
    passed = report.executed - failed
    code = "none" if heading.exit_code is None else str(heading.exit_code)
    return [
        ("Tests", str(len(report.cases)), ""),
        ("Passed", str(passed), "passed" if passed else ""),
        ("Failed", str(failed), "failed" if failed else ""),
        ("Skipped", str(skipped), "skipped" if skipped else ""),
        ("Exit code", code, "" if code == "0" else "failed"),
        ("Seconds", f"{heading.seconds:.1f}", ""),
    ]
