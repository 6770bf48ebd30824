"""JUnit XML, recounted: what a test runner wrote, not what its counters claim.

Counters are optional and differ by tool (vitest's root has no `skipped`), so that test cases are
counted one by one, and every counter that disagrees is reported. A document with a DTD or an
entity is hostile or broken, and refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

_LARGEST = 50_000_000
_DEEPEST = 100


class JUnitError(ValueError):
    """The bytes are no JUnit report; the message says why."""


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Case:
    suite: str
    name: str
    outcome: Outcome
    seconds: float
    message: str = ""
    """What the failing test says first."""
    text: str = ""
    """The rest of it: a trace, a diff."""

    @property
    def failed(self) -> bool:
        """pytest writes a broken set-up as `error`: it counts."""
        return self.outcome in (Outcome.FAILED, Outcome.ERROR)


@dataclass(frozen=True)
class Report:
    cases: Sequence[Case]
    disagreements: Sequence[str]
    """Counters that don't match the cases, in words."""

    @property
    def failed(self) -> Sequence[Case]:
        return [case for case in self.cases if case.failed]

    @property
    def skipped(self) -> Sequence[Case]:
        return [case for case in self.cases if case.outcome is Outcome.SKIPPED]

    @property
    def executed(self) -> int:
        """Cases that ran: a suite that skipped everything has shown nothing."""
        return len(self.cases) - len(self.skipped)

    @property
    def seconds(self) -> float:
        return sum(case.seconds for case in self.cases)


def read_junit(data: bytes) -> Report:
    """JUnitError when `data` is malformed, hostile, too large or another document."""
    if len(data) > _LARGEST:
        raise JUnitError(f"it is larger than {_LARGEST // 1_000_000} MB")
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise JUnitError(f"it holds what no test report needs: {type(error).__name__}") from error
    except (ParseError, ValueError, LookupError) as error:
        raise JUnitError(f"it is no well-formed XML: {error}") from error
    if root.tag not in ("testsuites", "testsuite"):
        raise JUnitError(f"its root is <{root.tag[:40]}>, not <testsuites> or <testsuite>")
    cases: dict[int, list[Case]] = {}
    found = list(_walk(root, "", 0, cases))
    return Report(found, list(_disagreements(root, cases)))


def _walk(part: Element, suite: str, depth: int, by_part: dict[int, list[Case]]) -> Iterator[Case]:
    """Cases of `part` and of the suites in it; `by_part` learns which lie under each suite."""
    if depth > _DEEPEST:
        raise JUnitError(f"its suites are nested more than {_DEEPEST} deep")
    suite = part.get("name") or suite
    mine: list[Case] = []
    for child in part:
        if child.tag == "testcase":
            mine.append(_case(child, suite))
        elif child.tag == "testsuite":
            mine += _walk(child, suite, depth + 1, by_part)
    by_part[id(part)] = mine
    yield from mine


def _case(part: Element, suite: str) -> Case:
    outcome, said = Outcome.PASSED, None
    for tag, meaning in (
        ("skipped", Outcome.SKIPPED),
        ("failure", Outcome.FAILED),
        ("error", Outcome.ERROR),
    ):
        child = part.find(tag)
        if child is not None:
            outcome, said = meaning, child
    message, text = "", ""
    if said is not None:
        text = (said.text or "").strip()
        message = (said.get("message") or text.partition("\n")[0]).strip()
    name = part.get("name") or "(no name)"
    where = part.get("classname") or suite
    return Case(where, name, outcome, _number(part.get("time")), message, text)


def _disagreements(root: Element, cases: Mapping[int, Sequence[Case]]) -> Iterator[str]:
    for part in root.iter():
        if id(part) not in cases:
            continue
        mine = cases[id(part)]
        counted = {
            "tests": len(mine),
            "failures": sum(case.outcome is Outcome.FAILED for case in mine),
            "errors": sum(case.outcome is Outcome.ERROR for case in mine),
            "skipped": sum(case.outcome is Outcome.SKIPPED for case in mine),
        }
        for name, number in counted.items():
            said = part.get(name)
            if said is not None and said.strip() != str(number):
                where = part.get("name") or part.tag
                yield f"{where}: {name} says {said.strip()[:20]!r}, counted {number}"


def _number(text: str | None) -> float:
    """Seconds; 0 where it isn't a number (some tools write `1,234.5`)."""
    try:
        value = float((text or "0").replace(",", ""))
    except ValueError:
        return 0.0
    return value if 0 <= value < 1e9 else 0.0
