"""The page of a test report: escaping, verdicts, nothing from elsewhere."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from golive.drillkit.junit import Case, Outcome, Report
from golive.drillkit.junit_page import Heading, page

HEADING = Heading(
    title="Smoke tests, release 1.00",
    pack="ran: the target's pack",
    command="npm test",
    target="target stage",
    ended="2024-05-30T09:45:00.000Z",
    fidelity="local",
    exit_code=0,
    seconds=1.5,
)
GOOD = Case("health", "it is alive", Outcome.PASSED, 0.01)
BAD = Case(
    "pages", "<script>alert(1)</script>", Outcome.FAILED, 0.1, "it said <b>no</b>", "\x1b[31mtrace"
)


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def seen(html: str) -> Seen:
    found = Seen()
    found.feed(html)
    return found


def test_it_needs_nothing_else_and_runs_nothing() -> None:
    found = seen(page(HEADING, Report((GOOD, BAD), ()), ""))
    assert found.links == []
    assert not {"script", "link", "img", "iframe", "object", "b"} & set(found.tags)
    assert "<script>alert(1)</script>" in found.words, "shown as text"


def test_control_characters_do_not_reach_it() -> None:
    html = page(replace(HEADING, exit_code=1), Report((BAD,), ()), "a\x00b\x07c\x1b[0md\r\n")
    assert not any(ord(one) < 32 and one not in "\n\t" for one in html)
    assert "abcd" in html


def test_failures_come_before_the_table() -> None:
    html = page(HEADING, Report((GOOD, BAD), ()), "")
    assert html.index("it said &lt;b&gt;no") < html.index("All test cases")


@pytest.mark.parametrize(
    ("heading", "cases", "verdict"),
    [
        (HEADING, (GOOD,), "All 1 tests passed"),
        (HEADING, (), "No test ran"),
        (HEADING, (replace(GOOD, outcome=Outcome.SKIPPED),), "No test ran"),
        (HEADING, (GOOD, BAD), "1 of 2 tests failed"),
        (replace(HEADING, exit_code=None), (GOOD,), "ran out of time"),
        (replace(HEADING, exit_code=3), (GOOD,), "but the command ended with 3"),
    ],
)
def test_the_verdict(heading: Heading, cases: tuple[Case, ...], verdict: str) -> None:
    html = page(heading, Report(cases, ()), "what the tool said")
    assert verdict in html
    assert ("what the tool said" in html) == (verdict != "All 1 tests passed")


def test_the_same_report_gives_the_same_bytes() -> None:
    report = Report((GOOD, BAD), ("a: tests says '3', counted 2",))
    assert page(HEADING, report, "x") == page(HEADING, report, "x")
    assert "tests says &#39;3&#39;" in page(HEADING, report, "x")
