"""JUnit of every dialect, and documents that are none."""

from __future__ import annotations

import pytest

from golive.drillkit.junit import JUnitError, Outcome, read_junit

VITEST = b"""<?xml version="1.0" encoding="UTF-8" ?>
<testsuites name="vitest tests" tests="3" failures="1" errors="0" time="0.2">
  <testsuite name="a.test.js" tests="3" failures="1" errors="0" skipped="1" time="0.2">
    <testcase classname="a.test.js" name="adds" time="0.001"/>
    <testcase classname="a.test.js" name="breaks" time="1,000.5">
      <failure message="expected 1 to be 2" type="AssertionError">at a.test.js:3</failure>
    </testcase>
    <testcase classname="a.test.js" name="later"><skipped/></testcase>
  </testsuite>
</testsuites>"""

PYTEST = b"""<testsuites><testsuite name="pytest" errors="1" failures="0" skipped="1" tests="3">
  <testcase classname="t" name="test_setup" time="0.1">
    <error message="no fixture">trace</error></testcase>
  <testcase classname="t" name="test_known">
    <skipped type="pytest.xfail" message="known"/></testcase>
  <testcase classname="t" name="test_good" time="0.2"/>
</testsuite></testsuites>"""

NESTED = b"""<testsuite name="all" tests="2"><testsuite name="inner" tests="1">
  <testcase name="one"/></testsuite><testcase name="two"/></testsuite>"""


def test_cases_are_counted_one_by_one() -> None:
    report = read_junit(VITEST)
    assert [case.outcome for case in report.cases] == [
        Outcome.PASSED,
        Outcome.FAILED,
        Outcome.SKIPPED,
    ]
    assert report.executed == 2
    assert report.failed[0].message == "expected 1 to be 2"
    assert report.failed[0].text == "at a.test.js:3"
    assert report.seconds == pytest.approx(1000.501)


def test_vitests_root_has_no_skipped_and_that_is_no_disagreement() -> None:
    assert read_junit(VITEST).disagreements == []


def test_a_broken_set_up_is_a_failure_and_an_expected_one_is_skipped() -> None:
    report = read_junit(PYTEST)
    assert [case.name for case in report.failed] == ["test_setup"]
    assert [case.name for case in report.skipped] == ["test_known"]


def test_suites_in_suites() -> None:
    report = read_junit(NESTED)
    assert {(case.suite, case.name) for case in report.cases} == {("inner", "one"), ("all", "two")}
    assert report.disagreements == []


def test_counters_that_lie_are_reported() -> None:
    report = read_junit(VITEST.replace(b'tests="3" failures="1"', b'tests="30" failures="0"', 1))
    assert list(report.disagreements) == [
        "vitest tests: tests says '30', counted 3",
        "vitest tests: failures says '0', counted 1",
    ]
    assert len(report.failed) == 1


def test_no_test_is_no_test_whatever_the_counter_says() -> None:
    report = read_junit(b'<testsuites tests="12"></testsuites>')
    assert report.executed == 0
    assert report.disagreements


def test_failure_without_message_takes_its_first_line() -> None:
    report = read_junit(
        b"<testsuite><testcase name='x'><failure>one\ntwo</failure></testcase></testsuite>"
    )
    assert report.failed[0].message == "one"


@pytest.mark.parametrize("time", ["", "nan", "inf", "-1", "abc", "1e400"])
def test_times_that_are_none(time: str) -> None:
    data = f'<testsuite><testcase name="x" time="{time}"/></testsuite>'.encode()
    assert read_junit(data).seconds == 0


BOMB = b"""<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>
<testsuites><testcase name="&b;"/></testsuites>"""
EXTERNAL = b"""<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<testsuite><testcase name="&f;"/></testsuite>"""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not xml",
        b"<testsuites>",
        b"<html><body/></html>",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="no-such"?><testsuite/>',
        BOMB,
        EXTERNAL,
        b'<!DOCTYPE testsuite SYSTEM "http://127.0.0.1/x.dtd"><testsuite/>',
        b"<testsuite>" * 5000 + b"</testsuite>" * 5000,
        b"<testsuite>" * 1_000_000,
    ],
)
def test_what_is_no_report_is_refused(data: bytes) -> None:
    with pytest.raises(JUnitError):
        read_junit(data)


def test_a_hundred_thousand_cases() -> None:
    data = b"<testsuite>" + b'<testcase name="x"/>' * 100_000 + b"</testsuite>"
    assert len(read_junit(data).cases) == 100_000
