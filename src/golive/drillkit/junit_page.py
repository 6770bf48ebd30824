"""A test report as one page of HTML that needs nothing else: for the vault, a phone, a printer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources

from jinja2 import Environment

from golive.drillkit.junit import Report

_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
"""Colours and other control characters, which have no place in HTML."""


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
    environment = Environment(autoescape=True)
    source = resources.files(__package__).joinpath("junit_page.html").read_text(encoding="utf-8")
    good = heading.exit_code == 0 and report.executed > 0 and not report.failed
    html = environment.from_string(source).render(
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
    return _CONTROL.sub("", html) + "\n"


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
